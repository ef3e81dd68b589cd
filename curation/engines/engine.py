"""The contract of an engine: two verbs over files, and the run that is the same on each of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol

from curation.engines.candidates import Candidates
from curation.engines.pace import Pace
from curation.engines.shard import Shard
from curation.engines.shard_files import RowMarks, keys_of, slices
from curation.engines.stages import run_stages

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from curation.engines.pace import OnProgress
    from curation.engines.shard_files import Slice
    from curation.engines.tasks import Outcome, Task
    from curation.functions.memo import Memo
    from curation.recipes.plan import Plan, Stage
    from curation.rules.base import Rule

#: Up to so many posts, some two gigabytes, the files between stages are not compressed.
QUICK_POSTS = 5_000_000


class Workers(Protocol):
    """What an engine has started for one run."""

    def map(self, tasks: Sequence[Task]) -> Iterator[Outcome]:
        """Run tasks; yields each one's outcome as it comes.

        One outcome a task, in any order, however often it was tried; its files are whole. An exception of a task ends
        the run and reaches the caller as it was raised; whatever the engine itself meets (a worker that is gone, a
        scheduler that does not answer) is a `CurationError` in one sentence.
        """
        ...


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
    def start(self, plan: Plan, posts: int) -> AbstractContextManager[Workers]:
        """Start workers for a plan over so many posts; they end with the block."""

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
        pieces = tuple(slices(files, self.shard_posts))
        posts = sum(piece.rows for piece in pieces)
        pace = Pace(compiled, posts, progress)
        rows = RowMarks(superseded) if superseded else None
        with self.start(compiled, posts) as workers:
            parts = run_stages(compiled, _Shards(self, workers, compiled, pieces, into, rows, memo, pace))
        pace.finish()
        return parts


@dataclass(frozen=True)
class _Shards:
    """Posts in files, a file of each slice: the medium of a run."""

    engine: Engine
    workers: Workers
    plan: Plan
    pieces: tuple[Slice, ...]
    into: Path
    superseded: RowMarks | None
    memo: Memo | None
    pace: Pace

    def map(self, stage: Stage, before: list[Path] | None, marks: Path | None) -> list[Path]:
        """Run the stage on each slice; gives its files, and removes those of the stage before."""
        small = self.pace.posts > QUICK_POSTS
        shards = [
            Shard(
                plan=self.plan,
                stage=stage,
                part=part,
                source=piece,
                before=before[part] if before else None,
                folder=self.into,
                superseded=self.superseded,
                marks=RowMarks(marks) if marks else None,
                memo=self.memo,
                small=small,
                shared=self.engine.shared,
            )
            for part, piece in enumerate(self.pieces)
        ]
        self.pace.begin()
        files: dict[int, Path] = {}
        for outcome in self.workers.map(shards):
            files[outcome.part] = outcome.path(self.into)
            self.pace.advance(outcome.posts)
        for path in before or ():
            path.unlink()
            keys_of(path).unlink()
        return [files[part] for part in range(len(shards))]

    def exchange(self, stage: Stage, rule: Rule, posts: list[Path]) -> Path:
        """Have the rule compare the posts of all slices; gives the Parquet file of its marks."""
        self.pace.begin()
        out = self.into / f"marks{stage.number}.parquet"
        keys = [keys_of(path) for path in posts]
        self.engine.exchange(Candidates.of_rule(rule, keys, out, self.memo), self.pace.reach, self.workers)
        return out
