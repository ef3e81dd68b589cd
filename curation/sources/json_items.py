"""The elements of a JSON list, one after the other, out of a stream that may be damaged.

An archive's `tweets.js` is one statement, `window.YTD.tweets.part0 = [ {…}, {…} ]`, of any size. Loading it
whole takes ten times its size in memory, and one wrong character loses everything. Here an element is
decoded as soon as it is complete, so that memory is bounded by the largest element, and a broken one is
reported with its place while reading goes on at the next element.

Where the next element begins is a guess that must not be fooled by the objects *inside* a broken one: a
candidate is a `{` whose first key is one that elements of this list begin with and that does not stand after
a colon. Looking again at text that was read before is bounded, so that a file of nothing but damage is
still read in linear time.

>>> [item.value for item in JsonItems([b'window.x = [{"a": 1}, {"a": oops}, {"a"', b': 3}]'])
...  if isinstance(item, Item)]
[{'a': 1}, {'a': 3}]
"""

from __future__ import annotations

import codecs
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from curation.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: Characters that are read before an attempt to decode; grows with an element that is longer.
ENOUGH = 1 << 20
#: Characters of the longest element that is read; a post is a few thousand.
LARGEST_ITEM = 16 << 20
#: Characters at the beginning in which the `=` of a statement is looked for.
PREFIX = 4096

_SPAN = 512  # characters that surely hold a candidate, or the blanks before one
_NEAR_END = 16  # a literal or an escape that is cut here fails this far before the end of the text
_SEPARATORS = re.compile(r"[ \t\r\n,]*")
_TRAILER = re.compile(r"[\s;\x00\x1a]*")
_ANY_KEY = r"[A-Za-z_]\w{0,63}"
_FIRST_KEY = re.compile(rf'\{{\s{{0,200}}"({_ANY_KEY})"')
_STRAY_BYTE = re.compile("[\udc80-\udcff]")  # how `surrogateescape` writes bytes that are not UTF-8


@dataclass(frozen=True, slots=True)
class Item:
    """An element of the list."""

    number: int  # from 1, broken ones counted
    value: Any
    repaired: bool = False  # held bytes that are not UTF-8 and were read as Windows-1252


@dataclass(frozen=True, slots=True)
class Broken:
    """An element that can't be decoded."""

    number: int
    where: str  # "item 12, line 345, byte 4711"; bytes from 0
    why: str  # never quotes what the file says


def compact(value: Any) -> tuple[str, bool]:
    """`value` as JSON without blanks, and whether all its text is well-formed Unicode.

    Numbers beyond 64 bits are written in full, and half a surrogate pair as the escape it came from.
    """
    try:
        return orjson.dumps(value).decode(), True
    except TypeError:  # orjson's only exception, for both of these
        return json.dumps(value, separators=(",", ":")), False


