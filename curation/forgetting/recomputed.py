"""What is made anew when it is needed goes whole: a count or a digest doesn't tell whose it is."""

from __future__ import annotations

import shutil
from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path

from curation.disk.tombstones import Tombstones
from curation.disk.workspace import Workspace
from curation.forgetting.holder import Change, Forgetting, Holder


class Recomputed(Holder):
    """A folder whose files are made anew."""

    reported = False

    @staticmethod
    @abstractmethod
    def folder(space: Workspace) -> Path:
        """The folder."""

    def remove(self, work: Forgetting) -> Sequence[Change]:
        """Remove all of it."""
        if not work.dry_run:
            shutil.rmtree(self.folder(work.space), ignore_errors=True)
        return []

    def holds(self, space: Workspace, tombstones: Tombstones) -> bool:
        """Whether a file is older than the latest tombstone."""
        files = self.folder(space).rglob("*") if tombstones.marks else ()
        return any(tombstones.may_be_of(path.stat().st_mtime) for path in files)


class WordIndexes(Recomputed):
    """The indexes of `curation words`, which hold words of posts."""

    name = "words"

    @staticmethod
    def folder(space: Workspace) -> Path:
        """One index for each corpus."""
        return space.words


class KeptEvidence(Recomputed):
    """What judging keeps of corpora: texts and ids of posts."""

    name = "evidence"

    @staticmethod
    def folder(space: Workspace) -> Path:
        """The files of all corpora."""
        return space.evidence


class Leftovers(Recomputed):
    """The memo, which holds digests of texts, and unfinished work of killed processes."""

    name = "leftovers"

    @staticmethod
    def folder(space: Workspace) -> Path:
        """The memo."""
        return space.memo

    def remove(self, work: Forgetting) -> Sequence[Change]:
        """Remove the memo and what is unfinished."""
        if not work.dry_run:
            work.space.sweep(everything=True)
        return super().remove(work)
