"""Text in the columns of a terminal."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterator, Sequence

from curation.writing.characters import shown

#: Characters that change the direction of what follows (UAX #9): with them a line can pretend to say something else.
DIRECTION_CONTROLS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def display_width(text: str) -> int:
    """Columns that `text` takes: 2 for wide East Asian characters, 0 for combining ones."""
    return sum(map(_columns, text))


def shortened(text: str, width: int) -> str:
    """The text, or as much of it as fits into `width` columns together with a `…`."""
    if display_width(text) <= width:
        return text
    ends = itertools.accumulate(map(_columns, text))
    return "".join(character for character, end in zip(text, ends, strict=True) if end < width) + "…"


def aligned(lines: Sequence[Sequence[str]], left: Sequence[int] = (0,)) -> Iterator[str]:
    """The lines with their cells in columns; columns whose numbers are in `left` align left, others right."""
    widths = [max(map(display_width, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = []
        for number, (cell, width) in enumerate(zip(line, widths, strict=True)):
            gap = " " * (width - display_width(cell))
            cells.append(cell + gap if number in left else gap + cell)
        yield "  ".join(cells).rstrip()


def count(number: int, one: str, several: str = "") -> str:
    """`1 post`, `2,000 posts`; `several` where an `s` at the end is not all: `count(2, "copy is", "copies are")`."""
    return f"{number:,} {one if number == 1 else several or f'{one}s'}"


def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def spoken_time(seconds: float) -> str:
    """A duration for people.

    >>> [spoken_time(seconds) for seconds in (3, 95, 4000, 90000)]
    ['3 s', '2 min', '1 h 7 min', '25 h']
    """
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min" if minutes < 600 else f"{round(minutes / 60)} h"


def visible(text: str) -> str:
    """`text` line by line, with everything else that would control a terminal written out."""
    return "\n".join(map(visible_line, text.split("\n")))


def visible_line(text: str) -> str:
    r"""`text` on one line, with everything that would control a terminal written out.

    >>> visible_line("a\x1b[2Jb\u202e")
    'a\\x1b[2Jb\\u202e'
    """
    return "".join(c.encode("unicode_escape").decode() if _steers(c) else c for c in shown(text))


def _steers(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Zl", "Zp") or character in DIRECTION_CONTROLS
