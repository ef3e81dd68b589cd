"""`curation dashboard` as a process of its own."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from tests.cli.shell import COMMAND, PATIENCE, environment

#: How often a server that begins is asked whether it is there, in seconds.
LOOK = 0.05


@dataclass(frozen=True)
class Dashboard:
    """A server that runs."""

    data: Path
    url: str  # without a slash at its end
    process: subprocess.Popen[bytes]
    said: Path  # what it prints

    @property
    def log(self) -> str:
        """What it has printed so far."""
        return self.said.read_text(encoding="utf-8", errors="replace")

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """End it; gives its exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


def free_port() -> int:
    """A port that nobody listens at just now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def begin(
    data: Path,
    said: Path,
    *words: str,
    env: dict[str, str] | None = None,
    cwd: Path | None = None,
    host: str = "127.0.0.1",
) -> Dashboard:
    """Begin `curation dashboard --data DATA WORDS…` on a free port, and wait until it answers."""
    port = free_port()
    command = [*COMMAND, "dashboard", "--data", str(data), "--port", str(port), "--no-open", *words]
    with said.open("wb") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env or environment(), cwd=cwd
        )
    dashboard = Dashboard(data, f"http://{host}:{port}", process, said)
    until = time.monotonic() + PATIENCE
    while not answers(f"{dashboard.url}/_stcore/health"):
        if process.poll() is not None or time.monotonic() > until:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            raise AssertionError(f"{' '.join(command)} does not serve: {dashboard.log}")
        time.sleep(LOOK)
    return dashboard


def answers(url: str) -> bool:
    """Whether a server answers that all is well."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status == 200
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
