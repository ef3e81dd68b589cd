"""Experiment trackers that a run can be mirrored to: Weights & Biases and Trackio, each an extra, both offline.

Nothing leaves this machine unless the environment says so (`WANDB_MODE=online`, `TRACKIO_SPACE_ID`). An artifact holds
one small file of digests and no post, since a later sync would send it; `--track-files` puts the files in.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from curation.errors import UsageError, did_you_mean
from curation.tracking.artifacts import CURATED, MODEL, RAW, TRAIN, Artifact
from curation.tracking.run_record import Record, runs_of
from curation.writing.characters import json_text

if TYPE_CHECKING:
    from curation.disk.workspace import Workspace

#: The trackers, each with the extra that installs it.
TRACKERS = {"wandb": "wandb", "trackio": "trackio"}

PROJECT = "curation"

#: Types that become artifacts of a tracker; inputs and documents stand in the configuration.
MIRRORED = (RAW, CURATED, TRAIN, MODEL)

DIGESTS = "digests.json"


def check(name: str) -> None:
    """Raise `UsageError` for a tracker that is not known or not installed."""
    if name not in TRACKERS:
        raise UsageError(f"--track {name}: there is no such tracker.{did_you_mean(name, TRACKERS)}")
    if importlib.util.find_spec(name) is None:
        raise UsageError(
            f"--track {name} needs the package {name}, which is not installed. Install it with: "
            f"{sys.executable} -m pip install {name}"
        )


class Session(Protocol):
    """A run that is open at a tracker. Every method raises what the tracker raises."""

    def log(self, figures: Mapping[str, float], step: int | None = None) -> None:
        """Hand on figures, of one step if it is said."""

    def finish(self, record: Record, parcels: Iterable[Artifact]) -> None:
        """Hand on the final record and the artifacts, which are `Parcels`, or none at all."""


def opened(name: str, folder: Path, record: Record, project: str | None) -> AbstractContextManager[Session]:
    """Open a run at a tracker, which writes into `folder`; left without `finish` it counts as failed."""
    if name == "wandb":
        from curation.tracking.on_wandb import opened
    else:
        from curation.tracking.on_trackio import opened
    return opened(folder, record, project)


def mirror(name: str, space: Workspace, record: Record, *, files: bool = False, project: str | None = None) -> None:
    """Tell a tracker of a run, with the files of its artifacts if they shall go in. Raises what the tracker raises."""
    folder = runs_of(space) / name
    folder.mkdir(parents=True, exist_ok=True)
    with space.staging("tracking") as staging, contextlib.redirect_stdout(io.StringIO()):
        parcels = Parcels(space, staging, record, files)
        with opened(name, folder, record, project) as session:
            session.finish(record, parcels)


class Parcels:
    """The artifacts of a run as a tracker gets them."""

    def __init__(self, space: Workspace, staging: Path, record: Record, with_files: bool) -> None:
        self._space, self._staging, self._with_files = space, staging, with_files
        self.record = record

    def __iter__(self) -> Iterator[Artifact]:
        return (each for each in self.record.outputs if each.type in MIRRORED)

    def name(self, artifact: Artifact) -> str:
        """What an artifact is called there, where names are unique over all types."""
        return f"{artifact.name}-{artifact.type.removesuffix('-dataset')}"

    def metadata(self, artifact: Artifact) -> dict[str, Any]:
        """What an artifact says of itself; its inputs too, since offline nobody can link them."""
        said = artifact.to_json()
        inputs = [
            {key: getattr(each, key) for key in ("type", "name", "version", "digest")} for each in self.record.inputs
        ]
        return {**{key: said[key] for key in ("version", "digest", "rows", "files", "about")}, "inputs": inputs}

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


def configuration(record: Record) -> dict[str, Any]:
    """What a tracker's configuration has of a run."""
    said = record.to_json()
    kept = ("configuration", "recipe", "seeds", "versions", "inputs", "outputs", "outcome", "status", "error")
    return {key: said[key] for key in kept} | {"job_type": record.job, "seconds": record.seconds, "run": record.id}


def metrics(record: Record) -> dict[str, float]:
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
