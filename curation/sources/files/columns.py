"""A table's header: which column is which field, what the table is, and how a row of cells becomes a post.

Nothing is guessed from what stands in the cells: a table whose header names nothing that is known is refused
with its first row and the `--map` that would read it.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from curation.errors import InputError, UsageError, did_you_mean
from curation.sources.dialects.plain import is_on_x
from curation.sources.dialects.snscrape import snscrape_post
from curation.sources.files.tables import DELIMITERS, Shape
from curation.sources.records.dates import DateOrder, order_of
from curation.sources.records.fields import (
    from_dict_text,
    plain_name,
    recognise,
    row_of,
    something,
    speaks_of_tweets,
)
from curation.sources.records.not_a_post import NotAPost

#: Rows that are looked at to find the delimiter.
_SAMPLE_ROWS = 50
_SHOWN = 40  # characters of a cell in a message

ARCHIVE = "the tweets.csv of an X archive"
SNSCRAPE = "a CSV that was made of snscrape's posts"
TABLE = "a table"
_ARCHIVE_NAMES = frozenset({"tweetid", "timestamp", "source", "text", "retweetedstatusid", "expandedurls"})


@dataclass(frozen=True)
class Table:
    """How to read the rows of one table."""

    delimiter: str
    names: tuple[str, ...]  # of the columns; "1", "2", … without a header
    headed: bool
    fields: Mapping[str, int]  # field → column, from 0
    kind: str = TABLE
    platform: str = "file"
    order: DateOrder | None = None
    doubtful_date: str | None = None  # a date that may mean two days, if nothing in the file decides
    overridden: frozenset[str] = field(default_factory=frozenset)  # fields that `--map` named

    @property
    def shape(self) -> Shape:
        """What a whole row looks like."""
        return Shape(len(self.names), self.fields.get("id"), self.fields.get("created_at"))

    @property
    def doc(self) -> str:
        """What was recognised, for a notice."""
        named = {f: self.names[i] for f, i in self.fields.items()}
        columns = ", ".join(f if f == column else f"{f} = {column}" for f, column in named.items())
        return f"{self.kind} with {DELIMITERS.get(self.delimiter, self.delimiter)}s between cells ({columns})"

    def post(self, cells: list[str]) -> tuple[dict[str, Any], dict[str, str]] | None:
        """The row of the raw schema and the record it came of; None for a row without anything in it.

        Raises `NotAPost`.
        """
        if not any(map(str.strip, cells)):
            return None
        wanted = len(self.names)
        if len(cells) > wanted and not any(cells[wanted:]):
            cells = cells[:wanted]
        if len(cells) != wanted:
            what = "the header" if self.headed else "the first row"
            cells_it_has = "one cell" if len(cells) == 1 else f"{len(cells):,} cells"
            raise NotAPost(f"it has {cells_it_has} where {what} has {wanted:,}")
        record = dict(zip(self.names, cells, strict=True))
        values = {f: cells[i] for f, i in self.fields.items()}
        row = row_of(values, self.order)
        if self.kind == SNSCRAPE:
            row = self._of_snscrape(record, row)
        else:
            row["text_format"] = "escaped" if self.kind == ARCHIVE else "unknown"
            row["platform"] = row.get("platform") or self.platform
        if not row["text"].strip() and not row.get("id"):
            raise NotAPost("it has neither text nor id")
        return row, record

    def _of_snscrape(self, record: dict[str, str], mapped: dict[str, Any]) -> dict[str, Any]:
        """Cells of pandas hold users and tweets as Python dicts written as text."""
        opened: dict[str, Any] = dict(record)
        for name in ("user", "inReplyToUser"):
            cell = record.get(name, "")
            if cell.startswith("{"):
                opened[name] = {key: from_dict_text(cell, key) for key in ("username", "displayname", "id")}
        return snscrape_post(opened) | {f: mapped[f] for f in self.overridden if f in mapped}


def table_of(
    text: str, mapping: Mapping[str, str], *, name: str, ending: str, cut: bool, platform: str | None = None
) -> Table:
    """Recognise a table by the beginning of its file.

    `text` is that beginning, `cut` whether the file goes on after it; `mapping` is field → column as `--map`
    gives it, `ending` the file's (`.csv`).

    Raises `InputError` for a table whose texts can't be found, `UsageError` for a column that isn't there.
    """
    delimiter, rows = _delimited(text, mapping, ending, cut)
    first = rows[0]
    if not _has_header(first, mapping):
        if not mapping:
            raise InputError(_no_header(name, first))
        headed, names = False, tuple(str(number) for number in range(1, len(first) + 1))
        fields = {}
    else:
        headed, names = True, _unique(first)
        known = {column: i for i, column in reversed(list(enumerate(names)))}
        fields = {f: known[column] for f, column in recognise(names).items()}
        rows = rows[1:]
    chosen = {f: _column(f, column, names, name) for f, column in mapping.items()}
    taken = set(chosen.values())
    fields = {f: i for f, i in fields.items() if i not in taken} | chosen
    kind = _kind(names) if headed else TABLE
    if "text" not in fields:
        raise InputError(
            f"{name} has no column that is known to hold texts. Say which it is: --map text=COLUMN, where "
            f"COLUMN is one of: {', '.join(names)}."
        )
    whole = [row for row in rows if len(row) == len(names)]
    times = fields.get("created_at")
    order, doubtful = order_of(row[times] for row in whole) if times is not None else (None, None)
    return Table(
        delimiter=delimiter,
        names=names,
        headed=headed,
        fields=fields,
        kind=kind,
        platform=platform or _platform(names, fields, whole, kind),
        order=order,
        doubtful_date=doubtful,
        overridden=frozenset(chosen),
    )


def has_known_header(text: str, ending: str, cut: bool) -> bool:
    """Whether a file that begins with `text` begins with a header that names texts."""
    _, rows = _delimited(text, {}, ending, cut)
    return bool(rows) and "text" in recognise(rows[0])


def _delimited(text: str, mapping: Mapping[str, str], ending: str, cut: bool) -> tuple[str, list[list[str]]]:
    """The delimiter that makes the best table of `text`, and its first rows by it."""
    lines = text.splitlines(keepends=True) if "\n" not in text else text.split("\n")
    if "\n" in text:
        lines = [line + "\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
    best: tuple[tuple[int, float, bool], str, list[list[str]]] | None = None
    mapped = {plain_name(column) for column in mapping.values()}
    for delimiter in DELIMITERS:
        rows = _rows(lines, delimiter, cut)
        if not rows:
            continue
        first = rows[0]
        named = len(recognise(first)) + sum(plain_name(cell) in mapped for cell in first)
        sample = rows[:_SAMPLE_ROWS]
        alike = sum(len(row) == len(first) for row in sample) / len(sample) if len(first) > 1 else 0.0
        score = (named, alike, delimiter == "\t" and ending == ".tsv")
        if best is None or score > best[0]:
            best = (score, delimiter, rows)
    if best is None:
        return ",", [[]]
    return best[1], best[2]


def _rows(lines: list[str], delimiter: str, cut: bool) -> list[list[str]]:
    rows: list[list[str]] = []
    try:
        for row in csv.reader(lines, delimiter=delimiter):
            if any(row):
                rows.append(row)
        if cut and len(rows) > 1:
            rows.pop()
    except csv.Error:
        return rows  # what came before is enough to know the table by
    return rows


def _has_header(first: list[str], mapping: Mapping[str, str]) -> bool:
    known = recognise(first)
    if not mapping:
        return bool(known)
    if all(column.isdecimal() and column not in first for column in mapping.values()):
        # Numbers mean that there is no header, unless there plainly is one.
        return len(known) > 1 or "text" in known
    return True


def _column(field_name: str, column: str, names: tuple[str, ...], file: str) -> int:
    if column in names:
        return names.index(column)
    alike = [i for i, name in enumerate(names) if plain_name(name) == plain_name(column)]
    if len(alike) == 1:
        return alike[0]
    if column.isdecimal() and 1 <= int(column) <= len(names):
        return int(column) - 1
    raise UsageError(f"--map {field_name}={column}: {file} has no column '{column}'.{did_you_mean(column, names)}")


def _unique(header: Sequence[str]) -> tuple[str, ...]:
    """The header's cells, each with a name of its own."""
    names: dict[str, None] = {}
    for number, cell in enumerate(header, start=1):
        name = cell.strip() or f"column {number}"
        names[name if name not in names else f"{name} ({number})"] = None
    return tuple(names)


