"""The record of a run: one JSON file. Only forgetting somebody changes it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from curation.disk.typed_json import parse
from curation.disk.whole_files import write_whole, writing
from curation.disk.workspace import Workspace
from curation.tracking.artifacts import Artifact
from curation.writing.characters import json_text

FOLDER = "runs"

DONE, FAILED, INTERRUPTED = "done", "failed", "interrupted"


@dataclass(frozen=True)
class RunRecord:
    """What one command did."""

    id: str  # when it began, its job, and a few random digits; the file has this name
    job: str  # collect, run, export, …
    began_at: str  # UTC
    seconds: float
    outcome: str  # done, failed or interrupted
    status: str | None = None  # of a collect or a run: complete, partial or unchanged
    error: str | None = None  # why it failed, a sentence
    configuration: dict[str, Any] = field(default_factory=dict)  # options, given ones and defaults
    seeds: dict[str, int] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    recipe: dict[str, str] | None = None  # name and fingerprint
    inputs: tuple[Artifact, ...] = ()
    outputs: tuple[Artifact, ...] = ()
    metrics: dict[str, float] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As its file has it, and `curation runs --json`."""
        fields = {**vars(self), "inputs": [a.to_json() for a in self.inputs]}
        return {"schema": 1, **fields, "outputs": [a.to_json() for a in self.outputs]}

    @classmethod
    def of_json(cls, content: dict[str, Any]) -> RunRecord:
        """Read one back. Raises `TypeError`, `AttributeError`."""
        record: RunRecord = parse(cls, {key: value for key, value in content.items() if key != "schema"})
        for artifact in (*record.inputs, *record.outputs):
            artifact.check()
        return record


def runs_of(space: Workspace) -> Path:
    """The folder of the records."""
    return space.root / FOLDER


def files_of(space: Workspace) -> Iterator[Path]:
    """The files of the records, oldest first."""
    yield from sorted(runs_of(space).glob("[0-9]*.json"))


def read(path: Path) -> RunRecord | None:
    """The record in a file; None when it is damaged or gone."""
    try:
        return RunRecord.of_json(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return None


def write(space: Workspace, record: RunRecord) -> Path:
    """Write a record, or replace it; gives its file. Raises `WorkspaceError`."""
    place = runs_of(space) / f"{record.id}.json"
    with space.staging("record") as folder, writing(place.parent):
        write_whole(place, json_text(record.to_json(), indent=1) + "\n", folder / place.name)
    return place
