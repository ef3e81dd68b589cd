"""`Holder`: a place of a workspace that can hold a post, and `Forgetting`: what is taken out of all of them."""

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
    """What became of one thing in a holder, or would become of it."""

    def line(self, dry_run: bool) -> str:
        """It as a line for a person."""

    def to_json(self) -> dict[str, Any]:
        """For `curation forget --json`."""


@dataclass(frozen=True)
class Sentence:
    """A change of which there is nothing to say but a sentence."""

    text: str

    def line(self, dry_run: bool) -> str:
        """It as a line for a person."""
        return self.text

    def to_json(self) -> dict[str, Any]:
        """For `curation forget --json`."""
        return {"change": self.text}


@dataclass
class Forgetting:
    """What is being forgotten in a workspace, and what was found of it so far."""

    space: Workspace
    tombstones: Tombstones
    dry_run: bool = False
    waiting: Notice | None = None  # hears for which process this one waits
    on_notice: Notice = lambda sentence: None
    added: int = 0  # tombstones
    hashes: set[str] = field(default_factory=set)  # of the posts that were found
    unreadable: list[str] = field(default_factory=list)  # sentences on what can't be looked through, which stays
    changing: set[str] = field(default_factory=set)  # recipes whose corpora change, or say nothing
    changes: dict[str, Sequence[Any]] = field(default_factory=dict)  # `Change` by the names of their holders

    def add(self, marks: Iterable[tuple[str, str]]) -> None:
        """Take up tombstones, which are on the disk before any file without these posts takes its place.

        Those that another process has added meanwhile are taken up too.
        """
        new = {*marks} - self.tombstones.marks
        self.added += len(new)
        if self.dry_run:
            self.tombstones = self.tombstones.with_marks(new, now())
        else:
            self.tombstones = self.tombstones.add(self.space, new, now(), self.waiting)

    def lock(self, name: str) -> AbstractContextManager[None]:
        """Hold a lock of the workspace, unless it is only looked at."""
        return contextlib.nullcontext() if self.dry_run else self.space.lock(name, self.waiting)


class Holder(ABC):
    """A place of a workspace that can hold a post, or what tells of one.

    Everything that can is listed in `curation.forgetting.forget.HOLDERS`. It promises:

    - `remove` takes all of it out, or deletes what can't be without it; each file is whole at every moment, and a
      killed process leaves nothing that the next `remove` doesn't complete;
    - what it can't look through it says in `Forgetting.unreadable`, and leaves;
    - with `Forgetting.dry_run` it changes nothing, and gives the changes that it would make;
    - after it, `holds` is false.
    """

    #: What its changes are called in the JSON.
    name: ClassVar[str]
    #: Whether its changes are part of the result; else they are only said while they are made.
    reported: ClassVar[bool] = True

    @abstractmethod
    def remove(self, work: Forgetting) -> Sequence[Change]:
        """Take what is forgotten out of here; gives what changed. Raises `WorkspaceError`."""

    def holds(self, space: Workspace, tombstones: Tombstones) -> bool:
        """Whether something here names or quotes a forgotten post, or may, since it can't be looked through."""
        work = Forgetting(space, tombstones, dry_run=True)
        return bool(self.remove(work)) or bool(work.unreadable)
