"""The indexes of `curation words`, which hold words of posts."""

from __future__ import annotations

import shutil
from collections.abc import Sequence

from curation.disk.tombstones import Tombstones
from curation.disk.workspace import Workspace
from curation.forgetting.holder import Change, Forgetting, Holder


class WordIndexes(Holder):
    """Counts of the words of each corpus; made anew at the next question."""

    name = "words"
    reported = False

    def remove(self, work: Forgetting) -> Sequence[Change]:
        """Remove all of them: a count doesn't tell whose words it counts."""
        if not work.dry_run:
            shutil.rmtree(work.space.words, ignore_errors=True)
        return []

    def holds(self, space: Workspace, tombstones: Tombstones) -> bool:
        """Whether an index is older than the latest tombstone."""
        files = space.words.rglob("*.parquet") if tombstones.marks else ()
        return any(tombstones.may_be_of(path.stat().st_mtime) for path in files)
