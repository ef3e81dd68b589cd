"""DuckDB, opened the same way everywhere: in memory, with bounds, and without anything from outside."""

from __future__ import annotations

import functools
import os
from typing import TYPE_CHECKING

import duckdb

from curation.sql import literal

if TYPE_CHECKING:
    from pathlib import Path


def connect(
    *, threads: int | None = None, memory_limit: str | None = None, spill: Path | None = None
) -> duckdb.DuckDBPyConnection:
    """A new in-memory database.

    `memory_limit` is a size as DuckDB writes it (`"512MB"`); what exceeds it spills into the folder `spill`.
    No extension is ever fetched, and times are UTC whatever this machine's zone is.
    """
    connection = duckdb.connect(":memory:")
    settings = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "TimeZone": "UTC",
        "enable_progress_bar": "false",
        "threads": threads and str(threads),
        "memory_limit": memory_limit,
        # Without a place to spill to, nothing is spilled: DuckDB's own choice would be the current folder.
        "temp_directory": str(spill) if spill else "",
    }
    for name, value in settings.items():
        if value is not None:
            connection.execute(f"SET {name} = {literal(value)}")
    return connection


def reader() -> duckdb.DuckDBPyConnection:
    """A connection for a few questions, at once: to open a database of its own takes thirty milliseconds.

    All readers of a process share one database, so what they make must be TEMP, and they set nothing.
    """
    connection = _shared(os.getpid()).cursor()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_progress_bar = false")
    return connection


@functools.cache
def _shared(process: int) -> duckdb.DuckDBPyConnection:
    return connect()


def lock_down(connection: duckdb.DuckDBPyConnection) -> None:
    """From here on no statement of this connection reads or writes a file, or undoes this setting.

    Arrow tables that are registered with it can still be read.
    """
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
