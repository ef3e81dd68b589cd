"""What workers do: tasks, each tried once or more, and what an attempt wrote.

An attempt writes files under a name of its own, `stage0-00007-<attempt>`, so that two attempts at one task never meet:
a repeated, late or doubled one is harmless. Its outcome says what it wrote. Whoever gave the task accepts one outcome.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

#: What an attempt's files are called: its step, the task's number, the attempt, and an ending.
ATTEMPT = re.compile(r"(?P<step>[a-z][a-z0-9]*)-(?P<part>[0-9]{5,})-(?P<attempt>[0-9a-f]{12})(\..+)?")


@dataclass(frozen=True)
class WrittenFile:
    """A file of an attempt."""

    name: str  # in the task's folder
    size: int  # bytes
    sha256: str = ""  # empty where nobody else reads the file


@dataclass(frozen=True)
class Outcome:
    """What an attempt at a task wrote, and how much work it was."""

    step: str
    part: int
    files: tuple[WrittenFile, ...]  # the first one is the result; others lie beside it
    posts: int  # rows that were worked on, for progress

    def path(self, folder: Path) -> Path:
        """The result, in the task's folder."""
        return folder / self.files[0].name


class Task(Protocol):
    """Work for one worker. It is pickled on its way there, and knows nothing of other tasks."""

    @property
    def step(self) -> str:
        """The step of the run: lower-case letters and digits, such as `stage0`; no other step has the name."""
        ...

    @property
    def part(self) -> int:
        """The task's number among those of its step, from 0."""
        ...

    @property
    def folder(self) -> Path:
        """Where attempts write; it is there."""
        ...

    @property
    def rows(self) -> int:
        """How much work it is, about: the largest tasks go first."""
        ...

    def run(self, memory_limit: str) -> Outcome:
        """Try the task, with so much memory for a database, a size as DuckDB writes it.

        All files are new, have names that begin with `attempt_name`, and are whole when it returns. An exception
        ends the run of which the task is part, so it is a `CurationError` wherever a person can mend the cause.
        """
        ...


class Workers(Protocol):
    """What an engine has started for one run."""

    def map(self, tasks: Sequence[Task]) -> Iterator[Outcome]:
        """Run tasks; yields each one's outcome as it comes.

        One outcome a task, in any order, however often it was tried; its files are whole. An exception of a task ends
        the run and reaches the caller as it was raised; whatever the engine itself meets (a worker that is gone, a
        scheduler that does not answer) is a `CurationError` in one sentence.
        """
        ...


def attempt_name(task: Task) -> str:
    """A name for the files of a new attempt at the task, without an ending."""
    return f"{task.step}-{task.part:05d}-{uuid.uuid4().hex[:12]}"


def outcome_of(task: Task, names: Iterable[str], posts: int, *, digests: bool) -> Outcome:
    """The outcome of an attempt that wrote these files into the task's folder; with `digests`, their SHA-256."""
    files = (task.folder / name for name in names)
    written = (WrittenFile(path.name, path.stat().st_size, sha256_of(path) if digests else "") for path in files)
    return Outcome(task.step, task.part, tuple(written), posts)


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
