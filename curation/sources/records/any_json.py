"""Values out of JSON that anybody may have written: the value if it has the type that is meant, else nothing.

>>> string(3), as_record([1]), as_records({"a": 1}), web_address("javascript:alert(1)")
(None, {}, [], None)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_LARGEST_COUNT = 2**63 - 1


def as_record(value: object) -> dict[str, Any]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_records(value: object) -> list[dict[str, Any]]:
    """The objects of a list; none if it is no list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def string(value: object) -> str | None:
    """The value if it is a text that isn't empty."""
    return value if isinstance(value, str) and value else None


def web_address(value: object) -> str | None:
    """The value if it is an address of the web."""
    return value if isinstance(value, str) and value.startswith(("https://", "http://")) else None


def as_count(value: object) -> int | None:
    """A count, also one written as text; None for anything else."""
    if value is None:
        return None
    if type(value) is int:  # most of them
        return value if 0 <= value <= _LARGEST_COUNT else None
    if isinstance(value, str) and len(value) <= 20:
        try:
            value = int(value)
        except ValueError:
            return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LARGEST_COUNT:
        return value
    return None


def as_flag(value: object) -> bool | None:
    """True or False, also when written as text; None for anything else.

    >>> as_flag("True"), as_flag("false"), as_flag(1), as_flag("")
    (True, False, True, None)
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and value in (0, 1):
        return value == 1
    if isinstance(value, str):
        return {"true": True, "1": True, "false": False, "0": False}.get(value.lower())
    return None


def whole_characters(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with U+FFFD in the place of half surrogate pairs, which Arrow refuses."""
    return {
        column: value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        if isinstance(value, str)
        else value
        for column, value in row.items()
    }
