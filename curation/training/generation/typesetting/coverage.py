"""Which characters a font has, read from its table `cmap`.

A font silently draws a box for a character that it lacks, so we check first. Formats 4 and 12 are read, the ones for
Unicode (OpenType, "cmap"): 4 for the first 65,536 code points, 12 for all.
"""

from __future__ import annotations

import functools
import struct
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

#: Platform and encoding of the subtables for Unicode, the widest first.
SUBTABLES = ((3, 10), (0, 6), (0, 4), (3, 1), (0, 3), (0, 2), (0, 1), (0, 0))


@functools.cache
def coverage(path: Path, index: int = 0) -> np.ndarray:
    """Whether a font has each of the first 262,144 code points. A file that is no font has none.

    `index` counts the fonts of a collection.
    """
    import numpy as np

    has = np.zeros(1 << 18, dtype=bool)
    try:
        _read(path.read_bytes(), index, has)
    except (OSError, struct.error, ValueError, IndexError, KeyError):
        has[:] = False
    return has


def _read(data: bytes, index: int, has: np.ndarray) -> None:
    begin = struct.unpack_from(">I", data, 12 + 4 * index)[0] if data[:4] == b"ttcf" else 0
    [tables] = struct.unpack_from(">H", data, begin + 4)
    places = {
        tag: place
        for tag, _, place, _ in (struct.unpack_from(">4sIII", data, begin + 12 + 16 * n) for n in range(tables))
    }
    cmap = places[b"cmap"]
    [many] = struct.unpack_from(">H", data, cmap + 2)
    subtables = {}
    for number in range(many):
        platform, encoding, place = struct.unpack_from(">HHI", data, cmap + 4 + 8 * number)
        subtables[platform, encoding] = cmap + place
    place = next(subtables[key] for key in SUBTABLES if key in subtables)
    [format] = struct.unpack_from(">H", data, place)
    {4: _format_4, 12: _format_12}[format](data, place, has)


def _format_4(data: bytes, place: int, has: np.ndarray) -> None:
    import numpy as np

    many = struct.unpack_from(">H", data, place + 6)[0] // 2
    at = place + 14
    ends, begins, deltas, offsets = (
        np.frombuffer(data, ">u2", many, at + 2 * many * part + (2 if part else 0)).astype(np.int64)
        for part in range(4)
    )
    last = at + 2 + 6 * many  # where the offsets begin, from which they count
    for number, (begin, end, delta, offset) in enumerate(zip(begins, ends, deltas, offsets, strict=True)):
        codes = np.arange(begin, end + 1)
        if offset:
            glyphs = np.frombuffer(data, ">u2", len(codes), last + 2 * number + int(offset)).astype(np.int64)
            has[codes[glyphs > 0]] = True
        else:
            has[codes[(codes + delta) & 0xFFFF > 0]] = True
    has[0xFFFF] = False


def _format_12(data: bytes, place: int, has: np.ndarray) -> None:
    import numpy as np

    [many] = struct.unpack_from(">I", data, place + 12)
    for begin, end, glyph in np.frombuffer(data, ">u4", 3 * many, place + 16).reshape(-1, 3).tolist():
        has[begin + (glyph == 0) : end + 1] = True
