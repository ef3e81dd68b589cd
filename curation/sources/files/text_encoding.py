r"""Bytes to lines of text, with bounded memory, whatever wrote them.

UTF-8 is tried first; a mark or NULs show UTF-16 and UTF-32. A file that isn't UTF-8 is seldom *something else*
throughout: it is a table pasted from several, or has one broken emoji among good ones. One encoding for all of it would
spoil the good lines. So only the bytes outside UTF-8 are read as Windows-1252 (as Latin-1 where Windows-1252 has no
character):

>>> "caf\xe9 – Zoë".encode("utf-8").replace(b"\xc3\xa9", b"\xe9").decode("utf-8", FALLBACK)
'café – Zoë'

A line ends with `\n`, as `wc -l`, `grep -n` and `sed -n` count; `\r\n` and `\r\r\n` stay in a line's text. A file with
more `\r` than `\n` comes from an old Macintosh, at least in part: there each of `\r`, `\r\n` and `\n` ends a line.
"""

from __future__ import annotations

import codecs
import io
import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import BinaryIO

from curation.sources.files.byte_streams import Chunks

#: A longer line (bytes) is no post; it is skipped without taking memory.
LINE_LIMIT = 16 << 20

#: Stand for line breaks within a record of ASCII's separators; characters of no text.
HIDDEN_LINE, HIDDEN_RETURN = "\ufdd2", "\ufdd3"
#: What ends a record and a cell of theirs.
_RECORD, _UNIT = "\x1e", "\x1f"
#: Control characters that some write between cells, rows and items.
_SEPARATING = b"\x01\x02\x03\x1c\x1d\x1e\x1f"

#: Name of the error handler that reads bytes outside UTF-8 as described above.
FALLBACK = "curation-windows-1252"

#: The ends of a piece of a file: a line, a cell, a text of JSON.
SEPARATORS = re.compile(rb'[\n\r"\t]')
#: A character of several bytes in UTF-8, or half of a surrogate pair.
SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")

# Characters beyond U+FFFF as Java, Oracle and MySQL's `utf8` write them: each half of a pair by itself (CESU-8).
_PAIR = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")
_ESCAPED_PAIR = re.compile("\udced[\udca0-\udcaf][\udc80-\udcbf]\udced[\udcb0-\udcbf][\udc80-\udcbf]")
_RETURN = re.compile(r"\r(?!\r*\n)")
#: What a computer that lost its power leaves in a file or at its end. Within a record, it joins the pieces of two.
HOLE = "\0" * 16
IN_A_HOLE = "zeros stand in it, where something was lost"
_HOLE = re.compile(rb"\0{16,}")

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def _as_windows_1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    if pair := _PAIR.match(error.object, error.start):
        return joined_pairs(pair[0].decode("utf-8", "surrogatepass")), pair.end()
    wrong = error.object[error.start : error.end]
    characters = (bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in wrong)
    return "".join(characters), error.end


