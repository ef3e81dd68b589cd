"""Models of the workspace, trainings that run or were interrupted, their learning curves, and earlier runs.

A record is cached until its file changes: a page with fifty models reads fifty small files, once. A file of
progress may be cut off or damaged at any line, since a training writes it meanwhile.
"""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curation.disk.training_record import FILE, EpochResult, Measurement, TrainingRecord, end_of, read_record
from curation.disk.workspace import Workspace
from curation.errors import InputError
from curation.tracking.run_record import RunRecord, files_of, read
from curation.training.folders import PROGRESS, model_folders
from curation.training.models import is_running, training_folders
from curation.training.unfinished import TrainingProgress, Unfinished, entries_of, progress_of
from dashboards.snapshot import Answers

#: Most points of a line in a chart.
MOST_POINTS = 400
#: Epochs whose samples stand side by side at first.
SIDE_BY_SIDE = 4
#: Runs that the page lists.
LISTED = 20

#: The lines of a learning curve.
TRAINING, HELD_OUT = "training", "held out"


@dataclass(frozen=True)
class ModelFolder:
    """One version of a model and its folder."""

    folder: Path
    record: TrainingRecord

    @property
    def title(self) -> str:
        """Name and version, as in the address and on the command line: `mira@v0`."""
        return f"{self.record.model}@{self.record.version}"


@dataclass(frozen=True)
class ModelList:
    """All models, the newest first, and a sentence on each record that can't be read."""

    models: tuple[ModelFolder, ...] = ()
    damaged: tuple[str, ...] = ()

    def find(self, title: str) -> ModelFolder | None:
        """The model of this title; for a name alone, its newest version."""
        exact = next((each for each in self.models if each.title == title), None)
        return exact or next((each for each in self.models if each.folder.name == title), None)

    def newest_of(self, recipe: str) -> ModelFolder | None:
        """The newest model that learned from this corpus."""
        return next((each for each in self.models if each.record.data.recipe == recipe), None)


@dataclass(frozen=True)
class OpenTraining:
    """A running or interrupted training."""

    name: str
    is_running: bool
    progress: TrainingProgress
    options: dict[str, Any]  # of `TrainingOptions`; empty if they can't be read

    @property
    def last(self) -> Measurement | None:
        """The last point of the curve."""
        return self.progress.curve[-1] if self.progress.curve else None

    @property
    def best(self) -> EpochResult | None:
        """The epoch with the fewest held-out bits per character so far."""
        measured = [each for each in self.progress.epochs if each.valid_bits_per_character is not None]
        return min(measured, key=lambda each: each.valid_bits_per_character or 0.0, default=None)

    @property
    def share(self) -> float | None:
        """The finished share of the training, from 0 to 1; None if unknown."""
        epochs, steps = self.options.get("epochs"), self.options.get("steps")
        if not self.last:
            return 0.0 if self.options else None
        if isinstance(steps, int) and steps > 0:
            return min(1.0, self.last.step / steps)
        return min(1.0, self.last.epoch / epochs) if isinstance(epochs, int | float) and epochs > 0 else None

    @property
    def seconds_left(self) -> float | None:
        """Seconds until the end, at the speed so far."""
        if not self.last or not self.share:
            return None
        return self.last.seconds * (1 - self.share) / self.share


@dataclass(frozen=True)
class CurvePoint:
    """A point of a learning curve."""

    line: str  # training or held out
    epoch: float
    step: int
    value: float  # nats per token, or bits per character


def models(space: Workspace, answers: Answers) -> ModelList:
    """Every version of every model."""
    records, damaged = [], []
    for folder in model_folders(space):
        record = _record(folder, answers)
        if isinstance(record, TrainingRecord):
            records.append(ModelFolder(folder, record))
        else:
            damaged.append(record)
    records.sort(key=lambda each: each.record.created_at, reverse=True)
    return ModelList(tuple(records), tuple(damaged))


def _record(folder: Path, answers: Answers) -> TrainingRecord | str:
    """The record in a folder, or a sentence on what is wrong with it."""

    def read() -> TrainingRecord | str:
        try:
            return read_record(folder)
        except InputError as error:
            return str(error)

    try:
        stat = (folder / FILE).stat()
    except OSError as error:
        return f"{folder / FILE} can't be read ({error.strerror})."
    return answers.of(("model", str(folder), stat.st_mtime_ns, stat.st_size), read, lambda _: 4 * stat.st_size + 1_000)


