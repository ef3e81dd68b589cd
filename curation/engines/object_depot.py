"""An object store as the place of a run's files: each worker fetches what its task reads, and sends what it wrote.

The paths of a run lie in the driver's mirror of the store. A worker makes a mirror of its own for each task, and moves
the task's paths into it, so that tasks, rules and shards know nothing of stores. A task names every file that it reads
in its fields.
"""

from __future__ import annotations

import contextlib
import dataclasses
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow.parquet as pq

from curation.disk.mirror import Mirror
from curation.engines.shard_files import Slice, columns_of
from curation.errors import WorkspaceError
from curation.recipes.plan import COMPARED

if TYPE_CHECKING:
    from curation.engines.candidates import Candidates
    from curation.engines.tasks import Outcome, Task, WrittenFile

V = TypeVar("V")

#: The column of landed posts that no rule reads: the records as they were downloaded.
UNREAD = "raw"


@dataclass(frozen=True)
class ObjectDepot:
    """The files of a run as objects, of which this process has a mirror."""

    mirror: Mirror

    has_folder = False

    @contextlib.contextmanager
    def probe(self, into: Path) -> Iterator[tuple[str, str]]:
        """None: a worker that can't read the store says so with its first task."""
        yield "", ""

    def tasks(self, tasks: Sequence[Task]) -> Sequence[Task]:
        """Each in a folder of its own."""
        return [StagedTask(task, self.mirror) for task in tasks]

    def size(self, path: Path) -> int | None:
        """What the store says."""
        entry = self.mirror.objects.entry(self.mirror.name_of(path))
        return entry.size if entry else None

    def is_whole(self, path: Path, written: WrittenFile) -> bool:
        """By its size: an object is there when it is complete."""
        return self.size(path) == written.size

    def names(self, folder: Path) -> list[str]:
        """Of the objects, and of what lies in the mirror."""
        below = self.mirror.name_of(folder)
        objects = (entry.name.removeprefix(f"{below}/") for entry in self.mirror.objects.entries(below))
        here = (path.name for path in folder.iterdir()) if folder.is_dir() else ()
        return sorted({*(name for name in objects if "/" not in name), *here})

    def remove(self, paths: Iterable[Path]) -> None:
        """Remove the objects, and what the mirror has of them."""
        paths = list(paths)
        for path in paths:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        self.mirror.objects.remove(self.mirror.name_of(path) for path in paths)

    @contextlib.contextmanager
    def comparing(self, candidates: Candidates) -> Iterator[None]:
        """Fetch the columns that are compared; afterwards the mirror has no text of a post."""
        fetched = [path for path in candidates.files if not path.exists()]
        for path in candidates.files:
            self.mirror.outline(path)
            names = pq.read_schema(path).names
            is_narrow = any(name.startswith(COMPARED) for name in names)
            self.mirror.all_groups(path, names if is_narrow else candidates.columns)
        try:
            yield
        finally:
            for path in fetched:
                path.unlink(missing_ok=True)
        self.share(candidates.out)

    def share(self, path: Path) -> None:
        """Send it."""
        self.mirror.send(path)

    def gather(self, parts: Sequence[Path], columns: Sequence[str]) -> None:
        """Make outlines."""
        for path in parts:
            self.mirror.all_groups(path, columns)


@dataclass(frozen=True)
class StagedTask:
    """A task on a machine that has none of its files."""

    task: Task
    mirror: Mirror  # the driver's

    @property
    def step(self) -> str:
        """That of the task."""
        return self.task.step

    @property
    def part(self) -> int:
        """That of the task."""
        return self.task.part

    @property
    def folder(self) -> Path:
        """Where the driver looks for the files."""
        return self.task.folder

    @property
    def rows(self) -> int:
        """Those of the task."""
        return self.task.rows

    def run(self, memory_limit: str) -> Outcome:
        """Fetch what the task reads, run it, and send what it wrote."""
        with tempfile.TemporaryDirectory(prefix="curation-") as folder:
            mirror = self.mirror.moved(Path(folder))
            task = relocated(self.task, self.mirror.root, mirror.root)
            task.folder.mkdir(parents=True)
            try:
                for place in inputs(task):
                    _fetch(place, mirror)
            except FileNotFoundError as error:
                raise WorkspaceError(f"{error} It was removed while the run was at work. Run it again.") from error
            outcome = task.run(memory_limit)
            for file in outcome.files:
                mirror.send(task.folder / file.name)
        return outcome


def _fetch(place: Path | Slice, mirror: Mirror) -> None:
    if isinstance(place, Path):
        mirror.fetch(place)
        return
    mirror.outline(place.path)
    mirror.outline(place.path, place.groups, {*columns_of(place)} - {UNREAD})


def inputs(task: Task) -> list[Path | Slice]:
    """The files that a task reads, and the slices of files: all that its fields name but the folder it writes to."""
    places: list[Path | Slice] = []

    def look(value: object) -> None:
        if isinstance(value, Slice | Path):
            if value not in places:
                places.append(value)
        elif isinstance(value, tuple | list):
            for one in value:
                look(one)
        elif dataclasses.is_dataclass(value) and not isinstance(value, type):
            for field in dataclasses.fields(value):
                if field.name != "folder":
                    look(getattr(value, field.name))

    look(task)
    return places


def relocated(value: V, old: Path, new: Path) -> V:
    """The same value with its paths in the folder `new` that were in `old`."""
    moved: V = _relocated(value, old, new)
    return moved


def _relocated(value: Any, old: Path, new: Path) -> Any:
    if isinstance(value, Path):
        return new / value.relative_to(old) if value.is_relative_to(old) else value
    if isinstance(value, tuple | list):
        moved = [_relocated(one, old, new) for one in value]
        same = all(one is other for one, other in zip(moved, value, strict=True))
        return value if same else type(value)(moved)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {
            field.name: _relocated(getattr(value, field.name), old, new)
            for field in dataclasses.fields(value)
            if field.init
        }
        if all(getattr(value, name) is one for name, one in fields.items()):
            return value
        return dataclasses.replace(value, **fields)
    return value
