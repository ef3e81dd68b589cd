"""The reader that a recognised file takes: of tables, of JSON, or of plain lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from curation.sources.base import Rejected
from curation.sources.files.json_items import compact_json
from curation.sources.files.json_reader import JsonReader
from curation.sources.files.reader import PostInFile, Reader
from curation.sources.files.table_reader import TableReader
from curation.sources.files.text_encoding import TextLines

if TYPE_CHECKING:
    from curation.sources.files.input_files import Opened
    from curation.sources.files.recognition import Recognised


class LineReader(Reader):
    """One post a line, text only."""

    def __init__(self, recognised: Recognised, opened: Opened) -> None:
        super().__init__(recognised, opened)
        self._lines = TextLines(opened.stream, recognised.head)

    @property
    def lines(self) -> TextLines:
        """The file's lines."""
        return self._lines

    def __iter__(self) -> Iterator[PostInFile | Rejected]:
        """Read the lines; blank ones are no posts."""
        for line in self._lines:
            yield from self.overlong()
            if self._opened.ended_early and not line.endswith("\n"):
                return  # half a line
            text = line.rstrip("\r\n")
            if text.strip():
                row = {"text": text, "text_format": "unknown", "platform": "file"}
                yield PostInFile(self._lines.number, row, compact_json({"text": text}))
        yield from self.overlong()


def reader_of(recognised: Recognised, opened: Opened) -> Reader:
    """The reader of a recognised file."""
    if recognised.table:
        return TableReader(recognised, recognised.table, opened)
    if not recognised.json:
        return LineReader(recognised, opened)
    return JsonReader(recognised, recognised.json, opened)
