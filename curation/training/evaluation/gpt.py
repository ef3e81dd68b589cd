"""A small GPT-2 from scratch: `curation evaluate --with gpt`. Needs torch, transformers and tokenizers.

It needs more time than the 6-gram, and also learns words that belong together over a distance. All models have the same
shape, the same vocabulary (byte-level BPE, learned once from the pool before any rule) and the same number of steps of
equally many tokens, so a model of less text sees it more often. As in nanoGPT, a step takes windows of the posts laid
end to end, with a token for the end of a document before each and after the last. A held-out post is predicted from
that token alone.

On a CPU one thread computes, since sums over several threads may differ in their last bit. So the same seed gives the
same figures.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from curation.errors import NothingToDoError
from curation.exports.formats.tokenizing import learn_tokenizer, vocabulary_size
from curation.training import packages
from curation.training.devices import best_device, move
from curation.writing.terminal import count

if TYPE_CHECKING:
    import torch

#: Windows of a step, and share of the steps in which the learning rate rises; then it falls as a cosine to nothing.
BATCH, WARM_UP = 16, 0.1
LEARNING_RATE, WEIGHT_DECAY, CLIP = 2e-3, 0.1, 1.0
#: Tokens of posts in one prediction batch.
PREDICTED = 8_192


@dataclass(frozen=True)
class Shape:
    """The shape of all models of an evaluation: small, so that a CPU trains one in a minute."""

    layers: int = 2
    heads: int = 4
    width: int = 128
    context: int = 128  # tokens
    dropout: float = 0.1
    steps: int = 300


@dataclass(frozen=True, eq=False)
class EncodedTexts:
    """Texts as tokens."""

    ids: np.ndarray  # int64, one text after the other
    counts: np.ndarray  # int64, tokens of each text

    def stream(self, chosen: np.ndarray | None, end: int, seed: int) -> np.ndarray:
        """The chosen texts end to end, in an order from the seed, with an end token before each and after the last."""
        places = np.flatnonzero(chosen) if chosen is not None else np.arange(len(self.counts))
        starts = np.cumsum(self.counts) - self.counts
        order = np.random.default_rng(seed).permutation(places)
        parts = [
            part for place in order for part in ([end], self.ids[starts[place] : starts[place] + self.counts[place]])
        ]
        return np.concatenate([*parts, [end]]).astype(np.int64)


class GptLearner:
    """Trains a GPT-2 of one shape on texts."""

    name = "gpt"
    seeded = True

    def __init__(self, held_out: Sequence[str], pool: Sequence[str], shape: Shape) -> None:
        """Learn the vocabulary from the `pool`."""
        self.shape = shape
        self.coder = learn_tokenizer([list(pool)], vocabulary_size(sum(map(len, pool))))
        self.held_out = self.prepare(held_out)

    @property
    def settings(self) -> dict[str, Any]:
        """The shape and the steps."""
        return {
            **vars(self.shape),
            "vocabulary": self.coder.vocabulary,
            "batch": BATCH,
            "learning_rate": LEARNING_RATE,
            "device": best_device(),
        }

    def prepare(self, texts: Sequence[str]) -> EncodedTexts:
        """The tokens of the texts."""
        every = self.coder.encode(texts)
        counts = np.fromiter(map(len, every), np.int64, len(every))
        ids = np.fromiter((token for tokens in every for token in tokens), np.int64, int(counts.sum()))
        return EncodedTexts(ids, counts)

    def bits(self, prepared: EncodedTexts, chosen: np.ndarray | None, seed: int) -> np.ndarray:
        """Train a model and have it predict the held-out posts. Raises `NothingToDoError` for too little text."""
        stream = prepared.stream(chosen, self.coder.end_id, seed)
        if len(stream) <= self.shape.context:
            raise NothingToDoError(
                f"{count(len(stream), 'token is', 'tokens are')} too little text for a model that reads "
                f"{self.shape.context} at a time."
            )
        with packages.quiet(offline=True), _one_thread(seed):
            model = self._trained(stream, seed)
            return self._predicted(model)

    def _trained(self, stream: np.ndarray, seed: int) -> torch.nn.Module:
        import torch
        from torch.nn.functional import cross_entropy
        from transformers import GPT2Config, GPT2LMHeadModel

        shape, device = self.shape, best_device()
        config = GPT2Config(
            vocab_size=self.coder.vocabulary, n_positions=shape.context, n_embd=shape.width, n_layer=shape.layers,
            n_head=shape.heads, resid_pdrop=shape.dropout, embd_pdrop=shape.dropout, attn_pdrop=shape.dropout,
            bos_token_id=self.coder.end_id, eos_token_id=self.coder.end_id, use_cache=False,
        )  # fmt: skip
        model = GPT2LMHeadModel(config)
        move(model, device)
        model.train()
        optimizer = torch.optim.AdamW(model.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY)
        tokens, random = torch.from_numpy(stream), np.random.default_rng(seed)
        within = torch.arange(shape.context + 1)
        for step in range(shape.steps):
            for group in optimizer.param_groups:
                group["lr"] = LEARNING_RATE * _rate(step, shape.steps)
            begins = torch.from_numpy(random.integers(0, len(stream) - shape.context, BATCH))
            window = tokens[begins[:, None] + within].to(device)
            logits = model(input_ids=window[:, :-1]).logits
            loss = cross_entropy(logits.flatten(0, 1), window[:, 1:].flatten())
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
            optimizer.step()
        model.eval()
        return model

    def _predicted(self, model: torch.nn.Module) -> np.ndarray:
        """Bits of each held-out post, its end included."""
        import torch

        bits = np.zeros(len(self.held_out.counts))
        with torch.inference_mode():
            for posts, window, first, last in self._windows():
                logits = model(input_ids=torch.from_numpy(window[:, :-1]).to(best_device())).logits.float().cpu()
                each = torch.log_softmax(logits, dim=-1).gather(-1, torch.from_numpy(window[:, 1:, None]))[..., 0]
                place = np.arange(window.shape[1] - 1)
                counted = (place >= first[:, None]) & (place < last[:, None])
                np.subtract.at(bits, posts, np.where(counted, each.numpy(), 0.0).sum(axis=1) / math.log(2))
        return bits

    def _windows(self) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
        """Posts, windows of their tokens, and the range of predicted tokens in each, by length.

        A post longer than the context is predicted in pieces, each after half a context of earlier tokens.
        """
        context, end, pieces = self.shape.context, self.coder.end_id, []
        starts = np.cumsum(self.held_out.counts) - self.held_out.counts
        for post, (start, length) in enumerate(zip(starts, self.held_out.counts, strict=True)):
            tokens = np.concatenate(([end], self.held_out.ids[start : start + length], [end]))
            at = 0  # tokens that are predicted already
            while at < len(tokens) - 1:
                before = min(at, context // 2)
                piece = tokens[at - before : at - before + context + 1]
                pieces.append((post, piece, before, len(piece) - 1))
                at += len(piece) - 1 - before
        pieces.sort(key=lambda piece: (len(piece[1]), piece[0]))
        at_once = max(1, PREDICTED // (context + 1))
        for begin in range(0, len(pieces), at_once):
            some = pieces[begin : begin + at_once]
            window = np.full((len(some), len(some[-1][1])), end, dtype=np.int64)
            for row, (_, piece, _, _) in enumerate(some):
                window[row, : len(piece)] = piece
            posts, first, last = (np.array([piece[at] for piece in some]) for at in (0, 2, 3))
            yield posts, window, first, last


def _rate(step: int, steps: int) -> float:
    """The share of the learning rate in a step, in (0, 1]."""
    rise = max(1, round(WARM_UP * steps))
    if step < rise:
        return (step + 1) / rise
    return 0.5 * (1 + math.cos(math.pi * (step - rise) / max(1, steps - rise)))


@contextlib.contextmanager
def _one_thread(seed: int) -> Iterator[None]:
    """Compute on one thread with random numbers of this seed, and restore both afterwards."""
    import torch

    threads = torch.get_num_threads()
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        torch.set_num_threads(1)
        try:
            yield
        finally:
            torch.set_num_threads(threads)
