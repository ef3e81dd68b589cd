"""What was typed, before a command takes it: texts of whole characters, and paths that a file system can have.

A word of the command line whose bytes are no UTF-8 reaches Python with half a surrogate pair for each such byte. Where
it is a text, those become U+FFFD, as in a post, and that is said. Where it names a file it stays as it is, since the
file may have such a name.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from curation.disk.path_names import impossible_name
from curation.errors import UsageError
from curation.writing.characters import is_whole, shown, whole

#: Texts that may name a file: recipes, corpora, and what is to be collected.
NAMES = frozenset({"recipe", "recipes", "a", "b", "against", "name", "targets", "model"})
#: Words that are typed without the name of an option.
ARGUMENTS = NAMES - {"against"} | {"file", "post_id", "place", "source", "beginning"}
#: Paths in which DuckDB reads or writes, by command; "" is any.
OF_DUCKDB = frozenset({("", "data"), ("export", "out"), ("demo", "out")})
#: Columns of a message that a word may take.
WIDTH = 200


def checked(command: Callable[..., None]) -> Callable[..., None]:
    """The command, which is given only what it can use. Raises `UsageError` for a path that no file can have."""

    @functools.wraps(command)
    def run(**given: Any) -> None:
        command(**{name: _usable(command.__name__, name, value) for name, value in given.items()})

    return run


def _usable(command: str, name: str, value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return type(value)(_usable(command, name, each) for each in value)
    if isinstance(value, Path) or name in NAMES:
        _check_path(command, name, value)
    elif isinstance(value, str) and not is_whole(value):
        from curation.cli.output import say

        say(f"Note: {_typed(name, value)} holds bytes that are not UTF-8; they became U+FFFD.")
        return whole(value)
    return value


def _check_path(command: str, name: str, value: Path | str | None) -> None:
    if value is None:
        return
    path = str(value)
    # An address on the network may be longer than a path.
    may_be_address = name == "targets" and "\0" not in path
    if why := None if may_be_address else impossible_name(path):
        raise UsageError(f"{_typed(name, path)} is no name of a file: {why}.")
    if OF_DUCKDB & {("", name), (command, name)} and not is_whole(path):
        raise UsageError(
            f"{_typed(name, path)}: the database reads and writes only where names are UTF-8, and this one is not. "
            "Rename the folder, or name another one."
        )


def _typed(name: str, value: str) -> str:
    """An option or argument, as a message calls it."""
    from curation.writing.terminal import shortened

    word = shortened(shown(value), WIDTH)
    return f"'{word}'" if name in ARGUMENTS else f"--{name.replace('_', '-')} '{word}'"
