"""Computations in the server's own process: they share its caches, show their progress, and can be cancelled.

A job of `dashboards.jobs` that is no command. It writes nothing, so every visitor may start and cancel one.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path

import duckdb

from curation.disk.states import ReplacedError
from curation.errors import CurationError
from curation.sql.stopping import Stop, StoppedError, stoppable
from dashboards import jobs
from dashboards.jobs import Job, Progress

#: Seconds between two interruptions: a query that was about to start escapes one.
AGAIN = 0.1

#: Gets a function that is called with what is done and all.
Work = Callable[[Callable[[int, int], None]], object]


class Computation(Job):
    """One computation. Its result lies in the caches of the pages."""

    writes = False

    def __init__(self, key: str, title: str, work: Work, unit: str) -> None:
        super().__init__(key, title, (), {})
        self._work, self._unit, self._stop = work, unit, Stop()

    def run(self, environment: Mapping[str, str], cleanup: Callable[[Job], object] | None, folder: Path | None) -> None:
        """Compute, in the thread that calls."""
        began = time.monotonic()

        def show(done: int, total: int) -> None:
            if self._stop.is_stopped:
                raise StoppedError
            self.progress = Progress("Computing", done, total, self._unit, 0, began)

        try:
            with stoppable(self._stop):
                self._work(show)
            self.code = 0
        except ReplacedError:
            self.code, self.error = 1, "A run has replaced the corpus meanwhile. Try again."
        except (CurationError, duckdb.Error, OSError) as error:
            self.code, self.error = 1, "" if self._stop.is_stopped else str(error)
        except StoppedError:
            self.code = 130
        except BaseException:
            self.code, self.error = 1, "Something went wrong. The terminal that runs the dashboard says what."
            traceback.print_exc()
        finally:
            self.ended = time.monotonic()
            self._over.set()

    def _end(self) -> None:
        while not self.wait(AGAIN):
            self._stop()


def start(key: str, title: str, work: Work, *, unit: str = "steps") -> Job:
    """Start a computation, unless one with the same key runs already. Raises `RefusedError` as the server ends."""
    return jobs.registry().start(Computation(key, title, work, unit), {}, None, None)
