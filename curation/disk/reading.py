"""Reading landings while `curation forget` and `curation compact` replace them, and naming the damaged file."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from curation.disk.damage import damage_behind, of_landing
from curation.disk.states import file_states
from curation.disk.workspace import Workspace
from curation.errors import CurationError
from curation.posts import ADDED, RAW_SCHEMA
from curation.sql import identifier, literal

T = TypeVar("T")

_TYPES = {pa.string(): "VARCHAR", pa.bool_(): "BOOLEAN", pa.int64(): "BIGINT", pa.int32(): "INTEGER"}


def while_they_stand(space: Workspace, work: Callable[[list[Path]], T]) -> T:
    """Do `work` on the folders of the landings, and again when their files are replaced meanwhile.

    A failed `work` must leave nothing that is in the way of its next try. Raises what `work` raises.
    """
    for _ in file_states(space.raw, "*/*"):
        try:
            return work(space.landings())
        except (CurationError, OSError, duckdb.Error, pa.ArrowException) as error:
            failure = error
    raise failure


@contextlib.contextmanager
def reading(files: list[Path]) -> Iterator[None]:
    """Turn an error of DuckDB over a damaged landing into a sentence. Raises `WorkspaceError`."""
    try:
        yield
    except duckdb.Error as error:
        if damage := damage_behind(error, map(of_landing, files)):
            raise damage from error
        raise


def landed_rows(files: Iterable[Path]) -> str:
    """SQL: the rows of landed files, a subquery, with `row`, the number of each in its file.

    A column that the raw schema lacked when they landed is NULL. Raises Arrow's errors for a damaged file.
    """
    files = list(files)
    paths = literal(map(str, files))
    missing = set(ADDED) - set[str].intersection(*(set(pq.read_schema(path).names) for path in files))
    rows = f"SELECT *, file_row_number AS row FROM read_parquet({paths}{', union_by_name = true' * bool(missing)})"
    if not missing:
        return f"({rows})"
    types = {name: _TYPES.get(RAW_SCHEMA.field(name).type, "TIMESTAMPTZ") for name in sorted(missing)}
    nothing = ", ".join(f"CAST(NULL AS {kind}) AS {identifier(name)}" for name, kind in types.items())
    return f"({rows} UNION ALL BY NAME SELECT {nothing} WHERE false)"
