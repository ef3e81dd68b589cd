"""What a tracker gets of a run: its configuration, its figures, and its artifacts as `Parcels`.

An artifact holds one small file of digests and no post, since a later sync would send it; `--track-files` puts the
files in.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from curation.disk.workspace import Workspace
from curation.tracking.artifacts import CURATED, MODEL, RAW, TRAIN, Artifact
from curation.tracking.run_record import DONE, RunRecord
from curation.writing.characters import json_text

PROJECT = "curation"

#: Types that become artifacts of a tracker; inputs and documents stand in the configuration.
MIRRORED = (RAW, CURATED, TRAIN, MODEL)

DIGESTS = "digests.json"


@dataclass(frozen=True)
class Parcels:
    """The artifacts of a run as a tracker gets them."""

    space: Workspace
    staging: Path
    record: RunRecord
    with_files: bool

    def __iter__(self) -> Iterator[Artifact]:
        return (each for each in self.record.outputs if each.type in MIRRORED)

    def name(self, artifact: Artifact) -> str:
        """The artifact's name there, where names are unique over all types."""
        return f"{artifact.name}-{artifact.type.removesuffix('-dataset')}"

    def metadata(self, artifact: Artifact) -> dict[str, Any]:
        """Facts about an artifact; its inputs too, since `use_artifact`, which would link them, fails offline."""
        content = artifact.to_json()
        inputs = [
            {key: getattr(each, key) for key in ("type", "name", "version", "digest")} for each in self.record.inputs
        ]
        return {**{key: content[key] for key in ("version", "digest", "rows", "files", "about")}, "inputs": inputs}

    def contents(self, artifact: Artifact) -> Iterator[tuple[Path, str]]:
        """The files of an artifact, each with its name there: the digests, and with `with_files` the others."""
        place = self.staging / artifact.name / DIGESTS
        place.parent.mkdir(exist_ok=True)
        place.write_text(json_text(self.metadata(artifact), indent=1) + "\n", encoding="utf-8")
        yield place, DIGESTS
        folder = Path(artifact.place or "")
        for path in (Path(file.path) for file in artifact.files if self.with_files):
            name = path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.name
            yield self.space.root / path, name


@dataclass
class Session:
    """A run that is open at a tracker. Every method raises what the tracker raises."""

    tracker: Any  # the module wandb or trackio
    run: Any  # its run
    update_options: dict[str, Any] = field(default_factory=dict)  # for `config.update`
    file_options: dict[str, Any] = field(default_factory=dict)  # for `add_file`
    exit_code: int = 1  # 0 once the run is handed over and done

    def log(self, figures: Mapping[str, float], step: int | None = None) -> None:
        """Hand on figures, of one step if it is given."""
        self.run.log(dict(figures), step=step)

    def finish(self, record: RunRecord, parcels: Parcels | None) -> None:
        """Hand on the final record and the artifacts, if there are any."""
        self.run.config.update(configuration(record), **self.update_options)
        self.run.log({**record.metrics, "seconds": record.seconds})  # trackio sends the configuration with figures
        if parcels is not None:
            for each in parcels:
                metadata = parcels.metadata(each)
                artifact = self.tracker.Artifact(parcels.name(each), type=each.type, metadata=metadata)
                for path, name in parcels.contents(each):
                    artifact.add_file(str(path), name=name, **self.file_options)
                self.run.log_artifact(artifact)
        self.exit_code = 0 if record.outcome == DONE else 1


def configuration(record: RunRecord) -> dict[str, Any]:
    """The configuration of a run at a tracker."""
    content = record.to_json()
    kept = ("configuration", "recipe", "seeds", "versions", "inputs", "outputs", "outcome", "status", "error")
    return {key: content[key] for key in kept} | {"job_type": record.job, "seconds": record.seconds, "run": record.id}


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
