"""Experiment trackers that a run can be mirrored to: Weights & Biases and Trackio, each an extra, both offline.

Nothing leaves this machine unless the environment says so (`WANDB_MODE=online`, `TRACKIO_SPACE_ID`).
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import sys
from contextlib import AbstractContextManager
from pathlib import Path

from curation.disk.workspace import Workspace
from curation.errors import UsageError, did_you_mean
from curation.tracking.parcels import Parcels, Session
from curation.tracking.run_record import RunRecord, runs_of

#: The trackers, each with the extra that installs it.
TRACKERS = {"wandb": "wandb", "trackio": "trackio"}


def check(name: str) -> None:
    """Raise `UsageError` for a tracker that is not known or not installed."""
    if name not in TRACKERS:
        raise UsageError(f"--track {name}: there is no such tracker.{did_you_mean(name, TRACKERS)}")
    if importlib.util.find_spec(name) is None:
        raise UsageError(
            f"--track {name} needs the package {name}, which is not installed. Install it with: "
            f"{sys.executable} -m pip install {name}"
        )


def opened(name: str, folder: Path, record: RunRecord, project: str | None) -> AbstractContextManager[Session]:
    """Open a run at a tracker, which writes into `folder`; left without `finish` it counts as failed."""
    session = importlib.import_module(f"curation.tracking.on_{name}")
    run: AbstractContextManager[Session] = session.opened(folder, record, project)
    return run


def mirror(name: str, space: Workspace, record: RunRecord, *, files: bool = False, project: str | None = None) -> None:
    """Tell a tracker of a run, with the files of its artifacts if they shall go in. Raises what the tracker raises."""
    folder = runs_of(space) / name
    folder.mkdir(parents=True, exist_ok=True)
    with space.staging("tracking") as staging, contextlib.redirect_stdout(io.StringIO()):
        parcels = Parcels(space, staging, record, files)
        with opened(name, folder, record, project) as session:
            session.finish(record, parcels)
