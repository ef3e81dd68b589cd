"""`Holder`, a place of a workspace that can hold a post, and `Forgetting`, the work in all of them."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from curation.disk.tombstones import Tombstones, now
from curation.disk.workspace import Workspace

Notice = Callable[[str], None]


class Change(Protocol):
    """One change in a holder, or with `dry_run` the one that it would make."""

    def line(self, dry_run: bool) -> str:
        """A line for a person."""

    def to_json(self) -> dict[str, Any]:
        """For `curation forget --json`."""


@dataclass(frozen=True)
class Sentence:
    """A change that is only a sentence."""

    text: str

    def line(self, dry_run: bool) -> str:
        """A line for a person."""
        return self.text

    def to_json(self) -> dict[str, Any]:
        """For `curation forget --json`."""
        return {"change": self.text}


@dataclass
class Forgetting:
    """What to forget in a workspace, and the results so far."""

    space: Workspace
    tombstones: Tombstones
    dry_run: bool = False
    waiting: Notice | None = None  # called with the process that this one waits for
    on_notice: Notice = lambda sentence: None
    added: int = 0  # tombstones
    hashes: set[str] = field(default_factory=set)  # of the posts that were found
    unreadable: list[str] = field(default_factory=list)  # sentences about what can't be read, which stays
    changing: set[str] = field(default_factory=set)  # recipes whose corpora change or are damaged
    changes: dict[str, Sequence[Any]] = field(default_factory=dict)  # each a `Change`, by the names of their holders

    def add(self, marks: Iterable[tuple[str, str]]) -> None:
        """Add tombstones, which reach the disk before any file loses these posts.

        The tombstones that another process has added meanwhile come along.
        """
        new = {*marks} - self.tombstones.marks
        self.added += len(new)
        if self.dry_run:
            self.tombstones = self.tombstones.with_marks(new, now())
        else:
            self.tombstones = self.tombstones.add(self.space, new, now(), self.waiting)

    def lock(self, name: str) -> AbstractContextManager[None]:
        """Hold a lock of the workspace, unless this is a dry run."""
        return contextlib.nullcontext() if self.dry_run else self.space.lock(name, self.waiting)


class Holder(ABC):
    """A place of a workspace that can hold a post or a trace of one; `curation.forgetting.forget.HOLDERS` lists all.

    It promises:

    - `remove` takes every trace out, or deletes what can't be without it; each file is whole at every moment, and the
      next `remove` completes the work of a killed process;
    - it names what it can't read in `Forgetting.unreadable`, and leaves it;
    - with `Forgetting.dry_run` it changes nothing, and gives the changes that it would make;
    - afterwards `holds` is false.
    """

    #: The name of its changes in the JSON.
    name: ClassVar[str]
    #: Whether its changes are part of the result; otherwise they are only notices.
    reported: ClassVar[bool] = True

    @abstractmethod
    def remove(self, work: Forgetting) -> Sequence[Change]:
        """Take out what is forgotten; gives the changes. Raises `WorkspaceError`."""

    def holds(self, space: Workspace, tombstones: Tombstones) -> bool:
        """Whether something here names or quotes a forgotten post, or may, since it can't be read."""
        work = Forgetting(space, tombstones, dry_run=True)
        return bool(self.remove(work)) or bool(work.unreadable)
