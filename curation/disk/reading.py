"""Reading landings while others replace them, and saying which file is damaged.

`curation forget` and `curation compact` put other files in the place of landed ones. No file is ever changed: the
new ones have other names. So a reader that holds an older list finds a file gone, never different, and asks again.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from curation.disk.damage import first_line, of_landing
from curation.disk.manifest import read_manifest
from curation.disk.workspace import Workspace
from curation.errors import CurationError

T = TypeVar("T")

#: How often work is done again when files are replaced under it.
ATTEMPTS = 5


def while_they_stand(space: Workspace, work: Callable[[list[Path]], T]) -> T:
    """Do `work` on the folders of the landings, and again should their files be replaced meanwhile.

    Whatever `work` leaves behind when it fails must not be in the way of its next try. Raises what `work` raises.
    """
    import duckdb
    import pyarrow as pa

    failure: Exception | None = None
    for _ in range(ATTEMPTS):
        before: set[Path] | None = None
        try:
            landings = space.landings()
            before = _files(landings)
            return work(landings)
        except (CurationError, OSError, duckdb.Error, pa.ArrowException) as error:
            failure = error
        if before is not None and before <= _files(space.landings()):
            break  # what could not be read still counts: it is no replacement that was in the way
    assert failure is not None
    raise failure


def _files(landings: list[Path]) -> set[Path]:
    return {folder / name for folder in landings for name in read_manifest(folder)["files"]}


@contextlib.contextmanager
def reading(files: list[Path]) -> Iterator[None]:
    """Turn what DuckDB says of a damaged landing into a sentence. Raises `WorkspaceError`."""
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        message = str(error)
        for table in sorted(map(of_landing, files), key=lambda table: str(table.path) not in message):
            if fault := table.fault():
                raise table.error(fault) from error
            if str(table.path) in message:
                raise table.error(f"is damaged ({first_line(error)})") from error
        raise
