r"""How the cells of a table are written: the characters between and around them, and the meaning of a backslash.

The usual form doubles a quotation mark within quotation marks. Spark, MySQL and Postgres put a backslash before it and
write `\N` for nothing and `\n` for a line break. The whole beginning of a file decides, because texts have backslashes
too (`C:\new`, `\o/`): if one precedes a character that nobody escapes, only `\"` is an escape.

>>> TableStyle(backslash="all").cells([r'7,"say \"hi\"\nto C:\\new",\N'])
['7', 'say "hi"\nto C:\\new', '\\N']
>>> TableStyle(backslash="quotes").cells([r'7,"say \"hi\" \o/",C:\new'])
['7', 'say "hi" \\o/', 'C:\\new']
"""

from __future__ import annotations

import csv
import re
from _csv import Reader
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from curation.sources.files.table_escapes import CONTROLS, DRIVE, ESCAPE, is_copy_text, marks_are_text
from curation.sources.files.text_encoding import HIDDEN_LINE, HIDDEN_RETURN, LINE_LIMIT

# One setting for the whole process. The default, 128 KiB, is below what a cell with a scraped profile may hold.
csv.field_size_limit(max(csv.field_size_limit(), LINE_LIMIT))


DELIMITERS = {
    ",": "comma",
    ";": "semicolon",
    "\t": "tab",
    "|": "bar",
    "^": "caret",
    "\x01": "control character",
    "\x1f": "unit separator",
}

#: An empty cell of a database.
NULL = r"\N"

Backslash = Literal["plain", "quotes", "all"]

#: Characters of no text, in place of escaped ones until the line has been split.
_QUOTE, _DELIMITER, _LINE, _RETURN = "\ufdd0", "\ufdd1", HIDDEN_LINE, HIDDEN_RETURN
_ESCAPED_QUOTE = re.compile(r'(\\+)"')
_ESCAPES = {'"': _QUOTE, "\\": "\\", "n": _LINE, "r": _RETURN, "t": "\t", "'": "'", "0": "", "b": "\b", "\n": _LINE}
_OF_COPY = {"f": "\f", "v": "\v"}
#: An escaped quotation mark: no end of a cell and no second mark follows.
_INNER_MARK = re.compile(r'\\"(?=[^",;\t|^\x01\x1f\r\n])')
_RULE = re.compile(r"[\s|+:=]*-[\s|+:=-]*")
_SAMPLE_LINES = 400


