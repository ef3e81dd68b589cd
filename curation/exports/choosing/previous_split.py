"""The split of an earlier export: its posts, and the side of each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from curation.disk import ranges
from curation.disk.damage import fault_of
from curation.options.export import VALID
from curation.sql import literal

if TYPE_CHECKING:
    import duckdb

    from curation.disk.export_manifest import ExportRecord


@dataclass(frozen=True)
class PreviousSplit:
    """The posts of an earlier export, as the ranges of its files have them."""

    train: tuple[Path, ...]
    valid: tuple[Path, ...]

    @classmethod
    def of(cls, folder: Path, record: ExportRecord) -> PreviousSplit | None:
        """The split of an export in `folder`; None if the posts of a side were not noted, or can't be read."""
        there: dict[bool, list[Path]] = {False: [], True: []}
        sides = {file["split"] == VALID for file in record.files if file["split"] and file["posts"]}
        for file in record.files:
            places = ranges.Ranges.of(folder, file["name"])
            if places and not fault_of(places.path, ranges.schema().names):
                there[file["split"] == VALID].append(places.path)
        is_whole = any(there.values()) and all(there[side] for side in sides)
        return cls(tuple(there[False]), tuple(there[True])) if is_whole else None

    def narrow(self, connection: duckdb.DuckDBPyConnection, condition: str) -> tuple[str, str]:
        """SQL: a condition on the table `posts` that is true of that export's posts only, and the side of a post.

        The connection has a database of its own.
        """
        posts = " UNION ALL ".join(
            f"SELECT platform::VARCHAR AS platform, id, {literal(valid)} AS valid "
            f"FROM read_parquet({literal([str(path) for path in paths])})"
            for paths, valid in ((self.train, False), (self.valid, True))
            if paths
        )
        connection.execute(
            f"CREATE TABLE before AS SELECT platform, id, bool_or(valid) AS valid FROM ({posts}) GROUP BY ALL"
        )
        same = "FROM before WHERE before.platform = posts.platform AND before.id = posts.id"
        return (
            f"({condition}) AND EXISTS ({same})",
            f"CASE WHEN EXISTS ({same} AND before.valid) THEN 'valid' ELSE 'train' END",
        )
