"""Forgetting in models: what a model learned stays in its weights, and everything beside the weights loses the posts.

A model that saw a forgotten post loses its row in `.posts.parquet`, every text that the model wrote (it may quote the
post), the pictures of such texts, and the names of authors of whom no post is left. `training.json` counts the posts,
and the card is written anew and says so. All of it takes its place in one step.

A training that goes on or waits holds what it learned in its checkpoints, so it is deleted.
"""

from __future__ import annotations

import contextlib
import datetime
import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from curation.disk import export_manifest, rewriting
from curation.disk.tombstones import AUTHOR, POST, Tombstones
from curation.disk.training_record import FILE, TrainingRecord, read_record, write_record
from curation.disk.whole_files import flush, restore_replaced, swap_in, writing
from curation.errors import InputError, RefusedError
from curation.sql import database, literal
from curation.tracking.model_artifacts import CARD, PICTURES
from curation.training.folders import POSTS, PROGRESS, model_folders, models_of, posts_schema
from curation.training.models import base_of, removal_name, training_folders
from curation.training.removal import LOCK
from curation.training.unfinished import Unfinished

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from curation.disk.workspace import Workspace
    from curation.forgetting.cleaning import Forgetting

#: Not older than its tombstone, by so many seconds: file systems keep times more or less exactly.
SLACK = 2.0


@dataclass(frozen=True)
class ChangedModel:
    """A model that saw forgotten posts."""

    folder: Path
    model: str
    version: str
    posts: int  # that it saw and that are forgotten now
    total: int  # with those that were forgotten before
    removal: str  # what `curation models --remove` takes for it

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


@dataclass(frozen=True)
class DeletedTraining:
    """A training that goes on or waits, and that saw forgotten posts or may have."""

    name: str
    folder: Path
    posts: int | None  # None: it doesn't say which posts it saw

    def to_json(self) -> dict[str, Any]:
        """For `curation forget --json`."""
        return {"name": self.name, "folder": str(self.folder), "posts": self.posts, "outcome": "deleted"}


@dataclass(frozen=True)
class _Seen:
    """Forgotten posts among those that a model saw."""

    rows: frozenset[int]  # of the file
    posts: int  # different ones
    authors: frozenset[str]  # of whom a post is left


def clean_models(work: Forgetting) -> list[ChangedModel]:
    """Take forgotten posts out of all that lies beside a model's weights. Raises `WorkspaceError`."""
    if not work.tombstones.marks or not models_of(work.space).is_dir():
        return []
    if work.dry_run:
        return list(_clean_models(work))
    with work.space.lock(LOCK):
        restore_replaced(models_of(work.space))
        return list(_clean_models(work))


def _clean_models(work: Forgetting) -> Iterator[ChangedModel]:
    folders = [f for f in model_folders(work.space) if not f.is_symlink() and not (f / FILE).is_symlink()]
    names = [base_of(folder) for folder in folders]
    for folder in folders:
        try:
            seen = _seen(folder / POSTS, work.tombstones)
        except (OSError, duckdb.Error, pa.ArrowException) as error:
            work.unreadable += _untold(work, folder, error)
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


def without(record: TrainingRecord, seen: _Seen) -> TrainingRecord:
    """The record without what may quote the posts, or names somebody of whom none is left."""
    named = ((each, each.get("author")) for each in record.data.authors)
    authors = tuple(each for each, author in named if author is None or str(author).lower() in seen.authors)
    return replace(
        record,
        data=replace(record.data, authors=authors),
        epochs=tuple(replace(epoch, samples=()) for epoch in record.epochs),
        forgotten_posts=record.forgotten_posts + seen.posts,
    )


