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
from curation.sources.files.json_items import Broken, JsonItems
from curation.sources.files.text_encoding import TextLines
from curation.sources.records.not_a_post import NotAPost

if TYPE_CHECKING:
    from curation.sources.files.input_files import Opened

#: How JSON lies in a file: one object a line, or a list or objects over several lines.
Layout = Literal["lines", "items"]

#: Records of a file that are looked at to recognise it, and lines or items among which they are looked for.
SAMPLE_RECORDS = 50
_LOOKED_AT = 200

_CHUNK = 1 << 18
_BLANKS = " \t\r\n\x00\x1a\ufeff"
_KINDS = {list: "a list", str: "a text", bool: "true or false", type(None): "null"}
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
    lines = text.split("\n")
    if cut:
        lines.pop()
    if text.lstrip().startswith("["):
        return "items"
    # Within an object over several lines only the first line begins at the margin, and it isn't complete.
    begun = [line for line in lines[:_LOOKED_AT] if line.startswith("{")]
    return "lines" if any(map(_is_object, begun)) else "items"


def first_records(stream: BinaryIO, text: str, layout: Layout, cut: bool) -> tuple[list[dict[str, Any]], str]:
    """The first objects of a file, and what is wrong with its first one if there are none.

    `stream` is the file in UTF-8, `text` its beginning and `cut` whether it goes on after that.
    """
    records: list[dict[str, Any]] = []
    why = "it holds no object"
    if layout == "lines":
        lines = text.split("\n")
        if cut:
            lines.pop()
        for line in lines[:_LOOKED_AT]:
            if _is_object(line):
                records.append(parse(line))
        return records, why
    # A list that is longer than the beginning is read on, up to its first element at most.
    for item in JsonItems(_chunks(stream)):
        if isinstance(item, Broken):
            why = f"line {item.line:,}, byte {item.byte:,}: {item.why}"
        elif isinstance(item.value, dict):
            records.append(item.value)
        if len(records) >= SAMPLE_RECORDS or item.number >= _LOOKED_AT:
            break
    return records, why


def _is_object(line: str) -> bool:
    try:
        return isinstance(parse(line), dict)
    except NotAPost:
        return False


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    while chunk := stream.read(_CHUNK):
        yield chunk


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
        return self._of_lines() if self._layout == "lines" else self._of_items()

    def _of_lines(self) -> Iterator[tuple[int, dict[str, Any]] | Rejected]:
        for line in self.lines:
            if self._opened.ended_early and not line.endswith("\n"):
                return  # half a line
            if not line.strip(_BLANKS):
                continue
            number = self.lines.number
            try:
                value = parse(line)
                if not isinstance(value, dict):
                    raise NotAPost(f"it is JSON, but {_KINDS.get(type(value), 'a number')} and not an object")
            except NotAPost as why:
                yield Rejected(f"{self._name}:{number}", str(why))
            else:
                yield number, value

    def _of_items(self) -> Iterator[tuple[int, dict[str, Any]] | Rejected]:
        items = JsonItems(_chunks(self.lines.stream))
        for item in items:
            if isinstance(item, Broken):
                where = f"{self._name}: item {item.number:,}, line {item.line:,}, byte {item.byte:,}"
                yield Rejected(where, item.why)
                continue
            self.repaired += item.repaired
            if isinstance(item.value, dict):
                yield item.number, item.value
            else:
                kind = _KINDS.get(type(item.value), "a number")
                yield Rejected(f"{self._name}: item {item.number:,}", f"it is {kind} and not an object")
        self.ended_early = items.ended_early
