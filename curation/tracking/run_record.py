"""The record of a run: one JSON file, written whole or not at all, and never changed but to forget somebody."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curation.disk.whole_files import write_whole, writing
from curation.tracking.artifacts import Artifact
from curation.writing.characters import json_text

if TYPE_CHECKING:
    from curation.disk.workspace import Workspace

FOLDER = "runs"

DONE, FAILED, INTERRUPTED = "done", "failed", "interrupted"


@dataclass(frozen=True)
class RunRecord:
    """What one command did."""

    id: str  # when it began, its job, and a few random digits; also the file's name
    job: str  # collect, run, export, …
    began_at: str  # UTC
    seconds: float
    outcome: str  # done, failed or interrupted
    status: str | None = None  # of a collect or a run: complete, partial or unchanged
    error: str | None = None  # the sentence that it failed with
    configuration: dict[str, Any] = field(default_factory=dict)  # the options that were given or have a default
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
        """Read one back. Raises `KeyError`, `TypeError`, `AttributeError`."""
        own = {key: value for key, value in content.items() if key != "schema"}
        sides = {side: tuple(map(Artifact.of_json, content[side])) for side in ("inputs", "outputs")}
        record = cls(**{**own, **sides})
        for names, kinds in _KINDS.items():
            if not all(isinstance(getattr(record, name), kinds) for name in names):
                raise TypeError(f"one of {', '.join(names)} is of a kind that no record has")
        return record


#: What the fields of a record are.
_KINDS: dict[tuple[str, ...], Any] = {
    ("id", "job", "began_at", "outcome"): str,
    ("status", "error"): str | None,
    ("seconds",): int | float,
    ("configuration", "seeds", "versions", "metrics"): dict,
    ("recipe",): dict | None,
}


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
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def write(space: Workspace, record: RunRecord) -> Path:
    """Write a record, or put it in the place of its older self. Raises `WorkspaceError`."""
    place = runs_of(space) / f"{record.id}.json"
    with space.staging("record") as folder, writing(place.parent):
        write_whole(place, json_text(record.to_json(), indent=1) + "\n", folder / place.name)
    return place
