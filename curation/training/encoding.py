"""Documents as token numbers, and which of them count for the loss.

A post is `begin`, its tokens, `end`. The model predicts every token after the first, `end` included. Special tokens in
a post are encoded as plain text.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from curation.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from transformers import PreTrainedTokenizerBase

    from curation.training.bases import Trainee
    from curation.training.readers import Document

#: Documents that are encoded at a time.
ENCODED = 2_048


@dataclass(frozen=True)
class TokenRows:
    """Documents in order, one after the other in one array."""

    ids: np.ndarray  # int32, all tokens
    learned: np.ndarray  # bool, whether a token counts for the loss; the first of a document never does
    offsets: np.ndarray  # int64, documents + 1: where each begins
    characters: np.ndarray  # int32, code points that are learned in each

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> np.ndarray:
        """Tokens of each document."""
        import numpy as np

        return np.diff(self.offsets)

    @property
    def predicted(self) -> int:
        """Tokens that count, in all documents."""
        return int(self.learned.sum())

    def first(self, most: int) -> TokenRows:
        """At most so many documents, evenly from all of them."""
        import numpy as np

        if len(self) <= most:
            return self
        chosen = np.linspace(0, len(self) - 1, most).astype(np.int64)
        sizes = self.lengths[chosen]
        offsets = np.concatenate([[0], np.cumsum(sizes)])
        picked = np.repeat(self.offsets[chosen] - offsets[:-1], sizes) + np.arange(int(offsets[-1]))
        return TokenRows(self.ids[picked], self.learned[picked], offsets, self.characters[chosen])

    def rows(self, block: int) -> TokenRows:
        """The same documents, with longer ones cut into pieces of at most `block` tokens.

        A piece begins with the last token of the piece before it, so every token is predicted once.
        """
        import numpy as np

        lengths = self.lengths
        if not len(lengths) or int(lengths.max()) <= block:
            return self
        pieces = np.maximum(1, -(-(lengths - 1) // (block - 1)))
        document = np.repeat(np.arange(len(lengths)), pieces)
        within = np.arange(len(document)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
        begins = self.offsets[:-1][document] + within * (block - 1)
        ends = np.minimum(begins + block, self.offsets[1:][document])
        sizes = ends - begins
        offsets = np.concatenate([[0], np.cumsum(sizes)])
        picked = np.repeat(begins - offsets[:-1], sizes) + np.arange(int(offsets[-1]))
        learned = self.learned[picked]
        learned[offsets[:-1]] = False
        characters = np.where(within == 0, self.characters[document], 0).astype(np.int32)
        return TokenRows(self.ids[picked], learned, offsets, characters)


def encode(documents: Iterable[Document], trainee: Trainee) -> TokenRows:
    """The tokens of all documents. Raises `UsageError` for a chat template that doesn't fit."""
    import numpy as np

    coder = _Coder(trainee.tokenizer, trainee.begin, trainee.end)
    ids: list[np.ndarray] = []
    learned: list[np.ndarray] = []
    lengths: list[int] = []
    characters: list[int] = []
    remaining = iter(documents)
    while chunk := list(itertools.islice(remaining, ENCODED)):
        for document, (numbers, marks) in zip(chunk, coder.encode(chunk), strict=True):
            ids.append(np.array(numbers, np.int32))
            learned.append(np.array(marks, bool))
            lengths.append(len(numbers))
            characters.append(sum(len(segment.text) for segment in document if segment.learned))
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    empty = [np.zeros(0, np.int32)]
    return TokenRows(
        np.concatenate(ids or empty), np.concatenate(learned or empty).astype(bool), offsets,
        np.array(characters, np.int32),
    )  # fmt: skip


class _Coder:
    def __init__(self, tokenizer: PreTrainedTokenizerBase, begin: int, end: int) -> None:
        self.tokenizer, self.begin, self.end = tokenizer, begin, end
        self.specials = [token for token in tokenizer.all_special_tokens if token]

    def encode(self, documents: Sequence[Document]) -> Iterator[tuple[list[int], list[bool]]]:
        if any(segment.role for document in documents for segment in document) and self.tokenizer.chat_template:
            yield from map(self._by_template, documents)
            return
        texts = [segment.text for document in documents for segment in self._spaced(document)]
        encoded = iter(self._plain(texts))
        for document in documents:
            ids, learned = [self.begin], [False]
            for segment in document:
                numbers = next(encoded)
                ids += numbers
                learned += [segment.learned] * len(numbers)
            yield [*ids, self.end], [*learned, True]

    def _plain(self, texts: list[str]) -> list[list[int]]:
        answer = self.tokenizer(
            texts, add_special_tokens=False, split_special_tokens=True, return_attention_mask=False, verbose=False
        )
        ids: list[list[int]] = answer["input_ids"]
        return ids

    @staticmethod
    def _spaced(document: Document) -> Document:
        """Turns of a conversation on lines of their own."""
        from curation.training.readers import Segment

        last = len(document) - 1
        return [
            segment if at == last else Segment(segment.text + "\n", segment.learned, segment.role)
            for at, segment in enumerate(document)
        ]

    def _by_template(self, document: Document) -> tuple[list[int], list[bool]]:
        """A conversation as the tokenizer's chat template writes it. Only the assistant's turns count.

        The template's output shows the characters of each turn. A token belongs to the turn in which it begins.
        """
        messages = [{"role": each.role, "content": self._harmless(each.text)} for each in document]
        whole = self._template(messages)
        turns = []
        for at, message in enumerate(messages):
            if message["role"] != "assistant":
                continue
            opening = self._template(messages[:at], add_generation_prompt=True)
            turn = self._template(messages[: at + 1])
            if not (whole.startswith(opening) and whole.startswith(turn)):
                raise UsageError(
                    "The base's chat template writes a conversation anew with each turn, so it can't be told which "
                    "words are the assistant's. Train on --format prompt-completion, or choose another base."
                )
            turns.append((len(opening), len(turn)))
        answer = self.tokenizer(
            whole, add_special_tokens=False, return_offsets_mapping=True, return_attention_mask=False, verbose=False
        )
        learned = [any(begin <= at < end for begin, end in turns) for at, _ in answer["offset_mapping"]]
        return answer["input_ids"], [False, *learned[1:]]

    def _template(self, messages: list[dict[str, str]], **options: Any) -> str:
        return str(self.tokenizer.apply_chat_template(messages, tokenize=False, **options))

    def _harmless(self, text: str) -> str:
        """The text with a space inside each special token of the tokenizer."""
        for token in self.specials:
            text = text.replace(token, f"{token[:1]} {token[1:]}")
        return text
