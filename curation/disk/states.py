"""Work that begins again when other processes replace its files.

No file is ever changed, since new ones have other names. A reader with an older list finds a file gone, never
different, and reads the list again.
"""

from __future__ import annotations

import glob
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

S = TypeVar("S")

#: Most attempts when the files are replaced each time.
ATTEMPTS = 5


class ReplacedError(Exception):
    """Other files have replaced the ones that were read."""


def states(first: S, successor: Callable[[S], S | None]) -> Iterator[S]:
    """The states to work on: the `first` one, and then each one that has replaced it meanwhile.

    `successor` gives the state that has replaced another one, or None while it stands; then the work is done. Leave
    the loop early where an answer is good whatever came meanwhile. The last attempt counts.
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
    """The files below a folder that match one of the `patterns`, and again when one of them is gone."""

    def files() -> set[str]:
        # `Path.glob` raises an error when a folder goes meanwhile.
        return {name for pattern in patterns for name in glob.glob(pattern, root_dir=root)}  # noqa: PTH207

    def successor(before: set[str]) -> set[str] | None:
        now = files()
        return None if before <= now else now

    return states(files(), successor)
