"""The workers of this machine: this process, threads, or processes, whichever is quickest.

DuckDB and Arrow let go of the interpreter's lock, so threads do when Python is rarely called, and they begin at once.
A function that is called for many texts needs processes, and so does anything that takes long.
"""

from __future__ import annotations

import contextlib
import contextvars
import os
import signal
import threading
import time
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any

from curation.engines.shard import close
from curation.errors import CurationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from curation.engines.tasks import Outcome, Task


class Pool:
    """Runs tasks with `count` workers, whose databases share `memory` bytes."""

    def __init__(self, count: int, *, threads: bool, memory: int) -> None:
        self.count = max(count, 1)
        self._threads = threads
        self._memory_limit = f"{memory // self.count}B"
        self._pool: Executor | None = None

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *error: object) -> None:
        if self._pool is None:
            close()
        elif self._threads:
            self._pool.shutdown(wait=True, cancel_futures=True)
        else:
            self._pool.shutdown(wait=True, kill_workers=any(error))  # type: ignore[call-arg]  # loky's own option

    def map(self, tasks: Sequence[Task]) -> Iterator[Outcome]:
        """Run them all; yields the outcome of each as it is done, in any order."""
        if self.count == 1:
            for task in tasks:
                yield task.run(self._memory_limit)
            return
        largest_first = sorted(tasks, key=lambda task: -task.rows)  # so that none works alone at the end
        with _worker_losses():
            self._pool = self._pool or self._start()
            with _interrupts_held():
                waiting = {self._pool.submit(*self._call(task)) for task in largest_first}
            while waiting:
                finished, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                for future in finished:
                    yield future.result()

    def _call(self, task: Task) -> tuple[Any, ...]:
        """What a worker calls. A thread takes this one's context along, so that it is stopped with it."""
        call = (_run, task, self._memory_limit)
        return (contextvars.copy_context().run, *call) if self._threads else call

    def _start(self) -> Executor:
        if self._threads:
            return ThreadPoolExecutor(self.count)
        # loky rather than multiprocessing: its workers do not import the caller's main module, so a five-line
        # script needs no `if __name__ == "__main__"`.
        from loky import ProcessPoolExecutor

        processes: Executor = ProcessPoolExecutor(self.count, initializer=_end_with, initargs=(os.getpid(),))
        return processes


def _run(task: Task, memory_limit: str) -> Outcome:
    """Run a task in a worker."""
    return task.run(memory_limit)


@contextlib.contextmanager
def _worker_losses() -> Iterator[None]:
    """Raise `CurationError` when a worker process was ended from outside."""
    try:
        yield
    except BrokenExecutor as error:
        from loky.process_executor import TerminatedWorkerError

        if not isinstance(error, TerminatedWorkerError):
            raise
        raise CurationError(
            "A worker process was ended from outside, most likely because the machine ran out of memory. What was "
            "there before is unchanged. Run the command again, with fewer --workers if it happens once more."
        ) from error


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


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
