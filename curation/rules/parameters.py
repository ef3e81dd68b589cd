"""What a parameter of a rule declares: its default, meaning, valid values and unit, and its part in a verdict."""

from __future__ import annotations

import dataclasses
import datetime
import functools
import types
import typing
from collections.abc import Mapping
from typing import Any, Literal, TypeVar, cast

from curation.options.bounds import Check

_T = TypeVar("_T")
#: Which posts a threshold removes: those with less, or those with more.
Removes = Literal["less", "more"]
#: Parameters whose names make them thresholds.
REMOVES_BY_NAME: Mapping[str, Removes] = {"min": "less", "max": "more"}


def param(
    default: _T,
    *,
    doc: str,
    check: Check | None = None,
    key: str | None = None,
    unit: str = "",
    removes: Removes | None = None,
    pattern: bool = False,
) -> _T:
    """A parameter of a rule: its default, its meaning (with the unit), and its valid values.

    `check` is a bound of `curation.options.bounds`, or a function that gives None for a valid value and otherwise what
    would be valid. `key` is the name in a recipe, if it differs from the field. `unit` is the unit of what the rule
    measures, in the plural: "words", "share of hashtags". `removes` marks a threshold of the measured column that is
    not called `min` or `max`: posts with less, or more, go. `pattern` marks texts that are expressions, not words:
    people edit them one a line.
    """
    metadata = {"doc": doc, "check": check, "key": key, "unit": unit, "removes": removes, "pattern": pattern}
    return dataclasses.field(default=default, metadata=metadata)


def key_of(field: dataclasses.Field[Any]) -> str:
    """The name of a parameter in a recipe."""
    return field.metadata.get("key") or field.name


def types_of(rule: type[object], name: str) -> tuple[Any, ...]:
    """The types of a field, with `None` if it may be unset."""
    hint = _hints(rule)[name]  # type: ignore[arg-type]  # a class can be hashed, whether or not its objects can
    return typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)


@functools.cache
def _hints(rule: Any) -> dict[str, Any]:
    # Annotations are texts, and slow to evaluate.
    return typing.get_type_hints(rule)


def json_value(value: Any) -> Any:
    """The value of a parameter for JSON: tuples become lists, and dates text."""
    if isinstance(value, tuple):
        return list(value)
    return value.isoformat() if isinstance(value, datetime.date) else value


def check_of(field: dataclasses.Field[Any]) -> Check | None:
    """The check of a parameter; None if all values of its type are valid."""
    return cast("Check | None", field.metadata.get("check"))


def unit_of(field: dataclasses.Field[Any]) -> str:
    """The unit of the measure that a parameter limits; empty without one."""
    return str(field.metadata.get("unit") or "")


def is_pattern(field: dataclasses.Field[Any]) -> bool:
    """Whether the texts of a parameter are expressions, not words."""
    return bool(field.metadata.get("pattern"))


def removes_of(field: dataclasses.Field[Any]) -> Removes | None:
    """Which posts a threshold removes, those with less or more; None if the parameter is not a threshold."""
    return cast("Removes | None", field.metadata.get("removes")) or REMOVES_BY_NAME.get(key_of(field))
