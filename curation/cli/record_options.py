"""Commands whose options are the fields of a record (`curation.options.option`)."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import typer

from curation.cli.values import choices
from curation.options.option import OptionField, Options

Record = TypeVar("Record", bound=Options)


def with_options(
    command: Callable[..., None], record: type[Options], *, after: str, is_open: bool = False, has_ranges: bool = False
) -> Callable[..., None]:
    """The command with an option for each field of a record, after its parameter `after`.

    The command gets them as `**settings`, those of several records together. An open option is None if it is not given,
    so that something else decides; `is_open` makes all of them open. `has_ranges` shows bounds of numbers in the help.
    """
    hints = typing.get_type_hints(command, include_extras=True)
    settings: list[inspect.Parameter] = []
    for field in record.fields():
        opened = is_open or bool(field.open_default)
        help = _help(field) if is_open else field.help
        bound = field.bound if has_ranges else None
        shown = typer.Option(
            *filter(None, (field.flag, field.short)), help=help,
            metavar=field.metavar or None, envvar=field.variable or None,
            min=bound.low if bound else None, max=bound.high if bound else None,
            autocompletion=choices(field.choices) if field.choices else None,
        )  # fmt: skip
        hint, default = _on_command_line(field, opened)
        hints[field.parameter] = Annotated[hint, shown]
        settings.append(inspect.Parameter(field.parameter, inspect.Parameter.KEYWORD_ONLY, default=default))
    own = [parameter for name, parameter in inspect.signature(command).parameters.items() if name != "settings"]
    place = 1 + [parameter.name for parameter in own].index(after)
    hints.pop("settings", None)
    command.__annotations__ = hints
    command.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # Typer reads it
        [
            parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY, annotation=hints[parameter.name])
            for parameter in (*own[:place], *settings, *own[place:])
        ]
    )
    return command


def values_of(record: type[Options], settings: dict[str, Any]) -> dict[str, Any]:
    """The given values by field; None for an open option, or for one that may be repeated and was not given."""
    return {field.name: settings.get(field.parameter) for field in record.fields()}


def record_of(record: type[Record], settings: dict[str, Any]) -> Record:
    """The record of the given values. Raises `UsageError`."""
    return record.of(values_of(record, settings))


def in_order(command: Callable[..., None], values: dict[str, Any]) -> dict[str, Any]:
    """The given values in the order of the help; `values` are the command's local variables, with `settings`."""
    given = {**values, **values["settings"]}
    return {name: given[name] for name in inspect.signature(command).parameters if name in given}


def _on_command_line(field: OptionField, is_open: bool) -> tuple[Any, Any]:
    """The type of a parameter, and its default."""
    if field.kind is bool:
        return bool, False
    if field.kind is tuple:
        return list[str] | None, None
    return (field.kind | None, None) if is_open or field.default is None else (field.kind, field.default)


def _help(field: OptionField) -> str:
    choices = f" One of {', '.join(field.choices)}." if field.choices else ""
    words = f"{field.doc}{choices}"
    is_shown = "Default" in words or field.default in (None, False)
    return words if is_shown else f"{words} Default: {field.default}."