def open_trainings(space: Workspace, answers: Answers) -> list[OpenTraining]:
    """Running and interrupted trainings, by name."""
    trainings = []
    for folder in training_folders(space):
        running = False
        with contextlib.suppress(OSError):  # nothing trains in a workspace without locks
            running = is_running(space, folder.name)
        options: dict[str, Any] = {}
        with contextlib.suppress(InputError):
            options = Unfinished(folder).request().options
        trainings.append(OpenTraining(folder.name, running, _progress(folder, answers), options))
    return trainings


@dataclass(frozen=True)
class _ProgressSoFar:
    """The part of a file of progress that was read so far."""

    inode: int
    end: int  # in bytes, after a whole line
    progress: TrainingProgress


def _progress(folder: Path, answers: Answers) -> TrainingProgress:
    """The progress so far. Reads only what a grown file adds; a rewritten file is read whole."""
    path = folder / PROGRESS
    key = ("progress", str(path))
    try:
        with path.open("rb") as file:
            stat = os.fstat(file.fileno())
            reading = answers.get(key)
            if reading is None or reading.inode != stat.st_ino or reading.end > stat.st_size:
                reading = _ProgressSoFar(stat.st_ino, 0, TrainingProgress())
            if reading.end < stat.st_size:
                file.seek(reading.end)
                added = file.read()
                whole = added[: added.rfind(b"\n") + 1]
                progress = _together(reading.progress, progress_of(entries_of(whole.splitlines())))
                reading = _ProgressSoFar(stat.st_ino, reading.end + len(whole), progress)
                answers.put(key, reading, 4 * reading.end + 1_000)
            return reading.progress
    except OSError:
        return TrainingProgress()


def _together(first: TrainingProgress, then: TrainingProgress) -> TrainingProgress:
    return TrainingProgress(first.before or then.before, first.curve + then.curve, first.epochs + then.epochs)


def training_runs(space: Workspace, most: int = LISTED) -> tuple[list[RunRecord], int]:
    """The newest `most` runs of `curation train`, failed ones too, without damaged records; and how many there are.

    File names contain the job, so no other file is opened.
    """
    paths = [path for path in files_of(space) if "-train-" in path.name]
    records = (read(path) for path in reversed(paths[-most:]))
    return [each for each in records if each and each.job == "train"], len(paths)


def model_of(record: RunRecord) -> str:
    """The model that a run trained: its name, else what it learned from."""
    given = (record.configuration.get(key) for key in ("name", "recipe"))
    return next((str(value) for value in given if value), "")


def losses(before: Measurement | None, curve: Sequence[Measurement], epochs: Sequence[EpochResult]) -> list[CurvePoint]:
    """Losses in nats per token, on training posts and on held-out posts."""
    train = [CurvePoint(TRAINING, each.epoch, each.step, _number(each.train_loss)) for each in curve]
    return [*_thinned(train), *_held_out("valid_loss", before, curve, epochs)]


def bits(before: Measurement | None, curve: Sequence[Measurement], epochs: Sequence[EpochResult]) -> list[CurvePoint]:
    """Bits per character on held-out posts."""
    return _held_out("valid_bits_per_character", before, curve, epochs)


def _held_out(
    name: str, before: Measurement | None, curve: Sequence[Measurement], epochs: Sequence[EpochResult]
) -> list[CurvePoint]:
    """The measurements of a held-out figure; at the end of an epoch, the one on all held-out posts."""
    measurements: list[tuple[Measurement | EpochResult, float]] = [
        *((each, each.epoch) for each in ([before] if before else [])),
        *((each, each.epoch) for each in curve),
        *((each, end_of(each, curve)) for each in epochs),
    ]
    points = {
        each.step: CurvePoint(HELD_OUT, epoch, each.step, _number(getattr(each, name))) for each, epoch in measurements
    }
    return _thinned([points[step] for step in sorted(points)])


def _thinned(points: Sequence[CurvePoint]) -> list[CurvePoint]:
    """The points with finite values, thinned for a chart; the first and the last stay."""
    finite = [each for each in points if math.isfinite(each.value) and math.isfinite(each.epoch)]
    return [finite[at] for at in spread(len(finite), MOST_POINTS)]


def _number(value: float | None) -> float:
    return math.nan if value is None else value


def spread(count: int, most: int) -> list[int]:
    """At most `most` of the numbers below `count`: the first, the last and others at equal distances.

    >>> spread(3, 4), spread(10, 4)
    ([0, 1, 2], [0, 3, 6, 9])
    """
    if count <= most:
        return list(range(count))
    return [round(at * (count - 1) / (most - 1)) for at in range(most)]


def epochs_with_samples(epochs: Sequence[EpochResult]) -> dict[int, EpochResult]:
    """The epochs with samples, by number."""
    return {each.epoch: each for each in epochs if each.samples}