class JsonItems:
    """Iterates over a list's elements, as `Item` and `Broken`.

    `chunks` are the bytes of the stream; an `InputError` from them ends the list there. Before the list there
    may be a byte order mark and a prefix up to the first `=`; UTF-8 and UTF-16 are read.
    """

    def __init__(self, chunks: Iterable[bytes], *, enough: int = ENOUGH, largest: int = LARGEST_ITEM) -> None:
        self._chunks = iter(chunks)
        self._enough, self._largest = enough, largest
        #: Bytes received so far.
        self.position = 0
        #: Why the list's rest could not be read; known when the iteration is over.
        self.ended_early: str | None = None
        self._codec: str | None = None  # "utf-8", "utf-16-le", …, known after the first bytes
        self._undecoded = b""
        self._stray_bytes = False
        self._failure: str | None = None  # what the chunks raised
        self._all_read = False
        self._text = ""
        self._at = 0  # everything before it is dealt with
        self._mark = (0, 1, 0)  # an index at or before `_at`, with its line and its byte
        self._number = 0
        self._keys: set[str] | None = set()  # what elements begin with; None: anything
        self._looked_again = 0  # characters that failed attempts went over
        self._decoder = json.JSONDecoder(strict=False, parse_constant=lambda _: None)

    def __iter__(self) -> Iterator[Item | Broken]:
        """Read to the end."""
        in_brackets = self._find_list()
        if in_brackets is None:
            if not self._text and self._failure is None:
                return
            where = self._where(self._at)
            self._keys = None
            if not self._find_next(self._at):
                self.ended_early = self._failure or "no list of posts was found in it"
                return
            yield Broken(1, where, "no list begins here; reading went on at the next post")
            in_brackets = True
        while True:
            following = self._skip(_SEPARATORS)
            if not following:
                if self._failure or in_brackets:
                    self.ended_early = self._ending("stops after")
                return
            if following == "]" and in_brackets:
                self._at += 1
                if not self._skip(_TRAILER):
                    self.ended_early = self._failure and self._ending("is damaged after")
                    return
                broken = Broken(self._number + 1, self._where(self._at), "something stands after the list's end")
                more = self._find_next(self._at)
                yield broken
                if more:
                    continue
                self.ended_early = self._failure and self._ending("is damaged after")
                return
            found = self._decode_next()
            if found is None:
                self.ended_early = self._ending("stops in the middle of item", self._number)
                return
            yield found

    # ---- one element

    def _decode_next(self) -> Item | Broken | None:
        """The element at `_at`; None when the text stops within it."""
        start_of_list = self._number
        self._number += 1
        while True:
            why, failed_at = None, self._at
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                why, failed_at = error.msg, error.pos
                cut = failed_at >= len(self._text) - _NEAR_END or error.msg.startswith("Unterminated string")
            except RecursionError:
                # The decoder doesn't say where it gave up.
                why, failed_at, cut = "nested too deeply", min(len(self._text), self._at + 65_536), False
            except ValueError:
                why, cut = "a number of thousands of digits", False
            else:
                cut = end == len(self._text) and not isinstance(value, dict)
            if not cut or self._all_read:
                break
            if len(self._text) - self._at > self._largest:
                why = f"longer than {self._largest:,} characters, or never closed"
                break
            self._read_more(len(self._text) - self._at)
        if why is None:
            return self._item(value, end)

        start, where = self._at, self._where(self._at)
        if cut and self._all_read and not self._candidate(start + 1, len(self._text)):
            return None
        if not self._text.startswith("{", start):
            self._number = start_of_list  # not an element, but something between two of them
        if cut:
            said = f"not valid JSON ({why})"
        else:
            said = f"not valid JSON ({why}, line {self._place(failed_at)[0]:,})"
        self._learn(start)
        self._looked_again += failed_at - start
        affordable = self._looked_again <= 8 * (self.position + self._enough)
        self._find_next(start + 1 if affordable else max(start + 1, failed_at - _SPAN))
        return Broken(start_of_list + 1, where, said)

    def _item(self, value: Any, end: int) -> Item | Broken:
        start, self._at = self._at, end
        if self._keys is not None and isinstance(value, dict) and value:
            first = next(iter(value))
            if first not in self._keys and len(self._keys) < 32 and re.fullmatch(_ANY_KEY, first):
                self._keys.add(first)
        if not self._stray_bytes or not _STRAY_BYTE.search(self._text, start, end):
            return Item(self._number, value)
        try:
            text = _STRAY_BYTE.sub(_from_windows, self._text[start:end])
        except UnicodeDecodeError:
            return Broken(self._number, self._where(start), "holds bytes that are neither UTF-8 nor Windows-1252")
        return Item(self._number, self._decoder.decode(text), repaired=True)

    # ---- where elements begin

    def _find_list(self) -> bool | None:
        """Go to the first element; whether a `[` stands before it, None when there is no list."""
        while len(self._text) < PREFIX and not self._all_read:
            self._read_more(PREFIX)
        self._text = self._text.removeprefix("\ufeff")
        begin = self._skip(_SEPARATORS)
        if begin not in ("[", "{"):
            equals = self._text.find("=", self._at, self._at + PREFIX)
            if equals < 0:
                return None
            before, self._at = self._at, equals + 1
            begin = self._skip(_SEPARATORS)
            if begin not in ("[", "{"):
                self._at = min(before, self._at)
                return None
        self._at += begin == "["
        return begin == "["

    def _skip(self, pattern: re.Pattern[str]) -> str:
        """Go past what `pattern` matches; the character that follows, or nothing at the end."""
        while True:
            self._at = pattern.match(self._text, self._at).end()
            if self._at < len(self._text):
                return self._text[self._at]
            if self._all_read:
                return ""
            self._read_more()

    def _find_next(self, at: int) -> bool:
        """Go to the next candidate from `at` on; False, and to the end, when there is none."""
        while True:
            match = self._candidate(at, len(self._text))
            if match:
                self._at = match.start()
                return True
            if self._all_read:
                self._at = len(self._text)
                return False
            # What is kept: room for a candidate that is cut, and as much before it to see the colon.
            resume = max(at, len(self._text) - _SPAN)
            self._at = max(self._at, resume - _SPAN)
            at = resume - self._at
            self._read_more()

    def _candidate(self, begin: int, end: int) -> re.Match[str] | None:
        keys = {"tweet", "noteTweet"} | (self._keys or set())
        one_of = _ANY_KEY if self._keys is None else "|".join(sorted(keys))
        pattern = re.compile(rf'\{{\s{{0,200}}"(?:{one_of})"\s{{0,20}}:')
        for match in pattern.finditer(self._text, begin, end):
            before = self._text[max(0, match.start() - _SPAN) : match.start()].rstrip()
            if not before.endswith(":") and not (self._keys is None and before.endswith("[")):
                return match
        return None

    def _learn(self, start: int) -> None:
        """Remember what a broken element begins with; when even that is damaged, anything may be next."""
        match = _FIRST_KEY.match(self._text, start)
        if match and self._keys is not None:
            self._keys.add(match[1])
        elif not self._keys:
            self._keys = None

    # ---- places

    def _where(self, index: int) -> str:
        line, byte = self._place(index)
        self._mark = (index, line, byte)
        return f"item {self._number + (index == self._at and 0) or 1:,}, line {line:,}, byte {byte:,}"

    def _place(self, index: int) -> tuple[int, int]:
        """Line from 1 and byte from 0 of a character at or after the mark."""
        marked, line, byte = self._mark
        between = self._text[marked:index]
        return line + between.count("\n"), byte + self._bytes_of(between)

    def _bytes_of(self, text: str) -> int:
        if self._codec == "utf-8":
            return len(text) if text.isascii() else len(text.encode("utf-8", "surrogateescape"))
        return len(text.encode("utf-16-le", "surrogatepass"))
