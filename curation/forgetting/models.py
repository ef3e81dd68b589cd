"""Forgetting in models and in trainings that are unfinished.

A model's weights keep what it learned, and everything beside the weights loses the posts: their rows in
`.posts.parquet`, every text that the model wrote (it may quote a post), pictures of such texts, and authors who have no
posts left. `training.json` counts the posts, and a new card says so. All of it takes its place in one step.

The checkpoints of an unfinished training hold what it learned, so a training that saw a forgotten post is deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from curation.disk import export_manifest, rewriting
from curation.disk.tombstones import Tombstones
from curation.disk.training_record import FILE, TrainingRecord, read_record, write_record
from curation.disk.whole_files import flush, restore_replaced, swap_in, take_along, writing
from curation.disk.workspace import Workspace
from curation.errors import InputError
from curation.forgetting.holder import Forgetting, Holder
from curation.forgetting.remake import LEFT
from curation.tracking.model_artifacts import CARD, PICTURES
from curation.training.folders import POSTS, PROGRESS, base_of, model_folders, models_of, posts_schema
from curation.training.models import removal_name, training_folders
from curation.training.removal import LOCK
from curation.training.seen_posts import SeenPosts
from curation.training.unfinished import Unfinished
from curation.writing.terminal import count


@dataclass(frozen=True)
class ChangedModel:
    """A model that saw forgotten posts."""

    folder: Path
    model: str
    version: str
    posts: int  # that it saw and that are forgotten now
    total: int  # with those that were forgotten before
    removal: str  # its name for `curation models --remove`

    def line(self, dry_run: bool) -> str:
        """A line for a person."""
        it = "it" if self.posts == 1 else "them"
        return (
            f"{self.folder}: saw {count(self.posts, 'post')} of it and learned from {it}; its list of posts, texts "
            f"that it wrote and its card {'would be' if dry_run else 'were'} written anew"
        )

    @property
    def command(self) -> tuple[str, ...]:
        """The words of the command that removes it."""
        return ("curation", "models", "--remove", self.removal)

    def to_json(self) -> dict[str, Any]:
        """For `curation forget --json`."""
        return {
            "model": self.model, "version": self.version, "folder": str(self.folder), "posts": self.posts,
            "forgotten_posts": self.total, "remove": " ".join(self.command),
        }  # fmt: skip


class Models(Holder):
    """The files beside the weights of models."""

    name = "models"

    def remove(self, work: Forgetting) -> Sequence[ChangedModel]:
        """Take forgotten posts out of the files beside the weights."""
        if not work.tombstones.marks or not models_of(work.space).is_dir():
            return []
        with work.lock(LOCK):
            if not work.dry_run:
                restore_replaced(models_of(work.space))
            return list(_remove(work))


def _remove(work: Forgetting) -> Iterator[ChangedModel]:
    folders = [f for f in model_folders(work.space) if not f.is_symlink() and not (f / FILE).is_symlink()]
    names = [base_of(folder) for folder in folders]
    for folder in folders:
        try:
            seen = SeenPosts.of(folder, work.tombstones)
        except (OSError, duckdb.Error, pa.ArrowException) as error:
            work.unreadable += _unknown(work, folder, error)
            continue
        if not seen.rows:
            continue
        try:
            record = read_record(folder)
        except InputError as error:
            work.unreadable.append(str(error))
            continue
        record = without(record, seen)
        removal = removal_name(record, is_only=names.count(base_of(folder)) == 1)
        if not work.dry_run:
            _rewrite(work.space, folder, record, seen)
        yield ChangedModel(folder, record.model, record.version, seen.posts, record.forgotten_posts, removal)


def without(record: TrainingRecord, seen: SeenPosts) -> TrainingRecord:
    """The record without texts that may quote the posts, and without authors who have none left."""
    named = ((each, each.get("author")) for each in record.data.authors)
    authors = tuple(each for each, author in named if author is None or str(author).lower() in seen.authors)
    return replace(
        record,
        data=replace(record.data, authors=authors),
        epochs=tuple(replace(epoch, samples=()) for epoch in record.epochs),
        forgotten_posts=record.forgotten_posts + seen.posts,
    )


def _unknown(work: Forgetting, folder: Path, error: Exception) -> list[str]:
    """A sentence about a model whose list of posts can't be read; none where it can't have seen forgotten posts."""
    try:
        record = read_record(folder)
    except InputError as damage:
        return [str(damage)]
    if len(work.tombstones.marks) <= record.data.tombstones:
        return []  # its export is younger than all tombstones
    reason = "is missing" if isinstance(error, FileNotFoundError) else "is damaged"
    return [
        f"{folder / POSTS} {reason}, so nobody can tell whether the model saw what is forgotten. Put it back from a "
        f"copy, or remove the model with: curation models --remove {record.model}@{record.version}"
    ]


def _rewrite(space: Workspace, folder: Path, record: TrainingRecord, seen: SeenPosts) -> None:
    from curation.training.cards.trained import write_trained_card

    with space.staging("forget") as staging, writing(space.root):
        staged = staging / folder.name
        _link(folder, staged)
        rows = rewriting.batches(folder / POSTS, rewriting.Cut(gone=seen.rows))
        rewriting.write(rows, staged / POSTS, posts_schema())
        flush(staged / POSTS)
        write_record(staged, record)
        write_trained_card(space, staged, record)
        swap_in(staged, folder)


def _link(folder: Path, staged: Path) -> None:
    """Take along unchanged files, as hard links where possible."""
    for path in [folder, *sorted(folder.rglob("*"))]:
        within = path.relative_to(folder)
        if within.as_posix() in (POSTS, FILE, CARD, PROGRESS):
            continue
        if path.is_symlink():
            (staged / within).symlink_to(path.readlink())
        elif path.is_dir():
            (staged / within).mkdir()
        elif path.suffix.lower() not in PICTURES:
            take_along(path, staged / within)


@dataclass(frozen=True)
class DeletedTraining:
    """An unfinished training that saw forgotten posts, or may have."""

    name: str
    folder: Path
    posts: int | None  # None: its list of posts can't be read

    def line(self, dry_run: bool) -> str:
        """A line for a person."""
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

        One without a readable list of posts goes too if it is older than the last tombstone and its export has changed
        or will change: then nothing can go on from it anyway.
        """
        changed_exports = [each.folder for each in work.changes.get("exports", ()) if each.outcome != LEFT]
        changes = []
        for folder in training_folders(work.space) if work.tombstones.marks else ():
            posts: int | None = None
            try:
                posts = SeenPosts.of(folder, work.tombstones).posts
            except (OSError, duckdb.Error, pa.ArrowException):
                if not _is_older(folder, work.tombstones) or _learns_from_unchanged(folder, changed_exports):
                    continue
            if posts == 0:
                continue
            changes.append(DeletedTraining(folder.name, folder, posts))
            if not work.dry_run:
                with work.space.staging("forget") as staging, writing(work.space.root):
                    folder.rename(staging / "training")
                    flush(folder.parent)
        return changes


def _learns_from_unchanged(folder: Path, changed_exports: Iterable[Path]) -> bool:
    """Whether the export of a training still has the files that the training began with."""
    try:
        request = Unfinished(folder).request()
    except InputError:
        return False
    export, files = Path(request.export), request.files
    digests = {file["name"]: file["sha256"] for each in export_manifest.read(export) or () for file in each.files}
    same = bool(files) and all(digests.get(name) == digest for name, digest in files.items())
    return same and export.resolve() not in {place.resolve() for place in changed_exports}


def _is_older(folder: Path, tombstones: Tombstones) -> bool:
    """Whether a file in a folder is older than the last tombstone."""
    times = [path.lstat().st_mtime for path in folder.rglob("*") if path.is_file()]
    return tombstones.may_be_of(min(times, default=0.0))
