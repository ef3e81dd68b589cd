"""Commands in the background: child processes of the same command line, which every tab of the server sees.

So a job has the command line's locks and errors, its memory is its own, and its crash is a message. A job belongs to
the server: a reload keeps it, and the server's end ends it.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

from curation.errors import RefusedError
from dashboards import session

#: Ended jobs that are remembered, notes of each, characters of a line, and bytes of a result.
REMEMBERED, NOTES, LINE, RESULT = 20, 100, 4_000, 64_000_000
#: Seconds that a cancelled job has for its end before it is killed.
PATIENCE = 10.0

PROCESS = Path(__file__).with_name("job_process.py")


@dataclass(frozen=True)
class Progress:
    """How far a job is with what it does now."""

    label: str  # as "Curating"
    done: int
    total: int | None
    unit: str  # as "posts", "steps" or "bytes"
    posts: int  # what was counted, where `done` is a position in bytes
    began: float  # of this label, `time.monotonic()`

    @property
    def share(self) -> float | None:
        """The part that is done, from 0 to 1; None while nobody knows how much there is."""
        return min(self.done / self.total, 1.0) if self.total else None

    @property
    def seconds_left(self) -> float | None:
        """An estimate; None while it would be a guess."""
        seconds, share = time.monotonic() - self.began, self.share
        return seconds * (1 - share) / share if share and seconds > 3 and share > 0.02 else None


class Job:
    """A command that runs, or has ended. Its own thread follows it; pages only read, and may cancel."""

    #: Whether it may change the workspace, so that only who may write cancels it.
    writes = True

    def __init__(self, key: str, title: str, words: Sequence[str], about: Mapping[str, Any]) -> None:
        self.id, self.key, self.title, self.words, self.about = uuid4().hex[:12], key, title, tuple(words), about
        self.began, self.ended = time.monotonic(), None
        self.progress: Progress | None = None
        self.waiting = ""  # why it waits, a clause
        self.notes: deque[str] = deque(maxlen=NOTES)
        self.error = ""  # a paragraph, as `curation` prints it
        self.result: dict[str, Any] | None = None  # the JSON object that it printed
        self.code: int | None = None
        self._others: deque[str] = deque(maxlen=NOTES)
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._cancelled, self._over = threading.Event(), threading.Event()

    began: float
    ended: float | None

    @property
    def is_running(self) -> bool:
        """Whether it still runs."""
        return not self._over.is_set()

    @property
    def state(self) -> str:
        """`running`, `cancelling`, `done`, `cancelled` or `failed`."""
        if self.is_running:
            return "cancelling" if self._cancelled.is_set() else "running"
        return "done" if self.code == 0 else "cancelled" if self._cancelled.is_set() else "failed"

    @property
    def seconds(self) -> float:
        """How long it has run."""
        return (self.ended or time.monotonic()) - self.began

    def cancel(self) -> None:
        """End it as Ctrl-C does; kill it if that takes too long. Returns at once."""
        if self.is_running and not self._cancelled.is_set():
            self._cancelled.set()
            threading.Thread(target=self._end, name=f"cancel {self.id}", daemon=True).start()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for its end. Gives whether it has ended."""
        return self._over.wait(seconds)

    def _end(self) -> None:
        self._signal(signal.SIGINT, group=False)
        if not self.wait(PATIENCE):
            self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals, *, group: bool = True) -> None:
        with self._lock:
            if self._process:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    (os.killpg if group else os.kill)(self._process.pid, number)

    def run(self, environment: Mapping[str, str], cleanup: Callable[[Job], object] | None, folder: Path | None) -> None:
        """Run the command to its end, in the thread that calls."""
        try:
            self._follow(environment, folder)
        except OSError as error:  # no process can be started
            self.error, self.code = f"The command can't be started: {error.strerror or error}.", 1
        finally:
            if cleanup:
                with contextlib.suppress(OSError):
                    cleanup(self)
            self.ended = time.monotonic()
            self._over.set()

    def _follow(self, environment: Mapping[str, str], folder: Path | None) -> None:
        pipe = subprocess.PIPE
        self._process = process = subprocess.Popen(
            [sys.executable, "-P", str(PROCESS), *self.words],
            stdin=pipe, stdout=pipe, stderr=pipe, env=_environment(), start_new_session=True, cwd=folder,
        )  # fmt: skip
        assert process.stdin
        assert process.stdout
        assert process.stderr
        printed = bytearray()
        readers = [
            threading.Thread(target=_drain, args=(process.stdout, printed), daemon=True),
            threading.Thread(target=self._read, args=(process.stderr,), daemon=True),
        ]
        with process.stdin, process.stdout, process.stderr:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write(json.dumps(dict(environment)).encode() + b"\n")
                process.stdin.flush()
            for reader in readers:
                reader.start()
            if self._cancelled.is_set():
                self._signal(signal.SIGINT, group=False)
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
            self._signal(signal.SIGKILL)  # workers that it left
            for reader in readers:
                reader.join(5)
            with self._lock:  # once it is reaped, its number may be another process's
                code, self._process = process.wait(), None
        self._conclude(128 - code if code < 0 else code, bytes(printed))

    def _conclude(self, code: int, printed: bytes) -> None:
        if len(printed) <= RESULT:
            with contextlib.suppress(ValueError):
                value = json.loads(printed)
                self.result = value if isinstance(value, dict) else None
        self.waiting = ""
        if self._cancelled.is_set():
            killed = f"It did not end within {PATIENCE:.0f} s and was killed. What was there before is unchanged."
            self.error = self.error or (killed if code == 128 + signal.SIGKILL else "")
        elif code and not self.error:
            output = " ".join(line.strip() for line in self._others if line.strip())
            self.error = output[-LINE:] or f"The command ended without a word (exit code {code})."
        self.code = code

    def _read(self, stderr: IO[bytes]) -> None:
        """Follow stderr line by line."""
        while line := stderr.readline(16 * LINE):
            text = line.decode("utf-8", "replace")
            try:
                value = json.loads(text)
            except ValueError:
                value = None
            if isinstance(value, dict):
                self._take(value)
            elif text.strip():
                self._others.append(text.rstrip()[:LINE])

    def _take(self, value: dict[str, Any]) -> None:
        match value:
            case {"progress": {"label": str(label), "done": int(done), "unit": str(unit), **rest}}:
                last, total, posts = self.progress, rest.get("total"), rest.get("posts")
                began = last.began if last and last.label == label else time.monotonic()
                total, posts = (number if isinstance(number, int) else None for number in (total, posts))
                self.progress = Progress(label, done, total, unit, posts or 0, began)
                self.waiting = ""
            case {"waiting": str(why)}:
                self.waiting = why[:LINE]
            case {"note": str(note)}:
                self.notes.append(note[:LINE])
            case {"error": str(error)}:
                self.error = error[:LINE]


