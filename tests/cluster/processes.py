"""Servers that a test starts as processes of their own on loopback, and that always end with it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    return port


def answers(port: int) -> bool:
    """Whether somebody listens on a port of loopback."""
    with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=1):
        return True
    return False


@contextlib.contextmanager
def process(
    command: Sequence[str | Path],
    log: Path,
    *,
    ready: Callable[[], bool] = lambda: True,
    environment: Mapping[str, str] | None = None,
    seconds: float = 60,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command in a session of its own until the block ends; waits `seconds` at most until it is `ready`.

    What it prints goes to the file `log`, whose end is shown when it does not become ready.
    """
    with log.open("ab") as output:
        running = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(environment or {})},
            start_new_session=True,
        )
    try:
        wait_until(ready, seconds, lambda: f"{command[0]} did not start:\n{log.read_text(errors='replace')[-2000:]}")
        yield running
    finally:
        end(running)


def wait_until(ready: Callable[[], bool], seconds: float, otherwise: Callable[[], str]) -> None:
    """Wait until something is so; raises `TimeoutError` with a text after so many seconds."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError(otherwise())
        time.sleep(0.05)


def end(running: subprocess.Popen[bytes], seconds: float = 10) -> None:
    """End a process and all that it started: asked first, killed after so many seconds."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(running.pid, how)
        with contextlib.suppress(subprocess.TimeoutExpired):
            running.wait(seconds)
