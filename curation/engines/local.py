"""The engine of this machine: shards in this process, in threads or in worker processes.

Rules that compare do so in one DuckDB with a bound of memory, which spills to disk.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from curation.engines.candidates import Candidates, compare
from curation.engines.engine import Engine
from curation.engines.pool import Pool, cores

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from curation.engines.pace import OnProgress
    from curation.engines.tasks import Workers
    from curation.recipes.plan import Plan

#: Posts of a shard: enough that its start is nothing, few enough that a worker stays small.
SHARD_POSTS = 98_304
#: Up to so many posts threads are used if Python is rarely called: the start of processes would cost more.
THREADED_POSTS = 1_000_000
DEFAULT_MEMORY = 1_000_000_000  # bytes


@dataclass(frozen=True)
class LocalEngine(Engine):
    """Runs plans on this machine.

    `workers` are processes or threads; 0 means one for each core. `memory` is the bound, in bytes, that the
    databases of all of them share; what exceeds it spills to disk.
    """

    workers: int = 0
    memory: int = DEFAULT_MEMORY
    shard_posts: int = SHARD_POSTS

    @contextlib.contextmanager
    def start(self, plan: Plan, posts: int, into: Path) -> Iterator[Workers]:
        """Start as many workers as there should be; only this process, where that is quicker than starting others."""
        count = 1 if posts <= self.shard_posts else self._workers
        quiet = plan.judged or all(function.rare for function in plan.functions)
        with Pool(count, threads=posts <= THREADED_POSTS and quiet, memory=self.memory // 2) as pool:
            yield pool

    def exchange(
        self,
        candidates: Candidates,
        on_progress: OnProgress = lambda done, of: None,
        workers: Workers | None = None,
    ) -> None:
        """Compare all candidates at once, in this process."""
        compare(candidates, memory=self.memory // 2, threads=cores(), workers=self._workers, on_progress=on_progress)

    @property
    def _workers(self) -> int:
        return self.workers or cores()


def local_engine(workers: int = 0, memory: int | None = None) -> Engine:
    """The engine that is used where nobody chooses another; `memory` in bytes."""
    return LocalEngine(workers=workers, memory=memory or DEFAULT_MEMORY)
