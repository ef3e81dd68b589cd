"""Forgetting: posts go from raw files, corpora and exports, and never land again.

The order makes it safe to kill at any moment. First the tombstones are on the disk; from then on nothing of it
lands. Then every file that holds a trace is written anew and takes its place in one step, landings first, then
corpora, then training text, then models, then pins, then records of runs. What is left to do is read from the
tombstones and nothing else, so any later `forget`, this one again or one with `--resume`, completes it.

Raw files are never edited otherwise. A landing that loses posts gets files of other names, and so does a corpus:
readers that hold the old ones find them gone and ask again.

What is not done: a model's weights are not changed, which its card then says; blocks of a disk are not overwritten,
backups and copies elsewhere are not found, and a post that comes back under another id is another post, unless its
author was forgotten.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curation.asking.pins.pin_file import FILE as PINS
from curation.corpus.corpus import ATTEMPTS
from curation.disk.tombstones import AUTHOR, AUTHOR_ANYWHERE, FILE, POST, POST_ANYWHERE, Tombstones, now
from curation.disk.workspace import STAGING_LOCK, Workspace
from curation.errors import InputError, NothingToDoError, UsageError, WorkspaceError
from curation.forgetting.cleaning import Changed, clean_corpus, clean_landings, clean_pages
from curation.forgetting.models import ChangedModel, DeletedTraining, clean_models, clean_trainings
from curation.forgetting.pins import unpin
from curation.forgetting.run_records import clean as clean_records
from curation.posts import UNKNOWN_AUTHOR
from curation.sql import database

if TYPE_CHECKING:
    from curation.forgetting.remake import Cleaned

Notice = Callable[[str], None]


@dataclass(frozen=True)
class Request:
    """What is to be forgotten; nothing at all: complete what earlier requests left undone."""

    ids: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()  # handles
    platform: str | None = None  # of both; None: wherever

    def __post_init__(self) -> None:
        for author in self.authors:
            handle = author.strip().removeprefix("@")
            if not handle or "://" in author:
                raise UsageError(f"--author {author}: give the handle alone, such as mira.")
            if handle.lower() == UNKNOWN_AUTHOR:
                raise UsageError(
                    f"'{UNKNOWN_AUTHOR}' stands for posts whose author nobody knows. Name them by their ids: --id ID"
                )

    def marks(self, tombstones: Tombstones) -> set[tuple[str, str]]:
        """The tombstones of what is asked for."""
        import pyarrow as pa

        post, author = (POST_ANYWHERE, AUTHOR_ANYWHERE) if self.platform is None else (POST, AUTHOR)
        handles = [name.strip().removeprefix("@") for name in self.authors]
        found: set[tuple[str, str]] = set()
        # By the database, as the posts are later: Python's lower() gives other letters for some, such as İ.
        with contextlib.closing(database.reader()) as connection:
            for kind, values, value in ((post, self.ids, "value"), (author, handles, "lower(value)")):
                table = pa.table({"value": pa.array(values, pa.string())})
                connection.register("asked", table)
                statement = f"SELECT {tombstones.hash(kind, '?', value)} FROM asked"
                asked = connection.execute(statement, [self.platform] if self.platform is not None else [])
                found |= {(kind, hash) for (hash,) in asked.fetchall()}
                connection.unregister("asked")
        return found


@dataclass
class Forgotten:
    """What a request touched, or would touch."""

    dry_run: bool
    asked: Request
    posts: int = 0  # different ones that were found
    tombstones_added: int = 0
    tombstones: int = 0
    landings: list[Changed] = field(default_factory=list)
    pages: list[Changed] = field(default_factory=list)  # of feeds, not landed yet
    corpora: list[Changed] = field(default_factory=list)
    exports: list[Cleaned] = field(default_factory=list)
    models: list[ChangedModel] = field(default_factory=list)
    trainings: list[DeletedTraining] = field(default_factory=list)  # that went on or waited
    unreadable: list[str] = field(default_factory=list)  # sentences on what could not be looked through
    file: Path = Path(FILE)

    def to_json(self) -> dict[str, Any]:
        """For `curation forget --json`."""
        return {
            "schema": 1,
            "dry_run": self.dry_run,
            "asked": {"ids": len(self.asked.ids), "authors": len(self.asked.authors), "platform": self.asked.platform},
            "posts": self.posts,
            "tombstones": {"file": str(self.file), "added": self.tombstones_added, "total": self.tombstones},
            "landings": [{"landing": c.name, "removed": c.removed, "emptied": c.emptied} for c in self.landings],
            "pages": [{"page": c.name, "removed": c.removed, "emptied": c.emptied} for c in self.pages],
            "corpora": [
                {"recipe": c.name, "removed": c.removed, "removed_kept": c.removed_kept, "copies": c.copies}
                for c in self.corpora
            ],
            "exports": [cleaned.to_json() for cleaned in self.exports],
            "models": [changed.to_json() for changed in self.models],
            "trainings": [deleted.to_json() for deleted in self.trainings],
            "unreadable": self.unreadable,
        }


def forget(
    data: Workspace | Path | str,
    request: Request,
    *,
    dry_run: bool = False,
    waiting: Notice | None = None,
    on_notice: Notice | None = None,
) -> Forgotten:
    """Forget posts in a workspace; an empty request completes earlier ones.

    `waiting` is told for which process this one waits, `on_notice` what is being done.
    Raises `NothingToDoError` when there is no workspace, `WorkspaceError`.
    """
    space = data if isinstance(data, Workspace) else Workspace(Path(data))
    space.recipes_run()  # says what is wrong with the folder, if anything is
    if not space.root.is_dir():
        raise NothingToDoError(f"There is no workspace {space.root}; nothing was forgotten. Name it with --data DIR.")
    work = _Forgetting(space, request, dry_run, waiting, on_notice or (lambda _: None))
    if dry_run:
        return work.look()
    return work.run()


@dataclass
class _Forgetting:
    space: Workspace
    request: Request
    dry_run: bool
    waiting: Notice | None
    on_notice: Notice
    found: set[str] = field(default_factory=set)  # hashes of the posts
    unreadable: list[str] = field(default_factory=list)
    tombstones: Tombstones = field(default_factory=lambda: Tombstones(""))
    done: Forgotten = field(init=False)

    def __post_init__(self) -> None:
        self.done = Forgotten(self.dry_run, self.request, unreadable=self.unreadable, file=self.space.root / FILE)

    def look(self) -> Forgotten:
        """Find out what would be done, as a reader."""
        self.tombstones = Tombstones.read(self.space)
        self._add(self.request.marks(self.tombstones))
        self.done.landings = self._landings()
        self.done.pages = clean_pages(self)
        self.done.corpora = [changed for name in self.space.recipes_run() if (changed := clean_corpus(self, name))]
        changing = {changed.name for changed in self.done.corpora}
        self._exports(frozenset(self.space.recipes_run() if self.unreadable else changing))
        return self._models()

    def run(self) -> Forgotten:
        """Do it."""
        with self.space.lock("raw", self.waiting):
            self.space.sweep()
            self.tombstones = Tombstones.read(self.space)
            self._add(self.request.marks(self.tombstones))
            self.done.landings = self._landings()
            self.done.pages = clean_pages(self)
        damaged: set[str] = set()
        # A run that has begun before reads posts that are gone by now: its corpus is waited for, and cleaned too.
        for name in self._recipes():
            with self.space.lock(f"run-{name}", self.waiting):
                before = len(self.unreadable)
                if name in self.space.recipes_run() and (changed := clean_corpus(self, name)):
                    self.done.corpora.append(changed)
                if len(self.unreadable) > before:
                    damaged.add(name)  # that it stands says nothing of what was made of it
        self._exports(frozenset(damaged))
        self._models()
        shutil.rmtree(self.space.memo, ignore_errors=True)  # digests of texts are traces of them too
        self.space.sweep()
        try:
            if pins := unpin(self.space, self.tombstones, self.waiting):
                self.on_notice(f"{pins:,} pin{'' if pins == 1 else 's'} of it taken out of {self.space.root / PINS}.")
        except WorkspaceError as error:
            if not isinstance(error.__cause__, InputError):
                raise
            self.unreadable.append(str(error))
        if records := clean_records(self.space, self.tombstones, self.on_notice):
            self.on_notice(f"{records:,} record{'' if records == 1 else 's'} of runs written anew without names.")
        return self.done

    def add(self, marks: Iterable[tuple[str, str]]) -> None:
        """Take up tombstones of posts that were found, before any file without these posts takes its place."""
        self._add({*marks})

    def _add(self, marks: set[tuple[str, str]]) -> None:
        new = self.tombstones.with_marks(marks, now())
        self.done.tombstones_added += len(new.marks) - len(self.tombstones.marks)
        self.done.tombstones = len(new.marks)
        if len(new.marks) > len(self.tombstones.marks):
            self.tombstones = new
            if not self.dry_run:
                new.write(self.space)

    def _landings(self) -> list[Changed]:
        self.on_notice("Looking through what has landed.")
        if not self.dry_run:
            return clean_landings(self)
        for attempt in range(ATTEMPTS):
            self.unreadable.clear()
            files = {*self.space.raw.glob("*/*")}
            found = clean_landings(self)
            if not self.unreadable or attempt == ATTEMPTS - 1 or files <= {*self.space.raw.glob("*/*")}:
                break  # else some were replaced while they were looked through
        return found

    def _recipes(self) -> list[str]:
        """Names of the recipes that were run here, or are being run: a run's lock is there from its beginning."""
        locks = (p.name for p in self.space.work.glob("run-*.lock") if not STAGING_LOCK.fullmatch(p.name))
        running = {name.removeprefix("run-").removesuffix(".lock") for name in locks}
        return sorted(running.union(self.space.recipes_run()))

    def _models(self) -> Forgotten:
        from curation.forgetting.remake import LEFT

        changed = [cleaned.folder for cleaned in self.done.exports if cleaned.outcome != LEFT]
        self.done.trainings = clean_trainings(self, changed)
        self.done.models = clean_models(self)
        return self.done

    def _exports(self, changing: frozenset[str]) -> None:
        from curation.forgetting.purge import clean

        if self.tombstones.marks:
            self.done.exports = clean(
                self.space, self.tombstones, changing=changing, dry_run=self.dry_run, unreadable=self.unreadable,
                on_notice=self.on_notice,
            )  # fmt: skip
        self.done.posts = len(self.found)
