"""What a command says: the result on stdout, progress and everything else on stderr."""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Iterator
from typing import Any

from curation.writing.characters import json_text
from curation.writing.terminal import count as count
from curation.writing.terminal import visible as visible  # as output.visible

#: What JSON may hold as it is, though it steers a terminal or changes the direction of writing.
STEERING = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def print_json(value: dict[str, Any]) -> None:
    """Print exactly one JSON object."""
    text = json_text(value, default=str)
    print(STEERING.sub(lambda match: f"\\u{ord(match[0]):04x}", text))


def print_text(text: str) -> None:
    """Print a result: to a file or another program as it is, on a terminal without what would steer it."""
    print(visible(text) if sys.stdout and sys.stdout.isatty() else text, end="")


def say(message: str) -> None:
    """A line for the user that is no result."""
    print(visible(message), file=sys.stderr, flush=True)


class Progress:
    """Says how far a command is: on a terminal with a bar, elsewhere only what takes long.

    It is called with `(done, total)`, or with `(posts, position, size)` when bytes tell how far it is.
    """

    def __call__(self, *figures: int | None) -> None:
        """How far it is."""

    def pause(self, why: str) -> None:
        """A wait, as a clause; "" when it is over. Said once for each, since nothing is animated here."""
        if why and not self._pausing:
            say(f"{why[0].upper()}{why[1:]}.")
        self._pausing = bool(why)

    _pausing = False


class _Bar(Progress):
    """On a terminal."""

    def __init__(self, bar: Any, what: str, unit: str) -> None:
        self._bar, self._what, self._unit = bar, what, unit
        self._task = bar.add_task(what, total=None, posts="")

    def __call__(self, *figures: int | None) -> None:
        posts, position, total = figures if len(figures) == 3 else (figures[0], *figures)
        self._bar.update(self._task, completed=position, total=total, posts=f"{posts:,} {self._unit}")

    def pause(self, why: str) -> None:
        self._bar.update(self._task, description=visible(why) or self._what)


@contextlib.contextmanager
def progress(what: str, unit: str = "posts") -> Iterator[Progress]:
    """A progress bar on a terminal, and nothing animated elsewhere."""
    if not (sys.stderr and sys.stderr.isatty()):
        yield Progress()
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}", markup=False), BarColumn(), TextColumn("{task.percentage:>3.0f} %"),
        TextColumn("{task.fields[posts]}"), TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(),
    )  # fmt: skip
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        yield _Bar(bar, what, unit)
