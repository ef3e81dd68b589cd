"""Where a post stands in a corpus: which of its files, in the manifest's order, and which row of that file.

Places are columns beside the corpus's own, so they have names that no rule can have, which begins with a letter.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from curation.sql import literal

#: The columns of a place, as SQL: a file's number from 0, and a row's.
PLACE = "_part, _row"


def placed(folder: Path, files: Sequence[str]) -> str:
    """SQL: the posts of these files of a folder, each with its place; who does not ask for that pays nothing for it."""
    paths = literal(str(folder / name) for name in files)
    return f"SELECT *, CAST(file_index AS INTEGER) AS _part, file_row_number AS _row FROM read_parquet({paths})"


def at(place: str, other: str) -> str:
    """SQL: whether two tables mean the same post, by `_part` and `_row` of the first, `part` and `row` of the other."""
    return f"{place}._part = {other}.part AND {place}._row = {other}.row"
