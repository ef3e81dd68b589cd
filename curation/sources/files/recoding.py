"""Bytes in some encoding as bytes in UTF-8, and notices about them."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterator
from typing import BinaryIO

from curation.sources.files.encoding_names import Encoding, label_of
from curation.sources.files.text_encoding import SEPARATORS, is_plainly_utf8, is_utf8, joined_pairs

_CHUNK = 1 << 18
#: Bytes without a line end or a quotation mark after which a block is cut.
_LONGEST = 1 << 22
_HALF = re.compile("[\ud800-\udfff]")
_SEPARATED = re.compile(b"(" + SEPARATORS.pattern + b")")
_LAST_ASCII = re.compile("[\x00-\x7f](?=[^\x00-\x7f]*$)", re.DOTALL)


class Recoding:
    """`inner` in UTF-8; bytes that are invalid in the encoding become U+FFFD. Iterate once."""

    def __init__(self, inner: BinaryIO, encoding: Encoding) -> None:
        self._inner = inner
        self._encoding = encoding
        self._lines = 0  # line ends so far
        self._last = 0  # the line of the last U+FFFD
        self.damaged = 0  # lines with invalid bytes
        self.first_damaged = 0

    def __iter__(self) -> Iterator[bytes]:
        """Decode piece by piece."""
        for text in self._pieces() if self._encoding.mixed else self._decoded():
            if "\ufffd" in text:
                self._count(text)
            self._lines += text.count("\n")
            try:
                yield text.encode("utf-8")
            except UnicodeEncodeError:
                yield _HALF.sub("\ufffd", text).encode("utf-8")

    def notices(self, name: str) -> Iterator[str]:
        """Sentences about the encoding of the file `name`."""
        encoding = self._encoding
        label = label_of(encoding.name)
        if encoding.language and encoding.mixed:
            yield (
                f"{name}: what is not UTF-8 in it was read as {label} ({encoding.language}). "
                "If that is wrong: --encoding NAME."
            )
        elif encoding.language:
            yield f"{name}: not UTF-8; read as {label} ({encoding.language}). If that is wrong: --encoding NAME."
        if encoding.mark_of:
            yield (
                f"{name} begins with the mark of {encoding.mark_of}, but was read as {label}, as --encoding says. "
                "If the texts are garbage, leave --encoding out."
            )
        if self.damaged:
            several = f"{self.damaged:,} lines" if self.damaged > 1 else "One line"
            yield (
                f"{name}: {several} held bytes that are not {label}, now U+FFFD. The first is line "
                f"{self.first_damaged:,}."
            )

    def _decoded(self) -> Iterator[str]:
        self._inner.read(self._encoding.mark)
        chunk = self._inner.read(_CHUNK)
        decoder = codecs.getincrementaldecoder(_in_order(self._encoding.name, chunk))("replace")
        composed = self._encoding.name == "cp1258"  # a letter and its tone are two bytes there
        held = ""
        while chunk:
            text = held + decoder.decode(chunk)
            chunk = self._inner.read(_CHUNK)
            held = ""
            if composed and (last := _LAST_ASCII.search(text)):
                text, held = unicodedata.normalize("NFC", text[: last.end()]), text[last.end() :]
            if text:
                yield text
        if text := held + decoder.decode(b"", final=True):
            yield unicodedata.normalize("NFC", text) if composed else text

    def _pieces(self) -> Iterator[str]:
        self._inner.read(self._encoding.mark)
        for block in blocks_of(iter(lambda: self._inner.read(_CHUNK), b"")):
            yield block.decode("ascii") if block.isascii() else "".join(map(self._of_piece, _SEPARATED.split(block)))

    def _of_piece(self, piece: bytes) -> str:
        if piece.isascii():
            return piece.decode("ascii")
        if is_utf8(piece) and (self._encoding.any_utf8 or is_plainly_utf8(piece)):
            return joined_pairs(piece.decode("utf-8", "surrogatepass"))
        text = piece.decode(self._encoding.name, "replace")
        return unicodedata.normalize("NFC", text) if self._encoding.name == "cp1258" else text

    def _count(self, text: str) -> None:
        for number, line in enumerate(text.split("\n"), self._lines + 1):
            if "\ufffd" in line and number != self._last:
                self.damaged += 1
                self._last = number
                self.first_damaged = self.first_damaged or number


def blocks_of(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The bytes in blocks that end where a line or a quotation mark does, if that is not too far."""
    rest = b""
    for chunk in chunks:
        block = rest + chunk
        end = max(block.rfind(b"\n"), block.rfind(b'"')) + 1
        if not end and len(block) < _LONGEST:
            rest = block
            continue
        end = end or len(block)
        rest = block[end:]
        yield block[:end]
    if rest:
        yield rest


def _in_order(name: str, beginning: bytes) -> str:
    """The codec for UTF-16 or UTF-32 with the order of its bytes, which the file has no mark for."""
    marks = {"utf-16": (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE), "utf-32": (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)}
    if name not in marks or beginning.startswith(marks[name]):
        return name
    # Most texts have spaces and line ends, whose higher byte is 0.
    return f"{name}-be" if beginning[0::2].count(0) > beginning[1::2].count(0) else f"{name}-le"
