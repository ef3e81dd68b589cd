"""Landed rows as SQL, whichever of the columns of today the raw schema had when they landed; one it lacked is NULL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from curation.posts import ADDED, RAW_SCHEMA
from curation.sql import identifier, literal

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_TYPES = {pa.string(): "VARCHAR", pa.bool_(): "BOOLEAN", pa.int64(): "BIGINT", pa.int32(): "INTEGER"}


def landed_rows(files: Iterable[Path]) -> str:
    """SQL: the rows of landed files, a subquery, with `row`, the number of each in its file.

    Raises what Arrow raises of a file that can't be read.
    """
    files = list(files)
    paths = literal(map(str, files))
    missing = set(ADDED) - set[str].intersection(*(set(pq.read_schema(path).names) for path in files))
    rows = f"SELECT *, file_row_number AS row FROM read_parquet({paths}{', union_by_name = true' * bool(missing)})"
    if not missing:
        return f"({rows})"
    nothing = ", ".join(f"CAST(NULL AS {_sql(name)}) AS {identifier(name)}" for name in sorted(missing))
    return f"({rows} UNION ALL BY NAME SELECT {nothing} WHERE false)"


def _sql(name: str) -> str:
    return _TYPES.get(RAW_SCHEMA.field(name).type, "TIMESTAMPTZ")
