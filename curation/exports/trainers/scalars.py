"""Values in YAML: JSON, which YAML reads as it is, so that no text can become anything but a text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

#: Line breaks of Unicode that YAML reads as such within quotes, and what JSON leaves as it is.
ESCAPED = {ord(each): f"\\u{ord(each):04x}" for each in "\x7f\x85\u2028\u2029\ufeff"}


def scalar(value: Any) -> str:
    """A text, number, truth value, list or mapping on one line.

    >>> print(scalar("a: b # c"), scalar(1.372e-4), scalar([True, None]))
    "a: b # c" 0.0001372 [true, null]
    """
    return json.dumps(value, ensure_ascii=False, allow_nan=False).translate(ESCAPED)


def yaml_lines(values: Mapping[str, Any] | Iterable[tuple[str, Any]], indent: int = 0) -> str:
    """Keys with their values, a line each; a mapping, or a list of mappings, goes on indented below its key.

    >>> print(yaml_lines({"a": 1, "b": [{"c": "x", "d": 2}], "e": {"f": []}}), end="")
    a: 1
    b:
      - c: "x"
        d: 2
    e:
      f: []
    """
    lines = []
    for key, value in dict(values).items():
        if isinstance(value, Mapping) and value:
            lines.append(f"{key}:\n{yaml_lines(value, 2)}")
        elif isinstance(value, list) and value and all(isinstance(each, Mapping) for each in value):
            items = "".join(f"  - {yaml_lines(each, 4).removeprefix('    ')}" for each in value)
            lines.append(f"{key}:\n{items}")
        else:
            lines.append(f"{key}: {scalar(value)}\n")
    text = "".join(lines)
    return "".join(f"{' ' * indent}{line}\n" for line in text.splitlines())
