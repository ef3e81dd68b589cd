"""A window of text over a stream of bytes that knows its place in the stream.

Wrong bytes never raise. A byte order mark or NULs show UTF-16 and UTF-32; anything else is UTF-8. There a wrong byte
becomes one code point of U+DC80–U+DCFF (Python's `surrogateescape`), and the reader of the text can repair or refuse
just the part with it.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable

import numpy as np

from curation.errors import InputError
from curation.sources.files.text_encoding import encoding_of

#: Bytes that are read at least when more are needed.
ENOUGH = 1 << 20


class TextStream:
    """Text from `at` on in `text`; the next `read_more` may forget what precedes `at`.

    `chunks` are the stream's bytes. An `InputError` from them ends the text there, and `failure` keeps it.
    """

    def __init__(self, chunks: Iterable[bytes], enough: int = ENOUGH) -> None:
        self.text = ""
        self.at = 0
        self.all_read = False  # nothing follows `text`
        self.failure: str | None = None
        self.stray_bytes = False  # some byte was not UTF-8
        self.bytes_read = 0
        self._chunks = iter(chunks)
        self._enough = enough
        self._undecoded = b""
        self._decoder: codecs.IncrementalDecoder | None = None  # for UTF-16 and UTF-32 only
        self._wide = "utf-16-le"  # or UTF-32: the codec that counts the bytes of a text
        self._mark = (0, 1, 0)  # an index at or before `at`, its line and its byte

    def read_more(self, least: int = 0) -> None:
        """Forget what precedes `at` (which becomes 0), and read at least `least` bytes."""
        line, byte = self.place(self.at)
        pieces, missing = [], max(least, self._enough)
        while missing > 0 and not self.all_read:
            piece = self._next_chunk()
            missing -= len(piece)
            pieces.append(piece)
        data = b"".join(pieces)
        begins = self.bytes_read == 0
        self.bytes_read += len(data)
        self.text = self.text[self.at :] + self._decode(data, begins)
        self.at, self._mark = 0, (0, line, byte)

    def forget(self, keep: int) -> None:
        """Forget the text, but for `keep` characters before `at` and what follows them."""
        line, byte = self.place(self.at)
        kept = min(keep, self.at)
        self.text = self.text[self.at - kept :]
        self.at, self._mark = kept, (kept, line, byte)

    def lend(self) -> bytes | None:
        """The text from `at` on as bytes, for a reader that needs no text; None if it is not UTF-8 throughout.

        The reader asks for `more_bytes`, tells what it passes over, and gives the rest back.
        """
        if self._decoder or self.stray_bytes:
            return None
        line, byte = self.place(self.at)
        data = self.text[self.at :].encode() + self._undecoded
        self.text, self.at, self._undecoded, self._mark = "", 0, b"", (0, line, byte)
        return data

    def more_bytes(self, least: int) -> bytes:
        """At least `least` more bytes, if there are as many."""
        pieces: list[bytes] = []
        while sum(map(len, pieces)) < least and not self.all_read:
            pieces.append(self._next_chunk())
        data = b"".join(pieces)
        self.bytes_read += len(data)
        return data

    def pass_over(self, data: bytes, end: int) -> None:
        """Count the lent bytes before `end`, which nobody needs any more."""
        _, line, byte = self._mark
        lines = int(np.count_nonzero(np.frombuffer(data, np.uint8, end) == ord("\n")))  # much faster than `count`
        self._mark = (0, line + lines, byte + end)

    def take_back(self, data: bytes) -> None:
        """Go on with lent bytes as text."""
        self.text = self._decode(data, begins=self._mark[2] == 0)

    def place(self, index: int) -> tuple[int, int]:
        """Line from 1 and byte from 0 of a character at or after `at`."""
        marked, line, byte = self._mark
        between = self.text[marked:index]
        line, byte = line + between.count("\n"), byte + self._bytes_of(between)
        if index <= self.at:
            self._mark = (index, line, byte)  # many questions together count each character once
        return line, byte

    def _next_chunk(self) -> bytes:
        try:
            return next(self._chunks)
        except StopIteration:
            self.all_read = True
        except InputError as error:
            self.failure = str(error)
            self.all_read = True
        return b""

    def _decode(self, data: bytes, begins: bool) -> str:
        if begins and (encoding := _other_unicode(data)):
            self._decoder = codecs.getincrementaldecoder(encoding)("replace")
            self._wide = f"{encoding[:6]}-le"
        if self._decoder:
            return self._decoder.decode(data, self.all_read)
        data = self._undecoded + data
        try:
            text, used = codecs.utf_8_decode(data, "strict", self.all_read)
        except UnicodeDecodeError:
            self.stray_bytes = True
            text, used = codecs.utf_8_decode(data, "surrogateescape", self.all_read)
        self._undecoded = data[used:]
        return text

    def _bytes_of(self, text: str) -> int:
        if self._decoder:
            return len(text.encode(self._wide, "surrogatepass"))
        return len(text) if text.isascii() else len(text.encode("utf-8", "surrogateescape"))


def _other_unicode(data: bytes) -> str | None:
    """The encoding of a stream that begins with `data` if it is UTF-16 or UTF-32; else None."""
    if (name := encoding_of(data)[0]) != "utf-8":
        return name
    first, second = data[:2] if len(data) > 1 else (0, 0)  # too short for `encoding_of`, perhaps
    if bool(first) == bool(second):
        return None
    return "utf-16-le" if first else "utf-16-be"
