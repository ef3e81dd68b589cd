"""Trainers outside of this program: an export writes a ready configuration for each, in a format that it reads.

::

    curation export --for trl --for ollama    →  train.documents.jsonl, valid.documents.jsonl, train_trl.py, Modelfile

The configuration is part of the export: it is published with the data, stands in `export.json`, and is rewritten when
the data changes. A file that somebody edited stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curation.errors import UsageError, did_you_mean
from curation.exports.trainers.base import Job, Trainer, TrainerData
from curation.exports.trainers.fine_tuning import Axolotl, LlamaFactory, Mlx, Trl, Unsloth
from curation.exports.trainers.ollama import Ollama
from curation.options.export import TRAIN, VALID, ExportOptions

__all__ = ["TRAINERS", "Trainer", "TrainerPlan", "plan"]

#: The trainers by name.
TRAINERS: dict[str, Trainer] = {
    trainer.name: trainer for trainer in (Trl(), Axolotl(), LlamaFactory(), Unsloth(), Mlx(), Ollama())
}

#: The format of an export without `--format`, without and with an instruction.
DEFAULT, DEFAULT_CHAT = "documents", "chat"


@dataclass(frozen=True)
class TrainerPlan:
    """The formats to write, and the one that each trainer reads."""

    formats: tuple[str, ...]
    reads: Mapping[str, str]  # a format by the trainer's name

    @property
    def trainers(self) -> list[Trainer]:
        """The trainers, in the order in which they were named."""
        return [TRAINERS[name] for name in self.reads]

    def configurations(
        self, files: Sequence[Mapping[str, Any]], path: Callable[[str], Path], options: ExportOptions
    ) -> tuple[dict[str, tuple[str, bytes]], list[str]]:
        """The trainer and the bytes of each configuration file by its name, and sentences for the user.

        `files` are the exported files as a record has them, and `path` gives the path of one by its name.
        """
        written: dict[str, tuple[str, bytes]] = {}
        notes: list[str] = []
        partner = next((trainer for trainer in self.trainers if trainer.trains), TRAINERS[Trl.name])
        for trainer in self.trainers:
            data = _data(self.reads[trainer.name], files, path)
            if data is None:
                continue
            job = Job(data, options.trainer_epochs, options.seed, options.instruction, partner)
            for name, text in trainer.write(job).items():
                # Half of a surrogate pair is no character; what stands for it is none either.
                written[name] = (trainer.name, text.encode("utf-8", "replace"))
            notes += trainer.warnings(job)
        return written, notes


def plan(names: Sequence[str], formats: Sequence[str], *, instruction: bool = False) -> TrainerPlan:
    """The formats that trainers need, given those that were chosen, if any.

    Without `formats` they read single posts, or conversations if there is an `instruction`. Raises `UsageError` for an
    unknown trainer, and for one that reads none of the formats.
    """
    chosen = list(formats) or [DEFAULT_CHAT if instruction else DEFAULT]
    trainers = {name: _trainer(name) for name in names}
    choice = {name: _readable(trainer, chosen) for name, trainer in trainers.items() if trainer.trains}
    written: dict[str, None] = {}
    for format in chosen:
        targets = [trainers[name].formats[format] for name, one in choice.items() if one == format]
        written |= dict.fromkeys(targets or [format])
    reads = {name: trainers[name].formats[one] for name, one in choice.items()}
    for name, trainer in trainers.items():
        if not trainer.trains:
            reads[name] = next(iter(reads.values()), None) or _readable(trainer, list(written))
    return TrainerPlan(tuple(written), {name: reads[name] for name in trainers})


def _trainer(name: str) -> Trainer:
    if name not in TRAINERS:
        raise UsageError(f"There is no trainer '{name}'.{did_you_mean(name, TRAINERS)}")
    return TRAINERS[name]


def _readable(trainer: Trainer, formats: Sequence[str]) -> str:
    for format in formats:
        if format in trainer.formats:
            return format
    raise UsageError(
        f"{trainer.title} can't read {_listed(formats)}; it reads {_listed(trainer.formats)}. Add --format with one "
        "of these, or leave --format out."
    )


def _listed(names: Iterator[str] | Sequence[str] | Mapping[str, str]) -> str:
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last


def _data(format: str, files: Sequence[Mapping[str, Any]], path: Callable[[str], Path]) -> TrainerData | None:
    """The files of a format; None where there is none for training."""
    sides = {file["split"]: file for file in files if file["format"] == format and path(file["name"]).is_file()}
    if TRAIN not in sides:
        return None
    rows = {split: _rows(path(file["name"])) for split, file in sides.items()}
    valid = rows.get(VALID, 0)
    return TrainerData(
        format,
        train=sides[TRAIN]["name"],
        valid=sides[VALID]["name"] if valid else "",
        train_rows=rows[TRAIN],
        valid_rows=valid,
        characters=sides[TRAIN]["characters"],
        valid_is_empty=VALID in sides and not valid,
    )


def _rows(path: Path) -> int:
    """Records in a file with one a line."""
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))
