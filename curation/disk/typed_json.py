"""Records read from JSON as their annotations describe them: somebody may have edited or cut the file."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import types
import typing
from typing import Any


def parse(kind: Any, value: Any) -> Any:
    """A value as a kind: a type, a union, a tuple, a dict, or a dataclass of these. Raises `TypeError`.

    >>> parse(tuple[float, ...], [1, 2.5]), parse(dict[str, str] | None, {"a": "b"})
    ((1, 2.5), {'a': 'b'})
    """
    arguments = typing.get_args(kind)
    if kind is Any:
        return value
    if isinstance(kind, types.UnionType):
        for each in arguments:
            with contextlib.suppress(TypeError):
                return parse(each, value)
    elif typing.get_origin(kind) is tuple and isinstance(value, tuple | list):
        kinds = arguments[:1] * len(value) if arguments[-1] is Ellipsis else arguments
        if len(kinds) == len(value):
            return tuple(map(parse, kinds, value))
    elif typing.get_origin(kind) is dict and isinstance(value, dict):
        return {key: parse(arguments[1], each) for key, each in value.items()}
    elif isinstance(kind, type) and dataclasses.is_dataclass(kind) and isinstance(value, dict):
        kinds_of_fields = _annotations(kind)
        return kind(**{name: parse(kinds_of_fields.get(name, Any), each) for name, each in value.items()})
    elif isinstance(value, (int, float) if kind is float else kind) and isinstance(value, bool) == (kind is bool):
        return value
    raise TypeError(f"a value is no {kind}")


@functools.cache
def _annotations(kind: Any) -> dict[str, Any]:
    return typing.get_type_hints(kind)
