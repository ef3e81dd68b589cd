"""What a record says of the weights that lie in its folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from curation.training.record import TrainingRecord

#: Value of `TrainingRecord.weights`.
BEST = "best"


@dataclass(frozen=True)
class HeldOut:
    """How well a model predicts held-out posts."""

    step: int
    epoch: float
    loss: float  # nats per token
    bits_per_character: float | None
    perplexity: float | None


def held_out(record: TrainingRecord) -> HeldOut | None:
    """The figures of the weights in the folder; None when they were never measured."""
    epochs = [
        HeldOut(e.step, e.epoch, e.valid_loss, e.valid_bits_per_character, e.valid_perplexity)
        for e in record.epochs
        if e.valid_loss is not None
    ]
    if record.weights == BEST:
        best = next((each for each in epochs if each.epoch == record.best_epoch), None)
        if best:
            return best
    points = [
        HeldOut(m.step, m.epoch, m.valid_loss, m.valid_bits_per_character, m.valid_perplexity)
        for m in record.curve
        if m.valid_loss is not None
    ]
    return max([*points, *epochs], key=lambda each: each.step, default=None)
