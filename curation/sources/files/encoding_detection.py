r"""The encoding of a whole file, decided from evidence spread over it.

One pass shows whether a file is UTF-8. From any other file a bounded number of pieces outside UTF-8 is gathered, spread
over it, and `encoding_judge` names their encoding. A piece ends at a line end, a tab or a quotation mark: it is a line,
a cell, a text of JSON.

A piece of UTF-8 with a wrong byte in it is no evidence, nor is half a character at a cut. A file that also has whole
pieces of UTF-8 is read piece by piece, and these stay as they are.
"""

from __future__ import annotations

import codecs
import dataclasses
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

import pyarrow as pa

from curation.errors import InputError
from curation.sources.files.encoding_names import Encoding, label_of
from curation.sources.files.input_files import HEAD_BYTES, InputFile, open_input
from curation.sources.files.recoding import blocks_of
from curation.sources.files.text_encoding import SEPARATORS, SEQUENCE, encoding_of, is_plainly_utf8, is_utf8

_CHUNK = 1 << 18
#: Unpacked bytes of a compressed file that are looked through.
COMPRESSED_BYTES = 8 << 20
#: Pieces that are kept, and bytes of each.
_PIECES, _PIECE_BYTES = 512, 2000
#: Bytes of all pieces that are judged.
_JUDGED_BYTES = 16 << 10

_HIGH = re.compile(rb"[\x80-\xff]")
# Bytes that end a character, or are one, in each of the encodings.
_CUT = re.compile(rb"[\x00-\x2f]")
_ESCAPE = re.compile(rb"\x1b\$[@B]")


