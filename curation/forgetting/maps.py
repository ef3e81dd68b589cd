"""Forgetting in maps: a map that holds a forgotten post is deleted, since neighbours and names of clusters hold it too.

It is made of a corpus, and `curation map` makes it anew. Vectors of texts are in the memo, which goes in any case.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence

import duckdb

from curation.disk.whole_files import writing
from curation.disk.workspace import STAGING_LOCK
from curation.forgetting.holder import Change, Forgetting, Holder, Sentence
from curation.sql import literal


class Maps(Holder):
    """Maps of kept posts. One that is being drawn is waited for: it may have read posts that are gone now."""

    name = "maps"

    def remove(self, work: Forgetting) -> Sequence[Change]:
        """Delete maps with a forgotten post, and those that can't be read."""
        changes = []
        names = {path.name for path in work.space.maps.glob("[!.]*")}
        if not work.dry_run:
            locks = (path.name for path in work.space.work.glob("map-*.lock") if not STAGING_LOCK.fullmatch(path.name))
            names |= {lock.removeprefix("map-").removesuffix(".lock") for lock in locks}
        for name in sorted(names):
            with work.lock(f"map-{name}"):
                folder = work.space.maps / name
                if not folder.is_dir() or not self._holds(work, name):
                    continue
                if not work.dry_run:
                    with writing(folder):
                        shutil.rmtree(folder)
                will = "would be deleted" if work.dry_run else "deleted"
                changes.append(Sentence(f"maps/{name}: {will}; draw it anew with: {work.space.command('map', name)}"))
        return changes

    def _holds(self, work: Forgetting, name: str) -> bool:
        files = [str(path) for path in (work.space.maps / name).glob("*.parquet")]
        if not files:
            return False
        try:
            with work.tombstones.connected() as connection:
                [(held,)] = connection.execute(
                    f"SELECT count(*) > 0 FROM read_parquet({literal(files)}, union_by_name = true) "
                    f"WHERE {work.tombstones.forgotten()}"
                ).fetchall()
        except duckdb.Error:
            return bool(work.tombstones.marks)
        return bool(held)
