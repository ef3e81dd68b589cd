"""A table for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.ledger_formats import display_width

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def aligned(lines: Sequence[Sequence[str]], left: Sequence[int] = (0,)) -> Iterator[str]:
    """The lines with their cells in columns: those whose numbers are in `left` to the left, figures to the right."""
    widths = [max(map(display_width, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = []
        for number, (cell, width) in enumerate(zip(line, widths, strict=True)):
            gap = " " * (width - display_width(cell))
            cells.append(cell + gap if number in left else gap + cell)
        yield "  ".join(cells).rstrip()
