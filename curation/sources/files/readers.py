"""The readers of plain lines and of tables, and the choice of the reader for a recognised file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from curation.sources.base import Rejected
from curation.sources.files.input_files import Opened
from curation.sources.files.json_items import compact_json
from curation.sources.files.json_reader import JsonReader
from curation.sources.files.reader import PostInFile, Reader
from curation.sources.files.recognition import Recognised
from curation.sources.files.table import PostTable
from curation.sources.files.tables import TableRows
from curation.sources.files.text_encoding import TextLines, is_blank, shown_breaks
from curation.sources.records.not_a_post import LeftOutRecord, NotAPost


def reader_of(recognised: Recognised, opened: Opened) -> Reader:
    """The reader of a recognised file."""
    if recognised.table:
        return TableReader(recognised, recognised.table, opened)
    if recognised.json:
        return JsonReader(recognised, recognised.json, opened)
    return LineReader(recognised, opened, TextLines(opened.stream, recognised.head))


class LineReader(Reader):
    """One post a line, text only."""

    def __iter__(self) -> Iterator[PostInFile | Rejected]:
        """Read the lines; blank ones are no posts."""
        for line in self.lines:
            yield from self.overlong()
            if self._opened.ended_early and not line.endswith("\n"):
                return  # half a line
            text = line.rstrip("\r\n")
            text = shown_breaks(text) if self.lines.record_end else text
            if not is_blank(text):
                row = {"text": text, "text_format": "unknown", "platform": "file"}
                yield PostInFile(self.lines.number, row, compact_json({"text": text}))
        yield from self.overlong()


class TableReader(Reader):
    """Rows of a table. A header within it, where tables were joined, holds for the rows below it."""

    def __init__(self, recognised: Recognised, table: PostTable, opened: Opened) -> None:
        super().__init__(recognised, opened, TextLines(opened.stream, recognised.head))
        self._table: PostTable = table
        self._first = table  # as its first header says
        self._rows = TableRows(
            self.lines,
            table.style,
            table.shape,
            after=table.after,
            is_header=lambda cells: self._table.under(cells) is not None,
            cut=lambda: opened.ended_early is not None,
        )
        self._headers = 0  # within the table
        self._first_header = 0  # its line
        self._new_order: int | None = None  # line of the first header with other columns

    def __iter__(self) -> Iterator[PostInFile | Rejected]:
        """Read the rows after the header."""
        for row in self._rows:
            yield from self.overlong()
            try:
                if row.broken:
                    raise NotAPost(row.broken)
                if (under := self._table.under(row.cells)) is not None:
                    self._follow(under, row.line)
                    continue
                posts = self._table.posts(row.cells)
            except NotAPost as why:
                yield Rejected(f"{self.name}:{row.line}", str(why))
                continue
            for post in posts:
                if isinstance(post, LeftOutRecord):
                    self.leave_out(post)
                elif isinstance(post, NotAPost):
                    yield Rejected(f"{self.name}:{row.line}", str(post))
                else:
                    self._read_as_html += self._table.html and post[0]["text_format"] == "html"
                    yield PostInFile(row.line, post[0], compact_json(post[1]))
        yield from self.overlong()

    def note_times(self) -> None:
        """Read only the column of times, for what it shows as a whole."""
        if not self._table.dialect and not self._table.style.nested:
            self._rows.passes = self._notes
        for row in self._rows:
            cells, table = row.cells, self._table
            if row.broken:
                continue
            if (under := table.under(cells)) is not None:
                self._follow(under, row.line)
            else:
                with suppress(NotAPost):
                    table.posts(cells)

    def _notes(self, line: str) -> bool:
        """Note the time of a line that is surely a row: it has no quotation mark, and a digit begins its time."""
        table, line = self._table, line.rstrip("\r\n")
        at = table.fields.get("created_at")
        if at is None or table.dialect or (table.style.quote or "\\") in line or "\r" in line:
            return False
        cells = line.split(table.style.delimiter)
        if len(cells) != len(table.names):
            return False
        time = cells[at].strip()
        if not time[:1].isdecimal():  # as in a header
            return False
        table.order.read(time)
        return True

    def _follow(self, under: PostTable, line: int) -> None:
        """Read the rows below a header by it."""
        self._headers += 1
        self._first_header = self._first_header or line
        if under is not self._table:
            self._new_order = self._new_order or line
            self._table = under
            self._rows.shape = under.shape

    def notices(self) -> Iterator[str]:
        """Also notices about headers, mended rows and line breaks."""
        yield from super().notices()
        table = self._first
        if table.skipped:
            lines = f"{table.skipped:,} lines before it were" if table.skipped > 1 else "one line before it was"
            yield f"{self.name}: the header is line {table.after}; {lines} left out."
        if self._headers:
            several = f"{self._headers:,} more headers" if self._headers > 1 else "another header"
            yield f"{self.name}: {several} within the table; the first is line {self._first_header}."
        if self._new_order:
            where = f"the header in line {self._new_order}"
            yield f"{self.name}: {where} has other columns; the rows below it were read by it."
        for kind, (times, line) in self._rows.mended.items():
            several = f"{times:,} lines" if times > 1 else "One line"
            yield f"{self.name}: {several} {kind.value}. The first is line {line}."
        if table.line_breaks:
            yield f"{self.name}: '{table.line_breaks.name}' stands for line breaks in its texts and was read as such."
