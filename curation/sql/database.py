"""DuckDB, opened the same way everywhere: in memory, with bounds, and without network access."""

from __future__ import annotations

import contextlib
import functools
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import duckdb

from curation.errors import UsageError
from curation.sql import literal, stopping


def connect(
    *, threads: int | None = None, memory_limit: str | None = None, spill: Path | None = None
) -> duckdb.DuckDBPyConnection:
    """A new in-memory database.

    `memory_limit` is a size in DuckDB's notation (`"512MB"`); what exceeds it spills into the folder `spill`. No
    extension is ever fetched, and times are always UTC.
    """
    connection = duckdb.connect(":memory:")
    stopping.follow(connection)
    settings = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "TimeZone": "UTC",
        "enable_progress_bar": "false",
        "threads": threads and str(threads),
        "memory_limit": memory_limit,
        # Without a folder nothing spills: DuckDB's own choice would be the current folder.
        "temp_directory": str(spill) if spill else "",
    }
    for name, value in settings.items():
        if value is not None:
            connection.execute(f"SET {name} = {literal(value)}")
    return connection


def reader() -> duckdb.DuckDBPyConnection:
    """A connection for a few queries; opening a database of its own takes thirty milliseconds.

    All readers of a process share one database. They must create only TEMP objects, and change no settings.
    """
    connection = _shared(os.getpid()).cursor()
    stopping.follow(connection)
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_progress_bar = false")
    return connection


@functools.cache
def _shared(process: int) -> duckdb.DuckDBPyConnection:
    return connect()


@contextlib.contextmanager
def limited(connection: duckdb.DuckDBPyConnection, seconds: float, message: str) -> Iterator[None]:
    """End what the connection does after so many seconds. Raises `UsageError` with the message."""
    timer = threading.Timer(seconds, connection.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    except duckdb.InterruptException as error:
        raise UsageError(message) from error
    finally:
        timer.cancel()


def lock_down(connection: duckdb.DuckDBPyConnection) -> None:
    """Forbid the connection to read or write files, for good; it can still read registered Arrow tables."""
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
