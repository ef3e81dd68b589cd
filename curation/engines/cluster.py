"""What the engines of clusters share: tasks are handed to a scheduler that exists, and their answers are accepted.

Placement, queues and repeated tries are the scheduler's. Here is what it can't know: that a worker must have the same
versions and see the same folder, which attempt of a task counts, and what a person is told when something ends.
"""

from __future__ import annotations

import contextlib
import dataclasses
import uuid
from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from curation.engines.basis import basis_of
from curation.engines.candidates import Candidates, compare
from curation.engines.depot import SharedFolder
from curation.engines.engine import Engine, Shards
from curation.engines.journal import PARTS, AcceptedOutcomes, Journal, StaleJournalError
from curation.engines.local import DEFAULT_MEMORY, SHARD_POSTS
from curation.engines.pool import cores
from curation.engines.requirements import Requirements
from curation.engines.scheduling import ClusterWorkers
from curation.engines.shard_files import keys_of
from curation.engines.sharing import is_worth, share_out
from curation.engines.tasks import Outcome, WrittenFile, sha256_of
from curation.engines.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from curation.engines.depot import Depot
    from curation.engines.pace import OnProgress
    from curation.engines.scheduling import Scheduler
    from curation.engines.tasks import Task, Workers
    from curation.functions.memo import Memo
    from curation.recipes.plan import Plan, Stage
    from curation.rules.base import Rule


@dataclass(frozen=True)
class ClusterEngine(Engine):
    """Runs tasks on workers of a scheduler, which share the folder of the run with this process.

    `workers` bounds how many tasks are handed over at a time; 0: two for each worker that there is. `memory` is the
    bound, in bytes, of the databases of each worker, and of the comparison in this process; half of it is for
    working arrays. `patience` are seconds without a sign of the scheduler, or without a worker, until the run ends;
    `settle` are seconds that a shared folder may take to show a new file to a worker. `sharing` says whether workers
    compare posts; None: where there are many. It changes no row.
    """

    workers: int = 0
    memory: int = DEFAULT_MEMORY
    shard_posts: int = SHARD_POSTS
    patience: float = 600.0
    settle: float = 30.0
    depot: Depot = SharedFolder()
    sharing: bool | None = None

    shared: ClassVar[bool] = True

    def run(
        self,
        compiled: Plan,
        files: Sequence[Path],
        into: Path,
        *,
        superseded: Path | None = None,
        memo: Memo | None = None,
        progress: OnProgress | None = None,
    ) -> list[Path]:
        """Run a plan, as every engine does, or go on with one that was begun in the same folder.

        The parts lie in a folder of their own below `into`. Values of cached functions are not kept.
        """
        files, into = [path.absolute() for path in files], into.absolute()
        return super().run(compiled, files, into, superseded=superseded and superseded.absolute(), progress=progress)

    def complete(self, shards: Shards) -> list[Path]:
        """Run what the journal in the folder has not accepted yet."""
        superseded = shards.superseded.path if shards.superseded else None
        versions = Requirements.of(shards.plan).digest
        journal = Journal.open(shards.into, basis_of(shards.plan, versions, shards.portions, superseded), self.depot)
        if superseded:
            self.depot.share(superseded)
        given = {each.name: getattr(shards, each.name) for each in dataclasses.fields(shards)}
        journaled = JournaledShards(**given, journal=journal)
        try:
            try:
                parts = super().complete(journaled)
            except StaleJournalError:
                journal.clear()
                parts = super().complete(journaled)
            self.depot.gather(parts, ["removed_by"])
            return parts
        finally:
            journal.sweep()

    @property
    def most(self) -> int:
        """Tasks that are handed over at a time; 0: by the number of workers that there are."""
        return self.workers

    @abstractmethod
    def connect(self, into: Path) -> AbstractContextManager[Scheduler]:
        """Connect to the scheduler; `into` is the folder of the run. Raises `CurationError` when it isn't there."""

    @contextlib.contextmanager
    def start(self, plan: Plan, posts: int, into: Path) -> Iterator[Workers]:
        """Connect, and have the workers that are there say whether they fit."""
        requirements = Requirements.of(plan)
        with (
            self.depot.probe(into) as (probe, content),
            self.connect(into) as scheduler,
            requirements.by_value(),
            Watch(scheduler.name, scheduler.slots, self.patience) as watch,
        ):
            seen = {"probe": probe, "content": content, "settle": self.settle}
            request = {**requirements.request, "token": uuid.uuid4().hex, **seen}
            workers = ClusterWorkers(scheduler, watch, request, self.most, f"{self.memory // 2}B")
            workers.greet()
            yield StagedWorkers(workers, self.depot)

    def exchange(
        self,
        candidates: Candidates,
        on_progress: OnProgress = lambda done, of: None,
        workers: Workers | None = None,
    ) -> None:
        """Compare the candidates in this process; many of them by the workers, where the rule can be shared out."""
        if workers and candidates.find_shared and self._shares_out(candidates):
            share_out(candidates, workers, self.memory, on_progress)
            return
        with self.depot.comparing(candidates):
            compare(candidates, memory=self.memory // 2, threads=cores(), workers=cores(), on_progress=on_progress)

    def _shares_out(self, candidates: Candidates) -> bool:
        if not self.depot.has_folder:
            return False  # workers read what others wrote
        return is_worth(candidates, self.memory // 2) if self.sharing is None else self.sharing


@dataclass(frozen=True)
class StagedWorkers:
    """Workers that find the files of their tasks in a depot."""

    workers: Workers
    depot: Depot

    def map(self, tasks: Sequence[Task]) -> Iterator[Outcome]:
        """Run tasks."""
        return self.workers.map(self.depot.tasks(tasks))


@dataclass(frozen=True, kw_only=True)
class JournaledShards(Shards):
    """Shards of a run with a journal: what it has accepted is not made again."""

    journal: Journal

    def with_workers(self, workers: Workers) -> JournaledShards:
        """The same, which `workers` run as far as nothing is accepted yet."""
        return dataclasses.replace(self, workers=AcceptedOutcomes(workers, self.journal))

    def exchange(self, stage: Stage, rule: Rule, posts: list[Path]) -> Path:
        """Have the rule compare all posts, unless the journal has the marks."""
        step = f"marks{stage.number}"
        outcome = self.journal.find(step, 0, self.into)
        if outcome is None:
            out = super().exchange(stage, rule, posts)
            written = WrittenFile(out.name, out.stat().st_size, sha256_of(out))
            outcome = Outcome(step, 0, (written,), 0)
            self.journal.accept(outcome, self.into)
            self.journal.retire_between()
        return outcome.path(self.into)

    def folder_of(self, stage: Stage) -> Path:
        """The last stage writes where nothing else lies."""
        return self.into if stage.barrier else self.into / PARTS

    def remove(self, stage: Stage, files: list[Path]) -> None:
        """Remove the files of a stage, or what is left of them."""
        self.journal.retire(f"stage{stage.number}")
        self.journal.depot.remove(each for path in files for each in (path, keys_of(path)))
