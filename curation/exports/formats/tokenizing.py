"""Tokenizers, loaded from a file or learned from training text. Needs the package `tokenizers`.

A tokenizer is learned as GPT-2's was: byte-pair encoding of UTF-8, so every script and every emoji has tokens, and
decoding gives the text back to the byte. The result does not depend on the order of the texts, the number of threads or
Python's version (tested on 298,020 posts).
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from logging import ERROR
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curation.disk.exported_file import BOUNDARY
from curation.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tokenizers import Tokenizer

    from curation.options.export import ExportOptions

FILE = "tokenizer.json"

#: A tokenizer's name on the Hub.
ON_THE_HUB = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?", re.ASCII)

#: The most code points that a vocabulary is learned from. On 298,020 posts in several scripts, one of the first 1.6
#: million needed 0.4% more tokens than one of 6.6 million, and a quarter of the time and half of the memory.
LEARNED = 4_000_000

#: Code points of training text for each token of a default vocabulary: a model learns nothing of a token that hardly
#: ever occurs. Small models of nanoGPT's kind have vocabularies of some hundred to 8,192 tokens.
FOR_EACH = 256
LEAST_CHOSEN, MOST_CHOSEN = 512, 8_192

#: A token for each byte and the end of a document, and more than any model has.
LEAST, MOST = 257, 1 << 20

GIVEN, TRAINED = "given", "trained"


@dataclass(frozen=True)
class Coder:
    """A tokenizer and its origin."""

    tokenizer: Tokenizer
    file: bytes  # the tokenizer.json
    end: str  # the token between two documents
    origin: str  # GIVEN or TRAINED
    name: str = ""  # of a given one: of the file, of the folder, or on the Hub; never its path
    learned_from: int = 0  # code points

    @property
    def end_id(self) -> int:
        """The number of the token between two documents."""
        number = self.tokenizer.token_to_id(self.end)
        assert number is not None  # a tokenizer without it is refused
        return number

    @property
    def vocabulary(self) -> int:
        """One more than the largest number of a token."""
        return max(self.tokenizer.get_vocab(with_added_tokens=True).values()) + 1

    @property
    def sha256(self) -> str:
        """Of the tokenizer.json, in hexadecimal."""
        return hashlib.sha256(self.file).hexdigest()

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """The tokens of each text. What looks like a special token in a text is text."""
        return [each.ids for each in self.tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)]

    def decode(self, tokens: Sequence[Sequence[int]]) -> list[str]:
        """The texts that have these tokens."""
        return self.tokenizer.decode_batch(list(tokens), skip_special_tokens=False)


def require() -> None:
    """Raise `UsageError` when the package isn't there."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")  # it is read at import
    try:
        import tokenizers  # noqa: F401
    except ImportError as error:
        raise UsageError(
            "The format tokens needs the package tokenizers, which is not installed. Install it with: "
            f"{sys.executable} -m pip install tokenizers"
        ) from error


def place_of(tokenizer: str) -> str:
    """A tokenizer's absolute path, or its name on the Hub."""
    return str(Path(tokenizer).resolve()) if tokenizer and Path(tokenizer).exists() else tokenizer


def load_tokenizer(options: ExportOptions) -> Coder:
    """The tokenizer that the options name. Raises `UsageError`."""
    require()
    name, content = _content(options.tokenizer)
    tokenizer = _tokenizer(content, options.tokenizer)
    special = [each.content for _, each in sorted(tokenizer.get_added_tokens_decoder().items())]
    end = options.end_of_document or BOUNDARY
    if tokenizer.token_to_id(end) is None:
        there = f" Its special tokens: {', '.join(special[:20])}." if special else " It has no special tokens."
        raise UsageError(
            f"The tokenizer {options.tokenizer} has no token '{end}' to stand between documents.{there} "
            "Name one of its tokens with --end-of-document TOKEN."
        )
    if tokenizer.token_to_id(end) in tokenizer.encode(end, add_special_tokens=False).ids:
        tokenizer.add_special_tokens([end])
        if tokenizer.token_to_id(end) in tokenizer.encode(end, add_special_tokens=False).ids:
            raise UsageError(
                f"The tokenizer {options.tokenizer} takes '{end}' for a token also where somebody typed it, so that "
                "documents would end in the middle of posts. Name a special token with --end-of-document TOKEN."
            )
    return Coder(tokenizer, content, end, GIVEN, name)


