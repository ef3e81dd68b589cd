"""The engine of this machine: two verbs over Parquet files.

`map` runs a stage's statement on every shard, shards spread over worker processes; `exchange` lets a rule compare
the posts of all shards in one DuckDB with a memory limit that spills to disk. Shards are cut by the files
alone, never by the number of workers, so the corpus is the same on any number of them.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Executor, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING

from curation.engines.pace import Course
from curation.engines.shard import Shard, close, run_shard
from curation.engines.shard_files import Marks, keys_of, slices
from curation.functions.exchange import Exchange
from curation.recipes import plan
from curation.sql import database, identifier, literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from curation.functions.memo import Memo
    from curation.recipes.plan import Plan
    from curation.rules.base import Rule

Told = Callable[[int, int], None]

#: Posts of a shard: enough that its start is nothing, few enough that a worker stays small.
SHARD_POSTS = 98_304
#: Up to so many posts, some two gigabytes, the files between stages are not compressed.
QUICK_POSTS = 5_000_000
#: Up to so many posts threads are used if Python is rarely asked: the start of processes would cost more.
THREADED_POSTS = 1_000_000
DEFAULT_MEMORY = 1_000_000_000  # bytes


@dataclass(frozen=True)
class LocalEngine:
    """Runs plans on this machine.

    `workers` are processes or threads; 0 means one for each core. `memory` is the bound, in bytes, that the
    databases of all of them share; what exceeds it spills to disk.
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
        memo: Memo | None = None,
        progress: Told | None = None,
    ) -> list[Path]:
        """Run a plan over raw Parquet files, or over those of a corpus that is judged anew.

        Gives the parts of the corpus, which lie in the folder `into`.

        `superseded` is a Parquet file with columns `part` (index of a raw file) and `row`: rows that a later
        landing has replaced. `memo` keeps the values of dear functions. `progress` is told how many posts' worth
        of all the work is done, of how many posts.
        """
        pieces = list(slices(files, self.shard_posts))
        posts = sum(piece.rows for piece in pieces)
        course = Course(compiled, posts, progress)
        made: list[Path] = []  # by the stage before, of each slice
        marks: Path | None = None
        quiet = compiled.judged or all(function.rare for function in compiled.functions)
        threads = posts <= THREADED_POSTS and quiet
        with _Workers(self._worker_count(posts), threads=threads) as workers:
            for number, stage in enumerate(compiled.stages):
                ending = ".arrow" if stage.barrier else ".parquet"
                shards = [
                    Shard(
                        source=piece,
                        made=made[part] if made else None,
                        stage=stage,
                        functions=compiled.functions,
                        columns=compiled.columns,
                        made_anew=compiled.made_anew,
                        output=into / f"stage{number}-{part:05d}{ending}",
                        memory_limit=f"{self.memory // 2 // workers.count}B",
                        superseded=Marks(superseded) if superseded else None,
                        marks=Marks(marks) if marks else None,
                        part=part,
                        memo=memo,
                        small=posts > QUICK_POSTS,
                    )
                    for part, piece in enumerate(pieces)
                ]
                course.begin()
                for rows in workers.run(shards):
                    course.advance(rows)
                for path in made:
                    path.unlink()
                    keys_of(path).unlink()
                made = [shard.output for shard in shards]
                if stage.barrier:
                    course.begin()
                    marks = self._exchange(stage.barrier, made, into / f"marks{number}.parquet", memo, course.reach)
        if progress:
            progress(posts, posts)
        return made

    def _exchange(self, rule: Rule, made: list[Path], out: Path, memo: Memo | None, told: Told) -> Path:
        """Have the rule compare the posts of all slices; gives the Parquet file of its marks."""
        names = literal(str(keys_of(path)) for path in made)
        compared = ", ".join(
            f"{identifier(plan.COMPARED + name)} AS {identifier(name)}" for name in rule.compares() or ()
        )
        spill = out.with_suffix(".spill")
        spill.mkdir()
        with contextlib.closing(
            database.connect(threads=_cores(), memory_limit=f"{self.memory // 2}B", spill=spill / "database")
        ) as connection:
            connection.execute(
                f"""
                CREATE VIEW candidates AS
                SELECT {compared}, {", ".join(plan.CANDIDATE)},
                       CAST(file_index AS INTEGER) AS part, file_row_number AS row
                FROM read_parquet({names})
                WHERE {identifier(plan.COMPARED + "key")} IS NOT NULL
                """
            )
            workers = self.workers or _cores()
            rule.find(Exchange(connection, out, spill, self.memory // 2, workers, told, memo))
        shutil.rmtree(spill, ignore_errors=True)
        return out

    def _worker_count(self, posts: int) -> int:
        """As many as asked for; one, which is this process, when that is quicker than starting others."""
        return 1 if posts <= self.shard_posts else self.workers or _cores()


class _Workers:
    """Runs shards: here, in threads, or in processes, whichever is quickest.

    DuckDB and Arrow let go of the interpreter's lock, so threads do when Python is rarely asked, and they begin
    at once. A function that is asked of many texts needs processes, and so does anything that takes long.
    """

    def __init__(self, count: int, *, threads: bool) -> None:
        self.count = max(count, 1)
        self._threads = threads
        self._pool: Executor | None = None

    def __enter__(self) -> _Workers:
        return self

    def __exit__(self, *error: object) -> None:
        if self._pool is None:
            close()
        elif self._threads:
            self._pool.shutdown(wait=True, cancel_futures=True)
        else:
            self._pool.shutdown(wait=True, kill_workers=any(error))  # type: ignore[call-arg]

    def run(self, shards: list[Shard]) -> Iterator[int]:
        """Run them all; yields the posts of each as it is done, in any order."""
        if self.count == 1:
            yield from map(run_shard, shards)
            return
        self._pool = self._pool or self._start()
        largest_first = sorted(shards, key=lambda shard: -shard.source.rows)  # so that none works alone at the end
        with _interrupts_held():
            waiting = {self._pool.submit(run_shard, shard) for shard in largest_first}
        while waiting:
            finished, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for future in finished:
                yield future.result()

    def _start(self) -> Executor:
        if self._threads:
            return ThreadPoolExecutor(self.count)
        # loky rather than multiprocessing: its workers do not import the caller's main module, so a five-line
        # script needs no `if __name__ == "__main__"`.
        from loky import ProcessPoolExecutor

        return ProcessPoolExecutor(self.count, initializer=_end_with, initargs=(os.getpid(),))


def _end_with(parent: int) -> None:
    """In a worker: end when the process that began it is gone, killed from outside, rather than wait for ever."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@contextlib.contextmanager
def _interrupts_held() -> Iterator[None]:
    """Hold Ctrl-C back. Processes that are begun meanwhile never see it: a terminal sends it to them as well, and
    each would print a traceback of its own, while this process ends them anyway.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # Python before 3.12 ends the hold when it begins this process
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
