"""Experiment trackers that a run can be mirrored to: Weights & Biases and Trackio, each an extra, both offline.

Nothing leaves this machine unless the environment says so. `wandb sync DIR/runs/wandb/wandb/offline-run-…` sends a run
later, and `TRACKIO_DIR=DIR/runs/trackio trackio show` draws one. A tracker gets a run when it is over (`mirror`), a
training while it goes on (`Live`).
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict
from pathlib import Path

from curation.disk.training_record import Measurement
from curation.disk.workspace import Workspace
from curation.errors import UsageError, did_you_mean
from curation.tracking.parcels import PROJECT, Parcels, Session, configuration, environment
from curation.tracking.run_record import INTERRUPTED, RunRecord, runs_of

#: The places where wandb would write into the home folder.
WANDB_FOLDERS = ("WANDB_DIR", "WANDB_CACHE_DIR", "WANDB_DATA_DIR", "WANDB_CONFIG_DIR")


def check(name: str) -> None:
    """Raise `UsageError` for a tracker that is unknown or not installed."""
    if name not in TRACKERS:
        raise UsageError(f"--track {name}: there is no such tracker.{did_you_mean(name, TRACKERS)}")
    if importlib.util.find_spec(name) is None:
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
