"""Tasks on Dask: a connection to a scheduler of `distributed` that runs already."""

from __future__ import annotations

import contextlib
import logging
import os
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from curation.engines.cluster import ClusterEngine
from curation.engines.scheduling import EXPRESSION, Answer, Call
from curation.errors import CurationError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

#: Seconds for a connection, and for an answer to a question.
CONNECTING, ANSWERING = 20, 30


@dataclass(frozen=True)
class DaskEngine(ClusterEngine):
    """Runs plans on the workers of a Dask scheduler, `tcp://HOST:PORT`; "" takes DASK_SCHEDULER_ADDRESS."""

    scheduler: str = ""

    @contextlib.contextmanager
    def connect(self, into: Path) -> Iterator[DaskScheduler]:
        """Connect to the scheduler. Raises `CurationError` when it doesn't answer."""
        from distributed import Client

        address = self.scheduler or os.environ.get("DASK_SCHEDULER_ADDRESS", "")
        if not address:
            raise UsageError("--engine dask needs the address of a scheduler: --scheduler tcp://HOST:PORT.")
        for name in ("distributed", "distributed.client", "distributed.core", "tornado.application"):
            logging.getLogger(name).setLevel(logging.CRITICAL)  # the sentence that a person gets is ours
        try:
            client = Client(address, timeout=CONNECTING, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            raise CurationError(
                f"No Dask scheduler answers at {address}. Start one with dask scheduler, and workers with dask worker, "
                "or give its address with --scheduler tcp://HOST:PORT."
            ) from error
        try:
            yield DaskScheduler(client, f"The Dask scheduler at {address}")
        finally:
            with contextlib.suppress(Exception):  # a scheduler that is gone can't be told goodbye
                client.close(timeout=ANSWERING)


class DaskScheduler:
    """A client of Dask."""

    tries = 1  # Dask itself tries again, as often as its `allowed-failures` says
    batch = 1

    def __init__(self, client: Any, name: str) -> None:
        from distributed.comm import CommClosedError
        from distributed.scheduler import KilledWorker

        self.name = name
        self.lost = (KilledWorker, CommClosedError, OSError, RuntimeError)
        self._client = client
        self._futures: dict[Future[Answer], Any] = {}

    def submit(self, calls: Sequence[Call]) -> list[Future[Answer]]:
        """Hand calls over."""
        return [self._submit(call) for call in calls]

    def greet(self, call: Call) -> list[Future[Answer]]:
        """Have each worker run the call."""
        return [self._submit(call, workers=[address], allow_other_workers=False) for address in self._workers()]

    def cancel(self, futures: Sequence[Future[Answer]]) -> None:
        """Take calls back; what runs already goes on to its end."""
        theirs = [self._futures.pop(future) for future in futures if future in self._futures]
        if theirs:
            with contextlib.suppress(Exception):  # the scheduler may be gone
                self._client.cancel(theirs, asynchronous=False)

    def slots(self) -> int:
        """Threads of all workers."""
        return sum(self._workers().values())

    def _workers(self) -> dict[str, int]:
        """Threads of each worker, by its address."""
        workers: dict[str, int] = self._client.sync(self._client.scheduler.ncores, callback_timeout=ANSWERING)
        return workers

    def _submit(self, call: Call, **where: Any) -> Future[Answer]:
        theirs = self._client.submit(eval, EXPRESSION, call.names, pure=False, retries=0, **where)
        ours: Future[Answer] = Future()
        self._futures[ours] = theirs
        theirs.add_done_callback(lambda done: self._settle(ours, done))
        return ours

    def _settle(self, ours: Future[Answer], theirs: Any) -> None:
        """Hand on what became of a call; called in a thread of Dask's."""
        self._futures.pop(ours, None)
        if not ours.set_running_or_notify_cancel():
            return
        try:
            ours.set_result(theirs.result(timeout=ANSWERING))
        except BaseException as error:
            ours.set_exception(error)
