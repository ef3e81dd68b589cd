"""Broken rows of a table, mended if there is just one way to do so.

It mends quotation marks that were not doubled or not closed, delimiters and line breaks in an unquoted text, the other
way of escaping, a whole row within one cell, rows with only carriage returns between them, and missing last cells. The
id, the time and the other cells of a mended row must look like those of the table. `Mended` names the change, for a
notice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import Enum

from curation.sources.files.table_shape import RowShape
from curation.sources.files.table_style import TableStyle

#: Lines and characters of the longest unquoted row.
_LINES, _CHARACTERS = 20, 1 << 16

_RETURN = re.compile(r"\r(?!\r*\n)")
_HIDDEN_RETURN = "\ufdd3"
CUT = "the file ends within its quotation marks"


class Mended(Enum):
    """How rows were mended: the words of a notice after "3 lines"."""

    UNCLOSED = "held a quotation mark that opens and isn't closed; it was read as a part of the text"
    MARKS = "held quotation marks within a cell that were not doubled; they were read as a part of the text"
    BACKSLASHES = 'had \\" for quotation marks, as other lines have not'
    REJOINED = "had a delimiter in a text without quotation marks; its pieces were put together"
    LINES = "began a row whose text has a line break but no quotation marks; its lines were put together"
    SHORT = "lacked the last cells, which are left empty"
    UNWRAPPED = "had a whole row within one quoted cell; it was unpacked"


@dataclass(slots=True)
class Line:
    """A line of the file."""

    number: int
    text: str
    begins: bool | None = None  # whether a row begins with it; None if not yet known


@dataclass(slots=True)  # one for each row of a file: a frozen one takes three times as long
class TableRow:
    """The cells of a row, or why it can't be read."""

    line: int  # where it begins, from 1
    cells: list[str]
    broken: str | None = None
    mended: Mended | None = None
    lines: int = 1  # that it takes, the first included
    pieces: tuple[Line, ...] = ()  # lines to read in its place


