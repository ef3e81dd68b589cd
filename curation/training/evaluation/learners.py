"""The kinds of models that an evaluation can train, and their common contract."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from curation.errors import UsageError, did_you_mean
from curation.training import packages
from curation.training.evaluation.ngram import ORDER, Grams, Ngram

NGRAM, GPT = "ngram", "gpt"
MODELS = (NGRAM, GPT)


class Learner(Protocol):
    """Trains models on texts and has them predict the held-out posts."""

    name: str
    seeded: bool  # whether another seed makes another model of the same text

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of the model, for a result."""

    def prepare(self, texts: Sequence[str]) -> Any:
        """The texts in the form that `bits` takes."""

    def bits(self, prepared: Any, chosen: np.ndarray | None, seed: int) -> np.ndarray:
        """Bits of each held-out post, its end included, under a model of the chosen texts; None: of all."""


class NgramLearner:
    """The byte-level 6-gram: seconds, and always the same model of the same text."""

    name = NGRAM
    seeded = False

    def __init__(self, held_out: Sequence[str]) -> None:
        self.held_out = Grams.of(held_out)

    @property
    def settings(self) -> dict[str, Any]:
        """Its order."""
        return {"order": ORDER, "symbols": "bytes", "smoothing": "Witten-Bell, interpolated"}

    def prepare(self, texts: Sequence[str]) -> Grams:
        """The 6-grams of the texts."""
        return Grams.of(texts)

    def bits(self, prepared: Grams, chosen: np.ndarray | None, seed: int) -> np.ndarray:
        """Count the chosen texts, and look the held-out posts up."""
        return Ngram.train(prepared if chosen is None else prepared.only(chosen)).bits(self.held_out)


def require(model: str) -> None:
    """Raise `UsageError` for an unknown model, or for missing packages."""
    if model not in MODELS:
        raise UsageError(f"There is no model '{model}' to evaluate with.{did_you_mean(model, MODELS)}")
    if model == GPT:
        packages.require("--with gpt")


def learner(model: str, held_out: Sequence[str], pool: Sequence[str], steps: int | None) -> Learner:
    """The learner of a name. A vocabulary comes from the `pool`, so it is the same for all recipes."""
    if model == NGRAM:
        return NgramLearner(held_out)
    from curation.training.evaluation import gpt

    return gpt.GptLearner(held_out, pool, gpt.Shape() if steps is None else gpt.Shape(steps=steps))
