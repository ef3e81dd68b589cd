"""The fonts of this machine, and the first of them that has every character of a cluster.

Noto's fonts come first, since together they have every script in one design, then those that systems come with. A font
silently draws a box for a character that it lacks, so its table `cmap` is read. Of that, formats 4 and 12 are read, the
ones for Unicode (OpenType, "cmap"): 4 for the first 65,536 code points, 12 for all.
"""

from __future__ import annotations

import functools
import os
import re
import struct
import sys
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from PIL import ImageFont

#: Files of fonts, the best first.
NAMES = (
    "NotoSans-Regular", "NotoSans[wdth,wght]", "NotoSansArabic-Regular", "NotoSansHebrew-Regular",
    "NotoSansThai-Regular", "NotoSansDevanagari-Regular", "NotoSansCJK-Regular", "NotoSansCJK-VF", "NotoSansJP-Regular",
    "NotoSansSymbols-Regular", "NotoSansSymbols2-Regular", "NotoSansMath-Regular",
    "DejaVuSans", "LiberationSans-Regular",
    "SFNS", "Helvetica", "Arial Unicode", "Hiragino Sans GB", "PingFang", "GeezaPro", "Thonburi",
    "segoeui", "tahoma", "YuGothM", "msyh", "malgun", "LeelawUI", "arial",
)  # fmt: skip

#: Fonts of coloured emoji, with the only size in which their pictures come, in pixels.
EMOJI = {"NotoColorEmoji": 109, "Apple Color Emoji": 160, "seguiemj": 109}

SUFFIXES = (".ttf", ".otf", ".ttc")

#: Where systems keep fonts.
FOLDERS = (
    "/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts",
    "/System/Library/Fonts", "/Library/Fonts", "~/Library/Fonts",
)  # fmt: skip

#: Fonts in a collection of Noto Sans CJK: the same characters as Japan, Korea and mainland China write them.
JAPANESE, KOREAN, CHINESE = 0, 1, 2
KANA, HANGUL = re.compile("[\u3040-\u30ff\uff66-\uff9d]"), re.compile("[\u1100-\u11ff\uac00-\ud7a3]")

#: Characters that a cluster may have and that have no picture of their own: joiners, selectors, marks of direction.
UNSEEN = re.compile("[\u200b-\u200f\u2060\ufe00-\ufe0f\U000e0020-\U000e007f]")

#: Characters below U+1F000 that are drawn as emoji (Unicode's `Emoji_Presentation`), and all from there on.
PICTURES = re.compile(
    "[\u231a\u231b\u23e9-\u23ec\u23f0\u23f3\u25fd\u25fe\u2614\u2615\u2648-\u2653\u267f\u2693\u26a1\u26aa\u26ab\u26bd"
    "\u26be\u26c4\u26c5\u26ce\u26d4\u26ea\u26f2\u26f3\u26f5\u26fa\u26fd\u2705\u270a\u270b\u2728\u274c\u274e"
    "\u2753-\u2755\u2757\u2795-\u2797\u27b0\u27bf\u2b1b\u2b1c\u2b50\u2b55\U0001f000-\U0001faff]|\ufe0f|\u20e3"
)

#: Platform and encoding of the subtables for Unicode, the widest first.
SUBTABLES = ((3, 10), (0, 6), (0, 4), (3, 1), (0, 3), (0, 2), (0, 1), (0, 0))


@dataclass(frozen=True)
class Face:
    """A font in a file."""

    path: Path
    index: int = 0  # in a collection
    pixels: int = 0  # the only size of its pictures; 0: any

    def has(self, cluster: str) -> bool:
        """Whether it has a glyph for each character that is seen."""
        has = coverage(self.path, self.index)
        return all(ord(character) < len(has) and has[ord(character)] for character in UNSEEN.sub("", cluster))

    def bold(self) -> Face:
        """The bold font beside it, if there is one."""
        path = self.path.with_name(self.path.name.replace("-Regular", "-Bold"))
        return Face(path, self.index) if path.is_file() else self


@dataclass
class Fonts:
    """The fonts for one text; `missing` are the clusters that no font has."""

    text: str  # the whole text: its letters decide whether a Chinese character is drawn as in Japan
    missing: set[str] = field(default_factory=set)
    _chosen: dict[str, Face | None] = field(default_factory=dict)

    def face(self, cluster: str) -> Face | None:
        """The font for a cluster; None where none has it."""
        if cluster not in self._chosen:
            self._chosen[cluster] = self._find(cluster)
            if self._chosen[cluster] is None and not (cluster.isspace() or cluster.isascii()):
                self.missing.add(cluster)
                self._chosen[cluster] = self._find(cluster[0])
        return self._chosen[cluster]

    def _find(self, cluster: str) -> Face | None:
        files = installed()
        emoji = (Face(files[name], 0, pixels) for name, pixels in EMOJI.items() if name in files)
        plain = (Face(files[name], self._index(files[name])) for name in NAMES if name in files)
        # Then the other fonts of Noto, and last all others.
        others = sorted(files.keys() - {*NAMES, *EMOJI}, key=lambda name: (not _is_plain_noto(name), name))
        more = (Face(files[name]) for name in others)
        groups = (emoji, plain, more) if PICTURES.search(cluster) else (plain, emoji, more)
        return next((face for group in groups for face in group if face.has(cluster)), None)

    def _index(self, path: Path) -> int:
        if not (path.suffix == ".ttc" and path.name.startswith("NotoSansCJK")):
            return 0
        if KANA.search(self.text):
            return JAPANESE
        return KOREAN if HANGUL.search(self.text) else CHINESE


@functools.cache
def installed() -> dict[str, Path]:
    """The files of fonts by name without ending."""
    windows = [Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts"] if sys.platform == "win32" else []
    files: dict[str, Path] = {}
    for folder in (*(Path(name).expanduser() for name in FOLDERS), *windows):
        for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
            if path.suffix.lower() in SUFFIXES:
                files.setdefault(path.stem, path)
    return files


@functools.cache
def font(face: Face | None, size: int) -> ImageFont.FreeTypeFont:
    """A font in pixels. Without a face it is Pillow's own, with Latin letters only."""
    from PIL import ImageFont

    if face is None:
        own = ImageFont.load_default(size)
        assert isinstance(own, ImageFont.FreeTypeFont)  # the other kind has no size
        return own
    return ImageFont.truetype(str(face.path), face.pixels or size, index=face.index)


def shapes(typeface: ImageFont.FreeTypeFont) -> bool:
    """Whether Pillow joins letters and sets a direction. That takes the library raqm, and some builds lack it."""
    from PIL import ImageFont

    return typeface.layout_engine == ImageFont.Layout.RAQM


def scripts(clusters: set[str]) -> list[str]:
    """The scripts or kinds of signs of clusters, as Unicode names them: Thai, Han, emoji."""
    names = set()
    for cluster in clusters:
        name = unicodedata.name(cluster[0], "UNNAMED").split()[0].replace("CJK", "Han").title()
        names.add("emoji" if PICTURES.search(cluster) else name)
    return sorted(names)


def _is_plain_noto(name: str) -> bool:
    return name.startswith("NotoSans") and name.endswith("-Regular")


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
