"""Where a table begins: its delimiter, the lines before its header, and the header itself.

Nothing is guessed from the cells, with one exception: if `--map` names columns by number, a first row of words above
columns of numbers, times or addresses is a header.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from curation.sources.files.column_names import dialect_of
from curation.sources.files.table_escapes import END, columns_of_copy
from curation.sources.files.table_shape import looks_like_names
from curation.sources.files.table_style import DELIMITERS, TableStyle, refined
from curation.sources.files.text_encoding import ends_with_returns, record_end, records_of
from curation.sources.records.field_names import plain_field_name, recognise_fields
from curation.writing.characters import without_invisible

#: Rows that show the delimiter, and rows that may precede the header.
_SAMPLE_ROWS, _ROWS_BEFORE = 50, 25

#: The first line that spreadsheets of many countries want.
_SEPARATOR = re.compile(r"\s*[\"']?sep\s*=\s*(\\t|.)[\"']?[\s;,]*", re.IGNORECASE | re.DOTALL)
_ANY_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$")
_COMMENT = ("#", "//", "--", "%", "/*")


@dataclass(frozen=True)
class _Row:
    """A row of the sample, and its lines."""

    cells: list[str]
    first: int  # its first line, from 1
    last: int


@dataclass(frozen=True)
class TableStart:
    """What the beginning of a file says about its table."""

    style: TableStyle
    header: list[str] | None  # None: the first row is a post
    first: list[str]  # cells of the first row
    rows: list[list[str]]  # those after the header, as far as the beginning goes
    after: int  # number of the line after which the rows begin
    skipped: int = 0  # rows before the header, but for empty ones and `sep=`


def table_start(text: str, mapping: Mapping[str, str], ending: str, cut: bool) -> TableStart:
    """What `text`, the beginning of a file, says; `cut` if the file goes on after it."""
    lines = _lines(text)
    if dump := _of_dump(lines, cut):
        return dump
    separator = next((_SEPARATOR.fullmatch(line.rstrip("\r\n")) for line in lines[:3] if line.strip()), None)
    before = next(i for i, line in enumerate(lines) if line.strip()) + 1 if separator else 0
    mark = "\t" if separator and separator[1] == "\\t" else separator and separator[1]
    records = record_end(text) is not None
    delimiters = [mark] if mark else list(DELIMITERS)
    best = None
    for delimiter in delimiters:
        for nested in (False, True):
            style = TableStyle(delimiter, nested=nested, records=records)
            rows = _rows(lines[before:], style, before, limit=_SAMPLE_ROWS + _ROWS_BEFORE, cut=cut)
            if not rows:
                break
            at, named = _header_at(rows, mapping)
            sample, width = rows[at : at + _SAMPLE_ROWS], len(rows[at].cells)
            alike = sum(len(row.cells) == width for row in sample) / len(sample) if width > 1 else 0.0
            score = (named, alike, not nested, delimiter == "\t" and ending == ".tsv")
            if best is None or score > best[0]:
                best = (score, style)
            if not any(delimiter in row.cells[0] and not any(row.cells[1:]) for row in rows):
                break  # no row stands within one cell
    if best is None:
        return TableStart(TableStyle(mark or ","), None, [], [], before)
    return _start(lines, before, best[1], mapping, cut)


def _of_dump(lines: list[str], cut: bool) -> TableStart | None:
    """The first table of texts in a dump of PostgreSQL; None for any other file."""
    for number, line in enumerate(lines, 1):
        columns = columns_of_copy(line)
        if columns and ("text" in recognise_fields(columns) or dialect_of(columns)):
            end = next((at for at, row in enumerate(lines[number:], number) if row.rstrip("\r\n") == END), None)
            style = TableStyle("\t", quote="", backslash="all", dump=tuple(columns))
            rows = _rows(lines[number:end], style, number, cut=cut and end is None)
            return TableStart(style, columns, columns, [row.cells for row in rows], after=number)
    return None


def _start(lines: list[str], before: int, style: TableStyle, mapping: Mapping[str, str], cut: bool) -> TableStart:
    rows = _rows(lines[before:], style, before, limit=_ROWS_BEFORE + 1, cut=cut)
    at, named = _header_at(rows, mapping)
    header = replace(rows[at], cells=list(map(without_invisible, rows[at].cells)))
    if style.delimiter == "|" and all(cell != cell.strip() for cell in header.cells if cell.strip()):
        style = replace(style, ruled=True)
        header = replace(header, cells=[cell.strip() for cell in header.cells])
    style = refined(style, lines[header.last :], header.cells)
    if style.quote == "'":
        header = replace(header, cells=[style.unquoted(cell.strip()) for cell in header.cells])
        named = max(named, len(recognise_fields(header.cells)))
    rest = [row.cells for row in _rows(lines[header.last :], style, header.last, cut=cut)]
    headed = _is_header(header.cells, rest, mapping)
    if not headed:
        rest.insert(0, rows[at].cells)
    return TableStart(
        style,
        header.cells if headed else None,
        header.cells if headed else rows[at].cells,
        rest,
        after=header.last if headed else header.first - 1,
        skipped=at,
    )


def _lines(text: str) -> list[str]:
    """The lines as the file's reader will give them."""
    if end := record_end(text):
        return records_of(text, end)
    if ends_with_returns(text):
        return _ANY_LINE.findall(text)
    lines = text.split("\n")
    return [line + "\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def _rows(lines: list[str], style: TableStyle, before: int, *, limit: int | None = None, cut: bool) -> list[_Row]:
    """The rows of these lines but the empty ones; `before` lines precede them."""
    rows: list[_Row] = []
    prepared = iter(map(style.prepared, lines))
    reader = style.reader(prepared, strict=False)
    at = before
    try:
        for cells in reader:
            first, at = at + 1, before + reader.line_num
            if any(cells):
                rows.append(_Row(_unwrapped(style.restored(cells), style), first, at))
            if limit and len(rows) >= limit:
                return rows
    except csv.Error:
        return rows  # enough to recognise the table
    if cut and len(rows) > 1:
        rows.pop()
    return rows


def _unwrapped(cells: list[str], style: TableStyle) -> list[str]:
    if not style.nested or style.delimiter not in cells[0] or any(cells[1:]):
        return cells
    return replace(style, nested=False).cells(cells[0].splitlines(keepends=True)) or cells


def _header_at(rows: Sequence[_Row], mapping: Mapping[str, str]) -> tuple[int, int]:
    """The index of the header among the first rows, 0 if there is none, and the number of its known names."""
    mapped = {plain_field_name(column) for column in mapping.values() if not column.isdecimal()}
    scores = []
    filled = 0
    for at, row in enumerate(rows[:_ROWS_BEFORE]):
        names = list(map(without_invisible, row.cells))
        fields = recognise_fields(names)
        hits = sum(plain_field_name(cell) in mapped for cell in names) if mapped else 0
        cells = sum(map(bool, row.cells))
        dialect = cells > 1 and dialect_of(names)
        named = len(fields) + hits + (cells if dialect else 0)
        is_better = ("text" in fields or hits or dialect) and (at == 0 or named > 1) and cells > filled
        if at == 0 and named and is_better:
            return 0, named
        if is_better:
            return at, named
        scores.append(named)
        if not row.cells[0].lstrip("\ufeff ").startswith(_COMMENT):
            filled = max(filled, cells)
    return 0, scores[0] if scores else 0


def _is_header(first: list[str], rows: Sequence[list[str]], mapping: Mapping[str, str]) -> bool:
    fields = recognise_fields(first)
    if not mapping:
        return bool(fields) or dialect_of(first) is not None
    is_number = first[0].isdecimal() and len(first[0]) < 20
    numbered = is_number and [str(int(first[0]) + n) for n in range(len(first))] == first
    if all(map(str.isdecimal, mapping.values())) and not numbered:
        # Numbers mean that there is no header, unless there plainly is one.
        return len(fields) > 1 or "text" in fields or looks_like_names(first, rows)
    return True
