r"""One line of JSON lines that is no single JSON object: what programs put around objects, where it is certain.

A line may be an element of a list (`{…},`), hold several objects (`{…}{…}`, where a writer forgot a line break), be an
event of a stream (`data: {…}`), begin with a log's time or RFC 7464's mark, be a Python dict as `print` writes it, or a
text that holds the JSON. Whatever is left over makes the line broken.

>>> list(objects_in('{"a": 1},')), list(objects_in('data: {"a": 1}')), list(objects_in('{"a": 1}{"a": 2}'))
([{'a': 1}], [{'a': 1}], [{'a': 1}, {'a': 2}])
>>> list(objects_in("2024-03-05T09:00:00Z\tINFO\t{'a': None}"))
[{'a': None}]
>>> objects_in('{"a": 1} and more') is None
True
"""

from __future__ import annotations

import json
import re
from typing import Any

from curation.sources.files.json_paths import decoded_text
from curation.sources.files.relaxed_json import relaxed_value

#: Characters around the objects of a line that mean nothing.
AROUND = " \t\r\n\x00\x1a\ufeff\x1e"

_TIME = r"\[?\d{4}-?\d\d-?\d\d[T ]?[\d:.,]{0,16}(?:Z|[+-]\d\d:?\d\d)?\]?"
_EPOCH = r"\d{10}(?:\d{3})?(?:\.\d{1,9})?"
_LEVEL = r"\[?(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR)\]?"
_LOG = re.compile(
    rf"(?:{_TIME}|{_EPOCH}|{_LEVEL})(?:[\s:|-]{{1,20}}(?:{_LEVEL}|[\w./\[\]-]{{1,60}})){{0,4}}[\s:|-]{{1,20}}(?=\{{)"
)
_EVENT = re.compile(r"data:\s{0,20}(?=[\[{])")
_BETWEEN = re.compile(r"[\s,;\x00\x1e\ufeff]*")
#: Lines that have no object and lose none: brackets of a list, other fields of an event stream, a comment.
_NOTHING = re.compile(r"[\[\](),; ]{1,10}|(?:event|id|retry):.{0,500}|:.{0,500}|//.{0,500}|data: ?\[DONE\]")

_decoder = json.JSONDecoder(strict=False, parse_constant=lambda _: None)


def holds_nothing(line: str) -> bool:
    """Whether a line has no object and loses none."""
    return bool(_NOTHING.fullmatch(line.strip(AROUND)))


def objects_in(line: str) -> list[dict[str, Any]] | None:
    """The objects of a line that is no JSON object by itself; None unless they are all that it holds."""
    text = line.strip(AROUND)
    at = 0
    if match := _EVENT.match(text) or _LOG.match(text):
        at = match.end()
    if text.startswith('"', at):
        return _of_text(text)
    objects: list[dict[str, Any]] = []
    while at < len(text):
        try:
            value, at = _decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            relaxed = relaxed_value(text, at)
            if relaxed is None:
                return None
            value, at = relaxed
        if isinstance(value, list) and value and all(isinstance(held, dict) for held in value):
            objects += value
        elif isinstance(value, dict):
            objects.append(value)
        else:
            return None
        between = _BETWEEN.match(text, at)
        assert between  # it matches nothing as well
        at = between.end()
    return objects or None


def _of_text(text: str) -> list[dict[str, Any]] | None:
    """The object that stands as JSON in a JSON text."""
    try:
        value = decoded_text(json.loads(text.rstrip(","), strict=False))
    except (ValueError, RecursionError):
        return None
    return [value] if isinstance(value, dict) else None
