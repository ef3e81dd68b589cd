"""Reports of a training while it runs, samples at the end of each epoch among them, and its result."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curation.disk.training_record import Measurement, TrainingRecord
from curation.training.bases import Trainee
from curation.training.loop import Loop
from curation.training.saving import SAMPLING
from curation.training.unfinished import TrainingProgress


@dataclass(frozen=True)
class Watchers:
    """Callbacks for the progress of a training."""

    on_notice: Callable[[str], None] = lambda sentence: None
    on_progress: Callable[[int, int, str], None] = lambda step, total, figures: None  # figures: "loss 3.2"
    on_measurement: Callable[[Measurement], None] = lambda measurement: None


@dataclass(frozen=True)
class TrainingOutcome:
    """The result of a training."""

    status: str  # complete or interrupted
    model: str
    version: str
    folder: Path  # of the model, or of the unfinished training
    steps: int  # that were taken
    seed: int
    hyperparameters: dict[str, Any]
    progress: TrainingProgress
    signal: int | None = None  # that interrupted it
    record: TrainingRecord | None = None  # of a complete one

    def to_json(self) -> dict[str, Any]:
        """For `curation train --json`."""
        keys = ("epoch", "train_loss", "valid_loss", "valid_bits_per_character", "valid_perplexity", "step")
        return {
            "schema": 1,
            "model": self.model,
            "version": self.version,
            "folder": str(self.folder),
            "steps": self.steps,
            "epochs": [{key: getattr(each, key) for key in keys} for each in self.progress.epochs],
            "hyperparameters": self.hyperparameters,
            "seed": self.seed,
            "status": self.status,
            "best_epoch": self.record.best_epoch if self.record else None,
            "weights": self.record.weights if self.record else None,
            "before": dataclasses.asdict(self.progress.before) if self.progress.before else None,
        }


def finite(value: float) -> float | None:
    """The value, or None if JSON has no number for it."""
    return value if value < float("inf") else None


def write_samples(trainee: Trainee, loop: Loop, epoch: int) -> tuple[str, ...]:
    """Texts that the model writes now, the same for a seed and an epoch.

    The training's random numbers stay as they are.
    """
    import torch

    count = loop.options.samples
    if not count:
        return ()
    end = trainee.tokenizer.eos_token_id
    devices = [loop.device] if loop.device.type == "cuda" else []
    with loop.measuring(), torch.random.fork_rng(devices=devices), loop.cast():
        torch.manual_seed(loop.options.seed * 1_000_003 + epoch)
        begin = torch.full((count, 1), trainee.begin, device=loop.device)
        longest = min(SAMPLING["max_new_tokens"], loop.options.block - 1)
        tokens = loop.model.generate(
            input_ids=begin, attention_mask=torch.ones_like(begin), eos_token_id=end, pad_token_id=end, use_cache=True,
            **{**SAMPLING, "max_new_tokens": longest},
        )  # fmt: skip
    return tuple(str(trainee.tokenizer.decode(_until(row.tolist()[1:], end))) for row in tokens)


def _until(tokens: list[int], end: int) -> list[int]:
    return tokens[: tokens.index(end)] if end in tokens else tokens
