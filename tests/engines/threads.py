"""A scheduler of threads, for what the engines of clusters share: it can lose, double and delay what it is given."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from curation.engines.cluster import ClusterEngine
from curation.engines.scheduling import EXPRESSION, Answer, Call


class LostError(Exception):
    """A worker is gone."""


@dataclass
class Threads:
    """Runs calls in threads; `before` and `after` are called with the number of each call, from 0, in its thread."""

    before: Callable[[int], None] = lambda number: None
    after: Callable[[int], None] = lambda number: None
    greeted: Call | None = None
    there: int = 2
    name: str = "The cluster of threads"
    lost: tuple[type[BaseException], ...] = (LostError,)
    tries: int = 3
    batch: int = 1
    calls: int = 0
    cancelled: int = 0
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(2))

    def submit(self, calls: Sequence[Call]) -> list[Future[Answer]]:
        """Hand calls over."""
        futures = []
        for call in calls:
            futures.append(self.pool.submit(self._run, call, self.calls))
            self.calls += 1
        return futures

    def greet(self, call: Call) -> list[Future[Answer]]:
        """Have one thread run the call."""
        self.greeted = call
        return [self.pool.submit(eval, EXPRESSION, call.names)]

    def cancel(self, futures: Sequence[Future[Answer]]) -> None:
        """Take back what has not begun."""
        self.cancelled += sum(future.cancel() for future in futures)

    def slots(self) -> int:
        """Threads."""
        return self.there

    def _run(self, call: Call, number: int) -> Answer:
        self.before(number)
        answer: Answer = eval(EXPRESSION, call.names)
        self.after(number)
        return answer


@dataclass(frozen=True)
class ThreadEngine(ClusterEngine):
    """The engine that uses it."""

    threads: Threads = field(default_factory=Threads)

    @contextlib.contextmanager
    def connect(self, into: Path) -> Iterator[Threads]:
        """Nothing to connect to."""
        yield self.threads
