"""Runs mutated inputs in this process and judges what comes out: a sentence, or sound posts.

An input is drawn from a kind, a seed and a number, so that each can be made again by itself. What is no
`CurationError`, takes longer than `PATIENCE` seconds of processor time, or breaks a promise on what has landed, is a
`Finding`.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from curation.errors import CurationError

#: Seconds of processor time that one input may take.
PATIENCE = 10.0


class TooSlowError(BaseException):
    """An input takes too long; nothing that is tested catches it."""


class BrokenPromiseError(Exception):
    """What came out is not what is promised."""


@dataclass(frozen=True)
class Finding:
    """An input that did what none may do."""

    kind: str
    seed: int
    number: int
    what: str  # exception and place, equal for equal faults
    details: str

    def __str__(self) -> str:
        again = f"python -m tests.fuzz --kind {self.kind} --seed {self.seed} --only {self.number}"
        return f"{self.what}\n    again: {again}\n{self.details}"


@dataclass
class Tally:
    """What came of a run."""

    inputs: int = 0
    refused: int = 0  # with a sentence
    seconds: float = 0.0
    findings: list[Finding] = field(default_factory=list)
    times: Counter[str] = field(default_factory=Counter)  # findings by what they are


#: Does one input in a folder of its own. Raises what the input makes the program raise.
Trial = Callable[[Random, Path], None]


def run(
    kind: str,
    trial: Trial,
    seed: int,
    *,
    inputs: int | None = None,
    seconds: float | None = None,
    first: int = 0,
    on_finding: Callable[[Finding], None] | None = None,
) -> Tally:
    """Try inputs from number `first` on, so many or for so long; each fault is kept once."""
    tally, began, cpu = Tally(), time.monotonic(), time.process_time()
    number = first
    with _folder() as folder:
        while (inputs is None or number < first + inputs) and (seconds is None or time.monotonic() - began < seconds):
            try:
                attempt(kind, trial, seed, number, folder)
            except CurationError:
                tally.refused += 1
            except (Exception, TooSlowError, SystemExit) as error:
                what = f"{kind}: {place_of(error)}"
                tally.times[what] += 1
                if tally.times[what] == 1:
                    finding = Finding(kind, seed, number, what, _details(error))
                    tally.findings.append(finding)
                    if on_finding:
                        on_finding(finding)
            tally.inputs += 1
            number += 1
    tally.seconds = time.process_time() - cpu
    return tally


def attempt(kind: str, trial: Trial, seed: int, number: int, folder: Path) -> None:
    """Try one input in an empty folder. Raises what it makes the program raise."""
    place = folder / str(number)
    place.mkdir()
    try:
        with in_time():
            trial(Random(f"{kind} {seed} {number}"), place)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def place_of(error: BaseException) -> str:
    """Exception and line of this program, to tell faults apart."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f"{os.sep}curation{os.sep}" in f.filename]
    at = f" at {frames[-1].filename.rpartition(f'{os.sep}curation{os.sep}')[2]}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{at}"


def _details(error: BaseException) -> str:
    lines = traceback.format_exception(type(error), error, error.__traceback__)
    return "".join(lines)[-3000:].encode("utf-8", "backslashreplace").decode()


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="fuzz-", dir=os.environ.get("PYTEST_DEBUG_TEMPROOT")))
    before = Path.cwd()
    try:
        yield folder
    finally:
        os.chdir(before)
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def in_time() -> Iterator[None]:
    """Raise `TooSlowError` after `PATIENCE` seconds of processor time."""

    def late(number: int, frame: Any) -> None:
        raise TooSlowError(f"more than {PATIENCE:g} s")

    before = signal.signal(signal.SIGPROF, late)
    signal.setitimer(signal.ITIMER_PROF, PATIENCE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
