r"""JSON by itself and in lines: one value, the objects of one line, and the objects of a file with one a line.

Lines are read as lines wherever possible: a broken line then costs only itself, and its number can be looked up.

A line that is no single object may be an element of a list (`{…},`), hold several objects (`{…}{…}`, where a writer
forgot a line break), be an event of a stream (`data: {…}`), begin with a log's time or RFC 7464's mark, be a Python
dict as `print` writes it, or be a text with JSON in it. Anything left over makes the line broken.

>>> list(objects_in('{"a": 1},')), list(objects_in('data: {"a": 1}')), list(objects_in('{"a": 1}{"a": 2}'))
([{'a': 1}], [{'a': 1}], [{'a': 1}, {'a': 2}])
>>> list(objects_in("2024-03-05T09:00:00Z\tINFO\t{'a': None}"))
[{'a': None}]
>>> objects_in('{"a": 1} and more') is None
True
"""

from __future__ import annotations

import io
import json
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, BinaryIO, Literal

import orjson

from curation.sources.base import Rejected
from curation.sources.files.input_files import Opened
from curation.sources.files.json_paths import decoded_text
from curation.sources.files.relaxed_json import relaxed_value
from curation.sources.files.text_encoding import HOLE, TextLines
from curation.sources.records.not_a_post import NotAPost

#: How JSON lies in a file: one object a line; a list, or objects over several lines; a document to walk through.
Layout = Literal["lines", "items", "document"]

#: Lines that are looked at to recognise a file.
_LOOKED_AT = 200

_CHUNK = 1 << 18
#: Names of values that are no object.
KINDS = {list: "a list", str: "a text", bool: "true or false", type(None): "null"}
# orjson reads an integer beyond 64 bits as a float and so loses its last digits. To find one, every digit becomes a
# zero: searching for twenty zeros, or nineteen after a minus, is ten times faster than a regular expression.
_DIGITS = bytes.maketrans(b"123456789", b"000000000")
_LONG_INTEGER, _LONG_NEGATIVE = b"0" * 20, b"-" + b"0" * 19

#: Characters around the objects of a line that mean nothing.
_AROUND = " \t\r\n\x00\x1a\ufeff\x1e"
_TIME = r"\[?\d{4}-?\d\d-?\d\d[T ]?[\d:.,]{0,16}(?:Z|[+-]\d\d:?\d\d)?\]?"
_EPOCH = r"\d{10}(?:\d{3})?(?:\.\d{1,9})?"
_LEVEL = r"\[?(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR)\]?"
_LOG = re.compile(
    rf"(?:{_TIME}|{_EPOCH}|{_LEVEL})(?:[\s:|-]{{1,20}}(?:{_LEVEL}|[\w./\[\]-]{{1,60}})){{0,4}}[\s:|-]{{1,20}}(?=\{{)"
)
_EVENT = re.compile(r"data:\s{0,20}(?=[\[{])")
_BETWEEN = re.compile(r"[\s,;\x00\x1e\ufeff]*")
#: Lines without an object, which lose nothing: brackets of a list, other fields of an event stream, a comment.
_NOTHING = re.compile(r"[\[\](),; ]{1,10}|(?:event|id|retry):.{0,500}|:.{0,500}|//.{0,500}|data: ?\[DONE\]")

_decoder = json.JSONDecoder(strict=False, parse_constant=lambda _: None)


class Records(ABC):
    """The records of a file, each `(number, record)` or a `Rejected`; iterate once.

    `ended_early` says why the rest is missing, `repaired` counts values with bytes that are not UTF-8; both are known
    when the iteration is over.
    """

    ended_early: str | None = None
    repaired = 0

    def __init__(self, lines: TextLines | None = None) -> None:
        """`lines` are the file's, if it is a text."""
        self.lines = lines or TextLines(io.BytesIO(), b"")

    @abstractmethod
    def __iter__(self) -> Iterator[Any]:
        """Read the file."""


