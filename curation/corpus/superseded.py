"""Rows of landings that a corpus leaves out: earlier versions of posts that landed again, and given posts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from curation.disk.manifest import read_manifest
from curation.disk.reading import reading
from curation.engines.candidates import Candidates
from curation.engines.engine import Engine
from curation.functions.exchange import Exchange
from curation.sql import literal


def superseded_rows(
    engine: Engine, landings: list[Path], files: list[Path], folder: Path, left_out: Path | None = None
) -> Path | None:
    """A Parquet file in `folder` with `part` and `row` of the rows in `files` that do not count; None when all do.

    These are rows with a newer version in a later landing, and the posts of the Parquet file `left_out`, which has the
    columns `platform` and `id`. Raises `WorkspaceError` when a landing can't be read.
    """
    if not left_out and not any(read_manifest(landing)["counts"]["newer"] for landing in landings):
        return None
    post, out = ("platform", "id"), folder / "superseded.parquet"
    with reading(files):
        engine.exchange(Candidates(tuple(files), (*post, "landing"), post, _Earlier(left_out).find, out))
    return out


@dataclass(frozen=True)
class _Earlier:
    """Finds all rows of a post except the latest one, and all rows of the posts that are left out."""

    left_out: Path | None

    def find(self, exchange: Exchange) -> None:
        """Write the rows."""
        left_out = "SELECT '' AS platform, '' AS id LIMIT 0"
        if self.left_out:
            left_out = f"FROM read_parquet({literal(str(self.left_out))})"
        exchange.write(
            f"""
            WITH landed AS (
                SELECT *, ROW(landing, row) AS moment FROM candidates
            ), latest AS (
                SELECT platform, id, max(moment) AS moment FROM landed GROUP BY platform, id HAVING count(*) > 1
            )
            SELECT part, row FROM landed JOIN latest USING (platform, id) WHERE landed.moment <> latest.moment
            UNION
            SELECT part, row FROM landed SEMI JOIN ({left_out}) USING (platform, id)
            """
        )
