"""Whether what was read from JSON is what the annotations of a record say: files may have been edited or cut."""

from __future__ import annotations

import dataclasses
import functools
import types
import typing
from typing import Any


def fits(value: Any, kind: Any) -> bool:
    """Whether a value is of a kind: a type, a union, a tuple, a dict, or a dataclass with all of its fields.

    >>> fits((1, 2.5), tuple[float, ...]), fits({"a": "b"}, dict[str, int]), fits(True, int)
    (True, False, False)
    """
    arguments = typing.get_args(kind)
    if kind is Any:
        return True
    if isinstance(kind, types.UnionType):
        return any(fits(value, each) for each in arguments)
    if typing.get_origin(kind) is tuple:
        if not isinstance(value, tuple | list):
            return False
        kinds = arguments[:1] * len(value) if arguments[-1] is Ellipsis else arguments
        return len(value) == len(kinds) and all(map(fits, value, kinds))
    if typing.get_origin(kind) is dict:
        return isinstance(value, dict) and all(fits(each, arguments[1]) for each in value.values())
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        return isinstance(value, kind) and all(
            fits(getattr(value, name), each) for name, each in _annotations(kind).items()
        )
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, (int, float) if kind is float else kind)


@functools.cache
def _annotations(kind: Any) -> dict[str, Any]:
    return typing.get_type_hints(kind)