def parse(text: str) -> Any:
    """A JSON value. Raises `NotAPost` saying what is wrong."""
    data = text.encode("utf-8", "surrogatepass")
    digits = data.translate(_DIGITS)
    if _LONG_INTEGER not in digits and _LONG_NEGATIVE not in digits:
        try:
            return orjson.loads(data)
        except orjson.JSONDecodeError:
            pass  # Python's reader takes NaN and half surrogates, and says better what is wrong
    try:
        return json.loads(text, parse_constant=lambda _: None)
    except json.JSONDecodeError as error:
        raise NotAPost(f"it is not JSON: {error.msg}, column {error.pos + 1:,}") from error
    except RecursionError as error:
        raise NotAPost("it is not JSON that can be read: nested too deeply") from error
    except ValueError as error:
        raise NotAPost("it is not JSON that can be read: a number of thousands of digits") from error


def layout_of(text: str, cut: bool) -> Layout:
    """How JSON lies in a file that begins with `text`; `cut` says whether the file goes on after it."""
    if text.lstrip(_AROUND).startswith("["):
        return "items"
    # In an object over several lines only the first line begins at the margin, and it isn't complete.
    return "lines" if any(_begins_object(line) and objects_of(line) for line in head_lines(text, cut)) else "items"


def head_lines(text: str, cut: bool) -> list[str]:
    """The first lines of a file that begins with `text`, each whole."""
    lines = text.split("\n", _LOOKED_AT)
    if len(lines) > _LOOKED_AT or cut:
        lines.pop()
    return lines


def objects_of(line: str) -> list[dict[str, Any]]:
    """The objects of a line; none if it is broken or holds something else."""
    try:
        value = parse(line)
    except NotAPost:
        return objects_in(line) or []
    if isinstance(value, str):
        return objects_in(line) or []
    return [value] if isinstance(value, dict) else []


def _begins_object(line: str) -> bool:
    return line.startswith("{") or (bool(line.strip(_AROUND)) and line[:1] not in " \t}])" and "{" in line[:400])


def chunks_of(stream: BinaryIO) -> Iterator[bytes]:
    """The bytes of a stream, in pieces."""
    while chunk := stream.read(_CHUNK):
        yield chunk


def records_of_lines(lines: TextLines, opened: Opened, name: str) -> Iterator[tuple[int, dict[str, Any]] | Rejected]:
    """The objects of the lines of the file `opened`, each with the number of its line."""
    for line in lines:
        if opened.ended_early and not line.endswith("\n"):
            return  # half a line
        if not line.strip(_AROUND):
            continue
        number = lines.number
        try:
            value = parse(line)
            if not isinstance(value, dict):
                raise NotAPost(f"it is JSON, but {KINDS.get(type(value), 'a number')} and not an object")
        except NotAPost as why:
            if _NOTHING.fullmatch(line.strip(_AROUND)):
                continue
            objects = objects_in(line)
            if objects is None:
                yield Rejected(f"{name}:{number}", str(why))
            else:
                for held in objects:
                    yield number, held
        else:
            yield number, value


def objects_in(line: str) -> list[dict[str, Any]] | None:
    """The objects of a line that is no single object; None unless the line holds nothing else."""
    text = line.strip(_AROUND)
    at = 0
    if match := _EVENT.match(text) or _LOG.match(text):
        at = match.end()
    if text.startswith('"', at):
        return _object_in_text(text)
    objects: list[dict[str, Any]] = []
    while at < len(text):
        begin = at
        try:
            value, at = _decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            relaxed = relaxed_value(text, at)
            if relaxed is None:
                return None
            value, at = relaxed
        if text.find(HOLE, begin, at) >= 0:
            return None
        if isinstance(value, list) and value and all(isinstance(held, dict) for held in value):
            objects += value
        elif isinstance(value, dict):
            objects.append(value)
        else:
            return None
        between = _BETWEEN.match(text, at)
        assert between  # it also matches nothing
        at = between.end()
    return objects or None


def _object_in_text(text: str) -> list[dict[str, Any]] | None:
    """The object that a JSON text holds as JSON."""
    try:
        value = decoded_text(json.loads(text.rstrip(","), strict=False))
    except (ValueError, RecursionError):
        return None
    return [value] if isinstance(value, dict) else None
