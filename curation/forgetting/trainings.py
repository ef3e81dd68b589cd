"""Trainings that go on or wait: one that saw a forgotten post holds what it learned in its checkpoints, and goes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from curation.disk import export_manifest
from curation.disk.tombstones import Tombstones
from curation.disk.whole_files import flush, writing
from curation.errors import InputError
from curation.forgetting.holder import Forgetting, Holder
from curation.forgetting.remake import LEFT
from curation.training.models import training_folders
from curation.training.seen_posts import SeenPosts
from curation.training.unfinished import Unfinished


@dataclass(frozen=True)
class DeletedTraining:
    """A training that goes on or waits, and that saw forgotten posts or may have."""

    name: str
    folder: Path
    posts: int | None  # None: it doesn't say which posts it saw

    def line(self, dry_run: bool) -> str:
        """It as a line for a person."""
        holds = "its checkpoints hold" if self.posts else "nobody can tell which posts it saw, and it may hold"
        return f"{self.folder}: {'to be ' if dry_run else ''}deleted: {holds} what is forgotten"

    def to_json(self) -> dict[str, Any]:
        """For `curation forget --json`."""
        return {"name": self.name, "folder": str(self.folder), "posts": self.posts, "outcome": "deleted"}


class UnfinishedTrainings(Holder):
    """The folders of trainings, each with its checkpoints."""

    name = "trainings"

    def remove(self, work: Forgetting) -> Sequence[DeletedTraining]:
        """Delete trainings that saw forgotten posts.

        One that doesn't say which posts it saw goes too, if it is older than the last tombstone, and its export is
        another one by now or is about to change: then nothing can go on from it anyway.
        """
        changed_exports = [each.folder for each in work.changes.get("exports", ()) if each.outcome != LEFT]
        changes = []
        for folder in training_folders(work.space) if work.tombstones.marks else ():
            posts: int | None
            try:
                posts = SeenPosts.of(folder, work.tombstones).posts
            except (OSError, duckdb.Error, pa.ArrowException):
                posts = None
            if posts is None:
                stays = not _is_older(folder, work.tombstones) or _learns_from_unchanged(folder, changed_exports)
            else:
                stays = posts == 0
            if stays:
                continue
            changes.append(DeletedTraining(folder.name, folder, posts))
            if not work.dry_run:
                with work.space.staging("forget") as staging, writing(work.space.root):
                    folder.rename(staging / "training")
                    flush(folder.parent)
        return changes


def _learns_from_unchanged(folder: Path, changed_exports: Iterable[Path]) -> bool:
    """Whether the export that a training names still has the files that it began with."""
    try:
        request = Unfinished(folder).request()
    except InputError:
        return False
    export, files = Path(request.export), request.files
    digests = {file["name"]: file["sha256"] for each in export_manifest.read(export) or () for file in each.files}
    same = bool(files) and all(digests.get(name) == digest for name, digest in files.items())
    return same and export.resolve() not in {place.resolve() for place in changed_exports}


def _is_older(folder: Path, tombstones: Tombstones) -> bool:
    """Whether something in a folder was there before the last tombstone."""
    times = [path.lstat().st_mtime for path in folder.rglob("*") if path.is_file()]
    return tombstones.may_be_of(min(times, default=0.0))
