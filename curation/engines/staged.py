"""An engine whose files are objects: each worker fetches what its task reads, and sends what the task wrote.

The paths of a run lie in the driver's mirror of the store. A worker makes a mirror of its own for each task, and moves
the task's paths into it, so that tasks, rules and shards know nothing of stores.
"""

from __future__ import annotations

import contextlib
import dataclasses
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from curation.disk.mirror import Mirror
from curation.engines.engine import Engine
from curation.engines.shard_files import Slice, columns_of
from curation.errors import WorkspaceError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from curation.engines.engine import Workers
    from curation.engines.tasks import Outcome, Task
    from curation.recipes.plan import Plan

V = TypeVar("V")

#: The column of landed posts that no rule reads: the records as they were downloaded.
UNREAD = "raw"


@dataclass(frozen=True)
class StoreEngine(Engine):
    """Runs plans over a mirror with the workers of another engine."""

    inner: Engine
    mirror: Mirror

    shared: ClassVar[bool] = True

    @property
    def shard_posts(self) -> int:  # type: ignore[override]  # that of the other engine
        """Posts of a shard, about."""
        return self.inner.shard_posts

    def start(self, plan: Plan, posts: int) -> AbstractContextManager[Workers]:
        """Start the other engine's workers."""
        return self._start(plan, posts)

    @contextlib.contextmanager
    def _start(self, plan: Plan, posts: int) -> Iterator[Workers]:
        with self.inner.start(plan, posts) as workers:
            yield _StoreWorkers(workers, self.mirror)


@dataclass(frozen=True)
class _StoreWorkers:
    """Workers that share a store and no folder."""

    workers: Workers
    mirror: Mirror

    def map(self, tasks: Sequence[Task]) -> Iterator[Outcome]:
        """Run the tasks, each in a folder of its own."""
        return self.workers.map([StagedTask(task, self.mirror) for task in tasks])


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
    found: list[Path | Slice] = []

    def look(value: object) -> None:
        if isinstance(value, Slice | Path):
            if value not in found:
                found.append(value)
        elif isinstance(value, tuple | list):
            for one in value:
                look(one)
        elif dataclasses.is_dataclass(value) and not isinstance(value, type):
            for field in dataclasses.fields(value):
                if field.name != "folder":
                    look(getattr(value, field.name))

    look(task)
    return found


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
