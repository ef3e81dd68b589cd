"""What a tracker gets of a run: its configuration, its figures, and its artifacts as `Parcels`.

An artifact holds one small file of digests and no post, since a later sync would send it; `--track-files` puts the
files in.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from curation.disk.workspace import Workspace
from curation.tracking.artifacts import CURATED, MODEL, RAW, TRAIN, Artifact
from curation.tracking.run_record import RunRecord
from curation.writing.characters import json_text

PROJECT = "curation"

#: Types that become artifacts of a tracker; inputs and documents stand in the configuration.
MIRRORED = (RAW, CURATED, TRAIN, MODEL)

DIGESTS = "digests.json"


class Session(Protocol):
    """A run that is open at a tracker. Every method raises what the tracker raises."""

    def log(self, figures: Mapping[str, float], step: int | None = None) -> None:
        """Hand on figures, of one step if it is said."""

    def finish(self, record: RunRecord, parcels: Parcels | None) -> None:
        """Hand on the final record and the artifacts, if there are any to hand on."""


class Parcels:
    """The artifacts of a run as a tracker gets them."""

    def __init__(self, space: Workspace, staging: Path, record: RunRecord, with_files: bool) -> None:
        self._space, self._staging, self._with_files = space, staging, with_files
        self.record = record

    def __iter__(self) -> Iterator[Artifact]:
        return (each for each in self.record.outputs if each.type in MIRRORED)

    def name(self, artifact: Artifact) -> str:
        """What an artifact is called there, where names are unique over all types."""
        return f"{artifact.name}-{artifact.type.removesuffix('-dataset')}"

    def metadata(self, artifact: Artifact) -> dict[str, Any]:
        """What an artifact says of itself; its inputs too, since offline nobody can link them."""
        content = artifact.to_json()
        inputs = [
            {key: getattr(each, key) for key in ("type", "name", "version", "digest")} for each in self.record.inputs
        ]
        return {**{key: content[key] for key in ("version", "digest", "rows", "files", "about")}, "inputs": inputs}

    def contents(self, artifact: Artifact) -> Iterator[tuple[Path, str]]:
        """The files that go into an artifact, each with its name there: the digests, and what was asked for."""
        place = self._staging / artifact.name / DIGESTS
        place.parent.mkdir(exist_ok=True)
        place.write_text(json_text(self.metadata(artifact), indent=1) + "\n", encoding="utf-8")
        yield place, DIGESTS
        for file in artifact.files if self._with_files else ():
            path = self._space.root / file.path
            within = Path(file.path)
            folder = Path(artifact.place or "")
            yield path, within.relative_to(folder).as_posix() if within.is_relative_to(folder) else within.name


def configuration(record: RunRecord) -> dict[str, Any]:
    """What a tracker's configuration has of a run."""
    content = record.to_json()
    kept = ("configuration", "recipe", "seeds", "versions", "inputs", "outputs", "outcome", "status", "error")
    return {key: content[key] for key in kept} | {"job_type": record.job, "seconds": record.seconds, "run": record.id}


def metrics(record: RunRecord) -> dict[str, float]:
    """The figures of a run."""
    return {**record.metrics, "seconds": record.seconds}


@contextlib.contextmanager
def environment(defaults: Mapping[str, str]) -> Iterator[None]:
    """Set variables that are not set, for a while."""
    new = {name: value for name, value in defaults.items() if not os.environ.get(name)}
    before = {name: os.environ.get(name) for name in new}
    os.environ.update(new)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
