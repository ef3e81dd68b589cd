"""Forgotten posts taken out of exported files: what they became goes, and every other byte stays as it was.

Where a post stands in a file is known (`curation.disk.ranges`), so that nothing else has to change: no side of the
split, no order, no repetition, whatever happened to the corpus since. It works for formats in which posts stand beside
one another (`Export.cuttable`), and for files that nobody changed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from curation.disk.damage import fault_of
from curation.disk.ranges import BYTES, Ranges, schema
from curation.exports.files.publish import to_disk
from curation.exports.formats.base import Export
from curation.exports.formats.sink import FilesSink

if TYPE_CHECKING:
    from typing import Any

    from curation.disk.tombstones import Tombstones


@dataclass(frozen=True)
class Holding:
    """What an exported file holds of forgotten posts."""

    ranges: Ranges
    gone: tuple[tuple[int, int], ...]  # ranges of forgotten posts, in order and apart

    @property
    def everything(self) -> bool:
        """Whether no post is left without them."""
        return self.ranges.length() == sum(end - begin for begin, end in self.gone)


def holding(folder: Path, name: str, tombstones: Tombstones) -> Holding | None:
    """What the file `name` of an export holds; None where its ranges are missing, or are those of another file."""
    ranges = Ranges.of(folder, name)
    if ranges is None or fault_of(ranges.path, schema().names):
        return None
    with (folder / name).open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != ranges.sha256:
            return None
    with tombstones.connected() as connection:
        gone = connection.execute(
            f'SELECT DISTINCT begin, "end" FROM read_parquet(?) WHERE {tombstones.forgotten()} ORDER BY begin',
            [str(ranges.path)],
        ).fetchall()
    return Holding(ranges, tuple(gone))


def cut(format: Export, folder: Path, file: dict[str, Any], held: Holding, into: Path) -> dict[str, Any]:
    """Write a file of an export, and its ranges, without what it holds of forgotten posts; gives its new description.

    `file` is the old one. Both lie under their names in the folder `into` afterwards, and are on the disk.
    """
    sink = FilesSink(into, [file["name"]], lambda posts: None)
    try:
        gone = held.gone
        if held.ranges.unit == BYTES and held.everything:
            gone = ((0, (folder / file["name"]).stat().st_size),)  # nor is there a boundary where no post is left
        format.cut(folder / file["name"], gone, sink)
        sink.close()
    except BaseException:
        sink.abort()
        raise
    held.ranges.without(held.gone, into, file["name"], sink.sha256)
    to_disk(into, file["name"])
    return describe_cut_file(into, file)


def describe_cut_file(folder: Path, file: dict[str, Any]) -> dict[str, Any]:
    """The description of a file as its ranges have it, where there are any and an earlier one is out of date."""
    ranges = Ranges.of(folder, file["name"])
    if ranges is None or ranges.sha256 == file["sha256"]:
        return file
    posts, characters = ranges.figures()
    return {**file, "posts": posts, "characters": characters, "sha256": ranges.sha256}
