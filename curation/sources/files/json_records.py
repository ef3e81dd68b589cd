"""The objects of a JSON file: one a line, or in a list or one after the other over several lines.

Lines are read as lines where they can be, since a broken line then costs only itself and has a number that a
person can look up. Everything else goes through `curation.sources.files.json_items`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

import orjson

from curation.sources.base import Rejected
from curation.sources.files.json_cursor import Broken
from curation.sources.files.json_items import JsonItems
from curation.sources.files.json_lines import AROUND, holds_nothing, objects_in
from curation.sources.files.text_encoding import TextLines
from curation.sources.records.not_a_post import NotAPost

if TYPE_CHECKING:
    from curation.sources.files.input_files import Opened

#: How JSON lies in a file: one object a line; a list, or objects over several lines; a document to be walked through.
Layout = Literal["lines", "items", "document"]

#: Lines that are looked at to recognise a file.
_LOOKED_AT = 200

_CHUNK = 1 << 18
#: What a value is called that is no object.
KINDS = {list: "a list", str: "a text", bool: "true or false", type(None): "null"}
# orjson reads an integer beyond 64 bits as a float and so loses its last digits.
# Looked for as twenty zeros, or nineteen behind a minus, after every digit was made a zero: ten times faster than a
# regular expression.
_DIGITS = bytes.maketrans(b"123456789", b"000000000")
_LONG_INTEGER, _LONG_NEGATIVE = b"0" * 20, b"-" + b"0" * 19


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
    """How JSON lies in a file that begins with `text`; `cut` says whether it goes on after it."""
    begin = text.lstrip(AROUND)
    if begin.startswith("["):
        return "items"
    # Within an object over several lines only the first line begins at the margin, and it isn't complete.
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
    return [value] if isinstance(value, dict) else objects_in(line) or [] if isinstance(value, str) else []


def _begins_object(line: str) -> bool:
    return line.startswith("{") or (bool(line.strip(AROUND)) and line[:1] not in " \t}])" and "{" in line[:400])


def chunks_of(stream: BinaryIO) -> Iterator[bytes]:
    """The bytes of a stream, in pieces."""
    while chunk := stream.read(_CHUNK):
        yield chunk


def records_of_lines(lines: TextLines, opened: Opened, name: str) -> Iterator[tuple[int, dict[str, Any]] | Rejected]:
    """The objects of lines, each with the number of its line; `opened` is the file that they are of."""
    for line in lines:
        if opened.ended_early and not line.endswith("\n"):
            return  # half a line
        if not line.strip(AROUND):
            continue
        number = lines.number
        try:
            value = parse(line)
            if not isinstance(value, dict):
                raise NotAPost(f"it is JSON, but {KINDS.get(type(value), 'a number')} and not an object")
        except NotAPost as why:
            if holds_nothing(line):
                continue
            objects = objects_in(line)
            if objects is None:
                yield Rejected(f"{name}:{number}", str(why))
            else:
                for held in objects:
                    yield number, held
        else:
            yield number, value


class JsonRecords:
    """The objects of a file, each with its number (line, or item of the list); iterate once.

    Gives `(number, record)` or a `Rejected`. `ended_early` is known when the iteration is over.
    """

    def __init__(self, opened: Opened, head: bytes, layout: Layout, name: str) -> None:
        self.ended_early: str | None = None
        self.lines = TextLines(opened.stream, head)
        self._opened, self._layout, self._name = opened, layout, name
        self.repaired = 0  # items with bytes that are not UTF-8

    def __iter__(self) -> Iterator[tuple[int, dict[str, Any]] | Rejected]:
        if self._layout == "lines":
            return records_of_lines(self.lines, self._opened, self._name)
        return self._of_items()

    def _of_items(self) -> Iterator[tuple[int, dict[str, Any]] | Rejected]:
        items = JsonItems(chunks_of(self.lines.stream))
        for item in items:
            if isinstance(item, Broken):
                where = f"{self._name}: item {item.number:,}, line {item.line:,}, byte {item.byte:,}"
                yield Rejected(where, item.why)
                continue
            self.repaired += item.repaired
            if isinstance(item.value, dict):
                yield item.number, item.value
            else:
                kind = KINDS.get(type(item.value), "a number")
                yield Rejected(f"{self._name}: item {item.number:,}", f"it is {kind} and not an object")
        self.ended_early = items.ended_early
