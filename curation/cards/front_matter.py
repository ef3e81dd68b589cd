"""The YAML between `---` and `---` at the beginning of a card.

Names in it come from strangers. YAML reads `no` as false, `1e3` as a number and `{{x}}` as a table, so every text is
written as JSON writes it, in double quotes, which YAML reads as that text and as nothing else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

#: Characters that YAML escapes and JSON does not, and those that change the direction of writing.
_ESCAPED = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def front_matter(fields: Mapping[str, Any]) -> str:
    """The fields as the beginning of a card, without None and empty values.

    Keys are ours. Values are strings, numbers, booleans, and lists and tables of these.
    """
    return "\n".join(["---", *_table(fields), "---"]) + "\n"


def scalar(value: str | int | float | bool) -> str:
    r"""One value.

    >>> print(scalar("no"), scalar('a "b": c'), scalar(3), scalar(True))
    "no" "a \"b\": c" 3 true
    """
    if not isinstance(value, str):
        return json.dumps(value)
    text = json.dumps(_SURROGATE.sub("\ufffd", value), ensure_ascii=False)
    return _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _table(fields: Mapping[str, Any]) -> Iterator[str]:
    for key, value in fields.items():
        if value is None or value == "" or (isinstance(value, Mapping | list | tuple) and not value):
            continue
        if isinstance(value, Mapping):
            yield f"{key}:"
            yield from (f"  {line}" for line in _table(value))
        elif isinstance(value, list | tuple):
            yield f"{key}:"
            yield from _items(value)
        else:
            yield f"{key}: {scalar(value)}"


def _items(values: Sequence[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, Mapping):
            first, *others = _table(value)
            yield f"- {first}"
            yield from (f"  {line}" for line in others)
        else:
            yield f"- {scalar(value)}"
