r"""JSON as people and scripts write it: one value that a strict reader refuses, read if its meaning is certain.

Three spellings have only one meaning: a comma before a closing bracket, comments, and a Python dict as `print` writes
it. Anything else stays an error. The brackets show the end of the value first: nothing after it is looked at, and the
time is linear in its length.

>>> relaxed_value('{"a": [1, 2,], /* two */ }, {', 0)
({'a': [1, 2]}, 26)
>>> relaxed_value("{'text': \"it's\", 'ok': True, 'x': None}", 0)[0]
{'text': "it's", 'ok': True, 'x': None}
"""

from __future__ import annotations

import ast
import json
import re
import warnings
from typing import Any

#: Characters of the longest value. While it is read, a Python dict takes a hundred times its length in memory.
LONGEST, LONGEST_DICT = 1 << 20, 1 << 18
#: Levels of brackets; Python's own parser has another limit.
_DEEPEST = 60

_STRING = r'"(?:[^"\\]++|\\.)*+"'
_SINGLE = r"'(?:[^'\\]++|\\.)*+'"
_JSON = re.compile(rf"{_STRING}|//|/\*|[\[\]{{}}]", re.DOTALL)
_PYTHON = re.compile(rf"{_STRING}|{_SINGLE}|[\[\]{{}}]", re.DOTALL)
_IS_PYTHON = re.compile(r"[\[{]\s{0,100}'|\[\s{0,100}\{\s{0,100}'")
_COMMAS = re.compile(rf"{_STRING}|,(?=\s*[}}\]])", re.DOTALL)
_KINDS = (str, int, float, bool, type(None))

_decoder = json.JSONDecoder(strict=False, parse_constant=lambda _: None)


def relaxed_value(text: str, at: int) -> tuple[Any, int] | None:
    """The value that begins with the bracket at `at`, and where it ends; None if its meaning isn't certain."""
    if not text.startswith(("{", "["), at):
        return None
    python = bool(_IS_PYTHON.match(text, at))
    bounds = _bounds(text, at, _PYTHON if python else _JSON, LONGEST_DICT if python else LONGEST)
    if bounds is None:
        return None
    end, comments = bounds
    if python:
        value = _python_value(text[at:end])
        return None if value is None else (value, end)
    pieces, begin = [], at
    for first, last in comments:
        pieces.append(text[begin:first])
        begin = last
    plain = " ".join([*pieces, text[begin:end]])
    try:
        return _decoder.decode(_COMMAS.sub(lambda m: m[0] if m[0] != "," else "", plain)), end
    except (ValueError, RecursionError):
        return None


def _bounds(text: str, at: int, tokens: re.Pattern[str], longest: int) -> tuple[int, list[tuple[int, int]]] | None:
    """Where the value's brackets close, and the comments before that."""
    depth, index, limit = 0, at, min(len(text), at + longest)
    comments: list[tuple[int, int]] = []
    while match := tokens.search(text, index, limit):
        index, token = match.end(), match[0]
        if token in ("//", "/*"):
            closed = text.find("\n" if token == "//" else "*/", index, limit)
            if closed < 0:
                return None
            index = closed + (token == "/*") * 2
            comments.append((match.start(), index))
        elif token in ("{", "["):
            depth += 1
            if depth > _DEEPEST:
                return None
        elif token in ("}", "]"):
            depth -= 1
            if not depth:
                return index, comments
    return None


def _python_value(text: str) -> Any:
    """A Python literal with only the types of JSON; None for anything else."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about backslashes without a meaning
            return _as_json(ast.literal_eval(text))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


def _as_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _as_json(held) for key, held in value.items()}
    if isinstance(value, list | tuple):
        return [_as_json(held) for held in value]
    if not isinstance(value, _KINDS):
        raise TypeError(type(value).__name__)
    return None if isinstance(value, float) and value != value else value
