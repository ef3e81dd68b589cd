"""Clusters of this machine for tests: real schedulers and workers, as processes of their own, on loopback addresses."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent

#: Seconds that a part of a cluster has to come up.
STARTING = 60
#: Ray takes 127.0.0.1 for the address of this machine on its network.
RAY_HOST = "127.0.0.2"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@dataclass
class Processes:
    """Processes with their children, which end with the block. Their output lies in `folder`."""

    folder: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __enter__(self) -> Processes:
        self.folder.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *error: object) -> None:
        for name in reversed(list(self.running)):
            self.kill(name)

    def start(self, name: str, *command: str | Path, **environment: str) -> None:
        """Start a process of that name, in a session of its own."""
        given = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore", **environment}
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                list(map(str, command)), cwd=self.folder, env=given, stdout=log, stderr=log, start_new_session=True
            )

    def kill(self, name: str) -> None:
        """End a process and all that it has started, at once."""
        process = self.running.pop(name)
        pids = [process.pid, *descendants(process.pid)]
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()

    def log(self, name: str) -> str:
        """What a process has written."""
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def wait_for(self, name: str, words: str, times: int = 1) -> None:
        """Wait until a process has written some words so many times."""
        until = time.monotonic() + STARTING
        while self.log(name).count(words) < times:
            if self.running[name].poll() is not None or time.monotonic() > until:
                raise AssertionError(f"{name} did not come up:\n{self.log(name)[-3000:]}")
            time.sleep(0.1)


def wait_until(condition: Callable[[], bool], otherwise: Callable[[], str]) -> None:
    """Wait until something is so; fails with a text after `STARTING` seconds."""
    until = time.monotonic() + STARTING
    while not condition():
        if time.monotonic() > until:
            raise AssertionError(otherwise()[-3000:])
        time.sleep(0.05)


def descendants(pid: int) -> list[int]:
    """The processes that a process has started, and those that these have."""
    children: dict[int, list[int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            words = status.read_text().rpartition(")")[2].split()
            children.setdefault(int(words[1]), []).append(int(status.parent.name))
    below: list[int] = []
    waiting = [pid]
    while waiting:
        waiting += (own := children.get(waiting.pop(), []))
        below += own
    return below


@dataclass
class DaskCluster:
    """`dask scheduler` and some `dask worker`."""

    processes: Processes
    port: int = field(default_factory=free_port)
    started: int = 0

    @property
    def address(self) -> str:
        """The scheduler's."""
        return f"tcp://127.0.0.1:{self.port}"

    def start(self, workers: int = 2) -> None:
        """Start the scheduler, and workers with one thread each."""
        self.processes.start(
            "scheduler", BIN / "dask", "scheduler", "--host", "127.0.0.1", "--port", str(self.port), "--no-dashboard"
        )
        self.processes.wait_for("scheduler", "Scheduler at:")
        for _ in range(workers):
            self.start_worker()

    def start_worker(self, before: Sequence[str] = (), **environment: str) -> str:
        """Start a worker, behind the words of another command; gives its name."""
        self.started += 1
        name = f"worker{self.started}"
        self.processes.start(
            name, *before, BIN / "dask", "worker", self.address, "--host", "127.0.0.1", "--nthreads", "1", "--no-nanny",
            "--no-dashboard", "--name", name, "--local-directory", self.processes.folder / name, **environment,
        )  # fmt: skip
        self.processes.wait_for(name, "Registered to:")
        return name

    @property
    def workers(self) -> list[str]:
        """Names of the workers that run."""
        return [name for name in self.processes.running if name.startswith("worker")]


@dataclass
class RayCluster:
    """`ray start --head`, and a second node."""

    processes: Processes
    port: int = field(default_factory=free_port)

    @property
    def address(self) -> str:
        """The head's."""
        return f"{RAY_HOST}:{self.port}"

    @property
    def place(self) -> Path:
        """Where Ray keeps its files: names of sockets must be short."""
        return Path(f"/tmp/ray-{self.port}")

    def start(self) -> None:
        """Start both nodes, with a core each."""
        common = (
            "--node-ip-address", RAY_HOST, "--num-cpus", "1", "--object-store-memory", "80000000", "--block",
            "--include-log-monitor", "false",
        )  # fmt: skip
        head = ("--head", "--port", str(self.port), "--include-dashboard", "false", "--disable-usage-stats")
        self.processes.start("head", BIN / "ray", "start", *head, *common, "--temp-dir", self.place)
        self.processes.wait_for("head", "Ray runtime started")
        self.processes.start("node", BIN / "ray", "start", "--address", self.address, *common)
        self.processes.wait_for("node", "Ray runtime started")


@contextlib.contextmanager
def dask_cluster(folder: Path, workers: int = 2) -> Iterator[DaskCluster]:
    """A Dask cluster that ends with the block."""
    with Processes(folder) as processes:
        cluster = DaskCluster(processes)
        cluster.start(workers)
        yield cluster


@contextlib.contextmanager
def ray_cluster(folder: Path) -> Iterator[RayCluster]:
    """A Ray cluster that ends with the block."""
    with Processes(folder) as processes:
        cluster = RayCluster(processes)
        try:
            cluster.start()
            yield cluster
        finally:
            for name in list(processes.running):
                processes.kill(name)
            shutil.rmtree(cluster.place, ignore_errors=True)
