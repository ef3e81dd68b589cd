"""A cursor in a JSON document of any size: a window of its text, in which one value or one comment is read.

`JsonItems` and `JsonWalk` go through a document with it. The window can end anywhere, so its end is never taken for the
end of the document: if a value may go on there, more is read first.

>>> cursor = JsonCursor([b'/* a comm', b'ent */ {"a"', b': 1}'], enough=1)
>>> cursor.skip(re.compile(" *"), comments=True), cursor.place(cursor.at)
('{', (1, 16))
>>> cursor.decode(LARGEST_ITEM)[0]
{'a': 1}
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from curation.sources.files.relaxed_json import LONGEST, relaxed_value
from curation.sources.files.text_encoding import HOLE, IN_A_HOLE
from curation.sources.files.text_stream import ENOUGH, TextStream

#: Characters of the longest element that is read; a post has a few thousand.
LARGEST_ITEM = 16 << 20
#: Characters that surely hold the beginning of an element, or the blanks before it.
SPAN = 512
#: Characters of the longest comment. Without a limit, an open one would hide the rest of the document.
LONGEST_COMMENT = 1 << 16
#: A byte that is not UTF-8, as `TextStream` gives it.
STRAY_BYTE = re.compile("[\udc80-\udcff]")

#: An error of `json` counts lines from the beginning of the text, so after one the text is kept this short.
_FAR = 1 << 13
#: A literal or an escape that is cut fails at most this many characters before the end of the text.
_NEAR_END = 16
#: Characters that count for an attempt whose error doesn't say where the decoder gave up.
_UNCLEAR = 1 << 16


@dataclass(frozen=True, slots=True)
class Broken:
    """An element that can't be decoded."""

    number: int
    line: int  # from 1, where the element begins
    byte: int  # from 0, likewise
    why: str  # never quotes the file


@dataclass(frozen=True, slots=True)
class Undecoded:
    """A failed attempt to decode a value."""

    why: str
    length: int  # characters from the value's beginning to where the decoder gave up
    cut: bool  # more text might have helped
    deep: bool  # nested too deeply


class JsonCursor(TextStream):
    """A `TextStream` of JSON. Its methods begin at `at`, which becomes 0 whenever more is read."""

    def __init__(self, chunks: Iterable[bytes], enough: int = ENOUGH) -> None:
        super().__init__(chunks, enough)
        self.json_decoder = json.JSONDecoder(strict=False, parse_constant=lambda _: None)
        self.looked_again = 0  # characters that failed attempts went over

    @property
    def affordable(self) -> bool:
        """Whether text may be read once more; the limit keeps a file of nothing but damage in linear time."""
        return self.looked_again <= 8 * (self.bytes_read + self._enough)

    # ---- between values

    def skip(self, blanks: re.Pattern[str], *, comments: bool = False) -> str:
        """Go past what `blanks` matches, and comments; the character that follows, or an empty text at the end."""
        while True:
            passed = blanks.match(self.text, self.at)
            assert passed  # it also matches nothing
            self.at = at = passed.end()
            if at < len(self.text):
                following = self.text[at]
                if following != "/" or not comments or not self._skip_comment():
                    return following
            elif self.all_read:
                return ""
            else:
                self.read_more()

    def _skip_comment(self) -> bool:
        if len(self.text) - self.at < 2 and not self.all_read:
            self.read_more(2)
        opens = self.text[self.at : self.at + 2]
        if opens not in ("//", "/*") or not self.affordable:
            return False
        closer = "\n" if opens == "//" else "*/"
        while True:
            closing = self.text.find(closer, self.at + 2, self.at + LONGEST_COMMENT)
            if closing >= 0:
                self.at = closing + len(closer)
                return True
            unread = len(self.text) - self.at
            if self.all_read or unread >= LONGEST_COMMENT:
                break
            self.read_more(LONGEST_COMMENT - unread)
        if closer == "\n" and unread < LONGEST_COMMENT:  # the last line
            self.at = len(self.text)
            return True
        self.looked_again += min(LONGEST_COMMENT, unread)
        return False

    # ---- one value

    def decode(self, most: int) -> tuple[Any, int] | Undecoded:
        """The value that begins here, and where it ends.

        More is read until the value is complete or has more than `most` characters. JSON in another spelling is read
        too.
        """
        while True:
            text = self.text
            try:
                decoded = self.json_decoder.raw_decode(text, self.at)
            except (ValueError, RecursionError) as error:
                failed = self._failed(error)
            else:
                end = decoded[1]
                if text.find(HOLE, self.at, end) >= 0:
                    return Undecoded(IN_A_HOLE, end - self.at, cut=False, deep=False)
                if end < len(text) or self.all_read or text[self.at] in "{[":
                    return decoded
                failed = Undecoded("it may go on", end - self.at, cut=True, deep=False)  # a number
            unread = len(self.text) - self.at
            if not failed.cut or self.all_read or unread > most:
                break
            self.read_more(unread)  # as much again, so a long element is not read too often
        if self.at > max(_FAR, len(self.text) >> 6):
            self.forget(SPAN)
        return (self._relaxed() if self.all_read or not failed.cut else None) or failed

    def _failed(self, error: ValueError | RecursionError) -> Undecoded:
        if isinstance(error, json.JSONDecodeError):
            cut = error.pos >= len(self.text) - _NEAR_END or error.msg.startswith("Unterminated string")
            return Undecoded(error.msg, error.pos - self.at, cut, deep=False)
        deep = isinstance(error, RecursionError)
        why = "nested too deeply" if deep else "a number of thousands of digits"
        return Undecoded(why, min(len(self.text) - self.at, _UNCLEAR), cut=False, deep=deep)

    def _relaxed(self) -> tuple[Any, int] | None:
        """The value that begins here, if only the spelling of its JSON is wrong."""
        if not self.affordable or not self.text.startswith(("{", "["), self.at):
            return None
        if len(self.text) - self.at < LONGEST and not self.all_read:
            self.read_more(LONGEST)
        relaxed = relaxed_value(self.text, self.at)
        self.looked_again += relaxed[1] - self.at if relaxed else min(LONGEST, len(self.text) - self.at)
        return relaxed

    # ---- damage

    def find(self, candidate: Callable[[int], re.Match[str] | None], begin: int) -> re.Match[str] | None:
        """Go to the first match of `candidate` from `begin` on; None, and to the end, when there is none.

        `candidate` searches the text from an index on, and may look at the `SPAN` characters before it.
        """
        while True:
            if match := candidate(begin):
                self.at = match.start()
                return match
            if self.all_read:
                self.at = len(self.text)
                return None
            # Keep a candidate that may be cut, and as much again for the colon before it.
            begin = max(begin, len(self.text) - SPAN)
            self.at = max(self.at, begin - SPAN)
            begin -= self.at
            self.read_more()

    def broken(self, number: int, why: str) -> Broken:
        """That element `number`, which begins here, can't be decoded."""
        return Broken(number, *self.place(self.at), why)

    def end_reason(self, where: str) -> str:
        """Why nothing is read beyond here, as a sentence."""
        line, byte = self.place(self.at)
        reason = f"{self.failure}; it" if self.failure else "it"
        return f"{reason} stops {where} (line {line:,}, byte {byte:,})"
