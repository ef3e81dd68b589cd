"""Work that begins again when others replace the files under it.

No file is ever changed: the new ones have other names. A reader that holds an older list finds a file gone, never
different. So it asks for the list again, and works on that.
"""

from __future__ import annotations

import glob
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

S = TypeVar("S")

#: How often work is done at most when its files are replaced each time.
ATTEMPTS = 5


class ReplacedError(Exception):
    """Other files have taken the place of those that were read."""


def states(first: S, successor: Callable[[S], S | None]) -> Iterator[S]:
    """The states to work on: the `first` one, and then each that has taken the place of the last one meanwhile.

    `successor` gives the state that took the place of another one, or None while that one stands; then the work is
    done. Leave the loop where the answer of one attempt is good whatever came meanwhile. The last attempt counts.
    """
    state = first
    for _ in range(ATTEMPTS - 1):
        yield state
        newer = successor(state)
        if newer is None:
            return
        state = newer
    yield state


def file_states(root: Path, *patterns: str) -> Iterator[set[str]]:
    """The files below a folder that match one of the `patterns`, and again once one of them is gone."""

    def files() -> set[str]:
        # `Path.glob` raises an error when a folder goes while it looks.
        return {name for pattern in patterns for name in glob.glob(pattern, root_dir=root)}  # noqa: PTH207

    def successor(before: set[str]) -> set[str] | None:
        now = files()
        return None if before <= now else now

    return states(files(), successor)
