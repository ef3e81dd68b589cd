r"""Rows of a CSV or TSV file with the lines they begin at. No broken row swallows good ones.

If a quotation mark is never closed, Python's `csv` reads on to the next one, perhaps thousands of rows later, and the
row may even have the right number of cells. So `TableRows` hands it the lines, and takes a row back if

- its quotation marks are not in order,
- it has more than `ROW_LINES` line breaks or `ROW_CHARACTERS`,
- or lines within it are whole rows by themselves.

`RowMender` then mends the first line of the row, if there is just one way to do so; else the line is rejected. Reading
goes on with the line after it.

Line breaks in quoted cells stay as they are: `\n`, `\r\n`, `\r\r\n`, `\r`.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Callable, Iterator

from curation.sources.files.row_mender import CUT, Line, Mended, RowMender, TableRow
from curation.sources.files.table_escapes import END, columns_of_copy
from curation.sources.files.table_shape import RowShape
from curation.sources.files.table_style import TableStyle
from curation.sources.files.text_encoding import TextLines, is_blank

#: A row with more line breaks or characters has an open quotation mark.
ROW_LINES, ROW_CHARACTERS = 200, 1 << 20

UNCLOSED = "a quotation mark opens here and isn't closed"


class _TooLong(Exception):  # noqa: N818 - a signal through `csv`, not an error
    pass


class TableRows:
    """The rows of a table; iterate once."""

    def __init__(
        self,
        lines: TextLines,
        style: TableStyle,
        shape: RowShape,
        *,
        after: int = 0,
        is_header: Callable[[list[str]], bool] = lambda _: False,
        cut: Callable[[], bool] = lambda: False,
    ) -> None:
        """`after` is the number of the line after which rows begin.

        `is_header` recognises a header within the table; `cut` says whether the stream broke off, so the last line may
        be half a line.
        """
        self.shape = shape
        self.style = style
        self.mended: dict[Mended, tuple[int, int]] = {}  # kind → how often, and the first line
        self.passes: Callable[[str], bool] | None = None  # whether the first line of a row needs no reading
        self._is_header = is_header
        self._source = iter(lines)
        self._lines = lines
        self._after = after
        self._cut = cut
        self._outside = False  # behind the rows of a dump
        self._again: deque[Line] = deque()  # lines of a row that was taken back
        self._row: list[Line] = []  # lines of the row at hand
        self._characters = 0
        self._ended = False  # the file ended before the row at hand did

    def __iter__(self) -> Iterator[TableRow]:
        reader = self._reader()
        # A row of one line with the right number of cells needs no further look.
        style = self.style
        usual = style.backslash == "plain" and not (style.nested or style.ruled or style.records)
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
                why = CUT if self._ended else UNCLOSED
            else:
                if usual and len(read) == self.shape.cells and len(self._row) == 1:
                    yield TableRow(self._row[0].number, read)
                    continue
                swallowed = len(self._row) > 1 and self._swallowed(read)
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
            # Most tables have nothing to prepare or to join.
            if self.style.backslash == "plain" and not self.style.ruled and not self._again:
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
        """The remaining lines, as they are."""
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
            if self.style.backslash == "all" and (self._outside or text.startswith(END)) and self._passes_over(text):
                continue
            while self.style.goes_on(text) and len(text) < ROW_CHARACTERS:
                more = next(self._source, "")
                text += more
                if not more:
                    break
            return Line(number, text)
        return None

    def _passes_over(self, text: str) -> bool:
        """Whether a line is no row, but the end of a dump's rows or lies behind it."""
        if text.rstrip("\r\n") == END:
            self._outside = bool(self.style.dump)
            return True
        if self._outside and (columns := columns_of_copy(text)):
            self._outside = tuple(columns) != self.style.dump
            return True
        return self._outside

    def _accepted(self, cells: list[str]) -> TableRow | None:
        """The row if nothing is wrong with it."""
        number, shape = self._row[0].number, self.shape
        cells = self.style.restored(cells)
        if self.style.nested and cells:
            cells = RowMender(self.style, shape).unwrapped(cells) or cells
        if len(cells) == shape.cells or not cells:
            return TableRow(number, cells)
        if len(cells) > shape.cells and not any(cells[shape.cells :]):
            return TableRow(number, cells[: shape.cells])
        if all(map(is_blank, cells)):
            return TableRow(number, [])
        return TableRow(number, cells) if self._is_header(cells) else None

    def _swallowed(self, cells: list[str]) -> bool:
        """Whether lines of the row at hand are rows of their own."""
        texts, shape = [line.text for line in self._row], self.shape
        right = len(cells) == shape.cells
        # The last line of a good row may fit too: `…",2020-01-01,1` after a text in the first column.
        alone = (self.style.cells([text]) for text in (texts[1:-1] if right else texts[1:]))
        if sum(row is not None and shape.fits(row) for row in alone) >= shape.proof(right):
            return True
        return not right and shape.fits(self.style.literally(texts[0]))

    def _repaired(self, cells: list[str] | None, why: str | None) -> TableRow:
        """The row at hand as far as it can be mended. Without its `cells`, its other lines are read again."""
        first, *rest = self._row
        self._ended = False
        if cells is None:
            self._again.extendleft(reversed(rest))
        else:
            cells, first = self.style.restored(cells), Line(first.number, "".join(line.text for line in self._row))
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
        """The line `ahead` lines after the row at hand, from 0."""
        while len(self._again) <= ahead:
            line = self._read_line()
            if line is None:
                return None
            self._again.append(line)
        return self._again[ahead]
