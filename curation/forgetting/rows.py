"""Rows of forgotten posts in the Parquet files of landings, pages and corpora: finding them and leaving them out.

Each file is written beside its place and takes it in one step.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from curation.disk import damage, spread
from curation.disk.damage import StoredTable
from curation.disk.rewriting import Cut
from curation.disk.whole_files import take_along
from curation.forgetting.holder import Forgetting
from curation.sql import database, literal
from curation.writing.terminal import count

#: Memory of the database that follows the traces; more spills to disk.
MEMORY = "512MB"


@dataclass(frozen=True)
class RemovedRows:
    """A landing, a page or a corpus that loses rows."""

    name: str  # of the landing, page or recipe
    removed: int  # rows
    emptied: int = 0  # rows that lose their original record
    folder: str = "raw"  # the folder of the workspace that holds it
    called: str = "landing"  # its key in the JSON
    kept: str = ""  # the number of kept posts among the rows, for people

    def line(self, dry_run: bool) -> str:
        """A line for a person."""
        parts = [f"{count(self.removed, 'row')} removed{self.kept}"] if self.removed else []
        if self.emptied:
            parts.append(f"{count(self.emptied, 'original record')} emptied (it may hold what is gone)")
        return f"{self.folder}/{self.name}: {', '.join(parts)}"

    def to_json(self) -> dict[str, Any]:
        """For `curation forget --json`."""
        return {self.called: self.name, "removed": self.removed, "emptied": self.emptied}


@contextlib.contextmanager
def following(
    work: Forgetting, files: list[Path], raw: str, *, pages: bool = False
) -> Iterator[tuple[duckdb.DuckDBPyConnection, dict[int, Cut]]]:
    """Follow the traces through files; gives a database with them, and the cut of each file, by its number.

    `raw` is SQL for the original record. The new tombstones are on the disk when the block begins.
    """
    text = "text" if raw == "raw" else "raw_text AS text"
    expressions = {"text": text, "raw": f"{raw}::VARCHAR AS raw"}
    columns = ", ".join(expressions.get(column, column) for column in spread.COLUMNS)
    landing = "NULL::INTEGER AS landing" if pages else "landing"
    rows = (
        f"(SELECT CAST(file_index AS INTEGER) AS part, file_row_number AS row, {landing}, {columns} "
        f"FROM read_parquet({literal(map(str, files))}))"
    )
    with contextlib.ExitStack() as stack:
        bounds: dict[str, Any] = {}
        if not work.dry_run:  # who only looks writes nothing
            bounds = {"memory_limit": MEMORY, "spill": stack.enter_context(work.space.staging("forget")) / "spill"}
        connection = stack.enter_context(contextlib.closing(database.connect(**bounds)))
        work.tombstones.enter(connection)
        cuts = spread.follow(connection, work.tombstones, rows)
        work.add(spread.fresh(connection, work.tombstones))
        work.hashes.update(hash for (hash,) in connection.sql("SELECT DISTINCT hash FROM traces_gone").fetchall())
        yield connection, cuts


def note_damage(work: Forgetting, tables: Iterable[StoredTable], error: Exception) -> set[Path]:
    """Note which files are damaged, and give them. Raises the error where none is."""
    tables = list(tables)
    faults = {table: fault for table in tables if (fault := table.fault())}
    if not faults:
        named = [table for table in tables if str(table.path) in str(error)]
        faults = dict.fromkeys(named, f"can't be read ({damage.first_line(error)})")
    if not faults:
        raise error
    work.unreadable += [str(table.error(fault)) for table, fault in faults.items()]
    return {table.path for table in faults}


def stage(folder: Path, staged: Path, files: list[str], changing: Iterable[Path]) -> dict[str, str]:
    """Take unchanged files of a folder along to `staged`; gives the new name of each of its Parquet `files`, in order.

    Files that are `changing` get other names; the caller writes them.
    """
    staged.mkdir()
    rewritten = {path.name for path in changing}
    names = {
        name: f"part-{uuid.uuid4().hex[:8]}-{number:05d}.parquet" if name in rewritten else name
        for number, name in enumerate(files)
    }
    for path in folder.iterdir():
        if names.get(path.name) == path.name or path.suffix == ".jsonl":
            take_along(path, staged / path.name)
    return names