class RowMender:
    """Mends the rows of one table."""

    def __init__(self, style: TableStyle, shape: RowShape) -> None:
        self.style = style
        self.shape = shape

    def mended(
        self,
        first: Line,
        cells: list[str] | None,
        peek: Callable[[int], Line | None],
        *,
        why: str | None,
        short_rows: bool,
    ) -> TableRow:
        """The row that begins with `first`, whole or with the reason why it can't be read.

        `cells` are its cells if only their number is wrong; else `why` says what is wrong. `peek` gives the lines after
        it, and `short_rows` says whether other rows lacked cells too.
        """
        body = first.text.rstrip("\r\n")
        if cells is None and "\r" in body and (row := self._at_returns(first)):
            return row
        if row := self._by_itself(first, cells):
            return row
        followers = self._followers(peek)
        if why == CUT and peek(len(followers)) is None and not (followers or [first])[-1].text.endswith(("\n", "\r")):
            return TableRow(first.number, [], CUT, lines=1 + len(followers))
        while followers and not followers[-1].text.strip():
            followers.pop()
        if followers and (row := self._spread(first, followers)):
            return row
        if not (followers and self.shape.text == self.shape.cells - 1):
            if row := self._literal(first.number, first.text):
                return row
            ends = peek(0) is None and not first.text.endswith(("\n", "\r"))
            if cells is not None and not followers and (short_rows or not ends) and (row := self._short(first, cells)):
                return row
        has = "one cell" if cells and len(cells) == 1 else f"{len(cells or ()):,} cells"
        return TableRow(first.number, [], why or f"it has {has} where the header has {self.shape.cells:,}")

    def unwrapped(self, cells: list[str]) -> list[str] | None:
        """The cells of the row within the first cell; None if there is none."""
        if self.style.delimiter not in cells[0] or any(cells[1:]):
            return None
        inner = replace(self.style, nested=False).cells(cells[0].splitlines(keepends=True))
        return inner if inner is not None and len(inner) == self.shape.cells else None

    def _by_itself(self, first: Line, cells: list[str] | None) -> TableRow | None:
        """The row by its own line, if nothing needs to be guessed."""
        shape = self.shape
        if cells and (inner := self.unwrapped(cells)):
            return TableRow(first.number, inner, mended=Mended.UNWRAPPED)
        if cells and shape.open_end and len(cells) > shape.cells and shape.fits(cells[: shape.cells]):
            last = shape.cells - 1
            return TableRow(first.number, [*cells[:last], ",".join(filter(None, cells[last:]))])
        if '\\"' in first.text:
            other = replace(self.style, backslash="plain" if self.style.backslash != "plain" else "quotes")
            parsed = other.cells([first.text])
            if parsed is not None and shape.convinces(parsed):
                return TableRow(first.number, parsed, mended=Mended.BACKSLASHES)
        return None

    def _at_returns(self, first: Line) -> TableRow | None:
        """Rows with only a carriage return between them, or one with a carriage return in a text."""
        pieces = [piece for piece in _RETURN.split(first.text) if piece.strip()]
        if len(pieces) > 1:
            starts = [self._begins(piece) for piece in pieces]
            if all(starts) or (self.shape.tells and sum(starts) > 1):
                lines = tuple(Line(first.number, piece.rstrip("\r\n") + "\n") for piece in pieces)
                return TableRow(first.number, [], pieces=lines)
        cells = self.style.cells([_RETURN.sub(_HIDDEN_RETURN, first.text)])
        if cells is None or len(cells) != self.shape.cells:
            return None
        return TableRow(first.number, [cell.replace(_HIDDEN_RETURN, "\r") for cell in cells])

    def _followers(self, peek: Callable[[int], Line | None]) -> list[Line]:
        """The lines up to the next one that begins a row; none if lines can't show that."""
        lines: list[Line] = []
        if not self.shape.tells:
            return lines
        characters = 0
        while len(lines) < _LINES and characters < _CHARACTERS and (line := peek(len(lines))):
            if line.begins is None:
                line.begins = self._begins(line.text)
            if line.begins or not self._may_go_on(line.text):
                break
            lines.append(line)
            characters += len(line.text)
        return lines

    def _may_go_on(self, text: str) -> bool:
        """Whether a line that begins no row may be the end of one."""
        cells = self.style.literally(text)
        return len(cells) < self.shape.cells and (len(cells) == 1 or any(map(str.strip, cells)))

    def _begins(self, text: str) -> bool:
        shape, quote = self.shape, self.style.quote
        cells = self.style.cells([text])
        if cells is not None and len(cells) == 1 and len(cells) != shape.cells and (inner := self.unwrapped(cells)):
            cells = inner
        if cells is not None and shape.fits(cells):
            return True
        if not shape.tells:
            return False
        literal = self.style.literally(text)
        if shape.marks_before_text:
            return shape.starts(list(map(self.style.unquoted, literal)))
        if cells is None and quote and text.count(quote) % 2:
            return True  # a text of several lines may begin in it
        return shape.fits(literal) or shape.rejoined(literal, literal, self.style.delimiter) is not None

    def _spread(self, first: Line, followers: Iterable[Line]) -> TableRow | None:
        """The row of several lines together."""
        lines = [first, *followers]
        row = self._literal(first.number, "".join(line.text for line in lines))
        return row and replace(row, mended=Mended.LINES, lines=len(lines))

    def _literal(self, number: int, text: str) -> TableRow | None:
        """The row if quotation marks mean something only around whole cells."""
        style, shape = self.style, self.shape
        if parted := self._parted_at_marks(text):
            return TableRow(number, parted, mended=Mended.MARKS)
        literal = style.literally(text)
        cells = list(map(style.unquoted, literal))
        if len(cells) == shape.cells:
            if not (shape.tells and shape.convinces(cells)):
                return None
            unclosed = bool(style.quote) and any(
                cell.startswith(style.quote) and cell.count(style.quote) % 2 for cell in cells
            )
            return TableRow(number, cells, mended=Mended.UNCLOSED if unclosed else Mended.MARKS)
        row = shape.rejoined(literal, cells, style.delimiter)
        if row is None:
            return None
        cells, column = row
        text = cells[column]
        kind, quote = Mended.REJOINED, style.quote
        if quote and text.startswith(quote):
            kind = Mended.MARKS if text.endswith(quote) or text.count(quote) % 2 == 0 else Mended.UNCLOSED
            # A mark that opens stood there because of the delimiters.
            cells[column] = style.unquoted(text) if kind is Mended.MARKS else text[1:].replace(quote * 2, quote)
        return TableRow(number, cells, mended=kind)

    def _parted_at_marks(self, text: str) -> list[str] | None:
        """The cells of a row that quotes each of them."""
        quote, body = self.style.quote, self.style.prepared(text).rstrip("\r\n")
        if not quote or len(body) < 2 or body[0] != quote or body[-1] != quote:
            return None
        cells = self.style.restored(body[1:-1].split(f"{quote}{self.style.delimiter}{quote}"))
        cells = [cell.replace(quote * 2, quote) for cell in cells]
        return cells if self.shape.convinces(cells) else None

    def _short(self, first: Line, cells: list[str]) -> TableRow | None:
        """The row with its last cells empty, if its text and the cells before it are there."""
        shape = self.shape
        missing = shape.cells - len(cells)
        if missing <= 0 or shape.text is None or shape.text >= len(cells) or not shape.starts(cells):
            return None
        whole = [*cells, *[""] * missing]
        if not shape.convinces(whole):
            return None
        return TableRow(first.number, whole, mended=None if shape.optional_from <= len(cells) else Mended.SHORT)
