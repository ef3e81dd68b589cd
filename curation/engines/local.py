"""The engine of this machine: two verbs over Parquet files.

`map` runs a stage's statement on every shard, shards spread over worker processes; `exchange` finds the copies
among the posts of all shards in one DuckDB with a memory limit that spills to disk. Shards are cut by the files
alone, never by the number of workers, so the corpus is the same on any number of them.
"""

from __future__ import annotations

import os
from concurrent.futures import FIRST_COMPLETED, wait
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from curation import database, plan
from curation.engines.shard import Marks, Shard, Slice, run_shard
from curation.sql import literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from curation.plan import Plan, Stage

#: Posts of a shard: enough that its start is nothing, few enough that a worker stays small.
SHARD_POSTS = 32_768
DEFAULT_MEMORY = 1_000_000_000  # bytes


@dataclass(frozen=True)
class LocalEngine:
    """Runs plans on this machine.

    `workers` are processes; 0 means one for each core. `memory` is the bound, in bytes, that the databases of
    all of them share; what exceeds it spills to disk.
    """

    workers: int = 0
    memory: int = DEFAULT_MEMORY
    shard_posts: int = SHARD_POSTS

    def run(
        self,
        compiled: Plan,
        files: Sequence[Path],
        into: Path,
        *,
        superseded: Path | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> list[Path]:
        """Run a plan over raw Parquet files; gives the parts of the corpus, which lie in the folder `into`.

        `superseded` is a Parquet file with columns `part` (index of a raw file) and `row`: rows that a later
        landing has replaced. `progress` is told how many posts of how many are done, over all stages.
        """
        spill = into / "spill"
        current, posts = list(files), sum(pq.read_metadata(path).num_rows for path in files)
        copies: Path | None = None
        with _Workers(self._worker_count(posts)) as workers:
            for number, stage in enumerate(compiled.stages):
                base = Shard(
                    piece=Slice(into, 0, (), 0, 0),
                    stage=stage,
                    functions=compiled.functions,
                    output=into,
                    memory_limit=f"{self.memory // 2 // workers.count}B",
                    superseded=Marks(superseded) if superseded and number == 0 else None,
                    copies=Marks(copies) if copies else None,
                    first=number == 0,
                )
                shards = [
                    replace(base, piece=piece, output=into / f"stage{number}-{index:05d}.parquet")
                    for index, piece in enumerate(self._slices(current))
                ]
                done = number * posts
                for rows in workers.run(shards):
                    done += rows
                    if progress:
                        progress(done, posts * len(compiled.stages))
                if number:
                    for path in current:
                        path.unlink()
                current = [shard.output for shard in shards]
                copies = self._exchange(stage, current, into / f"copies{number}.parquet", spill) if stage.dedup else None
        return current

    def _exchange(self, stage: Stage, parts: list[Path], out: Path, spill: Path) -> Path:
        """Find the copies among all parts; gives a Parquet file of marks."""
        connection = database.connect(threads=_cores(), memory_limit=f"{self.memory // 2}B", spill=spill)
        connection.execute(
            f"""
            CREATE VIEW candidates AS
            SELECT {plan.KEY} AS key, {plan.PREFERENCE} AS preference, created_at, platform, id,
                   CAST(file_index AS INTEGER) AS part, file_row_number AS row
            FROM read_parquet({literal(str(part) for part in parts)})
            WHERE {plan.KEY} IS NOT NULL
            """
        )
        connection.execute(f"COPY ({plan.COPIES}) TO {literal(str(out))} (FORMAT parquet)")
        connection.close()
        return out

    def _slices(self, files: Sequence[Path]) -> Iterator[Slice]:
        for number, path in enumerate(files):
            metadata = pq.read_metadata(path)
            groups: list[int] = []
            first = rows = 0
            for group in range(metadata.num_row_groups):
                groups.append(group)
                rows += metadata.row_group(group).num_rows
                if rows >= self.shard_posts or group == metadata.num_row_groups - 1:
                    yield Slice(path, number, tuple(groups), first, rows)
                    groups, first, rows = [], first + rows, 0

    def _worker_count(self, posts: int) -> int:
        """As many as asked for; one, which is this process, when that is quicker than starting others."""
        return 1 if posts <= self.shard_posts else self.workers or _cores()


class _Workers:
    """Runs shards, in worker processes when there are several."""

    def __init__(self, count: int) -> None:
        self.count = max(count, 1)
        self._pool = None

    def __enter__(self) -> _Workers:
        return self

    def __exit__(self, *error: object) -> None:
        if self._pool:
            self._pool.shutdown(wait=True, kill_workers=any(error))

    def run(self, shards: list[Shard]) -> Iterator[int]:
        """Run them all; yields the posts of each as it is done, in any order."""
        if self.count == 1:
            yield from map(run_shard, shards)
            return
        if self._pool is None:
            # loky rather than multiprocessing: its workers do not import the caller's main module, so a
            # five-line script needs no `if __name__ == "__main__"`.
            from loky import ProcessPoolExecutor

            self._pool = ProcessPoolExecutor(self.count)
        waiting = {self._pool.submit(run_shard, shard) for shard in shards}
        while waiting:
            finished, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for future in finished:
                yield future.result()


def _cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
