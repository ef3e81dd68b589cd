"""Tables of Parquet, Arrow and Feather as JSON records, batch by batch.

A row becomes the same row in JSON, and the dialects read that: structs and maps are objects, a time is ISO 8601 in UTC,
bytes are text if they can be. A whole number that a tool made a float stays a float: an id that lost its last digits
must show.

Damage costs only its own group of rows. Both formats say at the end of the file where everything lies, so nothing of a
file that is cut off can be read.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import pyarrow as pa

from curation.errors import DamagedInputError
from curation.sources.base import Rejected
from curation.sources.files import input_files
from curation.sources.files.input_files import InputFile, Opened, seekable
from curation.sources.files.json_records import Records
from curation.sources.files.text_encoding import FALLBACK

#: Rows of a batch: few, since a dictionary may hold one long text for all of them.
BATCH_ROWS = 1024
#: Characters of the longest text in a record, as of a line.
LARGEST_TEXT = 16 << 20

_BROKEN = (pa.ArrowException, OSError, ValueError, KeyError, NotImplementedError)


def arrow_records(file: InputFile, kind: str) -> Callable[[Opened], ArrowRecords]:
    """The reader of a file of this kind, a word of `kinds_of_file.is_columnar`."""
    return lambda _: ArrowRecords(file, kind)


class ArrowRecords(Records):
    """The rows of a file."""

    def __init__(self, file: InputFile, kind: str) -> None:
        super().__init__()
        self._file, self._kind = file, kind
        self._number = 0
        self._bytes = 0

    def __iter__(self) -> Iterator[tuple[int, dict[str, Any]] | Rejected]:
        """Read the rows. Raises `DamagedInputError` when the file can't be read at all."""
        with seekable(self._file) as disk:
            try:
                groups, several = _GROUPS[self._kind](disk)
            except _BROKEN as error:
                raise DamagedInputError(f"{self._file.path} {_why_damaged(self._kind, error)}") from error
            limit = max(input_files.BOMB_BYTES, input_files.BOMB_RATIO * self._file.size)
            for nth, group in enumerate(groups, 1):
                try:
                    for batch in group():
                        self._bytes += batch.nbytes
                        if self._bytes > limit:
                            self.ended_early = (
                                f"it unpacks to more than {input_files.BOMB_RATIO} times its size, which no file of "
                                "posts does"
                            )
                            return
                        yield from self._of(batch)
                except _BROKEN as error:
                    missing = ", so its other rows are missing" if self._number else ""
                    self.ended_early = self.ended_early or (
                        f"{several} {nth:,} of {len(groups):,} is damaged{missing} ({_first_line(error)})"
                    )

    def _of(self, batch: pa.RecordBatch) -> Iterator[tuple[int, dict[str, Any]] | Rejected]:
        names = batch.schema.names
        columns = [self._values(column) for column in batch.columns]
        for values in zip(*columns, strict=True) if columns else ():
            self._number += 1
            if any(type(value) is str and len(value) > LARGEST_TEXT for value in values):
                why = f"a text in it is longer than {LARGEST_TEXT >> 20} MiB"
                yield Rejected(f"{self._file.name}: row {self._number:,}", why)
            else:
                yield self._number, dict(zip(names, values, strict=True))

    def _values(self, column: pa.Array[Any]) -> list[Any]:
        """A column's values as JSON has them."""
        if isinstance(column, pa.ExtensionArray):
            column = column.storage
        kind = column.type
        if isinstance(column, pa.DictionaryArray):
            column, kind = column.dictionary_decode(), kind.value_type
        if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
            try:
                return column.to_pylist()
            except UnicodeDecodeError:
                return [self._text(value) for value in column.cast(pa.large_binary()).to_pylist()]
        if pa.types.is_boolean(kind) or pa.types.is_integer(kind) or pa.types.is_null(kind):
            return column.to_pylist()
        if pa.types.is_timestamp(kind):
            # Python's times have no nanoseconds.
            column = column.cast(pa.timestamp("us", kind.tz), safe=False)
        elif pa.types.is_time64(kind):
            column = column.cast(pa.time64("us"), safe=False)
        elif pa.types.is_duration(kind):
            column = column.cast(pa.int64())
        return [self._plain(value) for value in _listed(column)]

    def _plain(self, value: Any) -> Any:
        """A value of Python's as JSON has it."""
        if value is None or isinstance(value, bool | int | str):
            return value
        if isinstance(value, float):
            return value if math.isfinite(value) else None
        if isinstance(value, bytes):
            return self._text(value)
        if isinstance(value, Mapping):
            return {str(key): self._plain(held) for key, held in value.items()}
        if isinstance(value, list):
            if value and all(isinstance(pair, tuple) and len(pair) == 2 for pair in value):
                return {str(self._plain(key)): self._plain(held) for key, held in value}  # a map
            return [self._plain(held) for held in value]
        if isinstance(value, tuple):
            return [self._plain(held) for held in value]
        if hasattr(value, "isoformat"):
            try:
                return value.isoformat()
            except (ValueError, OverflowError):
                return None
        if hasattr(value, "as_integer_ratio") and value == value.to_integral_value():
            return int(value)  # an id that a database kept as a decimal
        return str(value)

    def _text(self, value: bytes | None) -> str | None:
        """Bytes as text; None for a picture or the like."""
        if value is None:
            return None
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            if b"\0" in value or sum(byte > 0x7F for byte in value) > 0.3 * len(value):
                return None
            self.repaired += 1
            return value.decode("utf-8", FALLBACK)


