"""What a parameter of a rule declares: its default, meaning, right values and unit, and its part in a verdict."""

from __future__ import annotations

import dataclasses
import functools
import types
import typing
from collections.abc import Mapping
from typing import Any, Literal, TypeVar, cast

from curation.options.bounds import Check

_T = TypeVar("_T")
#: What posts go by a threshold: those of which less is measured, or more.
Removes = Literal["less", "more"]
#: Parameters that are thresholds by their name.
REMOVES_BY_NAME: Mapping[str, Removes] = {"min": "less", "max": "more"}


def param(
    default: _T,
    *,
    doc: str,
    check: Check | None = None,
    key: str | None = None,
    unit: str = "",
    removes: Removes | None = None,
) -> _T:
    """A parameter of a rule: its default, what it means (with its unit), and what values are right.

    `check` is a bound of `curation.options.bounds`, or a function that gives None for a right value and else what
    would be right. `key` is its name in a recipe, where that differs from the field's. `unit` is that of what the rule
    measures, in the plural, such as "words", or "share of hashtags". `removes` marks a threshold that is not called
    `min` or `max`: the measured column is compared with it, and posts of which less, or more, is measured go.
    """
    metadata = {"doc": doc, "check": check, "key": key, "unit": unit, "removes": removes}
    return dataclasses.field(default=default, metadata=metadata)


def key_of(field: dataclasses.Field[Any]) -> str:
    """A parameter's name in a recipe."""
    return field.metadata.get("key") or field.name


def types_of(rule: type[object], name: str) -> tuple[Any, ...]:
    """The types that the field of this name may have, `None` among them where it may be left unset."""
    hint = _hints(rule)[name]  # type: ignore[arg-type]  # a class can be hashed, whether or not its objects can
    return typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)


@functools.cache
def _hints(rule: Any) -> dict[str, Any]:
    # They are written as texts in the source, and take long to read.
    return typing.get_type_hints(rule)


def check_of(field: dataclasses.Field[Any]) -> Check | None:
    """What values of a parameter are right; None when all of its type are."""
    return cast("Check | None", field.metadata.get("check"))


def unit_of(field: dataclasses.Field[Any]) -> str:
    """The unit of what a parameter is compared with; empty when it has none."""
    return str(field.metadata.get("unit") or "")


def removes_of(field: dataclasses.Field[Any]) -> Removes | None:
    """Which posts go by a threshold: those with less, or with more; None for a parameter that is no threshold."""
    return cast("Removes | None", field.metadata.get("removes")) or REMOVES_BY_NAME.get(key_of(field))
