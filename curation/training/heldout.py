"""Held-out posts: how well a model predicts text that it did not see.

`bits per character` is the sum of -log2 of the probabilities of all tokens of the posts, their ends included, divided
by the code points of the posts' texts. It doesn't depend on the tokenizer, so models with different ones compare.
Perplexity is the exponential of the mean loss per token, and compares only models with the same tokenizer.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from curation.training.batches import IGNORED, batch_of, in_order

if TYPE_CHECKING:
    import torch

    from curation.training.encoding import TokenRows


@dataclass(frozen=True)
class Score:
    """How well some posts are predicted."""

    nats: float  # sum over all tokens
    tokens: int
    characters: int  # code points

    @property
    def loss(self) -> float:
        """Nats per token."""
        return self.nats / max(1, self.tokens)

    @property
    def perplexity(self) -> float:
        """The exponential of the loss; infinite where it is too large for a float."""
        return math.exp(self.loss) if self.loss < 700 else math.inf

    @property
    def bits_per_character(self) -> float:
        """Bits per code point of text."""
        return self.nats / math.log(2) / max(1, self.characters)


def score(
    model: Any, tokens: TokenRows, device: torch.device, cast: Callable[[], AbstractContextManager[Any]], most: int
) -> Score:
    """The score of documents, in batches of at most `most` tokens with padding. Nothing is learned."""
    nats = 0.0
    for rows in in_order(tokens, most):
        with cast():
            nats += float(summed_loss(model, *batch_of(tokens, rows, device)))
    return Score(nats, tokens.predicted, int(tokens.characters.sum()))


def summed_loss(model: Any, ids: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Sum of the losses, in nats, of all tokens that count.

    Only their logits are kept in full precision: with padding and a large vocabulary the rest is most of the memory.
    """
    import torch.nn.functional as functional

    logits = model(input_ids=ids, use_cache=False).logits[:, :-1]
    targets = labels[:, 1:]
    counts = targets != IGNORED
    return functional.cross_entropy(logits[counts].float(), targets[counts], reduction="sum")
