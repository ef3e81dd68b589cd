r"""Bytes to lines of text, with bounded memory, whatever wrote them.

UTF-8 is tried first; UTF-16 and UTF-32 are known by their mark or by their NULs. A file that isn't UTF-8 is
seldom *something else* throughout: it is a table that was pasted together, or one broken emoji among good
ones. Guessing one encoding for all of it would spoil the good lines, so that only the bytes that are not
UTF-8 are read as Windows-1252 (as Latin-1 where Windows-1252 has no character):

>>> "caf\xe9 – Zoë".encode("utf-8").replace(b"\xc3\xa9", b"\xe9").decode("utf-8", FALLBACK)
'café – Zoë'

A line ends with `\n`, as `wc -l`, `grep -n` and `sed -n` count; so `\r\n` and `\r\r\n` stay within a line's
text as they were. A file with more `\r` than `\n` was written by an old Macintosh, at least in part: there each of
`\r`, `\r\n` and `\n` ends it.
"""

from __future__ import annotations

import codecs
import io
import re
import unicodedata
from typing import TYPE_CHECKING, BinaryIO

from curation.sources.files.byte_streams import Chunks

if TYPE_CHECKING:
    from collections.abc import Iterator

#: A longer line (bytes) is no post; it is skipped without being held in memory.
LINE_LIMIT = 16 << 20

#: Name of the error handler that is described above.
FALLBACK = "curation-windows-1252"

# Characters beyond U+FFFF as Java, Oracle and MySQL's `utf8` write them: each half of a pair by itself (CESU-8).
_PAIR = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")
_ESCAPED_PAIR = re.compile("\udced[\udca0-\udcaf][\udc80-\udcbf]\udced[\udcb0-\udcbf][\udc80-\udcbf]")
_RETURN = re.compile(r"\r(?!\r*\n)")

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
    """The text with the halves of surrogate pairs put together; a half alone becomes U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def joined_escapes(text: str) -> str:
    """A text that was decoded with `surrogateescape`, with the characters that were written as two halves."""
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
    """UTF-16 or UTF-32 without a mark, told by where the NULs stand."""
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
    # Texts without many Latin letters have few NULs; as UTF-8 they are full of wrong bytes or of control characters.
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
    """Whether it decodes to lines of letters."""
    text = codecs.getincrementaldecoder(encoding)("replace").decode(sample)
    kinds = ("Cc", "Cn", "Co", "Cs")
    odd = sum(c == "\ufffd" or (c not in "\t\n\r" and unicodedata.category(c) in kinds) for c in text)
    return odd < 0.02 * len(text) and any(c in text for c in "\n\r\t,")


def looks_binary(head: bytes) -> bool:
    """Whether `head` can't be the beginning of a text: many control characters in no known encoding."""
    if encoding_of(head)[0] != "utf-8":
        return False
    sample = head[:4096]
    controls = sum(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in sample)
    return controls > max(8, len(sample) // 20)


def as_utf8(stream: BinaryIO, head: bytes) -> BinaryIO:
    """The stream without its mark, recoded to UTF-8 if it is UTF-16 or UTF-32; `head` is its beginning."""
    encoding, mark = encoding_of(head)
    stream.read(mark)
    return stream if encoding == "utf-8" else io.BufferedReader(Chunks(_recoded(stream, encoding)), 1 << 18)


def ends_with_returns(text: str) -> bool:
    r"""Whether `\r` ends the lines of a file that begins with `text`; one before `\n` isn't counted."""
    returns = text.rstrip("\r").count("\r")
    if returns <= text.count("\n"):
        return False
    return len(_RETURN.findall(text.rstrip("\r"))) > text.count("\n")


def decode_head(head: bytes) -> str:
    """`head` as text, without its mark and without a last character that may be cut."""
    encoding, mark = encoding_of(head)
    errors = FALLBACK if encoding == "utf-8" else "replace"
    return codecs.getincrementaldecoder(encoding)(errors).decode(head[mark:])


def _recoded(stream: BinaryIO, encoding: str) -> Iterator[bytes]:
    """A stream in another Unicode encoding, as UTF-8; what isn't valid in it becomes U+FFFD."""
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    while chunk := stream.read(1 << 16):
        yield decoder.decode(chunk).encode("utf-8")
    yield decoder.decode(b"", final=True).encode("utf-8")


class TextLines:
    """The lines of a stream, each with what ends it; iterate once.

    After a line has been given, `number` is its number from 1. `overlong` gathers the numbers of lines that
    were skipped because they are longer than `LINE_LIMIT`; `not_utf8` counts lines with bytes that aren't
    UTF-8, and `first_not_utf8` is the first one's number; `halves` counts lines with half a surrogate pair, and
    `cut_character` is the number of a last line that ends within a character, which is left out.
    """

    def __init__(self, stream: BinaryIO, head: bytes) -> None:
        self.number = 0
        self.overlong: list[int] = []
        self.not_utf8 = 0
        self.first_not_utf8: int | None = None
        self.halves = 0
        self.cut_character: int | None = None
        #: The stream in UTF-8, for a reader of something else than lines.
        self.stream = as_utf8(stream, head)
        text = decode_head(head)
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

    def _damaged(self, line: bytes, error: UnicodeDecodeError) -> str:
        if error.reason == "unexpected end of data" and error.end == len(line):  # there is no line end either
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
        if self._macintosh:
            # Latin-1 maps every byte to one character and back, so that this splits bytes.
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
