"""What can be set for a training: one frozen record, from which the command line and the docs are made.

A value of None is chosen when the training begins, from the base and the amount of text. The record of the model shows
the chosen value.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from curation.errors import UsageError, did_you_mean
from curation.options.bounds import AtLeast, Between, OneOf
from curation.options.option import Options, flag, option

SCRATCH = "scratch"

#: Settings that only LoRA uses, and those that only a new model uses.
OF_LORA = ("rank", "alpha", "lora_dropout", "adapter_only")
OF_SCRATCH = ("shape", "layers", "width", "vocabulary", "dropout")

#: Named sets of values.
PRESETS: dict[str, dict[str, Any]] = {
    # https://github.com/borisdayma/huggingtweets: where it differs from the defaults of the Trainer.
    "huggingtweets": {
        "learning_rate": 1.372e-4, "schedule": "cosine", "warmup": 0.0, "batch_tokens": 1024, "block": 1024,
        "epochs": 4.0, "weight_decay": 0.0, "joined": True,
    },
}  # fmt: skip


@dataclass(frozen=True)
class TrainingOptions(Options):
    """Every setting of a training."""

    base: str = option(
        SCRATCH, "What to train: scratch (a new small model), or the folder or Hub name of a causal language model."
    )
    lora: bool = option(False, "Train a LoRA adapter and leave the base's weights as they are.")
    rank: int = option(16, "Of LoRA: rank r of the added matrices.", bound=Between(1, 1024))
    alpha: int = option(32, "Of LoRA: scale alpha.", bound=Between(1, 4096))
    lora_dropout: float = option(0.05, "Of LoRA: dropout before the added matrices.", bound=Between(0, 0.9))
    adapter_only: bool = option(False, "Of LoRA: save the adapter alone, without merging it into the base.")
    shape: str = option("llama", "Of scratch: the architecture.", bound=OneOf("llama", "gpt2"))
    layers: int | None = option(None, "Of scratch: layers; default: by the amount of text.", bound=Between(1, 96))
    width: int | None = option(
        None, "Of scratch: width of a layer, a multiple of 32; default: by the amount of text.", bound=Between(32, 8192)
    )
    vocabulary: int | None = option(
        None, "Of scratch: the most tokens to learn; default: by the amount of text.", bound=Between(257, 1 << 20)
    )
    dropout: float = option(0.0, "Of scratch: dropout.", bound=Between(0, 0.9))
    epochs: float = option(4.0, "Passes over the training posts.", bound=Between(0.01, 1000))
    steps: int | None = option(None, "Stop after this many steps, whatever the epochs.", bound=AtLeast(1))
    block: int | None = option(
        None, "The most tokens in a row; longer posts continue in the next row. Default: 256 for scratch, else 1024; "
        "at most the context of the base.", bound=Between(8, 1 << 20),
    )  # fmt: skip
    batch_tokens: int | None = option(
        None, "Tokens in one step, padding included. Default: 512 or 1024 for scratch, else 2048.", bound=AtLeast(8)
    )
    accumulate: int = option(1, "Parts into which a step is cut, to save memory.", bound=Between(1, 4096))
    joined: bool = option(
        False, "Let a post see the posts before it in its row, as in huggingtweets. Default: no post sees another one."
    )
    learning_rate: float | None = option(
        None, "Highest rate. Default: 0.192 / width for scratch, 2e-4 for LoRA, else 5e-5.", bound=Between(1e-9, 10)
    )
    schedule: str = option(
        "cosine", "How the learning rate falls after the warm-up.", bound=OneOf("cosine", "constant")
    )
    warmup: float | None = option(
        None, "Share of steps with a rising learning rate. Default: 0.05, with huggingtweets 0.", bound=Between(0, 1)
    )
    weight_decay: float | None = option(None, "Of AdamW. Default: 0.1 for scratch, else 0.", bound=Between(0, 10))
    clip: float = option(1.0, "Largest norm of the gradient; 0 for no limit.", bound=AtLeast(0))
    early_stop: int = option(
        0, "Stop after this many epochs without lower held-out bits per character; 0: never.", bound=AtLeast(0)
    )
    keep: str | None = option(
        None, "Weights of the last step, or of the best epoch. Default: last, with --early-stop best.",
        bound=OneOf("last", "best"),
    )  # fmt: skip
    every: int | None = option(
        None, "Steps between two measurements and checkpoints. Default: a tenth of an epoch.", bound=AtLeast(1)
    )
    samples: int = option(3, "Texts that the model writes after each epoch.", bound=Between(0, 100))
    seed: int = option(0, "Another seed gives other weights and another order.", bound=Between(0, 2**31 - 1))
    device: str = option("auto", "Where to compute; auto: the best.", bound=OneOf("auto", "cuda", "mps", "cpu"))
    precision: str = option(
        "auto", "auto: bfloat16 on a GPU that has it, else float32.", bound=OneOf("auto", "float32", "bfloat16")
    )
    threads: int | None = option(
        None, "CPU threads; results may depend on them. Default: 1 or all cores, by size.", bound=Between(1, 1024)
    )

    def __post_init__(self) -> None:
        """Also check options that depend on each other. Raises `UsageError`."""
        super().__post_init__()
        if self.width is not None and self.width % 32:
            raise UsageError(f"--width {self.width}: it must be a multiple of 32, such as 128.")
        changed = {field.name for field, value in self._values() if value != field.default}
        for name in OF_LORA:
            if name in changed and not self.lora:
                raise UsageError(f"{flag(name)} is for LoRA; add --lora.")
        for name in OF_SCRATCH:
            if name in changed and self.base != SCRATCH:
                raise UsageError(f"{flag(name)} is for --base scratch; the base {self.base} has its own.")
        if self.lora and self.base == SCRATCH:
            raise UsageError("--lora changes a model that there is already; name it with --base, or leave out --lora.")

    @classmethod
    def like(cls, preset: str, values: Mapping[str, Any]) -> TrainingOptions:
        """The given values, and those of a preset for the others. Raises `UsageError`."""
        if preset and preset not in PRESETS:
            raise UsageError(f"--like {preset}: there are no such settings.{did_you_mean(preset, PRESETS)}")
        given = {name: value for name, value in values.items() if value is not None}
        return cls.of({**PRESETS.get(preset, {}), **given})

    def resolved(self, *, context: int | None = None) -> ResolvedOptions:
        """A value for each None that a training needs; `context` is the longest row of the base, in tokens."""
        scratch = self.base == SCRATCH
        block = self.block or (256 if scratch else 1024)
        values: dict[str, Any] = {
            "block": block if context is None else min(block, context),
            "batch_tokens": self.batch_tokens or 2048,
            "learning_rate": self.learning_rate or (2e-4 if self.lora else 5e-5),
            "warmup": 0.05 if self.warmup is None else self.warmup,
            "weight_decay": (0.1 if scratch else 0.0) if self.weight_decay is None else self.weight_decay,
            "keep": self.keep or ("best" if self.early_stop else "last"),
        }
        return ResolvedOptions(**{**dataclasses.asdict(self), **values})


class ResolvedOptions(TrainingOptions):
    """The settings of a training that has begun: what it needs has a value."""

    block: int
    batch_tokens: int
    learning_rate: float
    warmup: float
    weight_decay: float
    keep: str


class SizedOptions(ResolvedOptions):
    """The settings of a new model, with its size."""

    layers: int
    width: int
