"""What can go wrong, and the exit code that a script sees.

::

    CurationError              1  failed: the message says what, where, and what to do next
    ├── InputError             1  an input can't be read
    │   ├── UnreachedInputError    it may hold posts, and they can't be reached
    │   │   └── DamagedInputError  it is cut off or damaged
    │   └── NoTextColumnError  1  none of its columns is known to hold texts
    ├── WorkspaceError         1  the data folder can't be used
    ├── RefusedError           1  refused for a stated reason, with the way to insist
    ├── UsageError             2  a wrong option or argument
    │   └── RecipeError        2  a recipe that can't be run
    ├── NothingToDoError       3  no posts, no such author, no such recipe run yet
    └── CheckFailedError       4  a check that was asked for did not hold

A message tells a person what is wrong, what was given, and what would be right. Every error that a user can fix is one
of these; a traceback means a defect in this program.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

#: The most names that a message lists, and the most characters of one.
MOST, LONGEST = 100, 80


class CurationError(Exception):
    """Anything that this program reports without a traceback."""

    exit_code = 1


class InputError(CurationError):
    """A file, archive or stream that can't be read."""


class UnreachedInputError(InputError):
    """An input whose posts can't be reached: a landing without them is partial."""


class DamagedInputError(UnreachedInputError):
    """An input that is cut off or damaged."""


class NoTextColumnError(InputError):
    """A table or JSON none of whose columns is known to hold texts; `columns` are those to choose from."""

    def __init__(self, message: str, columns: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.columns = tuple(columns)


class WorkspaceError(CurationError):
    """A data folder that can't be read, written or locked."""


class RefusedError(CurationError):
    """Possible, but refused unless the user insists; the message says how."""


class UsageError(CurationError):
    """A wrong option or argument."""

    exit_code = 2


class RecipeError(UsageError):
    """A recipe that is not valid; nothing has been run."""


class NothingToDoError(CurationError):
    """There is nothing to work on."""

    exit_code = 3


class CheckFailedError(CurationError):
    """A check that was asked for did not hold."""

    exit_code = 4


def did_you_mean(given: str, choices: Iterable[str]) -> str:
    """The end of a message: `" Did you mean 'x'?"` for the closest of `choices`, then all names."""
    names = sorted(name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…" for name in choices)
    close = difflib.get_close_matches(given, names, n=1, cutoff=0.6)
    hint = f" Did you mean '{close[0]}'?" if close else ""
    others = f" and {len(names) - MOST:,} more" if len(names) > MOST else ""
    return f"{hint} There is: {', '.join(names[:MOST])}{others}." if names else hint