@dataclass(frozen=True)
class TableStyle:
    """How the cells of one table are written."""

    delimiter: str = ","
    quote: str = '"'  # empty where a quotation mark means nothing
    backslash: Backslash = "plain"  # it escapes nothing, quotation marks, or all that databases escape
    skip_blanks: bool = False  # a blank may stand between a delimiter and a quotation mark
    nested: bool = False  # each row is one quoted cell with a row in it
    records: bool = False  # \x1e ends a row; line breaks are parts of texts
    dump: tuple[str, ...] = ()  # the columns of a dump of PostgreSQL, whose rows lie between a statement and `\\.`
    ruled: bool = False  # drawn for people, with blanks around cells and lines between rows: `+----+`, `|:---|`

    @property
    def doc(self) -> str:
        """The style for a notice: "commas between cells"."""
        around = f" and {self.quote} around them" if self.quote else ", no quotation marks"
        around = "" if self.quote == '"' else around
        escapes = ", backslashes before quotation marks" if self.quote else ", escapes with a backslash"
        escapes = "" if self.backslash == "plain" else escapes
        each = ", each row within one quoted cell" if self.nested else ""
        return f"{DELIMITERS.get(self.delimiter, repr(self.delimiter))}s between cells{around}{escapes}{each}"

    def reader(self, lines: Iterable[str], strict: bool = True) -> Reader:
        """The rows of prepared lines. Raises `csv.Error` while it is read."""
        if not self.quote:
            return csv.reader(lines, delimiter=self.delimiter, quoting=csv.QUOTE_NONE, quotechar=None, strict=strict)
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            quotechar=self.quote,
            strict=strict,
            skipinitialspace=self.skip_blanks,
        )

    def cells(self, lines: list[str]) -> list[str] | None:
        """The cells of these lines; None if they aren't one row whose quotation marks are in order."""
        try:
            rows = list(self.reader(map(self.prepared, lines)))
        except csv.Error:
            return None
        return self.restored(rows[0]) if len(rows) == 1 else None

    def literally(self, text: str) -> list[str]:
        """The cells of a row in which a quotation mark means nothing; line breaks stay."""
        return self.restored(self.prepared(text).rstrip("\r\n").split(self.delimiter))

    def unquoted(self, cell: str) -> str:
        """A cell without the pair of quotation marks around it, if there is one."""
        if self.quote and len(cell) > 1 and cell[0] == cell[-1] == self.quote:
            return cell[1:-1].replace(self.quote * 2, self.quote)
        return cell

    def prepared(self, text: str) -> str:
        """A line for `reader`, in which escaped characters are hidden."""
        if self.ruled and _RULE.fullmatch(text):
            return "\n"
        if self.backslash == "plain" or "\\" not in text:
            return text
        if self.backslash == "quotes":
            return _ESCAPED_QUOTE.sub(lambda m: m[1][: len(m[1]) // 2] + ('"', _QUOTE)[len(m[1]) % 2], text)
        return ESCAPE.sub(self._escape, text)

    def goes_on(self, text: str) -> bool:
        """Whether the line break at the end of a line is escaped."""
        if self.backslash != "all" or not text.endswith("\\\n"):
            return False
        body = text[:-1]
        return (len(body) - len(body.rstrip("\\"))) % 2 == 1

    def restored(self, cells: list[str]) -> list[str]:
        """The cells with the characters that `prepared` hid."""
        if self.ruled:
            cells = [cell.strip() for cell in cells]
        if self.backslash == "plain" and not self.records:
            return cells
        return [cell.translate(self._characters) for cell in cells]

    def _escape(self, match: re.Match[str]) -> str:
        escaped = match[1]
        if escaped in (self.delimiter, "t") and self.delimiter == {"t": "\t"}.get(escaped, escaped):
            return _DELIMITER
        return _ESCAPES.get(escaped, _OF_COPY.get(escaped, match[0]) if not self.quote else match[0])

    @cached_property
    def _characters(self) -> dict[int, str]:
        return {ord(_QUOTE): '"', ord(_DELIMITER): self.delimiter, ord(_LINE): "\n", ord(_RETURN): "\r"}

    def whole_rows(self, lines: list[str], count: int) -> int:
        """The number of rows in these lines with `count` cells and their quotation marks in order."""
        whole, source = 0, iter(map(self.prepared, self._joined(lines)))
        while True:
            reader = self.reader(source)
            try:
                for row in reader:
                    whole += len(row) == count or (len(row) > count and not any(row[count:]))
                return whole
            except csv.Error:
                continue  # with the line after the one where it occurred

    def _joined(self, lines: list[str]) -> Iterator[str]:
        """The lines, with those whose line break is escaped and what follows them in one."""
        if self.backslash != "all":
            yield from lines
            return
        source = iter(lines)
        for text in source:
            while self.goes_on(text):
                more = next(source, "")
                text += more
                if not more:
                    break
            yield text


def refined(style: TableStyle, lines: list[str], header: list[str]) -> TableStyle:
    """The style with what the first lines of a table show beyond its delimiter; `header` has the header's cells."""
    all_lines, lines, count = lines, lines[:_SAMPLE_LINES], len(header)
    everything = "".join(all_lines)
    if style.delimiter in CONTROLS and _marks_are_text(style, lines, count):
        style = replace(style, quote="")
    marked = [cell.strip() for cell in header if cell.strip()]
    if len(marked) > 1 and all(len(c) > 1 and c[0] == c[-1] == "'" for c in marked):
        style = replace(style, quote="'")
    if style.quote and f"{style.delimiter} {style.quote}" in everything:
        spaced = replace(style, skip_blanks=True)
        if spaced.whole_rows(lines, count) > style.whole_rows(lines, count):
            style = spaced
    if "\\" not in everything:
        return style
    return _with_backslashes(style, all_lines, everything, count)


def _with_backslashes(style: TableStyle, lines: list[str], text: str, count: int) -> TableStyle:
    if style.delimiter == "\t" and is_copy_text(lines) and _marks_are_text(style, lines, count):
        return replace(style, backslash="all", quote="")
    escaped = Counter(ESCAPE.findall(text))
    nulls = re.search(
        rf"(?:^|{re.escape(style.delimiter)}|\n)\"?\\N(?:\"?$|\"?{re.escape(style.delimiter)}|\"?[\r\n])", text
    )
    usual = set(_ESCAPES) | {"N", "Z", style.delimiter, "\r"}
    others = sum(times for character, times in escaped.items() if character not in usual) + bool(DRIVE.search(text))
    marks = bool(_INNER_MARK.search(text))
    goes_on = any(map(replace(style, backslash="all").goes_on, lines))
    if not marks and not nulls and not goes_on:
        return style
    # If marks are doubled too, a backslash may mean itself.
    doubled = marks and re.search(r'[^\\"\s]""[^"\s]', text)
    kind: Backslash = "quotes" if others or (doubled and not nulls) else "all"
    if kind == "quotes" and not marks:
        return style  # a backslash in a text, beside the empty cells of a database
    with_escapes = replace(style, backslash=kind)
    best, whole = style.whole_rows(lines, count), with_escapes.whole_rows(lines, count)
    if kind == "all" and (nulls or goes_on) and style.delimiter == "\t" and not _quotes_matter(style, lines):
        bare = replace(with_escapes, quote="")
        if bare.whole_rows(lines, count) >= whole and (nulls or whole > best):
            return bare
    return with_escapes if whole > best or (nulls and whole >= best) else style


def _marks_are_text(style: TableStyle, lines: list[str], count: int) -> bool:
    """Whether cells are whole without their quotation marks, and these belong to the texts."""
    bare = replace(style, quote="")
    rows = [line.rstrip("\r\n").split(style.delimiter) for line in lines]
    return bare.whole_rows(lines, count) >= style.whole_rows(lines, count) and marks_are_text(rows)


def _quotes_matter(style: TableStyle, lines: list[str]) -> bool:
    """Whether some cell needs its quotation marks."""
    try:
        return any(
            any(character in cell for character in (style.delimiter, "\n", style.quote))
            for row in style.reader(lines)
            for cell in row
        )
    except csv.Error:
        return False
