"""The near copies among the kept posts of a corpus, kept in its folder for the next export.

The search for them takes longer than the rest of a split, and nothing in it depends on the seed, the share or what else
decides the split. ::

    DIR/curated/<recipe>/.near/0.7.parquet    platform, id, near: posts with a near copy; near copies share a number

Most posts have no near copy and are not in it. It is a cache: deleting it changes nothing. It names the files of the
corpus that it is of, and versions; with others it is ignored. A run, a pin and forgetting put another folder in the
place of the corpus's, and so remove it.

It serves a search among some of the posts, or for texts that are more alike, as well: a post that is like none of all
posts is like none of these.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import duckdb
from filelock import Timeout

from curation import sql
from curation.corpus.corpus import Corpus
from curation.disk.whole_files import flush
from curation.disk.workspace import Workspace
from curation.errors import WorkspaceError
from curation.exports.choosing.node import LINKED

FOLDER = ".near"

#: The name of the mark in the metadata of a file.
MADE_OF = "made_of"


@dataclass(frozen=True)
class NearStore:
    """The kept near copies of a corpus."""

    corpus: Corpus
    keeps: bool = True  # whether new ones are kept; who only looks changes nothing

    def threshold(self, similarity: float) -> float | None:
        """The largest similarity, at most the wanted one, from which near copies are kept; None: there is none."""
        there = []
        for path in (self.corpus.folder / FOLDER).glob("*.parquet"):
            with contextlib.suppress(ValueError):
                there.append(float(path.stem))
        return next((each for each in sorted(there, reverse=True) if each <= similarity and self._is_valid(each)), None)

    def load(self, connection: duckdb.DuckDBPyConnection, similarity: float) -> float | None:
        """Make the table `relatives` (`node`, `near`) with them, and give their `threshold`; None if there are none."""
        threshold = self.threshold(similarity)
        if threshold is None:
            return None
        try:
            connection.execute(
                f"CREATE TABLE relatives AS SELECT {LINKED} AS node, near "
                f"FROM read_parquet({sql.literal(str(self._path(threshold)))})"
            )
        except duckdb.Error:  # it is damaged, or gone
            return None
        return threshold

    def keep(self, connection: duckdb.DuckDBPyConnection, threshold: float) -> None:
        """Keep the near copies in the table `texts`, which are those of all kept posts in `posts`.

        Nothing happens where the workspace can't be written, or when a run replaces the corpus.
        """
        folder = self.corpus.folder
        if not self.keeps or not folder.is_dir():
            return
        space = Workspace(folder.parent.parent)
        with contextlib.suppress(OSError, WorkspaceError, Timeout, duckdb.IOException), space.staging("near") as work:
            new = work / "near.parquet"
            connection.execute(
                "COPY (SELECT platform::VARCHAR AS platform, id, near FROM (SELECT platform, id, "
                f"{LINKED} AS node FROM posts WHERE removed_by IS NULL) JOIN texts USING (node) SEMI JOIN (SELECT near "
                "FROM texts WHERE near IS NOT NULL GROUP BY near HAVING count(*) > 1) AS shared USING (near) "
                f"ORDER BY near, platform, id) TO {sql.literal(str(new))} "
                f"(FORMAT parquet, COMPRESSION zstd, KV_METADATA {{{MADE_OF}: {sql.literal(self._mark(threshold))}}})"
            )
            flush(new)
            # Whoever replaces the corpus holds this lock.
            with space.at_once(f"run-{folder.name}"):
                if folder.is_dir() and not self.corpus.successor():
                    self._path(threshold).parent.mkdir(exist_ok=True)
                    new.replace(self._path(threshold))

    def _path(self, threshold: float) -> Path:
        return self.corpus.folder / FOLDER / f"{threshold!r}.parquet"

    def _is_valid(self, threshold: float) -> bool:
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            metadata = pq.read_metadata(self._path(threshold)).metadata or {}
        except (OSError, pa.ArrowException):
            return False
        return metadata.get(MADE_OF.encode()) == self._mark(threshold).encode()

    def _mark(self, threshold: float) -> str:
        """What near copies follow from."""
        from curation.exports.choosing.near_groups import version

        facts = [version(threshold), *self.corpus.manifest["files"]]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()