Group = Callable[[], Iterator[pa.RecordBatch]]
Disk = io.FileIO | io.BufferedRandom


def _parquet(disk: Disk) -> tuple[list[Group], str]:
    import pyarrow.parquet as pq

    file = pq.ParquetFile(disk, page_checksum_verification=True)
    limit = max(input_files.BOMB_BYTES, input_files.BOMB_RATIO * disk.seek(0, io.SEEK_END))

    def rows(group: int) -> Iterator[pa.RecordBatch]:
        if file.metadata.row_group(group).total_byte_size > limit:
            raise ValueError("it would unpack to more than memory should hold")
        yield from file.iter_batches(BATCH_ROWS, row_groups=[group])

    return [partial(rows, group) for group in range(file.num_row_groups)], "row group"


def _arrow(disk: Disk) -> tuple[list[Group], str]:
    file = pa.ipc.open_file(disk)

    def rows(number: int) -> Iterator[pa.RecordBatch]:
        yield from _pieces(file.get_batch(number))

    return [partial(rows, number) for number in range(file.num_record_batches)], "batch"


def _arrow_stream(disk: Disk) -> tuple[list[Group], str]:
    reader = pa.ipc.open_stream(disk)

    def rows() -> Iterator[pa.RecordBatch]:
        for batch in reader:
            yield from _pieces(batch)

    return [rows], "part"


def _feather(disk: Disk) -> tuple[list[Group], str]:
    import pyarrow.feather

    if disk.seek(0, io.SEEK_END) > 1 << 30:
        raise ValueError("it is larger than 1 GiB; write it again as Parquet")
    disk.seek(0)
    table = pyarrow.feather.read_table(disk)
    return [lambda: iter(table.to_batches(BATCH_ROWS))], "part"


_GROUPS: dict[str, Callable[[Disk], tuple[list[Group], str]]] = {
    "Parquet": _parquet,
    "Arrow": _arrow,
    "Arrow stream": _arrow_stream,
    "Feather": _feather,
}


def _pieces(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    batch.validate(full=True)  # offsets in a stranger's file may point anywhere
    for begin in range(0, batch.num_rows, BATCH_ROWS):
        yield batch.slice(begin, BATCH_ROWS)


def _why_damaged(kind: str, error: Exception) -> str:
    return (
        f"looks like a {kind} file, but it can't be read as one ({_first_line(error)}). Such a file says at its end "
        "where everything lies: download it again, or write it again."
    )


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200].rstrip(".")


def _listed(column: pa.Array[Any]) -> list[Any]:
    """The values in Python; None for a time that Python lacks, such as a day in the year 5,881,580."""

    def alone(value: pa.Scalar[Any]) -> Any:
        try:
            return value.as_py()
        except (ValueError, OverflowError):
            return None

    try:
        return column.to_pylist()
    except (ValueError, OverflowError):
        return [alone(value) for value in column]
