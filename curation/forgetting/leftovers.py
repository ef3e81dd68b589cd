"""What commands leave beside their results: kept values of functions, and what killed processes left behind."""

from __future__ import annotations

import shutil
from collections.abc import Sequence

from curation.disk.tombstones import Tombstones
from curation.disk.workspace import Workspace
from curation.forgetting.holder import Change, Forgetting, Holder


class Leftovers(Holder):
    """The memo, whose digests of texts are traces of them, and unfinished work."""

    name = "leftovers"
    reported = False

    def remove(self, work: Forgetting) -> Sequence[Change]:
        """Remove all of it: it is computed anew."""
        if not work.dry_run:
            shutil.rmtree(work.space.memo, ignore_errors=True)
            work.space.sweep()
        return []

    def holds(self, space: Workspace, tombstones: Tombstones) -> bool:
        """Whether values were kept before the latest tombstone: a digest doesn't tell of which text it is."""
        files = space.memo.rglob("*") if tombstones.marks else ()
        return any(tombstones.may_be_of(path.stat().st_mtime) for path in files)
