"""A command as a whole: its wall time, and the peak memory of all its processes together."""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

#: Seconds between two looks at the memory.
INTERVAL = 0.05


@dataclass(frozen=True)
class Measured:
    """What a command took."""

    seconds: float
    megabytes: float  # peak of the sum over its processes, shared pages counted once (PSS); 0 where unknown
    stdout: str
    cpu: float = 0.0  # seconds of processor time, of all its processes; says more than the clock on a busy machine


def command(*words: str) -> Measured:
    """Run a command to its end. Raises `RuntimeError` with what it said when it fails."""
    began, used = time.perf_counter(), _cpu()
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8", env=environment
    ) as process:
        watch = _Watch(process.pid)
        watch.start()
        stdout, stderr = process.communicate()
        watch.done.set()
    seconds = time.perf_counter() - began
    watch.join()
    if process.returncode:
        raise RuntimeError(f"{' '.join(words)} failed with {process.returncode}: {stderr.strip()[-2000:]}")
    return Measured(seconds, watch.peak / 1e6, stdout, _cpu() - used)


def curation(*words: str) -> Measured:
    """Run the command `curation`."""
    return command(sys.executable, "-m", "curation", *words)


def _cpu() -> float:
    """Seconds of processor time of all children that have ended, and of theirs."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


class _Watch(threading.Thread):
    """Looks at the memory of a process and its children until it is told that they are done."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.peak, self.done = pid, 0, threading.Event()

    def run(self) -> None:
        while not self.done.wait(INTERVAL):
            self.peak = max(self.peak, sum(map(_bytes_of, _family(self.pid))))


def _family(pid: int) -> list[int]:
    found, look = [], [pid]
    while look:
        found.append(look.pop())
        with contextlib.suppress(OSError):  # it has ended meanwhile
            for task in list(Path(f"/proc/{found[-1]}/task").glob("*/children")):
                with contextlib.suppress(OSError):
                    look += map(int, task.read_text().split())
    return found


def _bytes_of(pid: int) -> int:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        return 0
    return 0
