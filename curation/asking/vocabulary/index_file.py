"""The tables of an index of words, and how to ask them."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from curation.errors import WorkspaceError
from curation.sql import database, literal


@dataclass(frozen=True)
class WordIndex:
    """The index of one state of a corpus."""

    folder: Path
    facts: dict[str, Any]

    @property
    def posts(self) -> int:
        """Posts of the corpus."""
        return int(self.facts["posts"])

    def rows(self, query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The answer to `query`, in which `{words}`, `{words-counts}`, `{cells}`, … stand for the tables.

        Raises `WorkspaceError` when the index has been removed meanwhile.
        """
        with contextlib.closing(database.reader()) as connection:
            try:
                return connection.execute(self._of_files(query), list(parameters)).fetchall()
            except (duckdb.IOException, duckdb.InvalidInputException, duckdb.ParserException) as error:
                if self.folder.is_dir():
                    raise
                raise WorkspaceError("The index of words has just been removed. Ask again.") from error

    def write(self, name: str, query: str, parameters: Sequence[Any]) -> None:
        """Add a table, the answer to `query`."""
        with contextlib.closing(database.reader()) as connection:
            place = literal(str(self.folder / f"{name}.parquet"))
            connection.execute(f"COPY ({self._of_files(query)}) TO {place} (COMPRESSION zstd)", list(parameters))

    def _of_files(self, query: str) -> str:
        for path in self.folder.glob("*.parquet"):
            query = query.replace(f"{{{path.stem}}}", f"read_parquet({literal(str(path))})")
        return query
