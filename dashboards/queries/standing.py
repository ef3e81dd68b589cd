"""Whether a corpus is up to date."""

from __future__ import annotations

from curation.corpus.behind import Behind, behind
from curation.disk.workspace import Workspace
from curation.rules import RuleBook
from dashboards.snapshot import Snapshot


def standing(space: Workspace, snapshot: Snapshot, book: RuleBook) -> Behind:
    """What the corpus lacks, cached until something lands or a recipe is saved."""
    times = []
    for folder in (space.raw, space.recipes):
        try:
            times.append((folder.stat().st_ino, folder.stat().st_mtime_ns))
        except OSError:
            times.append((0, 0))
    return snapshot.keep(("behind", str(space.root), *times), lambda: behind(space, snapshot.manifest, book))