def joined_pairs(text: str) -> str:
    """The text with the halves of surrogate pairs joined; a half alone becomes U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def joined_escapes(text: str) -> str:
    """A text from `surrogateescape`, with each character that two halves stand for."""
    return _ESCAPED_PAIR.sub(
        lambda pair: joined_pairs(pair[0].encode("ascii", "surrogateescape").decode("utf-8", "surrogatepass")), text
    )


codecs.register_error(FALLBACK, _as_windows_1252)


def encoding_of(head: bytes) -> tuple[str, int]:
    """The encoding of a file that begins with `head`, and how many bytes its mark (BOM) has."""
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name, len(mark)
    return _by_nuls(head[:4096]) or "utf-8", 0


def _by_nuls(sample: bytes) -> str | None:
    """UTF-16 or UTF-32 without a mark, by the places of the NULs."""
    quarter = len(sample) // 4
    first, second, third, fourth = (sample[n : 4 * quarter : 4].count(0) for n in range(4))
    if quarter >= 4 and fourth == quarter and third > 0.8 * quarter and first < 0.1 * quarter:
        return "utf-32-le"
    if quarter >= 4 and first == quarter and second > 0.8 * quarter and fourth < 0.1 * quarter:
        return "utf-32-be"
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    if half < 4 or even == odd:
        return None
    name = "utf-16-be" if even > odd else "utf-16-le"
    if max(even, odd) > 0.3 * half and min(even, odd) < 0.1 * half:
        return name
    # Texts with few Latin letters have few NULs; as UTF-8 they are full of wrong bytes or of control characters.
    if min(even, odd) == 0 and not _is_plain_utf8(sample) and _is_text(sample[: 2 * half], name):
        return name
    return None


def _is_plain_utf8(sample: bytes) -> bool:
    try:
        text = codecs.utf_8_decode(sample, "strict", False)[0]
    except UnicodeDecodeError:
        return False
    return sum(character < " " and character not in "\t\n\r\f\x00" for character in text) < 0.1 * len(text)


def _is_text(sample: bytes, encoding: str) -> bool:
    """Whether the sample decodes to lines of letters."""
    text = codecs.getincrementaldecoder(encoding)("replace").decode(sample)
    kinds = ("Cc", "Cn", "Co", "Cs")
    odd = sum(c == "\ufffd" or (c not in "\t\n\r" and unicodedata.category(c) in kinds) for c in text)
    return odd < 0.02 * len(text) and any(c in text for c in "\n\r\t,")


def is_utf8(piece: bytes) -> bool:
    """Whether all of it is UTF-8; half a surrogate pair passes."""
    try:
        piece.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True


def is_plainly_utf8(piece: bytes) -> bool:
    """Whether UTF-8 in it can hardly be chance, as two bytes of another encoding may be."""
    sequences = SEQUENCE.findall(piece)
    return len(sequences) >= 4 or any(len(sequence) > 2 for sequence in sequences)


def looks_binary(head: bytes) -> bool:
    """Whether `head` can't begin a text: it has many control characters in no known encoding, holes aside."""
    if encoding_of(head)[0] != "utf-8":
        return False
    sample = _HOLE.sub(b"", head[:4096])
    controls = sum(byte < 32 and byte not in b"\t\n\r\f\x1b" + _SEPARATING for byte in sample)
    return controls > max(8, len(sample) // 20)


def as_utf8(stream: BinaryIO, head: bytes, on_cut: Callable[[], None] = lambda: None) -> BinaryIO:
    """The stream without its mark, and in UTF-8 if it is UTF-16 or UTF-32; `head` is its beginning.

    `on_cut` is called if a stream in another encoding ends within a character.
    """
    encoding, mark = encoding_of(head)
    stream.read(mark)
    return stream if encoding == "utf-8" else io.BufferedReader(Chunks(_recoded(stream, encoding, on_cut)), 1 << 18)


def is_blank(text: str) -> bool:
    """Whether nothing is written in a text: blanks, a hole in the file, or the mark of its end in DOS."""
    return not text.strip().strip("\0\x1a").strip()


def ends_with_returns(text: str) -> bool:
    r"""Whether `\r` ends the lines of a file that begins with `text`; a `\r` before `\n` doesn't count."""
    returns = text.rstrip("\r").count("\r")
    if returns <= text.count("\n"):
        return False
    return len(_RETURN.findall(text.rstrip("\r"))) > text.count("\n")


def record_end(text: str) -> str | None:
    """What ends the rows of a file that begins with `text`, if it has ASCII's separators between cells and rows."""
    if _UNIT not in text or _RECORD not in text:
        return None
    first, *others = text.split(_RECORD)
    whole = others[:-1]
    cells = first.count(_UNIT)
    if not cells or sum(piece.count(_UNIT) == cells for piece in whole) < 0.9 * len(whole):
        return None
    breaks = ("\r\n", "\n")
    return _RECORD + next((each for each in breaks if all(piece.startswith(each) for piece in others)), "")


def _one_line(record: bytes) -> bytes:
    """A record with what stands for its line breaks."""
    return record.replace(b"\n", HIDDEN_LINE.encode()).replace(b"\r", HIDDEN_RETURN.encode())


def records_of(text: str, end: str) -> list[str]:
    """The records of a text as the reader of lines gives them."""
    *records, rest = text.split(end)
    lines = [f"{_one_line(record.encode()).decode()}\n" for record in records]
    return [*lines, _one_line(rest.encode()).decode()] if rest.strip() else lines


def shown_breaks(line: str) -> str:
    """The line with its line breaks."""
    return line.replace(HIDDEN_LINE, "\n").replace(HIDDEN_RETURN, "\r")


def decode_head(head: bytes) -> str:
    """`head` as text, without its mark and without an incomplete last character."""
    encoding, mark = encoding_of(head)
    errors = FALLBACK if encoding == "utf-8" else "replace"
    return codecs.getincrementaldecoder(encoding)(errors).decode(head[mark:])


def _recoded(stream: BinaryIO, encoding: str, on_cut: Callable[[], None]) -> Iterator[bytes]:
    """A stream in another Unicode encoding as UTF-8; invalid bytes become U+FFFD, and half a character is left out."""
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    while chunk := stream.read(1 << 16):
        yield decoder.decode(chunk).encode("utf-8")
    if decoder.getstate()[0]:
        on_cut()


class TextLines:
    """The lines of a stream, each with its line end; iterate once."""

    def __init__(self, stream: BinaryIO, head: bytes) -> None:
        self.number = 0  # of the last line, from 1
        self.overlong: list[int] = []  # numbers of skipped lines, longer than `LINE_LIMIT`
        self.not_utf8 = 0  # lines with bytes outside UTF-8
        self.first_not_utf8: int | None = None
        self.halves = 0  # lines with half a surrogate pair
        self.cut_character: int | None = None  # number of a last line that ends within a character, which is left out
        self._ends_cut = False  # within a character of UTF-16 or UTF-32
        self.stream = as_utf8(stream, head, self._note_cut)  # in UTF-8, for a reader of something else than lines
        text = decode_head(head)
        self.record_end = record_end(text)
        self._macintosh = ends_with_returns(text)

    def __iter__(self) -> Iterator[str]:
        for line in self._byte_lines():
            self.number += 1
            if line is None:
                self.overlong.append(self.number)
                continue
            try:
                yield (line.removeprefix(codecs.BOM_UTF8) if line[:1] == b"\xef" else line).decode("utf-8")
            except UnicodeDecodeError as error:
                yield self._damaged(line, error)
        if self._ends_cut:
            self.cut_character = self.number

    def _note_cut(self) -> None:
        self._ends_cut = True

    def _damaged(self, line: bytes, error: UnicodeDecodeError) -> str:
        if error.reason == "unexpected end of data" and error.end == len(line):  # and no line end
            self.cut_character = self.number
            return line[: error.start].decode("utf-8")
        try:
            text = joined_pairs(line.decode("utf-8", "surrogatepass"))
        except UnicodeDecodeError:
            self.not_utf8 += 1
            self.first_not_utf8 = self.first_not_utf8 or self.number
            return line.decode("utf-8", FALLBACK)
        self.halves += "\ufffd" in text
        return text

    def _byte_lines(self) -> Iterator[bytes | None]:
        if self.record_end:
            yield from self._byte_records(self.record_end.encode())
            return
        if self._macintosh:
            # Latin-1 maps every byte to one character and back, so this splits bytes.
            lines = io.TextIOWrapper(self.stream, encoding="latin-1", newline="")
            while text := lines.readline(LINE_LIMIT):
                yield text.encode("latin-1")
            return
        read = self.stream.readline
        while line := read(LINE_LIMIT):
            if len(line) < LINE_LIMIT or line.endswith(b"\n"):
                yield line
                continue
            while line and not line.endswith(b"\n"):
                line = read(LINE_LIMIT)
            yield None

    def _byte_records(self, end: bytes) -> Iterator[bytes | None]:
        """The records of ASCII's separators, each as a line."""
        rest, too_long = b"", False
        while chunk := self.stream.read(1 << 18):
            *records, rest = (rest + chunk).split(end)
            for record in records:
                yield None if too_long else _one_line(record) + b"\n"
                too_long = False
            if len(rest) > LINE_LIMIT:
                rest, too_long = b"", True
        if rest.strip():
            yield _one_line(rest)
