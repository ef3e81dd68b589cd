"""Where the files of a run lie that workers on other machines read and write: a folder that all of them share.

Another depot is an object store (`curation.engines.object_depot`). The paths are the same; what lies there differs.
"""

from __future__ import annotations

import contextlib
import shutil
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from curation.engines.tasks import sha256_of

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from curation.engines.candidates import Candidates
    from curation.engines.tasks import Task, WrittenFile

#: What the file is called by which a worker shows that it sees the folder.
PROBE = "probe-"


class Depot(Protocol):
    """Where the files of a run lie. All paths are in the folder of the run, or are files that were landed."""

    has_folder: bool  # whether this process and all workers see the same files: only then workers compare posts

    def probe(self, into: Path) -> AbstractContextManager[tuple[str, str]]:
        """A file that every worker must see, and what it holds; both empty where workers need no folder."""
        ...

    def tasks(self, tasks: Sequence[Task]) -> Sequence[Task]:
        """The tasks as workers can run them."""
        ...

    def size(self, path: Path) -> int | None:
        """The bytes of a file; None when there is none."""
        ...

    def is_whole(self, path: Path, written: WrittenFile) -> bool:
        """Whether a file is as an attempt wrote it."""
        ...

    def names(self, folder: Path) -> list[str]:
        """The names of what lies in a folder."""
        ...

    def remove(self, paths: Iterable[Path]) -> None:
        """Remove files, and folders with all that is in them; what is gone already does not matter."""
        ...

    def comparing(self, candidates: Candidates) -> AbstractContextManager[None]:
        """In the block this process reads the files of the candidates; after it workers see the marks."""
        ...

    def share(self, path: Path) -> None:
        """Let workers see a file that this process wrote."""
        ...

    def gather(self, parts: Sequence[Path], columns: Sequence[str]) -> None:
        """Let this process read the number of rows of parts, and these columns."""
        ...


@dataclass(frozen=True)
class SharedFolder:
    """A folder that this machine and every worker have under the same path."""

    has_folder = True

    @contextlib.contextmanager
    def probe(self, into: Path) -> Iterator[tuple[str, str]]:
        """A file with a random text."""
        token = uuid.uuid4().hex
        probe = into / f"{PROBE}{token}"
        probe.write_text(token, encoding="ascii")
        try:
            yield str(probe), token
        finally:
            probe.unlink(missing_ok=True)

    def tasks(self, tasks: Sequence[Task]) -> Sequence[Task]:
        """They are as they are."""
        return tasks

    def size(self, path: Path) -> int | None:
        """By the file system."""
        try:
            return path.stat().st_size
        except FileNotFoundError:
            return None

    def is_whole(self, path: Path, written: WrittenFile) -> bool:
        """By its SHA-256."""
        with contextlib.suppress(OSError):
            return self.size(path) == written.size and (not written.sha256 or sha256_of(path) == written.sha256)
        return False

    def names(self, folder: Path) -> list[str]:
        """By the file system."""
        return [path.name for path in folder.iterdir()] if folder.is_dir() else []

    def remove(self, paths: Iterable[Path]) -> None:
        """Remove them."""
        for path in paths:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)

    def comparing(self, candidates: Candidates) -> AbstractContextManager[None]:
        """They are there."""
        return contextlib.nullcontext()

    def share(self, path: Path) -> None:
        """It is there."""

    def gather(self, parts: Sequence[Path], columns: Sequence[str]) -> None:
        """They are there."""
