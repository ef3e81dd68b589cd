"""Ending what a thread asks of its databases, from another thread.

    stop = Stop()
    with stoppable(stop):       # in the thread that works
        …
    stop()                      # in another one

Databases are opened deep inside, where nobody passes a stop along, so the connections follow it by themselves.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from contextvars import ContextVar

import duckdb

_CURRENT: ContextVar[Stop | None] = ContextVar("stop", default=None)


class StoppedError(KeyboardInterrupt):
    """The work was stopped. As for Ctrl-C, nothing that catches errors goes on after it."""


class Stop:
    """Interrupts the connections that are open now, and lets none be opened afterwards."""

    def __init__(self) -> None:
        self._connections: list[duckdb.DuckDBPyConnection] = []
        self._stopped = threading.Event()
        self._lock = threading.Lock()

    @property
    def is_stopped(self) -> bool:
        """Whether somebody has stopped the work."""
        return self._stopped.is_set()

    def __call__(self) -> None:
        """Stop. A query that is just about to start escapes, so call it until the work has ended."""
        self._stopped.set()
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            with contextlib.suppress(duckdb.Error):  # it is closed
                connection.interrupt()

    def follow(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Interrupt this connection, too. Raises `StoppedError`."""
        if self.is_stopped:
            raise StoppedError
        with self._lock:
            self._connections.append(connection)


@contextlib.contextmanager
def stoppable(stop: Stop) -> Iterator[None]:
    """Have the connections that this thread opens meanwhile follow a stop."""
    token = _CURRENT.set(stop)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def follow(connection: duckdb.DuckDBPyConnection) -> None:
    """Interrupt the connection with the work of this thread. Raises `StoppedError`."""
    if stop := _CURRENT.get():
        stop.follow(connection)