@dataclass
class Evidence:
    """The pieces of a file outside ASCII."""

    stray: list[bytes] = field(default_factory=list)  # a sample of the pieces that are not UTF-8
    stray_pieces: int = 0
    utf8_pieces: int = 0
    _every: int = 1

    def add(self, piece: bytes) -> None:
        """Look at one piece."""
        if piece.isascii():
            return
        if is_utf8(piece):
            self.utf8_pieces += is_plainly_utf8(piece)
        elif _is_damaged_utf8(piece):
            self.utf8_pieces += 1
        else:
            if self.stray_pieces % self._every == 0:
                self.stray.append(_shortened(piece))
                if len(self.stray) > _PIECES:
                    self.stray = self.stray[::2]
                    self._every *= 2
            self.stray_pieces += 1

    def sample(self) -> list[bytes]:
        """The pieces to judge, spread over the file."""
        total = sum(map(len, self.stray))
        return self.stray[:: -(-total // _JUDGED_BYTES) or 1]


def detect(file: InputFile, head: bytes) -> InputFile:
    """The file with its encoding, unless it has a mark or is UTF-8 (perhaps with Western lines in it).

    Raises `InputError` if it has another encoding and nothing shows which.
    """
    unicode, mark = encoding_of(head)
    if unicode != "utf-8":
        return file
    if head.isascii() and _ESCAPE.search(head) and _is_japanese(head):
        return dataclasses.replace(file, encoding=Encoding("iso2022_jp_ext", language="Japanese"))
    if _decodes(_chunks(file, mark)):
        return file
    evidence = gather(_chunks(file, mark))
    from curation.sources.files.encoding_judge import FEW, high_bytes, judge

    sample = evidence.sample()
    if not sample:
        return file
    mixed = evidence.utf8_pieces > 0
    if mixed and sum(map(high_bytes, sample)) < FEW:
        return file
    verdict = judge(sample)
    if verdict.encoding:
        share = evidence.utf8_pieces / (evidence.utf8_pieces + evidence.stray_pieces)
        encoding = Encoding(verdict.encoding, language=verdict.language, mixed=mixed, any_utf8=share > 0.1, mark=mark)
        return dataclasses.replace(file, encoding=encoding)
    if verdict.guesses and evidence.utf8_pieces < evidence.stray_pieces:
        first, *others = map(label_of, verdict.guesses)
        other = f" (or {', '.join(others)})" if others else ""
        raise InputError(
            f"{file.path} is not UTF-8, and nothing in it shows for certain which encoding it is in. "
            f"Say which: --encoding {first}{other}."
        )
    if verdict.rival:
        return dataclasses.replace(file, rival=Encoding(verdict.rival, language=verdict.language))
    return file


def gather(chunks: Iterator[bytes]) -> Evidence:
    """The evidence in a stream of bytes."""
    evidence = Evidence()
    for block in blocks_of(chunks):
        for line in () if block.isascii() else block.split(b"\n"):
            for piece in () if line.isascii() else SEPARATORS.split(line):
                evidence.add(piece)
    return evidence


def _is_damaged_utf8(piece: bytes) -> bool:
    """Whether it is UTF-8 but for some wrong bytes."""
    high = len(_HIGH.findall(piece))
    sequences = SEQUENCE.findall(piece)
    return sum(map(len, sequences)) >= 0.75 * high and is_plainly_utf8(piece)


def _shortened(piece: bytes) -> bytes:
    """A part with bytes outside ASCII, cut between characters."""
    if len(piece) <= _PIECE_BYTES:
        return piece
    high = _HIGH.search(piece)
    begin = max(0, high.start() - _PIECE_BYTES // 4) if high else 0
    part = piece[begin : begin + _PIECE_BYTES]
    cuts = [match.start() for match in _CUT.finditer(part)]
    if begin and cuts:
        part = part[cuts[0] :]
    if begin + _PIECE_BYTES < len(piece):
        last = max(part.rfind(bytes([byte])) for byte in range(0x20, 0x30))
        part = part[:last] if last > _PIECE_BYTES // 2 else part[:-1]
    return part


def _decodes(chunks: Iterator[bytes]) -> bool:
    """Whether the stream is UTF-8; half a character at its end passes."""
    rest = b""
    for chunk in chunks:
        if not rest and chunk.isascii():
            continue
        data = rest + chunk if rest else chunk
        end = len(data) - _cut_character(data)
        if not _is_valid(data, end):
            return False
        rest = data[end:]
    try:
        codecs.utf_8_decode(rest, "strict", False)
    except UnicodeDecodeError:
        return False
    return True


def _is_valid(data: bytes, end: int) -> bool:
    """Whether this is UTF-8 up to `end`. Arrow checks it ten times as fast as Python decodes it."""
    array = pa.Array.from_buffers(pa.string(), 1, [None, pa.py_buffer(struct.pack("=ii", 0, end)), pa.py_buffer(data)])
    try:
        array.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _cut_character(data: bytes) -> int:
    """Bytes of an incomplete character at the end."""
    for count, byte in enumerate(reversed(data[-3:]), 1):
        if byte >= 0xC0:
            length = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return count if length > count else 0
        if byte < 0x80:
            break
    return 0


def _chunks(file: InputFile, mark: int) -> Iterator[bytes]:
    with open_input(file) as source:
        limit = None if source.is_plain and not file.content else COMPRESSED_BYTES
        source.stream.read(mark)
        read = 0
        while (limit is None or read < limit) and (chunk := source.stream.read(_CHUNK)):
            read += len(chunk)
            yield chunk


def _is_japanese(head: bytes) -> bool:
    lines = head.splitlines()
    whole = lines[:-1] if len(head) >= HEAD_BYTES else lines
    try:
        text = b"\n".join(whole).decode("iso2022_jp_ext")
    except UnicodeDecodeError:
        return False
    return any("\u3040" <= character <= "\u30ff" or "\u4e00" <= character <= "\u9fff" for character in text)


def with_encoding(file: InputFile, head: bytes, name: str | None) -> InputFile:
    """The file with its encoding: `name` if the user gave one, else the detected one. Raises `InputError`."""
    if name is None:
        return detect(file, head)
    unicode, mark = encoding_of(head)
    family = codecs.lookup(name).name.replace("-le", "").replace("-be", "")
    contradicted = None
    if family == unicode.replace("-le", "").replace("-be", "") or (family == "utf-8-sig" and unicode == "utf-8"):
        name = unicode  # with the order of the bytes
    elif mark:
        contradicted = label_of(unicode)
    return dataclasses.replace(file, encoding=Encoding(name, mark=mark, mark_of=contradicted))
