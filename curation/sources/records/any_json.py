"""Values out of JSON that anybody may have written: what has the type that is meant, or nothing.

>>> string(3), record([1]), records({"a": 1}), web_address("javascript:alert(1)")
(None, {}, [], None)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def record(value: object) -> Mapping[str, Any]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def records(value: object) -> list[Mapping[str, Any]]:
    """The objects of a list; none if it is no list."""
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def string(value: object) -> str | None:
    """The value if it is a text that isn't empty."""
    return value if isinstance(value, str) and value else None


def web_address(value: object) -> str | None:
    """The value if it is an address of the web."""
    return value if isinstance(value, str) and value.startswith(("https://", "http://")) else None


def whole_characters(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with U+FFFD in the place of half surrogate pairs, which are no characters; Arrow takes none."""
    return {
        column: value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        if isinstance(value, str)
        else value
        for column, value in row.items()
    }
