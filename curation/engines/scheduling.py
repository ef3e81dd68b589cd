"""Tasks on the workers of a scheduler: handed over a few at a time, tried again when lost, cancelled at the end."""

from __future__ import annotations

import contextlib
from collections import deque
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import cloudpickle

from curation.engines.requirements import handshake_source
from curation.engines.watch import BEAT, ENDING, Watch
from curation.errors import CurationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from curation.engines.tasks import Outcome, Task

#: An answer of a worker: its kind, itself, and the worker's name.
Answer = tuple[str, Any, str]

#: Seconds that workers have to say their versions, before the first task; each is asked again with its first task.
GREETING = 60.0
#: Tasks that are handed over for each worker, so that none waits for this process.
AHEAD = 2

#: How a call runs in a worker: an expression for the built-in `eval`, which pickles by its name alone, so that any
#: Python can read the call.
EXPRESSION = "exec(source, room := {}) or room[deed](*arguments)"


@dataclass(frozen=True)
class Call:
    """A function of `curation.engines.handshake` that a worker runs: `eval(EXPRESSION, call.names)`, an `Answer`."""

    deed: str
    arguments: tuple[Any, ...]

    @property
    def names(self) -> dict[str, Any]:
        """The names that the expression knows."""
        return {"source": handshake_source(), "deed": self.deed, "arguments": self.arguments}


class Scheduler(Protocol):
    """A connection to what runs calls somewhere."""

    name: str  # as people call it, with its address
    lost: tuple[type[BaseException], ...]  # what a future raises when the worker or its scheduler is gone
    tries: int  # how often a call is handed over before a lost worker ends the run
    batch: int  # calls that go together, if there are so many

    def submit(self, calls: Sequence[Call]) -> list[Future[Answer]]:
        """Hand calls over; gives a future of each."""
        ...

    def greet(self, call: Call) -> list[Future[Answer]]:
        """Have each worker that is there run the call, as far as workers can be addressed."""
        ...

    def cancel(self, futures: Sequence[Future[Answer]]) -> None:
        """End what runs or waits; it may go on for a while where it can't be ended."""
        ...

    def slots(self) -> int:
        """How many calls can run at once; 0 when there is no worker. It may raise, or never return."""
        ...


@dataclass
class _Flight:
    """A task that is handed over."""

    task: Task
    tries: int = 0


@dataclass
class ClusterWorkers:
    """The workers of a scheduler, for one run."""

    scheduler: Scheduler
    watch: Watch
    request: dict[str, Any]  # what each worker is asked, as `curation.engines.handshake.answer` reads it
    most: int  # tasks that are handed over at a time; 0: by the number of workers
    memory_limit: str
    flights: dict[Future[Answer], _Flight] = field(default_factory=dict)

    def greet(self) -> None:
        """Ask every worker that is there whether it fits. Raises `CurationError` when one doesn't."""
        futures = self.scheduler.greet(Call("greet", (self.request,)))
        finished, late = wait(futures, timeout=min(GREETING, self.watch.patience))
        self.scheduler.cancel(list(late))
        for future in finished:
            with contextlib.suppress(*self._losses):
                _outcome(future.result())

    def map(self, tasks: Sequence[Task]) -> Iterator[Outcome]:
        """Run tasks, the largest first; yields at least one outcome of each."""
        waiting = deque(_Flight(task) for task in sorted(tasks, key=lambda task: -task.rows))
        try:
            while waiting or self.flights:
                self._hand_over(waiting)
                finished, _ = wait(self.flights, timeout=BEAT, return_when=FIRST_COMPLETED)
                if not finished:
                    self.watch.check()
                for future in finished:
                    flight = self.flights.pop(future)
                    answer = self._answer(future, flight)
                    if answer is None:
                        waiting.appendleft(flight)
                    elif outcome := _outcome(answer):
                        yield outcome
        finally:
            self.scheduler.cancel(list(self.flights))
            self.flights.clear()

    def _hand_over(self, waiting: deque[_Flight]) -> None:
        room = (self.most or max(AHEAD * self.watch.slots, AHEAD)) - len(self.flights)
        if not waiting or room < min(self.scheduler.batch, len(waiting)):
            return
        flights = [waiting.popleft() for _ in range(min(room, len(waiting)))]
        try:
            futures = self.scheduler.submit([self._call(flight.task) for flight in flights])
        except self._losses as error:
            raise CurationError(
                f"{self.scheduler.name} takes no more tasks ({type(error).__name__}). Is it running, and can this "
                f"machine reach it? {ENDING}"
            ) from error
        self.flights |= zip(futures, flights, strict=True)

    @property
    def _losses(self) -> tuple[type[BaseException], ...]:
        return (CancelledError, *self.scheduler.lost)

    def _call(self, task: Task) -> Call:
        return Call("answer", (self.request, cloudpickle.dumps(task), self.memory_limit))

    def _answer(self, future: Future[Answer], flight: _Flight) -> Answer | None:
        """What the worker answers; None when it was lost and the task shall be tried again."""
        try:
            return future.result()
        except self._losses as error:
            self.watch.check()
            flight.tries += getattr(error, "begun", 1)
            if flight.tries < self.scheduler.tries:
                return None
            raise CurationError(
                f"{self.scheduler.name} lost the workers of one task {flight.tries} times, most likely because they "
                f"ran out of memory or were ended from outside ({type(error).__name__}). {ENDING}"
            ) from error


def _outcome(answer: Answer) -> Outcome | None:
    """The outcome in an answer. Raises the exception in it, and `CurationError` for a worker that may not work."""
    kind, content, _ = answer
    if kind == "misfit":
        raise CurationError(content)
    if kind == "error":
        raise cloudpickle.loads(content)
    return cloudpickle.loads(content) if kind == "outcome" else None
