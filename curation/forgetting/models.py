"""Forgetting in models: what a model learned stays in its weights, and everything beside the weights loses the posts.

A model that saw a forgotten post loses its row in `.posts.parquet`, every text that the model wrote (it may quote the
post), the pictures of such texts, and the names of authors of whom no post is left. `training.json` counts the posts,
and the card is written anew and says so. All of it takes its place in one step.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from curation.disk import rewriting
from curation.disk.training_record import FILE, TrainingRecord, read_record, write_record
from curation.disk.whole_files import flush, restore_replaced, swap_in, writing
from curation.disk.workspace import Workspace
from curation.errors import InputError
from curation.forgetting.holder import Forgetting, Holder
from curation.forgetting.rows import take_along
from curation.tracking.model_artifacts import CARD, PICTURES
from curation.training.folders import POSTS, PROGRESS, base_of, model_folders, models_of, posts_schema
from curation.training.models import removal_name
from curation.training.removal import LOCK
from curation.training.seen_posts import SeenPosts
from curation.writing.terminal import count


@dataclass(frozen=True)
class ChangedModel:
    """A model that saw forgotten posts."""

    folder: Path
    model: str
    version: str
    posts: int  # that it saw and that are forgotten now
    total: int  # with those that were forgotten before
    removal: str  # what `curation models --remove` takes for it

    def line(self, dry_run: bool) -> str:
        """It as a line for a person."""
        it = "it" if self.posts == 1 else "them"
        return (
            f"{self.folder}: saw {count(self.posts, 'post')} of it and learned from {it}; its list of posts, texts "
            f"that it wrote and its card {'would be' if dry_run else 'were'} written anew"
        )

    @property
    def command(self) -> tuple[str, ...]:
        """The words that remove it."""
        return ("curation", "models", "--remove", self.removal)

    def to_json(self) -> dict[str, Any]:
        """For `curation forget --json`."""
        return {
            "model": self.model, "version": self.version, "folder": str(self.folder), "posts": self.posts,
            "forgotten_posts": self.total, "remove": " ".join(self.command),
        }  # fmt: skip


class Models(Holder):
    """What lies beside the weights of models."""

    name = "models"

    def remove(self, work: Forgetting) -> Sequence[ChangedModel]:
        """Take forgotten posts out of all that lies beside a model's weights."""
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
    """The record without what may quote the posts, or names somebody of whom none is left."""
    named = ((each, each.get("author")) for each in record.data.authors)
    authors = tuple(each for each, author in named if author is None or str(author).lower() in seen.authors)
    return replace(
        record,
        data=replace(record.data, authors=authors),
        epochs=tuple(replace(epoch, samples=()) for epoch in record.epochs),
        forgotten_posts=record.forgotten_posts + seen.posts,
    )


def _unknown(work: Forgetting, folder: Path, error: Exception) -> list[str]:
    """A sentence on a model of which nobody can tell which posts it saw; none where it can't have seen any."""
    try:
        record = read_record(folder)
    except InputError as damage:
        return [str(damage)]
    if len(work.tombstones.marks) <= record.data.tombstones:
        return []  # the export that it learned from is younger than all of them
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
    """Take along what stays as it is, as a second name of the same file where that can be."""
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