def _kind(names: Sequence[str]) -> str:
    plain = {plain_name(name) for name in names}
    if plain >= _ARCHIVE_NAMES:
        return ARCHIVE
    scraped = {"_type", "renderedContent", "conversationId", "retweetedTweet"} & set(names)
    if scraped and "user" in names and {"content", "rawContent"} & set(names):
        return SNSCRAPE
    return TABLE


def _platform(names: Sequence[str], fields: Mapping[str, int], rows: list[list[str]], kind: str) -> str:
    if kind in (ARCHIVE, SNSCRAPE) or speaks_of_tweets(names):
        return "x"
    url = fields.get("url")
    return "x" if url is not None and any(is_on_x(row[url]) for row in rows) else "file"


def _no_header(name: str, first: list[str]) -> str:
    cells = [cell if len(cell) <= _SHOWN else cell[: _SHOWN - 1] + "…" for cell in first[:12]]
    shown = "; ".join(f"{n}: {something(cell) or '(empty)'}" for n, cell in enumerate(cells, start=1))
    more = f"; and {len(first) - 12:,} more" if len(first) > 12 else ""
    return (
        f"{name} has no header with a name that is known. Its first row is: {shown}{more}. Say which column "
        "holds the texts, by its number (then the first row is a post too) or by its name: --map text=3"
    )
