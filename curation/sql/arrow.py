"""Columns of NumPy for Arrow, and so for DuckDB and Parquet. `pa.array` would load pandas where it is installed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa


def table(columns: Mapping[str, np.ndarray]) -> pa.Table:
    """A table of columns of numbers."""
    import pyarrow as pa

    return pa.table({name: numbers(column) for name, column in columns.items()})


def numbers(column: np.ndarray) -> pa.Array[Any]:
    """A column of numbers."""
    import numpy as np
    import pyarrow as pa

    kind = pa.from_numpy_dtype(column.dtype)
    array: pa.Array[Any] = pa.Array.from_buffers(
        kind, len(column), [None, pa.py_buffer(np.ascontiguousarray(column).data)]
    )
    return array
