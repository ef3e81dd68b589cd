"""The elements of a JSON list, one after the other, out of a stream that may be damaged.

An archive's `tweets.js` is one statement, `window.YTD.tweets.part0 = [ {…}, {…} ]`, of any size. Loading it
whole takes ten times its size in memory, and one wrong character loses everything. Here an element is
decoded as soon as it is complete, so that memory is bounded by the largest element, and a broken one is
reported with its place while reading goes on at the next element.

Where the next element begins is a guess that must not be fooled by the objects *inside* a broken one: a
candidate is a `{` whose first key is one that elements of this list begin with and that does not stand after
a colon. Looking again at text that was read before is bounded, so that a file of nothing but damage is
still read in linear time.

>>> items = JsonItems([b'window.x = [{"a": 1}, {"a": oops}, {"a"', b': 3}]'])
>>> [item.value for item in items if isinstance(item, Item)]
[{'a': 1}, {'a': 3}]
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import orjson

from curation.sources.files.relaxed_json import LONGEST, relaxed_value
from curation.sources.files.text_encoding import joined_escapes
from curation.sources.files.text_stream import ENOUGH, TextStream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: Characters of the longest element that is read; a post has a few thousand.
LARGEST_ITEM = 16 << 20
#: Characters at the beginning in which the `=` of a statement is looked for.
PREFIX = 4096

#: Characters that surely hold the beginning of an element, or the blanks before it.
_SPAN = 512
#: An error of `json` counts lines from the beginning of the text, so after one the text is kept this short.
_FAR = 1 << 13
#: A literal or an escape that is cut fails at most this many characters before the end of the text.
_NEAR_END = 16
#: First keys that are known before anything was read.
_POSTS_BEGIN_WITH = frozenset({"tweet", "noteTweet"})

# Also what stands between records in some streams: a byte order mark where files were joined, NULs, RFC 7464's mark.
_SEPARATORS = re.compile(r"[ \t\r\n,\ufeff\x00\x1e]*")
_TRAILER = re.compile(r"[\s;)\x00\x1a\x1e\ufeff]*")
_COMMENT = re.compile(r"//[^\n]*|/\*.{0,65536}?\*/", re.DOTALL)
#: What a script writes before its data: `window.x =`, `export default`, `callback(`, comments, a guard against theft.
_STATEMENT = re.compile(
    r"[^\[{]{0,4000}?(?:=|\(|\bdefault\b|;|\*/|//[^\n\[{]{0,200}\n|\)\]\}'?,?)\s{0,200}(?=[\[{])|\)\]\}'?,?\s{0,200}(?=[\[{])"
)
_KEY = r"[A-Za-z_]\w{0,63}"
_FIRST_KEY = re.compile(rf'\{{\s{{0,200}}"({_KEY})"')
_STRAY_BYTE = re.compile("[\udc80-\udcff]")


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
    line: int  # from 1, where the element begins
    byte: int  # from 0, likewise
    why: str  # never quotes what the file says


@dataclass(frozen=True, slots=True)
class _Failed:
    """An attempt to decode an element that came to nothing."""

    why: str
    index: int  # where the decoder gave up
    cut: bool  # more text might have helped


def compact(value: Any) -> str:
    """`value` as JSON without blanks.

    Numbers beyond 64 bits are written in full, and half of a surrogate pair as the escape that it came from.
    Raises `RecursionError` for what is nested hundreds of times.
    """
    try:
        return orjson.dumps(value).decode()
    except TypeError:  # the only exception of orjson, for both of these
        return json.dumps(value, separators=(",", ":"))


class JsonItems:
    """Iterates over a list's elements, as `Item` and `Broken`.

    `chunks` are the bytes of the stream; an `InputError` from them ends the list there. Before the list there
    may be a byte order mark and a prefix up to the first `=`; UTF-8 and UTF-16 are read.
    """

    def __init__(self, chunks: Iterable[bytes], *, enough: int = ENOUGH, largest: int = LARGEST_ITEM) -> None:
        self._stream = TextStream(chunks, enough)
        self._enough, self._largest = enough, largest
        #: Why the list's rest could not be read; known when the iteration is over.
        self.ended_early: str | None = None
        self._number = 0  # of the element that was begun last
        self._began = 0  # index where that element begins
        self._keys: set[str] | None = set(_POSTS_BEGIN_WITH)  # what elements begin with; None: anything
        self._in_brackets = True
        self._looked_again = 0  # characters that failed attempts went over
        self._decoder = json.JSONDecoder(strict=False, parse_constant=lambda _: None)

    @property
    def position(self) -> int:
        """Bytes received so far."""
        return self._stream.bytes_read

    def __iter__(self) -> Iterator[Item | Broken]:
        """Read to the end."""
        stream = self._stream
        if not self._find_list():
            broken = self._broken("no list begins here, so reading went on at the next post")
            self._keys = None
            if not self._find_next(stream.at):
                if stream.bytes_read or stream.failure:
                    self.ended_early = stream.failure or "no list of posts was found in it"
                return
            yield broken
        while True:
            following = self._skip(_SEPARATORS)
            if not following:
                if self._in_brackets or stream.failure:
                    self._end("before the list's end, after item")
                return
            if following == "/" and self._skip_comment():
                continue
            if following != "]":
                found = self._next()
                if found is None:
                    self._end("in the middle of item")
                    return
                yield found
                if isinstance(found, Broken) and stream.at > max(_FAR, len(stream.text) >> 6):
                    stream.forget(_SPAN)
                continue
            stream.at += 1
            following = self._skip(_TRAILER)
            if not following:
                break
            if following in "[{" or self._statement():  # lists one after the other, each whole by itself
                self._in_brackets = self._enter()
                continue
            broken = self._broken("something stands after the list's end")
            rest = stream.text[stream.at : stream.at + _SPAN]
            more = self._find_next(stream.at)
            if more or len(rest) == _SPAN or "{" in rest or "[" in rest:
                yield broken  # else all was read: a word or a comment after the list loses nothing
            if not more:
                break
        if stream.failure:
            self._end("after item")

    def place(self, item: Item) -> tuple[int, int]:
        """Line (from 1) and byte (from 0) where `item` begins; only of the item that was yielded last."""
        assert item.number == self._number
        return self._stream.place(self._began)

    # ---- one element

    def _next(self) -> Item | Broken | None:
        """The element that begins here; None when the text stops within it."""
        stream = self._stream
        while True:
            try:
                value, end = self._decoder.raw_decode(stream.text, stream.at)
            except (ValueError, RecursionError) as error:
                failed = self._failed(error)
                unread = len(stream.text) - stream.at
                if not failed.cut or stream.all_read or unread > self._largest:
                    far = failed.index - stream.at  # `at` moves when more is read
                    relaxed = None if failed.cut and not stream.all_read else self._relaxed()
                    if relaxed:
                        return self._item(*relaxed)
                    return self._after(replace(failed, index=stream.at + far))
            else:
                if end < len(stream.text) or isinstance(value, dict) or stream.all_read:
                    return self._item(value, end)
                unread = len(stream.text) - stream.at  # a number may go on in what is not read yet
            stream.read_more(unread)  # as much again, so that a long element is not gone over too often

    def _relaxed(self) -> tuple[Any, int] | None:
        """The element that begins here, if only the spelling of its JSON is at fault."""
        stream = self._stream
        if not self._affordable or not stream.text.startswith(("{", "["), stream.at):
            return None
        if len(stream.text) - stream.at < LONGEST and not stream.all_read:
            stream.read_more(LONGEST)
        self._looked_again += min(_SPAN, len(stream.text) - stream.at)
        relaxed = relaxed_value(stream.text, stream.at)
        if relaxed is None:
            self._looked_again += min(LONGEST, len(stream.text) - stream.at)
        return relaxed

    @property
    def _affordable(self) -> bool:
        """Whether text may be gone over once more."""
        return self._looked_again <= 8 * (self._stream.bytes_read + self._enough)

    def _failed(self, error: ValueError | RecursionError) -> _Failed:
        stream = self._stream
        if isinstance(error, json.JSONDecodeError):
            near_end = error.pos >= len(stream.text) - _NEAR_END
            return _Failed(error.msg, error.pos, near_end or error.msg.startswith("Unterminated string"))
        # These two don't say where they gave up.
        why = "nested too deeply" if isinstance(error, RecursionError) else "a number of thousands of digits"
        return _Failed(why, min(len(stream.text), stream.at + 65_536), cut=False)

    def _after(self, failed: _Failed) -> Broken | None:
        """Report the element that begins here as broken, and go to the next."""
        stream, start = self._stream, self._stream.at
        self._learn()
        is_element = stream.text.startswith("{", start)
        if failed.cut and stream.all_read and not self._candidate(start + 1):
            self._number += is_element
            return None
        if failed.cut and not stream.all_read:
            why = f"longer than {self._largest:,} characters, or never closed"
        elif failed.cut:
            why = f"not valid JSON: {failed.why}"
        else:
            why = f"not valid JSON: {failed.why}, line {stream.place(failed.index)[0]}"
        broken = self._broken(why)
        self._number += is_element
        self._looked_again += failed.index - start
        self._find_next(start + 1 if self._affordable else max(start + 1, failed.index - _SPAN))
        return broken

    def _item(self, value: Any, end: int) -> Item | Broken:
        stream, start = self._stream, self._stream.at
        if isinstance(value, dict) and value and self._keys is not None:
            first = next(iter(value))
            if first not in self._keys and len(self._keys) < 32 and re.fullmatch(_KEY, first):
                self._keys.add(first)
        found = Item(self._number + 1, value)
        if stream.stray_bytes and _STRAY_BYTE.search(stream.text, start, end):
            try:
                text = joined_escapes(stream.text[start:end])
                stray = _STRAY_BYTE.search(text) is not None
                text = _STRAY_BYTE.sub(_from_windows, text)
                found = Item(self._number + 1, self._decoder.decode(text), repaired=stray)
            except UnicodeDecodeError:
                found = self._broken("holds bytes that are neither UTF-8 nor Windows-1252")
        self._number, self._began, stream.at = found.number, start, end
        return found

    def _broken(self, why: str) -> Broken:
        return Broken(self._number + 1, *self._stream.place(self._stream.at), why)

    # ---- where elements begin

    def _find_list(self) -> bool:
        """Go to the first element; False when there is no list."""
        stream = self._stream
        while len(stream.text) < PREFIX and not stream.all_read:
            stream.read_more()
        if stream.text.startswith("\ufeff"):
            stream.at = 1
        if self._skip(_SEPARATORS) not in ("[", "{") and not self._statement():
            stream.at = 0
            return False
        self._in_brackets = self._enter()
        return True

    def _enter(self) -> bool:
        """Go into the list here, if it is one."""
        is_list = self._stream.text[self._stream.at] == "["
        self._stream.at += is_list
        return is_list

    def _statement(self) -> bool:
        """Go past what a script writes before its data, if that stands here."""
        stream = self._stream
        if len(stream.text) - stream.at < PREFIX and not stream.all_read:
            stream.read_more()
        match = _STATEMENT.match(stream.text, stream.at)
        if match:
            stream.at = match.end()
        return bool(match)

    def _skip_comment(self) -> bool:
        stream = self._stream
        match = _COMMENT.match(stream.text, stream.at)
        if (not match or match.end() >= len(stream.text) - 1) and not stream.all_read:
            stream.read_more(1 << 17)
            match = _COMMENT.match(stream.text, stream.at)
        if match:
            stream.at = match.end()
        return bool(match)

    def _skip(self, pattern: re.Pattern[str]) -> str:
        """Go past what `pattern` matches; the character that follows, or nothing at the end."""
        stream = self._stream
        while True:
            stream.at = pattern.match(stream.text, stream.at).end()
            if stream.at < len(stream.text):
                return stream.text[stream.at]
            if stream.all_read:
                return ""
            stream.read_more()

    def _find_next(self, begin: int) -> bool:
        """Go to the next candidate from `begin` on; False, and to the end, when there is none."""
        stream = self._stream
        while True:
            match = self._candidate(begin)
            if match:
                stream.at = match.start()
                return True
            if stream.all_read:
                stream.at = len(stream.text)
                return False
            # What is kept: a candidate that may be cut, and as much again for the colon before it.
            begin = max(begin, len(stream.text) - _SPAN)
            stream.at = max(stream.at, begin - _SPAN)
            begin -= stream.at
            stream.read_more()

    def _candidate(self, begin: int) -> re.Match[str] | None:
        text = self._stream.text
        keys = _KEY if self._keys is None else "|".join(sorted(self._keys))
        for match in re.compile(rf'\{{\s{{0,200}}"({keys})"\s{{0,20}}:').finditer(text, begin):
            before = text[max(0, match.start() - _SPAN) : match.start()].rstrip()
            # When any key will do, the first of a list may well be one of a list within an element.
            doubtful = self._keys is None and match[1] not in _POSTS_BEGIN_WITH
            if not before.endswith((":", "[") if doubtful else ":"):
                return match
        return None

    def _learn(self) -> None:
        """Remember what the element here begins with; if even that is damaged and none is known, anything."""
        if self._keys is None:
            return
        match = _FIRST_KEY.match(self._stream.text, self._stream.at)
        if match:
            self._keys.add(match[1])
        elif self._keys == _POSTS_BEGIN_WITH:
            self._keys = None

    def _end(self, how: str) -> None:
        line, byte = self._stream.place(self._stream.at)
        reason = f"{self._stream.failure}; it" if self._stream.failure else "it"
        self.ended_early = f"{reason} stops {how} {self._number:,} (line {line:,}, byte {byte:,})"


def _from_windows(match: re.Match[str]) -> str:
    return bytes([ord(match[0]) - 0xDC00]).decode("cp1252")