def _seen(path: Path, tombstones: Tombstones) -> _Seen:
    """Look for forgotten posts in a file of `posts_schema`. Raises `OSError`, `duckdb.Error`, `pa.ArrowException`."""
    if not pq.read_schema(path).equals(posts_schema()):
        raise pa.ArrowInvalid("it has other columns than a list of posts")
    with contextlib.closing(database.connect(threads=1)) as connection:
        tombstones.enter(connection)
        named = (tombstones.named(POST, "platform", "id"), tombstones.named(AUTHOR, "platform", "lower(author)"))
        connection.execute(
            "CREATE TEMP TABLE seen AS SELECT file_row_number AS row, platform, id, author, "
            f"coalesce({' OR '.join(named)}, false) AS gone "
            f"FROM read_parquet({literal(str(path))}, file_row_number=true)"
        )
        rows = connection.sql("SELECT row FROM seen WHERE gone").fetchall()
        [(posts,)] = connection.sql("SELECT count(DISTINCT (platform, id)) FROM seen WHERE gone").fetchall()
        left = connection.sql("SELECT DISTINCT lower(author) FROM seen WHERE NOT gone").fetchall()
    return _Seen(frozenset(row for (row,) in rows), posts, frozenset(author for (author,) in left if author))


def _untold(work: Forgetting, folder: Path, error: Exception) -> list[str]:
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


def _rewrite(space: Workspace, folder: Path, record: TrainingRecord, seen: _Seen) -> None:
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
            try:
                os.link(path, staged / within)
            except OSError:  # a disk that knows no second names
                shutil.copy2(path, staged / within)


def clean_trainings(work: Forgetting, changed_exports: Collection[Path] = ()) -> list[DeletedTraining]:
    """Delete trainings that go on or wait and that saw forgotten posts. Raises `WorkspaceError`.

    One that doesn't say which posts it saw goes too, if it is older than the last tombstone, and its export is another
    one by now or is among those that are about to change: then nothing can go on from it anyway.
    """
    changed = []
    for folder in training_folders(work.space) if work.tombstones.marks else ():
        posts: int | None
        try:
            posts = _seen(folder / POSTS, work.tombstones).posts
        except (OSError, duckdb.Error, pa.ArrowException):
            posts = None
        if posts is None:
            stays = not _is_older(folder, work.tombstones) or _learns_from_unchanged(folder, changed_exports)
        else:
            stays = posts == 0
        if stays:
            continue
        changed.append(DeletedTraining(folder.name, folder, posts))
        if not work.dry_run:
            with work.space.staging("forget") as staging, writing(work.space.root):
                folder.rename(staging / "training")
                flush(folder.parent)
    return changed


def _learns_from_unchanged(folder: Path, changed_exports: Collection[Path]) -> bool:
    """Whether the export that a training names still has the files that it began with."""
    try:
        request = Unfinished(folder).request()
    except InputError:
        return False
    export, files = Path(request.export), request.files
    known = {file["name"]: file["sha256"] for each in export_manifest.read(export) or () for file in each.files}
    same = bool(files) and all(known.get(name) == digest for name, digest in files.items())
    return same and export.resolve() not in {place.resolve() for place in changed_exports}


def _is_older(folder: Path, tombstones: Tombstones) -> bool:
    """Whether something in a folder was there before the last tombstone."""
    try:
        latest = datetime.datetime.fromisoformat(tombstones.latest).timestamp()
    except ValueError:  # somebody took the times out: then nothing is known to be newer
        return True
    times = [path.lstat().st_mtime for path in folder.rglob("*") if path.is_file()]
    return min(times, default=0.0) < latest + SLACK


def require_remembered(space: Workspace, folder: Path) -> None:
    """Raise `RefusedError` when a post in the `.posts.parquet` of a folder has been forgotten.

    A training calls it when the file is written, before it goes on from a checkpoint, and with the lock `models` held
    before its model takes its place: whoever forgets then sees either the training or the model.
    """
    try:
        posts = _seen(folder / POSTS, Tombstones.read(space)).posts
    except FileNotFoundError as error:
        raise RefusedError(
            f"{folder / POSTS} is gone, most likely since posts that the training saw were forgotten. Export again, "
            "and train on that."
        ) from error
    if posts:
        raise RefusedError(
            f"{posts:,} post{'' if posts == 1 else 's'} of this training {'was' if posts == 1 else 'were'} forgotten "
            "meanwhile (curation forget), so it stops here. Export again, and train on that."
        )
