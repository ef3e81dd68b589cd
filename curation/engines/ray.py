"""Tasks on Ray: a connection to a cluster that runs already. Ray's tasks are used, not Ray Data."""

from __future__ import annotations

import contextlib
import logging
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from curation.engines.cluster import ClusterEngine
from curation.engines.scheduling import EXPRESSION, Answer, Call
from curation.errors import CurationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import Future
    from pathlib import Path

#: How often Ray tries a task whose worker or node is gone, besides the first time.
RETRIES = 3
#: Seconds for a connection to Ray's head.
ANSWERING = 10


@dataclass(frozen=True)
class RayEngine(ClusterEngine):
    """Runs plans on the workers of a Ray cluster, `auto` or `HOST:PORT`; each task takes one core."""

    address: str = "auto"

    @contextlib.contextmanager
    def connect(self, into: Path) -> Iterator[RayScheduler]:
        """Connect to the cluster. Raises `CurationError` when there is none."""
        import ray

        if ray.is_initialized():  # the caller's own connection stays
            yield RayScheduler("The Ray cluster")
            return
        try:
            if ":" in self.address:
                _reach(self.address.rpartition("/")[2])  # Ray itself would try for minutes
            context = ray.init(
                address=self.address, namespace="curation", log_to_driver=False, logging_level=logging.ERROR,
                configure_logging=False,
            )  # fmt: skip
        except (ConnectionError, OSError, RuntimeError, ValueError) as error:
            raise CurationError(
                f"No Ray cluster at {self.address} takes this program: {str(error).partition(chr(10))[0]} Start one "
                "with ray start --head, or give its address with --address HOST:PORT."
            ) from error
        try:
            yield RayScheduler(f"The Ray cluster at {context.address_info['gcs_address']}")
        finally:
            with contextlib.suppress(Exception):  # a cluster that is gone can't be told goodbye
                ray.shutdown()


class RayScheduler:
    """A connection to Ray."""

    tries = 1  # Ray itself tries again
    batch = 1

    def __init__(self, name: str) -> None:
        import ray

        self.name = name
        self.lost = (ray.exceptions.RayError, OSError, RuntimeError)
        self._ray: Any = ray
        self._head = str(ray.get_runtime_context().gcs_address)
        self._remote = ray.remote(num_cpus=1, max_retries=RETRIES)(_by_value())
        self._references: dict[Future[Answer], Any] = {}

    def submit(self, calls: Sequence[Call]) -> list[Future[Answer]]:
        """Hand calls over."""
        return [self._submit(self._remote, call) for call in calls]

    def greet(self, call: Call) -> list[Future[Answer]]:
        """Have a process of each node run the call, however busy the node is."""
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        nodes = [node["NodeID"] for node in self._ray.nodes() if node["Alive"]]
        here = [NodeAffinitySchedulingStrategy(node, soft=False) for node in nodes]
        return [self._submit(self._remote.options(num_cpus=0, scheduling_strategy=node), call) for node in here]

    def cancel(self, futures: Sequence[Future[Answer]]) -> None:
        """End the processes that run the calls."""
        for future in futures:
            if reference := self._references.pop(future, None):
                with contextlib.suppress(Exception):  # it is over, or the cluster is gone
                    self._ray.cancel(reference, force=True)

    def slots(self) -> int:
        """Cores of all nodes. Raises `OSError` when the head is gone: Ray would wait, and then end this process."""
        _reach(self._head)
        return int(self._ray.cluster_resources().get("CPU", 0))

    def _submit(self, remote: Any, call: Call) -> Future[Answer]:
        reference = remote.remote(EXPRESSION, call.names)
        future: Future[Answer] = reference.future()
        self._references[future] = reference
        future.add_done_callback(lambda done: self._references.pop(done, None))
        return future


def _reach(address: str) -> None:
    """Raise `OSError` when nobody listens at `HOST:PORT`, `ValueError` when it is no address."""
    host, _, port = address.rpartition(":")
    socket.create_connection((host.strip("[]"), int(port)), timeout=ANSWERING).close()


def _by_value() -> Callable[[str, dict[str, Any]], Any]:
    """A function that travels whole: Ray takes no built-in one."""

    def evaluate(expression: str, names: dict[str, Any]) -> Any:
        return eval(expression, names)

    return evaluate
