"""A window of text over a stream of bytes, which knows where in the stream it stands.

Nothing in it raises for wrong bytes. UTF-16 is recognised by its byte order mark or by its NULs; anything
else is UTF-8, in which a byte that doesn't belong there becomes one code point of U+DC80–U+DCFF (what Python
calls `surrogateescape`), so that whoever reads the text can tell, repair or refuse just the part with it.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable

from curation.errors import InputError
from curation.sources.files.text_encoding import encoding_of

#: Bytes that are read at least when there is need of more.
ENOUGH = 1 << 20


class TextStream:
    """Text from `at` on in `text`; what stands before `at` may be forgotten at the next `read_more`.

    `chunks` are the stream's bytes. An `InputError` from them is no error here: it is kept in `failure`, and
    the text ends where it occurred.
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
        self._wide = False  # UTF-32
        self._mark = (0, 1, 0)  # an index at or before `at`, its line and its byte

    def read_more(self, least: int = 0) -> None:
        """Forget what stands before `at` (which becomes 0), and read `least` bytes or what is usual."""
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
        """Forget what stands more than `keep` characters before `at`."""
        line, byte = self.place(self.at)
        kept = min(keep, self.at)
        self.text = self.text[self.at - kept :]
        self.at, self._mark = kept, (kept, line, byte)

    def place(self, index: int) -> tuple[int, int]:
        """Line from 1 and byte from 0 of a character at or after `at`."""
        marked, line, byte = self._mark
        between = self.text[marked:index]
        line, byte = line + between.count("\n"), byte + self._bytes_of(between)
        if index <= self.at:
            self._mark = (index, line, byte)  # so that many questions together count each character once
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
        if begins:
            self._decoder = _other_unicode(data)
            self._wide = len(data) > 3 and encoding_of(data)[0].startswith("utf-32")
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
            return len(text.encode("utf-32-le" if self._wide else "utf-16-le", "surrogatepass"))
        return len(text) if text.isascii() else len(text.encode("utf-8", "surrogateescape"))


def _other_unicode(data: bytes) -> codecs.IncrementalDecoder | None:
    """The decoder of a stream that begins with `data`; None unless it is UTF-16 or UTF-32."""
    if (name := encoding_of(data)[0]) != "utf-8":
        return codecs.getincrementaldecoder(name)("replace")
    first = data[:2]
    if first == codecs.BOM_UTF16_LE or (len(first) == 2 and first[0] and not first[1]):
        return codecs.getincrementaldecoder("utf-16-le")("replace")
    if first == codecs.BOM_UTF16_BE or (len(first) == 2 and first[1] and not first[0]):
        return codecs.getincrementaldecoder("utf-16-be")("replace")
    return None
