"""Runs of `curation train`, failed and interrupted ones too, from their records."""

from __future__ import annotations

from dataclasses import dataclass

from curation.disk.workspace import Workspace
from curation.tracking.run_record import RunRecord, files_of, read

JOB = "train"
#: Runs that the page lists.
LISTED = 20


@dataclass(frozen=True)
class TrainingRuns:
    """The newest runs, and how many there are."""

    records: tuple[RunRecord, ...]  # the newest first
    number: int


def training_runs(space: Workspace, most: int = LISTED) -> TrainingRuns:
    """The newest `most` runs, without damaged ones. File names contain the job, so no other file is opened."""
    paths = [path for path in files_of(space) if f"-{JOB}-" in path.name]
    records = (read(path) for path in reversed(paths[-most:]))
    return TrainingRuns(tuple(each for each in records if each and each.job == JOB), len(paths))


def model_of(record: RunRecord) -> str:
    """The model that a run trained: its name, else what it learned from."""
    given = (record.configuration.get(key) for key in ("name", "recipe"))
    return next((str(value) for value in given if value), "")
