"""Zips that begin with something else, and zips in several files: both show at the end of the file.

A zip's table of contents stands at its end, before a mark and the number of the part it lies in. So a zip behind a
program that unpacks it is a zip, and of a zip in several files the last part alone looks whole.
"""

from __future__ import annotations

import io
import re
from pathlib import Path

from curation.errors import UnreachedInputError
from curation.sources.files.byte_streams import Section
from curation.sources.files.input_files import InputFile, bare_ending, is_plain

#: Names of first parts.
FIRST_PART = re.compile(r"\.zip\.0*1", re.IGNORECASE)

_END = b"PK\x05\x06"
#: Bytes of the end without and with the longest comment.
_SHORTEST, _LONGEST = 22, 22 + 65_535
_IN_ZIP64 = 0xFFFF


def ends_as_zip(file: InputFile) -> bool:
    """Whether a file on the disk that is called a zip ends as one. Raises `InputError`."""
    if bare_ending(file.base_name) != ".zip" or not is_plain(file):
        return False
    with file.path.open("rb") as disk:
        return _END in _tail(disk, file.size)


def refuse_part(path: Path, zipped: Section) -> None:
    """Raise `UnreachedInputError` if a zip is one part of several."""
    size = zipped.seek(0, io.SEEK_END)
    tail = _tail(zipped, size)
    zipped.seek(0)
    at = tail.rfind(_END)
    part = int.from_bytes(tail[at + 4 : at + 6], "little") if 0 <= at <= len(tail) - _SHORTEST else 0
    if at < 0 and FIRST_PART.search(path.name):
        whole = FIRST_PART.sub(".zip", path.name)
        raise UnreachedInputError(
            f"{path} was not read: it is the first part of a zip in several files. Join them, and collect what comes "
            f"of it: cat {whole}.* > {whole}"
        )
    if 0 < part < _IN_ZIP64:
        raise UnreachedInputError(
            f"{path} was not read: it is part {part + 1:,} of a zip in several files. Join them, and collect what "
            f"comes of it: zip -s 0 {path.name} --out whole.zip"
        )


def _tail(stream: io.BufferedReader | Section, size: int) -> bytes:
    stream.seek(max(0, size - _LONGEST))
    return stream.read(_LONGEST) or b""
