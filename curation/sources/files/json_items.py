"""The elements of a JSON list, one after the other or in blocks, from a stream that may be damaged.

An archive's `tweets.js` is one statement, `window.YTD.tweets.part0 = [ {…}, {…} ]`, of any size. Loading it whole takes
ten times its size in memory, and one wrong character loses everything. Here an element is decoded as soon as it is
complete, so the largest element bounds the memory. A broken element is reported with its place, and reading goes on at
the next.

Where that begins is a guess, and the objects *inside* a broken element must not fool it. A candidate is a `{` that does
not follow a colon and whose first key also begins other elements of this list. A limit on reading text again keeps a
file of nothing but damage in linear time.

>>> items = JsonItems([b'window.x = [{"a": 1}, {"a": oops}, {"a"', b': 3}]'])
>>> [item.value for item in items if isinstance(item, Item)]
[{'a': 1}, {'a': 3}]
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from curation.sources.files.json_blocks import WINDOW, Block, TakeBlock, Uncollected, begin_of_list, first_block
from curation.sources.files.json_cursor import LARGEST_ITEM, SPAN, STRAY_BYTE, Broken, JsonCursor, Undecoded
from curation.sources.files.relaxed_json import relaxed_value
from curation.sources.files.text_encoding import joined_escapes
from curation.sources.files.text_stream import ENOUGH

#: Characters at the beginning in which the `=` of a statement is looked for.
PREFIX = 4096

#: First keys that are known before anything was read.
_POSTS_BEGIN_WITH = frozenset({"tweet", "noteTweet"})

# Some streams also have between records: a byte order mark where files were joined, NULs, RFC 7464's mark.
_SEPARATORS = re.compile(r"[ \t\r\n,\ufeff\x00\x1e]*")
_TRAILER = re.compile(r"[\s;)\x00\x1a\x1e\ufeff]*")
#: The words of a script before its data: `window["x"] =`, `const x: T[] =`, `export default`, `callback(`, comments, a
#: guard against theft.
_STATEMENT = re.compile(
    r"(?:[^\[{]|\[\]|\[(?P<mark>['\"])[\w. -]{1,99}(?P=mark)\]){0,4000}?"
    r"(?:=|\(|\bdefault\b|;|\*/|//[^\n\[{]{0,200}\n|\)\]\}'?,?)\s{0,200}(?=[\[{])|\)\]\}'?,?\s{0,200}(?=[\[{])"
)
_KEY = r"[A-Za-z_]\w{0,63}"
_FIRST_KEY = re.compile(rf'\{{\s{{0,200}}"({_KEY})"')


@dataclass(frozen=True, slots=True)
class Item:
    """An element of the list."""

    number: int  # from 1, broken ones counted
    value: Any
    repaired: bool = False  # bytes in it that are not UTF-8 were read as Windows-1252


def compact_json(value: Any) -> str:
    """`value` as JSON without blanks, numbers beyond 64 bits in full, half of a surrogate pair as an escape.

    Raises `RecursionError` for a value nested hundreds of levels deep.
    """
    try:
        return orjson.dumps(value).decode()
    except TypeError:  # the only exception of orjson, for both of these
        return json.dumps(value, separators=(",", ":"))


class JsonItems:
    """Iterates over a list's elements, as `Item` and `Broken`.

    `chunks` are the bytes of the stream, in UTF-8, UTF-16 or UTF-32; an `InputError` from them ends the list there. A
    byte order mark and a prefix up to the first `=` may precede the list.
    """

    def __init__(self, chunks: Iterable[bytes], *, enough: int = ENOUGH, largest: int = LARGEST_ITEM) -> None:
        self._cursor = JsonCursor(chunks, enough)
        self._largest = largest
        self.ended_early: str | None = None  # why the rest could not be read; known when the iteration is over
        self._number = 0  # of the last element that was begun
        self._began = 0  # index where that element begins
        self._keys: set[str] | None = set(_POSTS_BEGIN_WITH)  # what elements begin with; None: anything
        self._in_brackets = True
        self._take: TakeBlock | None = None
        self._lent: bytes | None = None  # what follows the list's bracket, before it is decoded
        self._one_by_one = -1  # bytes that had been received when a block was tried in vain

    @property
    def position(self) -> int:
        """Bytes received so far."""
        return self._cursor.bytes_read

    def __iter__(self) -> Iterator[Item | Broken]:
        """Read to the end."""
        return (piece for piece in self._pieces() if not isinstance(piece, Block))

    def in_blocks(self, take: TakeBlock) -> Iterator[Item | Broken | Block]:
        """Read to the end; give `take` what can be read in blocks, and yield the blocks that it took."""
        self._take = take
        return self._pieces()

    def _pieces(self) -> Iterator[Item | Broken | Block]:
        cursor = self._cursor
        if not self._begin_blocks() and not self._find_list():
            broken = self._broken("no list begins here, so reading went on at the next post")
            self._keys = None
            if not self._find_next(cursor.at):
                if cursor.bytes_read or cursor.failure:
                    self.ended_early = cursor.failure or "no list of posts was found in it"
                return
            yield broken
        while True:
            yield from self._blocks()
            following = cursor.skip(_SEPARATORS, comments=True)
            if not following:
                if self._in_brackets or cursor.failure:
                    self._end("before the list's end, after item")
                return
            if following != "]":
                decoded = cursor.decode(self._largest)
                piece: Item | Broken | None = (
                    self._after(decoded) if isinstance(decoded, Undecoded) else self._item(*decoded)
                )
                if piece is None:
                    self._end("in the middle of item")
                    return
                yield piece
                continue
            cursor.at += 1
            following = cursor.skip(_TRAILER)
            if not following:
                break
            if following in "[{" or self._statement():  # several lists, one after the other
                self._in_brackets = self._enter()
                continue
            broken = self._broken("something stands after the list's end")
            rest = cursor.text[cursor.at : cursor.at + SPAN]
            more = self._find_next(cursor.at)
            if more or len(rest) == SPAN or "{" in rest or "[" in rest:
                yield broken  # else all was read: a word or a comment after the list loses nothing
            if not more:
                break
        if cursor.failure:
            self._end("after item")

    def place(self, item: Item) -> tuple[int, int]:
        """Line (from 1) and byte (from 0) where `item` begins, if it is the last one that was yielded."""
        assert item.number == self._number
        return self._cursor.place(self._began)

    # ---- many elements

    def _blocks(self) -> Iterator[Block]:
        """The elements from here on in blocks, as far as they are sound and taken."""
        cursor = self._cursor
        tried = self._one_by_one == cursor.bytes_read
        if self._take is None or tried or self._keys is None or not self._in_brackets:
            return
        data = cursor.lend() if self._lent is None else self._lent
        self._lent = None
        if data is None:
            return
        while True:
            if len(data) < WINDOW:
                data += cursor.more_bytes(WINDOW)
            with Uncollected():
                block = first_block(data, self._number + 1, self._keys, all_read=cursor.all_read)
                if block is None or not self._take(block):
                    break
                for first in sorted({next(iter(value)) for value in block.values if value and isinstance(value, dict)}):
                    self._learn_key(first)
                self._number += len(block.values)
                block.values.clear()
            cursor.pass_over(data, block.end)
            data = data[block.end :]
            yield block
        cursor.take_back(data)
        self._one_by_one = cursor.bytes_read

    def _begin_blocks(self) -> bool:
        """Go past the plain words before the list, without decoding what follows them; False for other words."""
        cursor = self._cursor
        if self._take is None or cursor.bytes_read:
            return False
        data = (cursor.lend() or b"") + cursor.more_bytes(1)
        begin = begin_of_list(data)
        if begin:
            cursor.pass_over(data, begin)
            self._lent = data[begin:]
        else:
            cursor.take_back(data)
        return bool(begin)

    # ---- one element

    def _after(self, failed: Undecoded) -> Broken | None:
        """Report the element that begins here as broken, and go to the next; None when the text stops within it."""
        cursor, start = self._cursor, self._cursor.at
        self._learn()
        is_element = cursor.text.startswith("{", start)
        if failed.cut and cursor.all_read and not self._candidate(start + 1):
            self._number += is_element
            return None
        if failed.cut and not cursor.all_read:
            why = f"longer than {self._largest:,} characters, or never closed"
        elif failed.cut:
            why = f"not valid JSON: {failed.why}"
        else:
            why = f"not valid JSON: {failed.why}, line {cursor.place(start + failed.length)[0]}"
        broken = self._broken(why)
        self._number += is_element
        cursor.looked_again += failed.length
        self._find_next(start + (1 if cursor.affordable else max(1, failed.length - SPAN)))
        return broken

    def _item(self, value: Any, end: int) -> Item | Broken:
        cursor, start = self._cursor, self._cursor.at
        if isinstance(value, dict) and value and self._keys is not None:
            self._learn_key(next(iter(value)))
        piece: Item | Broken = Item(self._number + 1, value)
        if cursor.stray_bytes and STRAY_BYTE.search(cursor.text, start, end):
            try:
                text = joined_escapes(cursor.text[start:end])
                stray = STRAY_BYTE.search(text) is not None
                text = STRAY_BYTE.sub(_from_windows, text)
                piece = Item(self._number + 1, self._decoded(text), repaired=stray)
            except UnicodeDecodeError:
                piece = self._broken("holds bytes that are neither UTF-8 nor Windows-1252")
        self._number, self._began, cursor.at = piece.number, start, end
        return piece

    def _learn_key(self, first: str) -> None:
        """Remember what an element begins with."""
        if self._keys is not None and first not in self._keys and len(self._keys) < 32 and re.fullmatch(_KEY, first):
            self._keys.add(first)

    def _decoded(self, text: str) -> Any:
        """The value of an element that the cursor has read before."""
        try:
            return self._cursor.json_decoder.decode(text)
        except json.JSONDecodeError:
            relaxed = relaxed_value(text, 0)
            assert relaxed  # as the cursor read it
            return relaxed[0]

    def _broken(self, why: str) -> Broken:
        return self._cursor.broken(self._number + 1, why)

    # ---- where elements begin

    def _find_list(self) -> bool:
        """Go to the first element; False when there is no list."""
        cursor = self._cursor
        while len(cursor.text) < PREFIX and not cursor.all_read:
            cursor.read_more()
        if cursor.text.startswith("\ufeff"):
            cursor.at = 1
        if cursor.skip(_SEPARATORS) not in ("[", "{") and not self._statement():
            cursor.at = 0
            return False
        self._in_brackets = self._enter()
        return True

    def _enter(self) -> bool:
        """Go into the list here, if it is one."""
        is_list = self._cursor.text[self._cursor.at] == "["
        self._cursor.at += is_list
        return is_list

    def _statement(self) -> bool:
        """Whether the words of a script before its data stand here; go past them."""
        cursor = self._cursor
        if len(cursor.text) - cursor.at < PREFIX and not cursor.all_read:
            cursor.read_more()
        match = _STATEMENT.match(cursor.text, cursor.at)
        if match:
            cursor.at = match.end()
        return bool(match)

    def _find_next(self, begin: int) -> bool:
        """Go to the next candidate from `begin` on; without one, to the end, and give False."""
        return self._cursor.find(self._candidate, begin) is not None

    def _candidate(self, begin: int) -> re.Match[str] | None:
        text = self._cursor.text
        keys = _KEY if self._keys is None else "|".join(sorted(self._keys))
        for match in re.compile(rf'\{{\s{{0,200}}"({keys})"\s{{0,20}}:').finditer(text, begin):
            before = text[max(0, match.start() - SPAN) : match.start()].rstrip()
            # If any key will do, the first object of a list may be in a list within an element.
            doubtful = self._keys is None and match[1] not in _POSTS_BEGIN_WITH
            if not before.endswith((":", "[") if doubtful else ":"):
                return match
        return None

    def _learn(self) -> None:
        """Remember the first key of the element here. If even that is damaged and none is known, any key will do."""
        if self._keys is None:
            return
        match = _FIRST_KEY.match(self._cursor.text, self._cursor.at)
        if match:
            self._keys.add(match[1])
        elif self._keys == _POSTS_BEGIN_WITH:
            self._keys = None

    def _end(self, how: str) -> None:
        self.ended_early = self._cursor.end_reason(f"{how} {self._number:,}")


def _from_windows(match: re.Match[str]) -> str:
    return bytes([ord(match[0]) - 0xDC00]).decode("cp1252")