def _drain(stdout: IO[bytes], into: bytearray) -> None:
    """Read everything; keep no more than a result may have."""
    while block := stdout.read1(1 << 16):  # type: ignore[attr-defined]  # a BufferedReader
        if len(into) <= RESULT:
            into += block


def _environment() -> dict[str, str]:
    """The environment of a job: the server's, without what only the server is told."""
    own = {name: value for name, value in os.environ.items() if name not in (session.DATA, session.RULES)}
    return {**own, "CURATION_PROGRESS": "json", "PYTHONIOENCODING": "utf-8"}


class Jobs:
    """The jobs of a server; threads of many tabs use it."""

    def __init__(self) -> None:
        self._jobs: list[Job] = []
        self._lock = threading.Lock()
        self._ended = False

    def start(
        self, job: Job, environment: Mapping[str, str], cleanup: Callable[[Job], object] | None, folder: Path | None
    ) -> Job:
        """Start a job, unless one with its key runs. Gives the one that runs."""
        with self._lock:
            if self._ended:
                raise RefusedError("The dashboard is about to end.")
            if running := next((each for each in self._jobs if each.key == job.key and each.is_running), None):
                return running
            ended = [each for each in self._jobs if not each.is_running]
            for old in ended[: max(len(ended) - REMEMBERED + 1, 0)]:
                self._jobs.remove(old)
            self._jobs.append(job)
        threading.Thread(target=job.run, args=(environment, cleanup, folder), name=f"job {job.id}", daemon=True).start()
        return job

    def all(self) -> list[Job]:
        """The jobs, newest first."""
        with self._lock:
            return self._jobs[::-1]

    def dismiss(self, job: Job) -> None:
        """Forget an ended job."""
        with self._lock:
            if job in self._jobs and not job.is_running:
                self._jobs.remove(job)

    def end(self) -> None:
        """End all jobs as Ctrl-C does, and wait for their end; none starts afterwards."""
        with self._lock:
            self._ended = True
            running = [job for job in self._jobs if job.is_running]
        for job in running:
            job.cancel()
        for job in running:
            job.wait(PATIENCE + 5)


@functools.cache
def registry() -> Jobs:
    """The jobs of this server."""
    return Jobs()


def start(
    key: str,
    title: str,
    words: Sequence[str],
    *,
    secrets: Mapping[str, str] | None = None,
    about: Mapping[str, Any] | None = None,
    cleanup: Callable[[Job], object] | None = None,
    folder: Path | None = None,
) -> Job:
    """Start `curation WORDS…` on the server's workspace with `--json`, unless a job with the same key runs already.

    `key` is what it is for, as `run:baseline`: `of(key)` finds it on a later visit and in other tabs. `title` is for
    people, as *Run baseline*. `secrets` become variables of its environment by a pipe, never words or files. `about` is
    for the page, `cleanup` is called with the job at its end, in any case. The command's files are those of `folder`.
    Raises `RefusedError` where the visitor may not write.
    """
    session.require_write()
    verb, *rest = words
    job = Job(key, title, [verb, "--data", str(session.workspace().root), "--json", *rest], about or {})
    return registry().start(job, secrets or {}, cleanup, folder)


def of(key: str) -> Job | None:
    """The newest job with this key."""
    return next((job for job in registry().all() if job.key == key), None)


def running() -> list[Job]:
    """Jobs that run, newest first."""
    return [job for job in registry().all() if job.is_running]
