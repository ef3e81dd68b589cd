"""A table's header: which column is which field, what the table is, and how a row of cells becomes a post.

Nothing is guessed from what stands in the cells: a table whose header names nothing that is known is refused
with its first row and the `--map` that would read it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

from curation.errors import InputError, UsageError, did_you_mean
from curation.sources.dialects import Context, dialects
from curation.sources.dialects.base import Dialect, Found
from curation.sources.dialects.plain import is_on_x
from curation.sources.dialects.snscrape import snscrape_post
from curation.sources.files.table_shape import Shape, kinds_of
from curation.sources.files.table_start import TableStart, table_start
from curation.sources.files.table_style import NULL, TableStyle
from curation.sources.records.counts import decimal_mark, plain_count
from curation.sources.records.dates import TimeColumn
from curation.sources.records.fields import (
    COUNTS,
    NAMES,
    from_dict_text,
    plain_name,
    recognise,
    row_of,
    something,
    speaks_of_tweets,
)
from curation.sources.records.line_breaks import LineBreakMark, mark_of
from curation.sources.records.not_a_post import NotAPost

#: Rows that show what the cells of each column look like.
_LEARN_FROM = 200
#: Rows with numbers of their own that show that the header lacks their name.
_RUNNING = 2
_SHOWN = 40  # characters of a cell in a message
_NAME = 60  # characters that the name of a column has at most, to tell a header within the table

ARCHIVE = "the tweets.csv of an X archive"
SNSCRAPE = "a CSV that was made of snscrape's posts"
TABLE = "a table"
_ARCHIVE_NAMES = frozenset({"tweetid", "timestamp", "source", "text", "retweetedstatusid", "expandedurls"})
#: What stands at the side of a column's name by accident: blanks, marks of the encoding, quotation marks.
_AROUND = " \t\r\n\u00a0\u200b\u2060\ufeff'\"`"
#: The quick way to a plain name, for the first cell of each row.
_WITHOUT = {ord(character): None for character in _AROUND + "_-"}


@dataclass(frozen=True)
class Table:
    """How to read the rows of one table."""

    style: TableStyle
    names: tuple[str, ...]  # of the columns; "1", "2", … without a header
    headed: bool
    fields: Mapping[str, int]  # field → column, from 0
    kind: str = TABLE
    platform: str = "file"
    order: TimeColumn = field(default_factory=TimeColumn)  # reads the times, by the order of day and month
    overridden: frozenset[str] = frozenset()  # fields that `--map` named
    after: int = 0  # number of the line after which the rows begin
    skipped: int = 0  # rows before the header
    rows: tuple[list[str], ...] = ()  # the first whole rows
    mapping: Mapping[str, str] = field(default_factory=dict)
    line_breaks: LineBreakMark | None = None  # what stands for line breaks in texts
    decimals: Mapping[str, str | None] = field(default_factory=dict)  # count → what parts its decimals
    nulls: bool = False  # a cell `\\N` is empty, also a text
    nuls: bool = False  # there are cells with a NUL
    dialect: type[Dialect] | None = None

    @cached_property
    def shape(self) -> Shape:
        """What a whole row looks like."""
        return Shape(
            len(self.names),
            self.fields.get("id"),
            self.fields.get("created_at"),
            self.fields.get("text"),
            kinds_of(self.rows, len(self.names), self.fields),
            open_end=self.kind == ARCHIVE and plain_name(self.names[-1]) == "expandedurls",
            optional_from=1 + max(self.fields.values()),
        )

    @property
    def doc(self) -> str:
        """What was recognised, for a notice."""
        named = {f: self.names[i] for f, i in self.fields.items()}
        columns = ", ".join(f if f == column else f"{f} = {column}" for f, column in named.items())
        return f"{self.kind} with {self.style.doc} ({columns})"

    def posts(self, cells: list[str]) -> list[Found]:
        """The posts of a row, one for most tables, each a row of the raw schema with its record; none for an empty row.

        Raises `NotAPost`.
        """
        if not any(map(str.strip, cells)):
            return []
        if len(cells) != len(self.names):
            has = "one cell" if len(cells) == 1 else f"{len(cells):,} cells"
            what = "the header" if self.headed else "the first row"
            raise NotAPost(f"it has {has} where {what} has {len(self.names):,}")
        record = dict(zip(self.names, cells, strict=True))
        if self.dialect:
            return [self._of_dialect(post) for post in self.dialect.posts(record, self._context)]
        if self.order.noting:
            self.order.read(something(cells[self.fields["created_at"]]))
            return []
        values = self._values(cells)
        row = row_of(values, self.order)
        if self.kind == SNSCRAPE:
            row = self._of_snscrape(record, row)
        else:
            row["text_format"] = "escaped" if self.kind == ARCHIVE else "unknown"
            row["platform"] = row.get("platform") or self.platform
        if not row["text"].strip() and not row.get("id"):
            raise NotAPost("it has neither text nor id")
        return [(row, record)]

    def under(self, cells: list[str]) -> Table | None:
        """The table under a header that stands within it; None if these are the cells of a row."""
        first = cells[0] if cells else ""
        if len(first) > _NAME or first[:1].isdecimal() or first.translate(_WITHOUT).casefold() not in self._words:
            return None
        names = _unique(cells)
        while len(names) > 1 and not cells[len(names) - 1].strip():
            names = names[:-1]
        plain = list(map(plain_name, names))
        if plain == list(map(plain_name, self.names))[: len(plain)]:
            return self if len(plain) > 1 or self.headed else None
        if not all(len(name) <= _NAME for name in names) or len(set(plain)) < len(plain):
            return None
        try:
            fields = _fields(names, self.mapping, "")
        except UsageError:
            return None
        if "text" not in fields or len(fields) < 2 or any(cell.strip().isdecimal() for cell in cells):
            return None
        if not self.headed:
            return self
        return replace(self, names=names, fields=fields, kind=_kind(names), rows=(), after=0, dialect=_dialect(names))

    @cached_property
    def _words(self) -> frozenset[str]:
        """Plain names with which a header begins."""
        return frozenset(map(plain_name, self.names)) | NAMES | {"", "unnamed:0", "index"}

    @cached_property
    def _context(self) -> Context:
        keys = {f: self.names[i] for f, i in self.fields.items()}
        return Context(keys=keys, order=self.order, platform=self.platform)

    def _values(self, cells: list[str]) -> dict[str, str]:
        values = {f: cells[i] for f, i in self.fields.items()}
        if NULL in cells or self.nuls:
            for name, value in values.items():
                if name != "text":
                    values[name] = "" if value == NULL else value.replace("\0", "")
        for name, mark in self.decimals.items():
            if not values[name].isdecimal():
                values[name] = plain_count(values[name], mark)
        text = values["text"]
        if self.line_breaks:
            values["text"] = self.line_breaks.replaced(text)
        elif self.nulls and text == NULL:
            values["text"] = ""
        return values

    def _of_snscrape(self, record: dict[str, str], mapped: dict[str, Any]) -> dict[str, Any]:
        """Cells of pandas hold users and tweets as Python dicts written as text."""
        opened: dict[str, Any] = dict(record)
        for name in ("user", "inReplyToUser"):
            cell = record.get(name, "")
            if cell.startswith("{"):
                opened[name] = {key: from_dict_text(cell, key) for key in ("username", "displayname", "id")}
        return snscrape_post(opened) | {f: mapped[f] for f in self.overridden if f in mapped}

    def _of_dialect(self, post: Found) -> Found:
        """A post that a dialect read, with what `--map` named."""
        if isinstance(post, NotAPost):
            return post
        row, record = post
        if self.overridden:
            values = {f: str(record.get(self.names[self.fields[f]], "")) for f in self.overridden}
            mapped = row_of(values, self.order)
            row |= {f: mapped[f] for f in self.overridden}
        if not isinstance(row.get("text"), str):
            return NotAPost("it has no text")
        if not row["text"].strip() and not row.get("id"):
            return NotAPost("it has neither text nor id")
        return row, record


def table_of(
    text: str, mapping: Mapping[str, str], *, name: str, ending: str, cut: bool, platform: str | None = None
) -> Table:
    """Recognise a table by the beginning of its file.

    `text` is that beginning, `cut` whether the file goes on after it; `mapping` is field → column as `--map`
    gives it, `ending` the file's (`.csv`).

    Raises `InputError` for a table whose texts can't be found, `UsageError` for a column that isn't there.
    """
    start = table_start(text, mapping, ending, cut)
    if start.header is None:
        if not mapping:
            raise InputError(_no_header(name, start.first))
        names = tuple(str(number) for number in range(1, len(start.first) + 1))
    else:
        names = _unique(start.header)
        if _lacks_a_name(names, start):
            names = ("row name", *names)
    fields = _fields(names, mapping, name, headed=start.header is not None)
    kind = _kind(names) if start.header is not None else TABLE
    if "text" not in fields:
        raise InputError(
            f"{name} has no column that is known to hold texts. Say which it is: --map text=COLUMN, where "
            f"COLUMN is one of: {', '.join(names)}."
        )
    whole = [row[: len(names)] for row in start.rows if len(row) == len(names) or _is_wide(row, len(names))]
    first = start.header and start.header[0]
    whole = [row for row in whole if row[0] != first or row != start.header[: len(names)]]
    times = fields.get("created_at")
    column = fields["text"]
    return Table(
        style=start.style,
        names=names,
        headed=start.header is not None,
        fields=fields,
        kind=kind,
        platform=platform or _platform(names, fields, whole, kind),
        order=TimeColumn(None if times is None else names[times]),
        overridden=frozenset(mapping),
        after=start.after,
        skipped=start.skipped,
        rows=tuple(whole[:_LEARN_FROM]),
        mapping=mapping,
        line_breaks=mark_of([row[column] for row in whole]) if kind != SNSCRAPE else None,
        decimals={f: decimal_mark(row[i] for row in whole) for f, i in fields.items() if f in COUNTS},
        nulls=start.style.backslash == "all" or any(NULL in row[:column] or NULL in row[column + 1 :] for row in whole),
        nuls="\0" in text,
        dialect=_dialect(names) if start.header is not None else None,
    )


def has_known_header(text: str, ending: str, cut: bool) -> bool:
    """Whether a file that begins with `text` begins with a header that names texts."""
    start = table_start(text, {}, ending, cut)
    return start.header is not None and "text" in recognise(start.header)


def _is_wide(row: list[str], count: int) -> bool:
    return len(row) > count and not any(row[count:])


def _lacks_a_name(names: tuple[str, ...], start: TableStart) -> bool:
    """Whether each row has a cell more than the header, its own name first, as R writes tables."""
    rows = start.rows
    wider = [row for row in rows[:_LEARN_FROM] if len(row) == len(names) + 1 and row[0].strip()]
    if not rows or len(wider) < 0.9 * min(len(rows), _LEARN_FROM) or all(not row[-1] for row in wider):
        return False
    numbers = [row[0] for row in wider]
    if not all(number.isdecimal() for number in numbers) or len(numbers) < _RUNNING:
        return False
    known = recognise(names)
    shape = Shape(len(names), *(names.index(known[f]) if f in known else None for f in ("id", "created_at")))
    running = all(int(after) > int(before) for before, after in pairwise(numbers))
    return running and all(shape.fits(row[1:]) for row in wider)


def _fields(names: tuple[str, ...], mapping: Mapping[str, str], file: str, *, headed: bool = True) -> dict[str, int]:
    """Field → column, by the names and by what `--map` says. Raises `UsageError` for a column that isn't there."""
    fields = {}
    if headed:
        known = {column: i for i, column in reversed(list(enumerate(names)))}
        fields = {f: known[column] for f, column in recognise(names).items()}
    chosen = {f: _column(f, column, names, file) for f, column in mapping.items()}
    taken = set(chosen.values())
    return {f: i for f, i in fields.items() if i not in taken} | chosen


def _dialect(names: tuple[str, ...]) -> type[Dialect] | None:
    """The dialect that recognises a table of these columns, if one does."""
    score, dialect = max(((d.columns_score(names), d) for d in dialects()), key=lambda scored: scored[0])
    return dialect if score else None


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
        name = cell.strip(_AROUND) or f"column {number}"
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
