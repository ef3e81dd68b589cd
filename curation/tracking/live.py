"""Trackers that see a training while it goes on: losses as they come, and the final record at the end.

Otherwise a tracker hears of a run when it is over (`curation.tracking.trackers.mirror`). Whatever goes wrong here is a
note, once for each tracker, and the training goes on without it.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from curation.tracking.parcels import Parcels, Session
from curation.tracking.run_record import INTERRUPTED, RunRecord, runs_of
from curation.tracking.trackers import opened

if TYPE_CHECKING:
    from curation.disk.training_record import Measurement
    from curation.disk.workspace import Workspace


class Live:
    """The trackers of one run; make one when the run begins, and close it when its record is written."""

    def __init__(
        self, space: Workspace, record: RunRecord, track: Sequence[str], project: str | None, say: Callable[[str], None]
    ) -> None:
        self._space, self._say = space, say
        self._sessions: dict[str, Session] = {}
        self._stack = contextlib.ExitStack()
        for name in track:
            with self._failing(name, "did not take this run"):
                folder = runs_of(space) / name
                folder.mkdir(parents=True, exist_ok=True)
                self._sessions[name] = self._stack.enter_context(opened(name, folder, record, project))

    def log(self, measurement: Measurement) -> None:
        """Hand on one point of the learning curve."""
        figures = {name: figure for name, figure in asdict(measurement).items() if figure is not None}
        step = figures.pop("step")
        for name, session in [*self._sessions.items()]:
            with self._failing(name, "hears no more of this run"):
                session.log(figures, step)

    def close(self, record: RunRecord, *, files: bool = False) -> None:
        """Hand on the final record and its artifacts, with their files if they shall go in, and close."""
        for name, session in [*self._sessions.items()]:
            with self._failing(name, "did not take the end of this run"), self._space.staging("tracking") as staging:
                parcels = None if record.outcome == INTERRUPTED else Parcels(self._space, staging, record, files)
                session.finish(record, parcels)
        with self._failing("", "did not end as it should"):
            self._stack.close()
        self._sessions.clear()

    @contextlib.contextmanager
    def _failing(self, name: str, what: str) -> Iterator[None]:
        """Turn whatever a tracker raises into a note; it is not called again."""
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                yield
        except (Exception, SystemExit) as why:
            self._sessions.pop(name, None)
            self._say(f"Note: {name or 'A tracker'} {what}: {clause(why)} Its record is in {runs_of(self._space)}.")


def clause(error: BaseException) -> str:
    """The first line of what an error says, as a sentence's end."""
    first = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return first if first.endswith(".") else f"{first}."
