"""A folder of this machine that stands for a folder of objects, and holds the bytes of it that are needed here.

A Parquet file in it may be an outline: as long as the object, with its footer and the row groups and columns that were
fetched, and holes elsewhere. Whoever reads those and no other needs not know. A hole takes no room on the disk.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from curation.disk.objects import ObjectFolder
from curation.disk.publishing import WORK

#: Bytes at the end of a Parquet file that are fetched first: nearly always more than its footer.
TAIL = 256 << 10
#: Ranges that lie nearer to each other than this are fetched with one request.
GAP = 1 << 20


@dataclass(frozen=True)
class Mirror:
    """The folder `root` of this machine stands for `objects`; the paths of its methods lie in it."""

    objects: ObjectFolder
    root: Path
    owner: str = ""  # whose unfinished work lies there: that of others is never touched

    def name_of(self, path: Path) -> str:
        """The name of a path's object. Raises `ValueError` for a path outside of the folder."""
        name = path.relative_to(self.root).as_posix()
        if self.owner and name.startswith(f"{WORK}/"):
            return f"{WORK}/{self.owner}{name.removeprefix(WORK)}"
        return name

    def moved(self, root: Path) -> Mirror:
        """Another folder for the same objects."""
        return replace(self, root=root)

    def fetch(self, path: Path) -> None:
        """Fetch a whole object. Raises `FileNotFoundError`."""
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f".{path.name}.new")
        self.objects.fetch(self.name_of(path), unfinished)
        unfinished.replace(path)

    def send(self, path: Path) -> None:
        """Write a file as an object."""
        self.objects.send(self.name_of(path), path)

    def outline(self, path: Path, groups: Sequence[int] = (), columns: Iterable[str] = ()) -> None:
        """Make an outline of a Parquet object, or fill one further: these row groups of these columns.

        Raises `FileNotFoundError`, and `pyarrow.ArrowInvalid` when the object is no Parquet file.
        """
        import pyarrow.parquet as pq

        name = self.name_of(path)
        if not path.exists():
            self._begin(path, name)
        metadata = pq.read_metadata(path)
        names = {*columns}
        ranges = [
            _range_of(metadata.row_group(group).column(column))
            for group in groups
            for column in range(metadata.num_columns)
            if metadata.row_group(group).column(column).path_in_schema.partition(".")[0] in names
        ]
        with path.open("r+b") as file:
            for begin, end in _joined(ranges):
                file.seek(begin)
                file.write(self.objects.read_range(name, begin, end))

    def all_groups(self, path: Path, columns: Iterable[str]) -> None:
        """Make an outline with these columns of all rows."""
        import pyarrow.parquet as pq

        self.outline(path)
        self.outline(path, range(pq.read_metadata(path).num_row_groups), columns)

    def _begin(self, path: Path, name: str) -> None:
        """Make an outline with nothing but what lies behind the rows: indexes and the footer."""
        import pyarrow.parquet as pq

        entry = self.objects.entry(name)
        if entry is None:
            raise FileNotFoundError(f"There is no {self.objects.url}/{name}.")
        begin = max(entry.size - TAIL, 0)
        tail = self.objects.read_range(name, begin, entry.size) if entry.size else b""
        footer = int.from_bytes(tail[-8:-4], "little") + 8 if len(tail) >= 12 else 0
        if footer > len(tail) and footer <= entry.size:
            begin = entry.size - footer
            tail = self.objects.read_range(name, begin, entry.size)
        metadata = pq.read_metadata(io.BytesIO(tail))  # it looks at the end alone
        columns = (
            _range_of(metadata.row_group(group).column(column))
            for group in range(metadata.num_row_groups)
            for column in range(metadata.num_columns)
        )
        behind = max((end for _, end in columns), default=begin)
        if behind < begin:
            tail = self.objects.read_range(name, behind, begin) + tail
            begin = behind
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f".{path.name}.new")
        with unfinished.open("wb") as file:
            file.write(b"PAR1")
            file.truncate(entry.size)
            file.seek(begin)
            file.write(tail)
        unfinished.replace(path)


def _range_of(chunk: object) -> tuple[int, int]:
    """Where a column of a row group lies: its first byte, and the one behind its last."""
    import pyarrow.parquet as pq

    assert isinstance(chunk, pq.ColumnChunkMetaData)
    offsets = [chunk.data_page_offset]
    if chunk.has_dictionary_page and chunk.dictionary_page_offset is not None:
        offsets.append(chunk.dictionary_page_offset)
    return min(offsets), min(offsets) + chunk.total_compressed_size


def _joined(ranges: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Ranges in their order, those joined between which little lies."""
    begin = end = -1
    for first, last in sorted(ranges):
        if end >= 0 and first - end <= GAP:
            end = max(end, last)
            continue
        if end >= 0:
            yield begin, end
        begin, end = first, last
    if end >= 0:
        yield begin, end
