"""Checks the words of a command line: texts have whole characters, and paths are possible.

If the bytes of a word are not UTF-8, Python gives half a surrogate pair for each wrong byte. In a text they become
U+FFFD, as in a post, with a note. The name of a file stays unchanged, since the file may have this name.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from curation.disk.path_names import impossible_name
from curation.errors import UsageError
from curation.writing.characters import is_whole, shown, whole

#: Texts that may name a file: recipes, corpora, and targets to collect.
NAMES = frozenset({"recipe", "corpus", "url", "recipes", "a", "b", "against", "name", "targets", "model"})
#: Words without the name of an option.
ARGUMENTS = NAMES - {"against"} | {"file", "post_id", "place", "source", "beginning"}
#: Paths where DuckDB reads or writes, by command; "" is any.
OF_DUCKDB = frozenset({("", "data"), ("export", "out"), ("demo", "out")})
#: Most columns of a word in a message.
WIDTH = 200


def checked(command: Callable[..., None]) -> Callable[..., None]:
    """The command with checked words. Raises `UsageError` for an impossible path."""

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
    # An address may be longer than a path.
    may_be_address = name == "targets" and "\0" not in path
    if why := None if may_be_address else impossible_name(path):
        raise UsageError(f"{_typed(name, path)} is no name of a file: {why}.")
    if OF_DUCKDB & {("", name), (command, name)} and not is_whole(path):
        raise UsageError(
            f"{_typed(name, path)}: the database reads and writes only where names are UTF-8, and this one is not. "
            "Rename the folder, or name another one."
        )


def _typed(name: str, value: str) -> str:
    """An option or argument in a message."""
    from curation.writing.terminal import shortened

    word = shortened(shown(value), WIDTH)
    return f"'{word}'" if name in ARGUMENTS else f"--{name.replace('_', '-')} '{word}'"
