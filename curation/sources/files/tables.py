r"""Rows of a CSV or TSV file with the lines they begin at, and broken rows kept from swallowing good ones.

Python's `csv` reads a row whose quotation mark is never closed to the next one it meets, be that thousands of
rows later; what it returns may even have the right number of cells. So the lines are handed to it by
`TableRows`, which takes a row back when

- its quotation marks are not in order,
- it runs over more than `ROW_LINES` line breaks or `ROW_CHARACTERS`,
- or lines within it are whole rows by themselves.

The line that such a row begins with is then mended by `RowMender`, if there is just one way to do so, or else
rejected. Reading goes on with the line after it.

Line breaks in quoted cells stay as they are written: `\n`, `\r\n`, `\r\r\n`, `\r`.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Callable, Iterator

from curation.sources.files.row_mender import Line, Mended, RowMender, TableRow
from curation.sources.files.table_shape import RowShape
from curation.sources.files.table_style import TableStyle
from curation.sources.files.text_encoding import TextLines

__all__ = ["UNCLOSED", "TableRow", "TableRows"]

#: More line breaks, or characters, than these in one row mean that a quotation mark was not closed.
ROW_LINES = 200
ROW_CHARACTERS = 1 << 20

UNCLOSED = "a quotation mark opens here and isn't closed"
_CUT = "the file ends within its quotation marks"


class _TooLong(Exception):  # noqa: N818 - a signal through `csv`, not an error
    pass


class TableRows:
    """The rows of a table; iterate once. Without a shape, rows are only told apart."""

    def __init__(
        self,
        lines: TextLines,
        style: TableStyle,
        shape: RowShape | None = None,
        *,
        after: int = 0,
        is_header: Callable[[list[str]], bool] = lambda _: False,
        cut: Callable[[], bool] = lambda: False,
    ) -> None:
        """`after` is the number of the line after which rows begin.

        `is_header` tells a header within the table, whose cells no row has; `cut` says whether the stream ended before
        its end, so that the last line may be half a line.
        """
        self.shape = shape
        self.style = style
        #: What was mended: each kind with how often, and the first line.
        self.mended: dict[Mended, tuple[int, int]] = {}
        self._is_header = is_header
        #: Whether a line with which a row begins needs no reading.
        self.passes: Callable[[str], bool] | None = None
        self._source = iter(lines)
        self._lines = lines
        self._after = after
        self._cut = cut
        self._again: deque[Line] = deque()  # lines of a row that was taken back
        self._row: list[Line] = []  # lines of the row that is being read
        self._characters = 0
        self._ended = False  # while a row is read: the file ended before the row did

    def __iter__(self) -> Iterator[TableRow]:
        reader = self._reader()
        # Nothing more needs to be looked at in a row of one line with so many cells.
        usual = self.style.backslash == "plain" and not self.style.nested and not self.style.ruled
        while True:
            self._row, self._characters = [], 0
            cells: list[str] | None = None
            why: str | None = UNCLOSED
            try:
                read = next(reader)
            except StopIteration:
                return
            except _TooLong:
                pass
            except csv.Error:
                why = _CUT if self._ended else UNCLOSED
            else:
                if usual and self.shape is not None and len(read) == self.shape.cells and len(self._row) == 1:
                    yield TableRow(self._row[0].number, read)
                    continue
                swallowed = self.shape is not None and len(self._row) > 1 and self._swallowed(read, self.shape)
                accepted = None if swallowed else self._accepted(read)
                if accepted is not None:
                    if accepted.cells:
                        yield accepted
                    continue
                if not swallowed:
                    cells, why = read, None
            row = self._repaired(cells, why)
            if not row.pieces:
                yield row
            reader = self._reader()

    def _reader(self) -> Iterator[list[str]]:
        return self.style.reader(self._feed())

    def _feed(self) -> Iterator[str]:
        while True:
            if (
                self.style.backslash == "plain" and not self.style.ruled and not self._again
            ):  # as most are: nothing to prepare or to join
                yield from self._plain_lines()
            line = self._next_line()
            if line is None:
                self._ended = True
                return
            self._row.append(line)
            self._characters += len(line.text)
            if len(self._row) > ROW_LINES + 1 or (len(self._row) > 1 and self._characters > ROW_CHARACTERS):
                raise _TooLong
            yield self.style.prepared(line.text)

    def _plain_lines(self) -> Iterator[str]:
        """The lines that are left, as they are."""
        source, lines, after, cut = self._source, self._lines, self._after, self._cut
        for text in source:
            number = lines.number
            if number <= after:
                continue
            if text[-1:] != "\n" and not text.endswith("\r") and cut():
                return
            row = self._row
            if self.passes and not row and self.passes(text):
                continue
            row.append(Line(number, text))
            if len(row) > 1:
                self._characters += len(text)
                if len(row) > ROW_LINES + 1 or self._characters > ROW_CHARACTERS:
                    raise _TooLong
            else:
                self._characters = len(text)
            yield text

    def _next_line(self) -> Line | None:
        return self._again.popleft() if self._again else self._read_line()

    def _read_line(self) -> Line | None:
        for text in self._source:
            number = self._lines.number
            if number <= self._after:
                continue
            if self._cut() and not text.endswith(("\n", "\r")):
                return None
            while self.style.goes_on(text) and len(text) < ROW_CHARACTERS:
                more = next(self._source, "")
                text += more
                if not more:
                    break
            return Line(number, text)
        return None

    def _accepted(self, cells: list[str]) -> TableRow | None:
        """The row if nothing is wrong with it."""
        number, shape = self._row[0].number, self.shape
        cells = self.style.restored(cells)
        if shape is None:
            return TableRow(number, cells)
        if self.style.nested and cells:
            cells = RowMender(self.style, shape).unwrapped(cells) or cells
        if len(cells) == shape.cells or not cells:
            return TableRow(number, cells)
        if len(cells) > shape.cells and not any(cells[shape.cells :]):
            return TableRow(number, cells[: shape.cells])
        if not any(map(str.strip, cells)):
            return TableRow(number, [])
        return TableRow(number, cells) if self._is_header(cells) else None

    def _swallowed(self, cells: list[str], shape: RowShape) -> bool:
        """Whether lines of the row at hand are rows of their own."""
        texts = [line.text for line in self._row]
        right = len(cells) == shape.cells
        # The last line of a good row may fit too: `…",2020-01-01,1` after a text in the first column.
        alone = (self.style.cells([text]) for text in (texts[1:-1] if right else texts[1:]))
        if sum(row is not None and shape.fits(row) for row in alone) >= shape.proof(right):
            return True
        return not right and shape.fits(self.style.literally(texts[0]))

    def _repaired(self, cells: list[str] | None, why: str | None) -> TableRow:
        """The row at hand as far as it can be mended; unless `cells` are its cells, its other lines are read again."""
        first, *rest = self._row
        self._ended = False
        if cells is None:
            self._again.extendleft(reversed(rest))
        else:
            cells, first = self.style.restored(cells), Line(first.number, "".join(line.text for line in self._row))
        if self.shape is None:
            return TableRow(first.number, [], why)
        row = RowMender(self.style, self.shape).mended(
            first, cells, self._peek, why=why, short_rows=Mended.SHORT in self.mended
        )
        for _ in range(row.lines - 1):
            self._again.popleft()
        self._again.extendleft(reversed(row.pieces))
        if row.mended:
            times, line = self.mended.get(row.mended, (0, first.number))
            self.mended[row.mended] = times + 1, line
        return row

    def _peek(self, ahead: int) -> Line | None:
        """The line that is `ahead` lines after the row at hand, from 0."""
        while len(self._again) <= ahead:
            line = self._read_line()
            if line is None:
                return None
            self._again.append(line)
        return self._again[ahead]
