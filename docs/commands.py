"""The commands as their functions declare them: the signatures that Typer reads are read here too."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.models import OptionInfo

from curation.cli import app

#: What stands for a value of a type.
VALUES = {str: "TEXT", int: "NUMBER", float: "NUMBER", Path: "PATH"}

_NOTHING = (None, False, inspect.Parameter.empty)


@dataclass(frozen=True)
class Parameter:
    """An argument or an option of a command."""

    name: str  # as in the function
    words: str  # `--valid NUMBER`, `[RECIPE]`
    is_option: bool
    default: str  # as a person would write it; empty for none, and for a switch
    help: str


def commands() -> dict[str, Callable[..., Any]]:
    """The functions of all commands, in the order of the help."""
    return {info.name or info.callback.__name__: info.callback for info in app.registered_commands}


def parameters(function: Callable[..., Any]) -> Iterator[Parameter]:
    """What a command takes."""
    hints = typing.get_type_hints(function, include_extras=True)
    for parameter in inspect.signature(function).parameters.values():
        kind, info = typing.get_args(hints[parameter.name])
        values = [each for each in (kind, *typing.get_args(kind)) if each in VALUES]
        values += [each for part in typing.get_args(kind) for each in typing.get_args(part) if each in VALUES]
        is_option = isinstance(info, OptionInfo)
        words = info.metavar or (VALUES[values[0]] if values else "")
        if is_option:
            # Within `Annotated` Typer takes the first name for a default; it is one of the names here.
            names = [n for n in (info.default, *(info.param_decls or ())) if str(n).startswith("-")]
            words = f"{', '.join(names)} {words}".strip()
        default = "" if any(parameter.default is n for n in _NOTHING) else str(parameter.default)
        yield Parameter(parameter.name, words, is_option, default, info.help)