def open_tokenizer(file: Path) -> Coder:
    """The tokenizer of an export that lies in `file`. Raises `UsageError`."""
    require()
    _, content = _content(str(file))
    return Coder(_tokenizer(content, str(file)), content, BOUNDARY, GIVEN)


def learn_tokenizer(texts: Iterable[Sequence[str]], size: int) -> Coder:
    """A tokenizer with at most `size` tokens, learned from the first of the texts."""
    require()
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        min_frequency=2,
        special_tokens=[BOUNDARY],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    learned = 0

    def taken() -> Iterator[Sequence[str]]:
        nonlocal learned
        for some in texts:
            learned += sum(map(len, some))
            yield some
            if learned >= LEARNED:
                return

    tokenizer.train_from_iterator(taken(), trainer)
    tokenizer.encode_special_tokens = True
    return Coder(tokenizer, tokenizer.to_str(pretty=True).encode(), BOUNDARY, TRAINED, learned_from=learned)


def vocabulary_size(characters: int) -> int:
    """The default number of tokens for so many code points of training text: a power of two.

    >>> [vocabulary_size(characters) for characters in (0, 10_000, 300_000, 20_000_000)]
    [512, 512, 1024, 8192]
    """
    return min(MOST_CHOSEN, max(LEAST_CHOSEN, 1 << max(1, characters // FOR_EACH).bit_length() - 1))


def _tokenizer(content: bytes, name: str) -> Tokenizer:
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_buffer(content)
    except (ValueError, TypeError) as error:
        raise UsageError(f"{name} is not a tokenizer.json that the package tokenizers reads: {error}.") from error
    # Whole posts, the same tokens every time, and what somebody typed stays text.
    tokenizer.no_truncation()
    tokenizer.no_padding()
    if getattr(tokenizer.model, "dropout", None):
        tokenizer.model.dropout = None
    tokenizer.encode_special_tokens = True
    return tokenizer


def _content(tokenizer: str) -> tuple[str, bytes]:
    """Name and bytes of a tokenizer.json."""
    path = Path(tokenizer)
    file = path / FILE if path.is_dir() else path
    try:
        return (path.name or path.resolve().name), file.read_bytes()
    except FileNotFoundError as error:
        if path.is_dir() or path.suffix == ".json" or not ON_THE_HUB.fullmatch(tokenizer):
            raise UsageError(f"There is no tokenizer {file}. Name a {FILE}, or a folder that has one.") from error
    except OSError as error:
        raise UsageError(f"The tokenizer {file} can't be read: {error.strerror or error}.") from error
    return tokenizer, _from_the_hub(tokenizer)


def _from_the_hub(name: str) -> bytes:
    from huggingface_hub import errors, hf_hub_download
    from huggingface_hub.utils import logging
    from huggingface_hub.utils.tqdm import disable_progress_bars

    disable_progress_bars()
    before = logging.get_verbosity()
    logging.set_verbosity(ERROR)  # each of its attempts would be a line
    try:
        return Path(hf_hub_download(name, FILE)).read_bytes()
    # httpx's or requests' own error, whichever it uses.
    except (errors.HTTPError, ValueError, OSError, RuntimeError) as error:  # type: ignore[attr-defined]
        status: Any = getattr(getattr(error, "response", None), "status_code", None)
        why = "it isn't there, or isn't public" if status in (401, 403, 404) else "the Hub can't be reached"
        raise UsageError(
            f"There is no file or folder {name}, and on the Hub no {FILE} of that name could be read: {why}. "
            f"Download it and name the file, or leave out --tokenizer, and one is learned from the posts."
        ) from error
    finally:
        logging.set_verbosity(before)
