"""Forgetting: posts go from raw files, corpora and exports, and never land again.

The order makes it safe to kill at any moment. First the tombstones go to the disk; from then on none of it lands. Then
every file with a trace is written anew and replaced in one step: landings, corpora, training text, models, pins,
records of runs. The tombstones alone say what is left to do, so any later `forget`, the same again or one with
`--resume`, completes it.

Nothing else edits raw files. A landing or a corpus that loses posts gets files of other names, so a reader that holds
the old names finds them gone and asks again.

Limits: a model's weights stay as they are, and its card says so. Blocks of a disk are not overwritten. Backups and
copies elsewhere are not found. A post that returns under another id is another post, unless its author was forgotten.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curation.disk.tombstones import AUTHOR, AUTHOR_ANYWHERE, FILE, POST, POST_ANYWHERE, Tombstones
from curation.disk.workspace import Workspace
from curation.errors import NothingToDoError, UsageError
from curation.forgetting.corpora import Corpora
from curation.forgetting.exports import Exports
from curation.forgetting.holder import Forgetting, Holder, Notice
from curation.forgetting.landings import Landings, Pages
from curation.forgetting.maps import Maps
from curation.forgetting.models import Models, UnfinishedTrainings
from curation.forgetting.pinned_posts import PinnedPosts
from curation.forgetting.recomputed import KeptEvidence, Leftovers, WordIndexes
from curation.forgetting.reviews import ReviewedPosts
from curation.forgetting.run_records import RunRecords
from curation.forgetting.views import NamingViews
from curation.posts import UNKNOWN_AUTHOR
from curation.sql import database

#: Everything in a workspace that can hold a post, in the order of cleaning. Corpora decide which exports may hold one,
#: and exports which trainings can go on. Cards go with the exports and models that they lie beside; evaluations and
#: comparisons hold only figures.
HOLDERS: tuple[Holder, ...] = (
    Landings(), Pages(), Corpora(), Maps(), Exports(), UnfinishedTrainings(), Models(), Leftovers(), WordIndexes(),
    KeptEvidence(), PinnedPosts(), ReviewedPosts(), NamingViews(), RunRecords(),
)  # fmt: skip

#: The holders in which posts may land meanwhile, unless the lock of landings is held.
DOWNLOADED = ("landings", "pages")


@dataclass(frozen=True)
class ForgetRequest:
    """What to forget; an empty request completes earlier ones."""

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
        """The tombstones of the request."""
        post, author = (POST_ANYWHERE, AUTHOR_ANYWHERE) if self.platform is None else (POST, AUTHOR)
        handles = [name.strip().removeprefix("@") for name in self.authors]
        marks: set[tuple[str, str]] = set()
        # The database lowers handles, as it does for posts later: Python's lower() differs for some letters, such as İ.
        with contextlib.closing(database.reader()) as connection:
            for kind, values, value in ((post, self.ids, "value"), (author, handles, "lower(value)")):
                statement = f"SELECT {tombstones.hash(kind, '?', value)} FROM (SELECT unnest(?::VARCHAR[]) AS value)"
                parameters = [*([] if self.platform is None else [self.platform]), list(values)]
                marks |= {(kind, hash) for (hash,) in connection.execute(statement, parameters).fetchall()}
        return marks


@dataclass(frozen=True)
class Forgotten:
    """The result of a request, or with `dry_run` its preview."""

    dry_run: bool
    request: ForgetRequest
    posts: int  # distinct posts that were found
    tombstones_added: int
    tombstones: int
    changes: dict[str, Sequence[Any]]  # each a `Change`, by the names of the holders that report them
    unreadable: list[str]  # sentences about what could not be read
    file: Path  # of the tombstones

    def to_json(self) -> dict[str, Any]:
        """For `curation forget --json`."""
        named = {"ids": len(self.request.ids), "authors": len(self.request.authors), "platform": self.request.platform}
        names = sorted(self.changes, key=lambda name: name == "trainings")  # last
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
        """How much was touched, for the record of the run; never whom."""
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

    `waiting` is called with the process that this one waits for, `on_notice` with each step.
    Raises `NothingToDoError` when there is no workspace, `WorkspaceError`.
    """
    space = data if isinstance(data, Workspace) else Workspace(Path(data))
    space.recipes_run()  # raises an error if the folder is no workspace
    if not space.root.is_dir():
        raise NothingToDoError(f"There is no workspace {space.root}; nothing was forgotten. Name it with --data DIR.")
    work = Forgetting(space, Tombstones(""), dry_run, waiting, on_notice)
    with work.lock("raw"):  # nothing lands until landings have lost their posts
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
