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
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from curation.disk.tombstones import AUTHOR, AUTHOR_ANYWHERE, FILE, POST, POST_ANYWHERE, Tombstones
from curation.disk.workspace import Workspace
from curation.errors import NothingToDoError, UsageError
from curation.forgetting.corpora import Corpora
from curation.forgetting.exports import Exports
from curation.forgetting.holder import Forgetting, Holder, Notice
from curation.forgetting.landings import Landings, Pages
from curation.forgetting.leftovers import Leftovers
from curation.forgetting.models import Models
from curation.forgetting.pins import PinnedPosts
from curation.forgetting.run_records import RunRecords
from curation.forgetting.trainings import UnfinishedTrainings
from curation.posts import UNKNOWN_AUTHOR
from curation.sql import database

#: Everything in a workspace that can hold a post, in the order in which it is cleaned. Corpora decide which exports may
#: hold one, and exports which trainings can go on. Cards lie beside exports and models, and go with them; evaluations
#: and comparisons hold figures alone.
HOLDERS: tuple[Holder, ...] = (
    Landings(), Pages(), Corpora(), Exports(), UnfinishedTrainings(), Models(), Leftovers(), PinnedPosts(),
    RunRecords(),
)  # fmt: skip

#: Names of those in which something may land meanwhile, unless the lock of landings is held.
DOWNLOADED = ("landings", "pages")


@dataclass(frozen=True)
class ForgetRequest:
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
        """The tombstones of what it names."""
        post, author = (POST_ANYWHERE, AUTHOR_ANYWHERE) if self.platform is None else (POST, AUTHOR)
        handles = [name.strip().removeprefix("@") for name in self.authors]
        marks: set[tuple[str, str]] = set()
        # By the database, as the posts are later: Python's lower() gives other letters for some, such as İ.
        with contextlib.closing(database.reader()) as connection:
            for kind, values, value in ((post, self.ids, "value"), (author, handles, "lower(value)")):
                table = pa.table({"value": pa.array(values, pa.string())})
                connection.register("request", table)
                statement = f"SELECT {tombstones.hash(kind, '?', value)} FROM request"
                hashes = connection.execute(statement, [self.platform] if self.platform is not None else [])
                marks |= {(kind, hash) for (hash,) in hashes.fetchall()}
                connection.unregister("request")
        return marks


@dataclass(frozen=True)
class Forgotten:
    """What a request touched, or would touch."""

    dry_run: bool
    request: ForgetRequest
    posts: int  # different ones that were found
    tombstones_added: int
    tombstones: int
    changes: dict[str, Sequence[Any]]  # `Change` by the names of the holders that report them
    unreadable: list[str]  # sentences on what could not be looked through
    file: Path  # of the tombstones

    def to_json(self) -> dict[str, Any]:
        """For `curation forget --json`."""
        named = {"ids": len(self.request.ids), "authors": len(self.request.authors), "platform": self.request.platform}
        names = sorted(self.changes, key=lambda name: name == "trainings")  # they stand behind the models here
        return {
            "schema": 1,
            "dry_run": self.dry_run,
            "asked": named,
            "posts": self.posts,
            "tombstones": {"file": str(self.file), "added": self.tombstones_added, "total": self.tombstones},
            **{name: [change.to_json() for change in self.changes[name]] for name in names},
            "unreadable": self.unreadable,
        }

    def figures(self) -> dict[str, int]:
        """How much was touched, and never whom, as the record of the run has it."""
        sizes = {name: len(changes) for name, changes in self.changes.items() if name != "pages"}
        return {"posts": self.posts, "tombstones_added": self.tombstones_added, **sizes}


def forget(
    data: Workspace | Path | str,
    request: ForgetRequest,
    *,
    dry_run: bool = False,
    waiting: Notice | None = None,
    on_notice: Notice = lambda sentence: None,
    holders: Sequence[Holder] = HOLDERS,
) -> Forgotten:
    """Forget posts in a workspace; an empty request completes earlier ones.

    `waiting` is told for which process this one waits, `on_notice` what is being done.
    Raises `NothingToDoError` when there is no workspace, `WorkspaceError`.
    """
    space = data if isinstance(data, Workspace) else Workspace(Path(data))
    space.recipes_run()  # says what is wrong with the folder, if anything is
    if not space.root.is_dir():
        raise NothingToDoError(f"There is no workspace {space.root}; nothing was forgotten. Name it with --data DIR.")
    work = Forgetting(space, Tombstones(""), dry_run, waiting, on_notice)
    with work.lock("raw"):  # nothing lands until it has lost what is forgotten
        if not dry_run:
            space.sweep()
        work.tombstones = Tombstones.read(space)
        work.add(request.marks(work.tombstones))
        for holder in holders:
            if holder.name in DOWNLOADED:
                _remove(holder, work)
    for holder in holders:
        if holder.name not in DOWNLOADED and (holder.reported or not dry_run):
            _remove(holder, work)
    posts, tombstones = len(work.hashes), len(work.tombstones.marks)
    return Forgotten(dry_run, request, posts, work.added, tombstones, work.changes, work.unreadable, space.root / FILE)


def _remove(holder: Holder, work: Forgetting) -> None:
    changes = holder.remove(work)
    if holder.reported:
        work.changes[holder.name] = changes
    else:
        for change in changes:
            work.on_notice(change.line(work.dry_run))
