r"""Rows of a CSV or TSV file with the lines they begin at, and broken rows kept from swallowing good ones.

Python's `csv` reads a row whose quotation mark is never closed to the next one it meets, be that thousands of
rows later; what it returns may even have the right number of cells. So the lines are handed to it by
`TableRows`, which takes a row back when

- it runs over more than `ROW_LINES` line breaks or `ROW_CHARACTERS`,
- or lines within it are whole rows by themselves.

Reading then goes on with the line after the one where that row began. That line itself is read with its
quotation marks as marks that somebody typed, if this makes a whole row of it, and else rejected.

Line breaks in quoted cells stay as they are written: `\n`, `\r\n`, `\r\r\n`, `\r`.

`csv.field_size_limit` is one setting for the whole process. It is raised here, once, because the limit of 128
KiB is below what a cell with a scraped user profile may hold; `ROW_CHARACTERS` is the bound that counts.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from curation.sources.files.text_encoding import LINE_LIMIT
from curation.sources.records.dates import written_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from curation.sources.files.text_encoding import TextLines

csv.field_size_limit(max(csv.field_size_limit(), LINE_LIMIT))

#: More line breaks, or characters, than these in one row mean that a quotation mark was not closed.
ROW_LINES = 200
ROW_CHARACTERS = 1 << 20

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}

UNCLOSED = "a quotation mark opens here and isn't closed"

# A number, or something longer with a number in it; no word of a text.
_ID = re.compile(r"\d{1,25}|(?=\D*\d)[\w.+:/@#-]{6,200}", re.ASCII)


@dataclass(frozen=True)
class Row:
    """The cells of a row, or why it can't be read."""

    line: int  # where it begins, from 1
    cells: list[str]
    broken: str | None = None


@dataclass(frozen=True)
class Shape:
    """What a whole row looks like, to know one that was swallowed by another."""

    cells: int
    id: int | None = None  # column of the ids, from 0
    created_at: int | None = None

    def fits(self, cells: list[str]) -> bool:
        """Whether these are the cells of a whole row."""
        if len(cells) != self.cells:
            return False
        if self.id is not None and not _ID.fullmatch(cells[self.id].strip()):
            return False
        return self.created_at is None or _is_time(cells[self.created_at])

    @property
    def tells(self) -> bool:
        """Whether a line that fits was looked into, and not only counted."""
        return self.id is not None or self.created_at is not None

    def proof(self, well_formed: bool) -> float:
        """How many lines that fit prove that a row swallowed others.

        `well_formed` rows have their quotation marks in order and the right number of cells: those are most
        likely texts of several lines, perhaps with a list of numbers and commas in them.
        """
        if not well_formed:
            return 1 if self.tells else 3
        if self.id is not None and self.created_at is not None:
            return 1
        return 3 if self.cells > (2 if self.tells else 3) else float("inf")


def _is_time(cell: str) -> bool:
    return written_time(cell, "day") is not None or written_time(cell, "month") is not None


class _TooLong(Exception):  # noqa: N818 - a signal through `csv`, not an error
    pass


class TableRows:
    """The rows of a table; iterate once. Give `shape` once the header is known."""

    def __init__(self, lines: TextLines, delimiter: str, cut: Callable[[], bool] = lambda: False) -> None:
        """`cut` says whether the stream ended before its end, so that the last line may be half a line."""
        self.shape: Shape | None = None
        #: Numbers of the lines with a quotation mark that opens and isn't closed, read as it stands.
        self.unclosed: list[int] = []
        self._delimiter = delimiter
        self._source = iter(lines)
        self._lines = lines
        self._cut = cut
        self._again: deque[tuple[int, str]] = deque()  # lines of a row that was taken back
        self._row: list[tuple[int, str]] = []  # lines of the row that is being read
        self._characters = 0
        self._ended = False  # while a row is read: the file ended before the row did

    def __iter__(self) -> Iterator[Row]:
        reader = self._reader()
        while True:
            self._row, self._characters = [], 0
            try:
                cells = next(reader)
            except StopIteration:
                return
            except _TooLong:
                reader = self._reader()
                yield self._take_back(UNCLOSED)
                continue
            except csv.Error:
                reader = self._reader()
                if len(self._row) > 1:
                    yield self._take_back("it can't be told where its cells end")
                else:
                    yield Row(self._row[0][0], [], "a carriage return stands outside quotation marks")
                continue
            row = self._judged(cells)
            if self._again:
                reader = self._reader()
            if row.broken or cells:
                yield row

    def _reader(self) -> Iterator[list[str]]:
        return csv.reader(self._feed(), delimiter=self._delimiter, strict=False)

    def _feed(self) -> Iterator[str]:
        while True:
            if self._again:
                number, text = self._again.popleft()
            else:
                text = next(self._source, "")
                number = self._lines.number
                if not text or (self._cut() and not text.endswith(("\n", "\r"))):
                    self._ended = True
                    return
            self._row.append((number, text))
            self._characters += len(text)
            if len(self._row) > ROW_LINES + 1 or (len(self._row) > 1 and self._characters > ROW_CHARACTERS):
                raise _TooLong
            yield text

    def _judged(self, cells: list[str]) -> Row:
        line = self._row[0][0]
        if len(self._row) < 2 and not self._ended:
            return Row(line, cells)
        if self._swallowed(cells):
            return self._take_back(UNCLOSED)
        if self._ended:
            return Row(line, cells, "the file ends within its quotation marks")
        return Row(line, cells)

    def _swallowed(self, cells: list[str]) -> bool:
        """Whether lines of the row at hand are rows of their own."""
        if self.shape is None or len(self._row) < 2:
            return False
        texts = [text for _, text in self._row]
        well_formed = len(cells) == self.shape.cells and not self._ended and self._strictly(texts) is not None
        # The last line of a good row may fit too: `…",2020-01-01,1` after a text in the first column.
        whole = sum(map(self._fits, texts[1:-1] if well_formed else texts[1:]))
        if whole >= self.shape.proof(well_formed):
            return True
        return not well_formed and self.shape.fits(self._literally(texts[0]))

    def _fits(self, text: str) -> bool:
        cells = self._strictly([text])
        return cells is not None and self.shape is not None and self.shape.fits(cells)

    def _strictly(self, texts: list[str]) -> list[str] | None:
        """The cells of these lines; None if they aren't one row whose quotation marks are in order."""
        try:
            rows = list(csv.reader(texts, delimiter=self._delimiter, strict=True))
        except csv.Error:
            return None
        return rows[0] if len(rows) == 1 else None

    def _literally(self, text: str) -> list[str]:
        """The cells of a line in which a quotation mark means nothing; none if they can't be told apart."""
        try:
            return next(csv.reader([text], delimiter=self._delimiter, quoting=csv.QUOTE_NONE), [])
        except csv.Error:
            return []

    def _take_back(self, why: str) -> Row:
        (number, text), *rest = self._row
        self._again.extendleft(reversed(rest))
        self._ended = False
        cells = self._literally(text)
        if self.shape is not None and self.shape.tells and self.shape.fits(cells):
            self.unclosed.append(number)
            return Row(number, cells)
        return Row(number, [], why)
