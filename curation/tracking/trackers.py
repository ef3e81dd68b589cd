"""Experiment trackers that a run can be mirrored to: Weights & Biases and Trackio, each an extra, both offline.

Nothing leaves this machine unless the environment says so. `wandb sync DIR/runs/wandb/wandb/offline-run-…` sends a run
later, and `TRACKIO_DIR=DIR/runs/trackio trackio show` draws one. A tracker gets a run when it is over (`mirror`), a
training while it goes on (`Live`): its configuration, its figures, and its artifacts (`Parcels`). An artifact holds one
small file of digests and no post, since a later sync would send it; `--track-files` puts the files in.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from curation import versions
from curation.disk.training_record import Measurement
from curation.disk.workspace import Workspace
from curation.errors import UsageError, did_you_mean
from curation.tracking.artifacts import CURATED, MODEL, RAW, TRAIN, Artifact
from curation.tracking.run_record import DONE, INTERRUPTED, RunRecord, runs_of
from curation.writing.characters import json_text

PROJECT = "curation"

#: Types that become artifacts of a tracker; inputs and documents stand in the configuration.
MIRRORED = (RAW, CURATED, TRAIN, MODEL)

DIGESTS = "digests.json"

#: The places where wandb would write into the home folder.
WANDB_FOLDERS = ("WANDB_DIR", "WANDB_CACHE_DIR", "WANDB_DATA_DIR", "WANDB_CONFIG_DIR")


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


def check(name: str) -> None:
    """Raise `UsageError` for a tracker that is unknown or not installed."""
    if name not in TRACKERS:
        raise UsageError(f"--track {name}: there is no such tracker.{did_you_mean(name, TRACKERS)}")
    if not versions.is_installed(name):
        raise UsageError(
            f"--track {name} needs the package {name}, which is not installed. Install it with: "
            f"{sys.executable} -m pip install {name}"
        )


def opened(name: str, space: Workspace, record: RunRecord, project: str | None) -> AbstractContextManager[Session]:
    """Open a run at a tracker. Without `Session.finish` the run counts as failed. Raises what the tracker raises."""
    folder = runs_of(space) / name
    folder.mkdir(parents=True, exist_ok=True)
    return TRACKERS[name](folder.absolute(), record, project)


@contextlib.contextmanager
def _wandb(folder: Path, record: RunRecord, project: str | None) -> Iterator[Session]:
    """A run on Weights & Biases, offline unless `WANDB_MODE` says otherwise."""
    defaults = {**dict.fromkeys(WANDB_FOLDERS, str(folder)), "WANDB_MODE": "offline", "WANDB_ERROR_REPORTING": "false"}
    with environment(defaults):
        import wandb

        settings = wandb.Settings(
            silent=True, console="off", disable_git=True, disable_code=True, save_code=False,
            x_disable_stats=True, x_disable_meta=True, x_disable_machine_info=True,
        )  # fmt: skip
        run = wandb.init(
            project=project or os.environ.get("WANDB_PROJECT") or PROJECT, name=record.id, job_type=record.job,
            config=configuration(record), settings=settings, reinit="create_new",
        )  # fmt: skip
        session = Session(wandb, run, update_options={"allow_val_change": True}, file_options={"skip_cache": True})
        try:
            yield session
        finally:
            run.finish(exit_code=session.exit_code)


@contextlib.contextmanager
def _trackio(folder: Path, record: RunRecord, project: str | None) -> Iterator[Session]:
    """A run on Trackio, a SQLite file, unless `TRACKIO_SPACE_ID` or `TRACKIO_SERVER_URL` names a server."""
    with environment({"TRACKIO_DIR": str(folder), "HF_HUB_DISABLE_TELEMETRY": "1"}):
        import trackio

        run = trackio.init(
            project=project or PROJECT, name=record.id, group=record.job, config=configuration(record), embed=False,
            auto_log_gpu=False, auto_log_cpu=False,
        )  # fmt: skip
        try:
            yield Session(trackio, run)
        finally:
            trackio.finish()


#: The trackers by the names of their packages, and what opens a run there, which writes into a folder.
TRACKERS: dict[str, Callable[[Path, RunRecord, str | None], AbstractContextManager[Session]]] = {
    "wandb": _wandb,
    "trackio": _trackio,
}


def mirror(name: str, space: Workspace, record: RunRecord, *, files: bool = False, project: str | None = None) -> None:
    """Give a run that is over to a tracker, with `files` the files of its artifacts too. Raises what it raises."""
    with space.staging("tracking") as staging, contextlib.redirect_stdout(io.StringIO()):
        parcels = Parcels(space, staging, record, files)
        with opened(name, space, record, project) as session:
            session.finish(record, parcels)


class Live:
    """The trackers of a run that is going on; close it when the record is written.

    Whatever goes wrong is a note, once for each tracker, and the run goes on without it.
    """

    def __init__(
        self, space: Workspace, record: RunRecord, track: Sequence[str], project: str | None, say: Callable[[str], None]
    ) -> None:
        self._space, self._say = space, say
        self._sessions: dict[str, Session] = {}
        self._stack = contextlib.ExitStack()
        for name in track:
            with self._failing(name, "did not take this run"):
                self._sessions[name] = self._stack.enter_context(opened(name, space, record, project))

    def log(self, measurement: Measurement) -> None:
        """Hand on one point of the learning curve."""
        figures = {name: figure for name, figure in asdict(measurement).items() if figure is not None}
        step = figures.pop("step")
        for name, session in [*self._sessions.items()]:
            with self._failing(name, "hears no more of this run"):
                session.log(figures, step)

    def close(self, record: RunRecord, *, files: bool = False) -> None:
        """Hand on the final record and its artifacts, with `files` their files too, and close."""
        for name, session in [*self._sessions.items()]:
            with self._failing(name, "did not take the end of this run"), self._space.staging("tracking") as staging:
                parcels = None if record.outcome == INTERRUPTED else Parcels(self._space, staging, record, files)
                session.finish(record, parcels)
        with self._failing("", "did not end as it should"):
            self._stack.close()
        self._sessions.clear()

    @contextlib.contextmanager
    def _failing(self, name: str, what: str) -> Iterator[None]:
        """Turn an error of a tracker into a note, and call it no more."""
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                yield
        except (Exception, SystemExit) as why:
            self._sessions.pop(name, None)
            self._say(f"Note: {name or 'A tracker'} {what}: {clause(why)} Its record is in {runs_of(self._space)}.")


def clause(error: BaseException) -> str:
    """The first line of an error's message, as the end of a sentence."""
    first = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return first if first.endswith(".") else f"{first}."
