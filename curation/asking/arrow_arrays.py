"""Arrow arrays from NumPy arrays and back.

`pa.array` and `to_numpy` import pandas to check for its arrays. That takes longer than most answers here.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Numbers = npt.NDArray[np.int64]


def numpy_of(column: pa.ChunkedArray[Any] | pa.Array[Any]) -> npt.NDArray[Any]:
    """The numbers of a column without NULL."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return np.from_dlpack(array)


def integers(values: npt.NDArray[Any], kind: pa.DataType) -> pa.Array[Any]:
    """Numbers of the same width as `kind`."""
    return pa.Array.from_buffers(kind, len(values), [None, _buffer(np.ascontiguousarray(values))])


def strings(values: Sequence[str]) -> pa.StringArray:
    """Texts."""
    encoded = [value.encode() for value in values]
    ends = np.array([0, *itertools.accumulate(map(len, encoded))], dtype=np.int32)
    return pa.StringArray.from_buffers(len(encoded), _buffer(ends), pa.py_buffer(b"".join(encoded)))


def lists_of_strings(values: Sequence[Sequence[str]]) -> pa.ListArray[Any]:
    """Lists of texts."""
    ends = np.array([0, *itertools.accumulate(map(len, values))], dtype=np.int32)
    offsets: Any = integers(ends, pa.int32())
    lists: pa.ListArray[Any] = pa.ListArray.from_arrays(offsets, strings([*itertools.chain(*values)]))
    return lists


def taken(values: Any, places: Numbers) -> Any:
    """The values at these places; NULL for -1."""
    valid = _buffer(np.packbits(places >= 0, bitorder="little"))
    return values.take(pa.Array.from_buffers(pa.int64(), len(places), [valid, _buffer(places)]))


def _buffer(values: npt.NDArray[Any]) -> pa.Buffer:
    # The stubs have bytes and memory views, but no arrays.
    return pa.py_buffer(values.data)
