"""The output of commands: results on stdout, progress and everything else on stderr.

With `CURATION_PROGRESS=json` in the environment, each line on stderr is one JSON object, for a program that follows the
command: `{"progress": {"label", "done", "total", "unit", "posts"}}`, at most five a second, `{"waiting": why}` ("" when
it goes on), `{"note": sentence}` and at the end `{"error": paragraph}`. Lines of libraries stay as they are.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sys
import time
from collections.abc import Iterator
from typing import Any

from curation.writing.characters import json_text
from curation.writing.terminal import count as count
from curation.writing.terminal import visible as visible  # as output.visible

#: Characters that are legal in JSON, but control a terminal or change the direction of writing.
STEERING = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")

#: The variable by which a program asks for lines that it can read, and the seconds between two lines of progress.
PROGRESS, PAUSE = "CURATION_PROGRESS", 0.2


def print_json(value: dict[str, Any]) -> None:
    """Print exactly one JSON object."""
    text = json_text(value, default=str)
    print(STEERING.sub(lambda match: f"\\u{ord(match[0]):04x}", text))


def print_text(text: str) -> None:
    """Print a result: unchanged for a file or program, without control characters on a terminal."""
    print(visible(text) if sys.stdout and sys.stdout.isatty() else text, end="")


def say(message: str) -> None:
    """Print a line for the user on stderr."""
    if is_followed():
        _send(note=visible(message))
    else:
        print(visible(message), file=sys.stderr, flush=True)


def complain(message: str) -> None:
    """Print why the command failed, a paragraph, on stderr."""
    if is_followed():
        _send(error=message)
    else:
        print(f"curation: {message}", file=sys.stderr)


def is_followed() -> bool:
    """Whether a program reads stderr."""
    return os.environ.get(PROGRESS) == "json"


def _send(**values: Any) -> None:
    """Print one JSON object on stderr as a line of its own, whatever other threads print."""
    if sys.stderr:
        sys.stderr.write(json_text(values) + "\n")
        sys.stderr.flush()


def percent(share: float | None) -> str:
    """A share as a percentage; a dash for none."""
    return "–" if share is None else f"{100 * share:.1f}%"


def terminal_width() -> int:
    """Columns of the terminal that shows the result; 0 for a file or program."""
    return shutil.get_terminal_size().columns if sys.stdout and sys.stdout.isatty() else 0


class Progress:
    """Shows the progress of a command: a bar on a terminal, elsewhere only why it waits.

    Call it with `(done, total)`, or with `(posts, position, size)` for a position in bytes.
    """

    def __call__(self, *figures: int | None) -> None:
        """Show the progress."""

    def pause(self, why: str) -> None:
        """Say why the command waits, as a clause; "" when it goes on."""
        if why and not self._pausing:
            say(f"{why[0].upper()}{why[1:]}.")
        self._pausing = bool(why)

    _pausing = False


class _Bar(Progress):
    """Progress on a terminal."""

    def __init__(self, bar: Any, what: str, unit: str) -> None:
        self._bar, self._what, self._unit = bar, what, unit
        self._task = bar.add_task(what, total=None, posts="")

    def __call__(self, *figures: int | None) -> None:
        posts, position, total = _three(figures)
        self._bar.update(self._task, completed=position, total=total, posts=f"{posts:,} {self._unit}")

    def pause(self, why: str) -> None:
        self._bar.update(self._task, description=visible(why) or self._what)


class _Lines(Progress):
    """Progress for a program, as JSON lines."""

    def __init__(self, what: str, unit: str) -> None:
        self._what, self._unit, self._next = what, unit, 0.0

    def __call__(self, *figures: int | None) -> None:
        posts, position, total = _three(figures)
        now = time.monotonic()
        if now < self._next and position != total:
            return
        self._next = now + PAUSE
        unit = self._unit if posts == position else "bytes"
        _send(progress={"label": self._what, "done": position, "total": total, "unit": unit, "posts": posts})

    def pause(self, why: str) -> None:
        if why or self._pausing:
            _send(waiting=visible(why))
        self._pausing = bool(why)


def _three(figures: tuple[int | None, ...]) -> tuple[int | None, ...]:
    """Posts (or what is counted instead), position and size."""
    return figures if len(figures) == 3 else (figures[0], *figures)


@contextlib.contextmanager
def progress(what: str, unit: str = "posts") -> Iterator[Progress]:
    """A progress bar on a terminal, lines for a program that follows; nothing animated elsewhere."""
    if is_followed():
        lines = _Lines(what, unit)
        _send(progress={"label": what, "done": 0, "total": None, "unit": unit, "posts": 0})
        yield lines
        return
    if not (sys.stderr and sys.stderr.isatty()):
        yield Progress()
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}", markup=False), BarColumn(), TextColumn("{task.percentage:>3.0f}%"),
        TextColumn("{task.fields[posts]}"), TextColumn("·"), TimeElapsedColumn(), TextColumn("so far ·"),
        TimeRemainingColumn(), TextColumn("left"),
    )  # fmt: skip
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        yield _Bar(bar, what, unit)
