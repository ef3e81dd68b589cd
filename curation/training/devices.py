"""Where a training computes: device, precision and threads."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from curation.errors import UsageError
from curation.options.training import SCRATCH, TrainingOptions
from curation.training.shapes import WIDE, size_of

if TYPE_CHECKING:
    import torch


def _usable() -> list[str]:
    """The names of the devices here, the fastest first: cuda, mps, cpu."""
    import torch

    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    return [name for name, is_here in there.items() if is_here]


def best_device() -> str:
    """The name of the fastest device here."""
    return _usable()[0]


def devices(options: TrainingOptions, threads: int) -> tuple[torch.device, torch.dtype]:
    """The torch device, and the type of numbers in which it computes.

    Raises `UsageError` for a device that isn't there.
    """
    import torch

    usable = _usable()
    name = usable[0] if options.device == "auto" else options.device
    if name not in usable:
        raise UsageError(f"--device {name}: torch finds none on this machine. There is: {', '.join(usable)}.")
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True, warn_only=True)
    fast = name == "cuda" and torch.cuda.is_bf16_supported()
    half = options.precision == "bfloat16" or (options.precision == "auto" and fast)
    return torch.device(name), torch.bfloat16 if half else torch.float32


def move(model: torch.nn.Module, device: torch.device | str) -> None:
    """Put a model's weights on a device."""
    model.to(device)


def usual_threads(options: TrainingOptions, characters: int) -> int:
    """The default number of CPU threads: one for a small model, whose steps are too short to share."""
    if options.base == SCRATCH and size_of(options, characters)[1] < WIDE:
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
