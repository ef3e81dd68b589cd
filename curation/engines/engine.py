"""The contract of an engine: two verbs over files, and the run that is the same on each of them."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from curation.engines.candidates import Candidates
from curation.engines.pace import Pace
from curation.engines.shard import Shard
from curation.engines.shard_files import RowMarks, keys_of, portions
from curation.engines.stages import run_stages

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from curation.engines.pace import OnProgress
    from curation.engines.shard_files import Slice
    from curation.engines.tasks import Workers
    from curation.functions.memo import Memo
    from curation.recipes.plan import Plan, Stage
    from curation.rules.base import Rule

#: Up to so many posts, some two gigabytes, the files between stages are not compressed.
QUICK_POSTS = 5_000_000


class Engine(ABC):
    """Runs tasks, and brings together what has to be compared. It knows files and rules, and nothing of corpora.

    What each engine promises, which `tests/engines/test_conformance.py` checks:

    - The rows are the same on every engine, with any number of workers, in whatever order shards end, and when
      workers die. Shards are cut by the files and `shard_posts` alone.
    - A run has its result whole or raises. Nobody but the caller removes the folder `into`, and nothing is written
      elsewhere.
    - The process that calls accepts the results, one a task, and compares or has compared; workers know nothing of
      each other. Tasks, candidates, rules and functions are pickled on their way (`cloudpickle`).
    - A run can be interrupted: leaving the block of `start` by an exception ends the workers.
    """

    shard_posts: int  # posts of a shard, about
    shared: ClassVar[bool] = False  # whether workers on other machines read and write the files

    @abstractmethod
    def start(self, plan: Plan, posts: int, into: Path) -> AbstractContextManager[Workers]:
        """Start workers for a plan over so many posts, which write into a folder; they end with the block."""

    @abstractmethod
    def exchange(
        self,
        candidates: Candidates,
        on_progress: OnProgress = lambda done, of: None,
        workers: Workers | None = None,
    ) -> None:
        """Have `candidates.find` compare the candidates of all shards, and write the marks to `candidates.out`.

        All at once, or in portions that keep those of one key together; the marks are the same. An engine may give
        such portions, as tasks, to the `workers` of a run. Raises what `find` raises, and `CurationError` for what the
        engine itself meets.
        """

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
        """Run a plan over raw Parquet files, or over those of a corpus that is judged anew.

        Gives the parts of the outcome, which lie in the folder `into`.

        `superseded` is a Parquet file with columns `part` (index of a raw file) and `row`: rows that are left out,
        since a later landing has replaced them. `memo` keeps the values of cached functions. `progress` is called with
        how many posts' worth of all the work is done, and of how many posts.
        """
        cut = tuple(portions(files, self.shard_posts))
        pace = Pace(compiled, sum(piece.rows for portion in cut for piece in portion), progress)
        rows = RowMarks(superseded) if superseded else None
        parts = self.complete(Shards(self, compiled, cut, into, rows, memo, pace))
        pace.finish()
        return parts

    def complete(self, shards: Shards) -> list[Path]:
        """Run all stages of a plan over shards; gives the parts of the outcome."""
        with self.start(shards.plan, shards.pace.posts, shards.into) as workers:
            return run_stages(shards.plan, shards.with_workers(workers))


@dataclass(frozen=True)
class Shards:
    """Posts in files, a file of each portion: the medium of a run."""

    engine: Engine
    plan: Plan
    portions: tuple[tuple[Slice, ...], ...]
    into: Path
    superseded: RowMarks | None
    memo: Memo | None
    pace: Pace
    workers: Workers | None = None  # once they are started

    def with_workers(self, workers: Workers) -> Shards:
        """The same, which `workers` run."""
        return dataclasses.replace(self, workers=workers)

    def map(self, stage: Stage, before: list[Path] | None, marks: Path | None) -> list[Path]:
        """Run the stage on each portion; gives its files, and removes those of the stage before."""
        assert self.workers is not None
        small = self.pace.posts > QUICK_POSTS
        folder = self.folder_of(stage)
        shards = [
            Shard(
                plan=self.plan,
                stage=stage,
                part=part,
                source=portion,
                before=before[part] if before else None,
                folder=folder,
                superseded=self.superseded,
                marks=RowMarks(marks) if marks else None,
                memo=self.memo,
                small=small,
                shared=self.engine.shared,
            )
            for part, portion in enumerate(self.portions)
        ]
        self.pace.begin()
        files: dict[int, Path] = {}
        for outcome in self.workers.map(shards):
            files[outcome.part] = outcome.path(folder)
            self.pace.advance(outcome.posts)
        if before:
            self.remove(self.plan.stages[stage.number - 1], before)
        return [files[part] for part in range(len(shards))]

    def exchange(self, stage: Stage, rule: Rule, posts: list[Path]) -> Path:
        """Have the rule compare all posts; gives the Parquet file of its marks."""
        self.pace.begin()
        out = self.into / f"marks{stage.number}.parquet"
        keys = [keys_of(path) for path in posts]
        self.engine.exchange(Candidates.of_rule(rule, keys, out, self.memo), self.pace.reach, self.workers)
        return out

    def folder_of(self, stage: Stage) -> Path:
        """Where a stage's files are written."""
        return self.into

    def remove(self, stage: Stage, files: list[Path]) -> None:
        """Remove the files of a stage, which nobody needs any more."""
        for path in files:
            path.unlink()
            keys_of(path).unlink()
