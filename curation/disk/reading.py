"""Reading landings while others replace them, and saying which file is damaged.

`curation forget` and `curation compact` put other files in the place of landed ones.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from curation.disk.damage import first_line, of_landing
from curation.disk.states import file_states
from curation.disk.workspace import Workspace
from curation.errors import CurationError

T = TypeVar("T")


def while_they_stand(space: Workspace, work: Callable[[list[Path]], T]) -> T:
    """Do `work` on the folders of the landings, and again should their files be replaced meanwhile.

    Whatever `work` leaves behind when it fails must not be in the way of its next try. Raises what `work` raises.
    """
    import duckdb
    import pyarrow as pa

    for _ in file_states(space.raw, "*/*"):
        try:
            return work(space.landings())
        except (CurationError, OSError, duckdb.Error, pa.ArrowException) as error:
            failure = error
    raise failure


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
