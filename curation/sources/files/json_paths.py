"""Paths into JSON: where the records of a file lie, and where in a record a field lies.

A path is a tuple of steps: a key, `EACH` (every element of a list), `ANY` (every value of an object whose keys are ids
or names, not fields), a whole number (one element), `DECODED` (JSON in a text) or `CELL` (the one object among the
cells of a row). `--map` and messages write it as `data.posts[]`, `tweets{}.text`, `media[0].title`.

>>> read_path("media[0].title"), path_text(("data", EACH, "node"))
(('media', 0, 'title'), 'data[].node')
>>> list(values_at({"media": [{"title": "a"}, {"title": "b"}]}, ("media", EACH, "title")))
['a', 'b']
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

Step = str | int
Path = tuple[Step, ...]

#: Steps that are no key. They hold a character that no written path has.
EACH: Final = "[]\0"
ANY: Final = "{}\0"
DECODED: Final = "json\0"
CELL: Final = "cell\0"

#: Characters of a text that is decoded as JSON.
_LONGEST_TEXT = 16 << 20

_STEP = re.compile(r"\[(\d*)\]|(\{\})|\.?([^.\[\]{}]+)")
#: Digits that an index has at most.
_DIGITS = 12
_WRITTEN = {EACH: "[]", ANY: "{}", DECODED: "", CELL: "[]"}


@lru_cache(maxsize=512)
def read_path(text: str) -> Path | None:
    """The path that `text` writes; None if it is none."""
    steps: list[Step] = []
    at = 0
    while at < len(text):
        match = _STEP.match(text, at)
        if not match:
            return None
        number, every, key = match.groups()
        if number and len(number) > _DIGITS:
            return None
        if key is not None:
            steps.append(key)
        else:
            steps.append(ANY if every else int(number) if number else EACH)
        at = match.end()
    return tuple(steps)


def path_text(path: Path) -> str:
    """A path as people write it."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif step in _WRITTEN:
            text += _WRITTEN[step]
        else:
            text += f".{step}" if text else step
    return text


def values_at(value: Any, path: Path) -> Iterator[Any]:
    """The values at a path in a value; none where a step leads nowhere."""
    if not path:
        yield value
        return
    for inner, _ in inside(value, path[0]):
        yield from values_at(inner, path[1:])


def inside(value: Any, step: Step) -> Iterator[tuple[Any, Step]]:
    """The values one step into a value, each with its key or number."""
    if step == EACH:
        if isinstance(value, list):
            yield from zip(value, range(len(value)), strict=True)
    elif step == ANY:
        if isinstance(value, dict):
            yield from ((held, key) for key, held in value.items())
    elif step == DECODED:
        decoded = decoded_text(value)
        if decoded is not None:
            yield decoded, DECODED
    elif step == CELL:
        if isinstance(value, list):
            yield from ((cell, CELL) for cell in value if isinstance(cell, dict | list))
    elif isinstance(step, int):
        if isinstance(value, list) and step < len(value):
            yield value[step], step
    elif isinstance(value, dict) and step in value:
        yield value[step], step


def decoded_text(value: Any) -> Any:
    """The object or list that a text holds as JSON; None for any other value."""
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT or value.lstrip()[:1] not in ("{", "["):
        return None
    try:
        decoded = json.loads(value, strict=False, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        return None
    return decoded if isinstance(decoded, dict | list) else None


def value_of(record: Mapping[str, Any], name: str) -> Any:
    """The value of a record under a key or a written path; None if there is none.

    Of several (`media[].title`) these are the different texts, joined by line breaks, or else the first full value.
    """
    if name in record:
        return record[name]
    path = read_path(name)
    if path is None or len(path) < 2:
        return None
    if _is_of_keys(name):
        return _at_keys(record, path)
    values = [value for value in values_at(record, path) if value is not None and value != ""]
    texts = [value for value in values if isinstance(value, str) and value.strip()]
    if len(values) > 1 and len(texts) == len(values):
        return "\n".join(dict.fromkeys(texts))
    return values[0] if values else None


@lru_cache(maxsize=512)
def _is_of_keys(name: str) -> bool:
    """Whether a written path has only keys, and so leads to one value."""
    return all(isinstance(step, str) and step not in _WRITTEN for step in read_path(name) or ())


def _at_keys(value: Any, path: Path) -> Any:
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return None if value == "" else value


def relative(name: str, path: Path) -> str:
    """A name that is written from the top of a document, written from a path on; any other name as it is."""
    outer = path_text(path)
    for begin in (outer, outer.lstrip("[]{}.")):
        if begin and name.startswith(begin) and len(name) > len(begin):
            return name[len(begin) :].lstrip(".")
    return name


Around = tuple[Mapping[str, Any], ...]


def expand(value: Any, path: Path, around: Around = (), key: Step | None = None) -> Iterator[tuple[Any, Around, Any]]:
    """The values at a path, each with the objects around it, outermost first, and its key in a map.

    An object around a value lacks the field that the path enters.
    """
    if not path:
        yield value, around, key
        return
    step, rest = path[0], path[1:]
    if isinstance(value, dict) and step != ANY:
        around = (*around, {name: held for name, held in value.items() if name != step})
    for inner, at in inside(value, step):
        nearer = at if step == ANY else None if step == EACH else key
        yield from expand(inner, rest, around, nearer)
