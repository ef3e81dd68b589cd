"""What a command says: the result on stdout, progress and everything else on stderr."""

from __future__ import annotations

import contextlib
import json
import re
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


#: What JSON may hold as it is, though it steers a terminal or changes the direction of writing.
STEERING = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def print_json(value: dict[str, Any]) -> None:
    """Print exactly one JSON object."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    print(STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


def print_text(text: str) -> None:
    """Print a result: to a file or another program as it is, on a terminal without what would steer it."""
    print(visible(text) if sys.stdout and sys.stdout.isatty() else text, end="")


def say(message: str) -> None:
    """A line for the user that is no result."""
    print(visible(message), file=sys.stderr, flush=True)


def count(number: int, what: str) -> str:
    """`1 post`, `2,000 posts`."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def visible(text: str) -> str:
    """A stranger's text with everything that would act on the terminal made visible."""
    from curation.ledger_formats import visible as made_visible

    return "\n".join(made_visible(line) for line in text.split("\n"))


@contextlib.contextmanager
def progress(what: str, unit: str = "posts") -> Iterator[Callable[..., None]]:
    """A progress bar on a terminal, and nothing elsewhere.

    What it gives is called with `(done, total)`, or with `(posts, position, size)` when bytes tell how far it is.
    """
    if not (sys.stderr and sys.stderr.isatty()):
        yield lambda *_: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"),
        TextColumn("{task.fields[posts]}"), TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None, posts="")

        def tell(*figures: int | None) -> None:
            posts, done, total = figures if len(figures) == 3 else (figures[0], *figures)
            bar.update(task, completed=done, total=total, posts=f"{posts:,} {unit}")

        yield tell
