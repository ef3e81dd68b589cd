"""A recognised table: how a row of cells becomes a post, and what a header within the table changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain
from typing import Any

from curation.errors import UsageError
from curation.sources.dialects import Context
from curation.sources.dialects.base import Dialect, RowOrReason
from curation.sources.dialects.snscrape import snscrape_post
from curation.sources.files.column_names import (
    ARCHIVE,
    AROUND,
    SNSCRAPE,
    TABLE,
    dialect_of,
    fields_of,
    kind_of_table,
    unique_names,
)
from curation.sources.files.file_options import FileOptions
from curation.sources.files.html_texts import format_in_html_file
from curation.sources.files.table_shape import RowShape, kinds_of
from curation.sources.files.table_style import NULL, TableStyle
from curation.sources.files.text_encoding import HOLE, IN_A_HOLE
from curation.sources.records.counts import plain_count
from curation.sources.records.dates import TimeColumn
from curation.sources.records.field_names import names_by_field, plain_field_name
from curation.sources.records.fields import from_dict_text, of_address, row_of, something
from curation.sources.records.line_breaks import LineBreakMark
from curation.sources.records.not_a_post import NotAPost
from curation.writing.characters import INVISIBLE_CODES

_NAME = 60  # characters of the longest name of a column in a header within the table

#: A spreadsheet writes these in place of a text that looks like a formula.
_ERRORS = frozenset({"#NAME?", "#VALUE!", "#REF!", "#ERROR!", "#DIV/0!", "#NULL!", "#NUM!"})

#: The fast way to a plain name, for the first cell of each row.
_WITHOUT = dict.fromkeys([*map(ord, AROUND + "_-"), *INVISIBLE_CODES])


@dataclass(frozen=True)
class PostTable:
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
    options: FileOptions = field(default_factory=FileOptions)  # what the user said of it
    line_breaks: LineBreakMark | None = None  # what stands for line breaks in texts
    decimals: Mapping[str, str | None] = field(default_factory=dict)  # count → its decimal mark
    nulls: bool = False  # a cell `\\N` is empty, also a text
    nuls: bool = False  # there are cells with a NUL
    dialect: type[Dialect] | None = None
    html: bool = False  # its texts are mostly HTML
    clock: tuple[int, ...] = ()  # columns with the time of day, and with the zone, of a column of dates
    addressed: bool = False  # it has no column of ids, but the addresses of posts on X

    @cached_property
    def shape(self) -> RowShape:
        """What a whole row looks like."""
        return RowShape(
            len(self.names),
            self.fields.get("id"),
            self.fields.get("created_at"),
            self.fields.get("text"),
            kinds_of(self.rows, len(self.names), self.fields),
            open_end=self.kind == ARCHIVE and plain_field_name(self.names[-1]) == "expandedurls",
            optional_from=1 + max(self.fields.values(), default=len(self.names)),
        )

    @property
    def doc(self) -> str:
        """What the table is, for a notice."""
        # A dialect knows its columns by name; only those that `--map` named say something new.
        named = {f: self.names[i] for f, i in self.fields.items() if not self.dialect or f in self.overridden}
        if self.clock:
            named["created_at"] = " + ".join(self.names[i] for i in (self.fields["created_at"], *self.clock))
        if self.addressed:
            named = {"id": named["url"], **named}
        named = {f: " ".join(column.split()) for f, column in named.items()}
        columns = ", ".join(f if f == column else f"{f} = {column}" for f, column in named.items())
        kind = f"a table in the form '{self.dialect.name}'" if self.dialect else self.kind
        return f"{kind} with {self.style.doc}" + (f" ({columns})" if columns else "")

    def posts(self, cells: list[str]) -> list[RowOrReason]:
        """The posts of a row, each a row of the raw schema with its record: one for most tables, none for an empty row.

        Raises `NotAPost`.
        """
        if self.order.noting and not self.dialect:  # only the column of times counts
            if len(cells) == len(self.names) and "created_at" in self.fields:
                self.order.read(something(cells[self.fields["created_at"]]))
            return []
        if not any(map(str.strip, cells)):
            return []
        if any("\0" in cell for cell in cells) and HOLE in "".join(cells).strip("\0"):
            raise NotAPost(IN_A_HOLE)
        if len(cells) != len(self.names):
            has = "one cell" if len(cells) == 1 else f"{len(cells):,} cells"
            what = "the header" if self.headed else "the first row"
            raise NotAPost(f"it has {has} where {what} has {len(self.names):,}")
        record = dict(zip(self.names, cells, strict=True))
        if self.dialect:
            if NULL in cells:
                record = {name: "" if cell == NULL else cell for name, cell in record.items()}
            posts = [self._of_dialect(post) for post in self.dialect.posts(record, self._context)]
            return [] if self.order.noting else posts
        values = self._values(cells)
        row = row_of(values, self.order)
        if self.kind == SNSCRAPE:
            row = self._of_snscrape(record, row)
        else:
            row["text_format"] = "escaped" if self.kind == ARCHIVE else "unknown"
            if self.html:
                row["text_format"] = format_in_html_file(row["text"])
            row["platform"] = row.get("platform") or self.platform
            if self.addressed:
                self._read_address(row)
        if row["text"] in _ERRORS:
            raise NotAPost(f"a spreadsheet's error stands in place of its text: {row['text']}")
        if not row["text"].strip() and not row.get("id"):
            raise NotAPost("it has neither text nor id")
        return [(row, record)]

    def _read_address(self, row: dict[str, Any]) -> None:
        post_id, author = of_address(row.get("url") or "")
        if not row.get("author"):
            row["author"] = author
        if author is None or str(row["author"]).casefold() == author.casefold():
            row["id"] = post_id

    def under(self, cells: list[str]) -> PostTable | None:
        """The table under a header within it; None if these are the cells of a row."""
        first = cells[0] if cells else ""
        if len(first) > _NAME or first[:1].isdecimal() or first.translate(_WITHOUT).casefold() not in self._words:
            return None
        names = unique_names(cells)
        while len(names) > 1 and not cells[len(names) - 1].strip():
            names = names[:-1]
        plain = list(map(plain_field_name, names))
        if plain == list(map(plain_field_name, self.names))[: len(plain)]:
            return self if len(plain) > 1 or self.headed else None
        if not all(len(name) <= _NAME for name in names) or len(set(plain)) < len(plain):
            return None
        try:
            fields = fields_of(names, self.options.columns, "")
        except UsageError:
            return None
        dialect = dialect_of(names)
        if not (dialect or ("text" in fields and len(fields) > 1)) or any(cell.strip().isdecimal() for cell in cells):
            return None
        if not self.headed:
            return self
        return replace(self, names=names, fields=fields, kind=kind_of_table(names), rows=(), after=0, dialect=dialect)

    @cached_property
    def _words(self) -> frozenset[str]:
        """Plain names with which a header begins."""
        known = chain.from_iterable(names_by_field().values())
        return frozenset(map(plain_field_name, self.names)).union(known, ("", "unnamed:0", "index"))

    @cached_property
    def _context(self) -> Context:
        keys = {f: self.names[i] for f, i in self.fields.items()}
        author, private = self.options.author, self.options.private
        return Context(keys=keys, order=self.order, platform=self.platform, author=author, private=private)

    def _values(self, cells: list[str]) -> dict[str, str]:
        values = {f: cells[i] for f, i in self.fields.items()}
        if self.clock and values["created_at"].strip():
            values["created_at"] = " ".join([values["created_at"], *(cells[i] for i in self.clock)])
        if NULL in cells or self.nuls:
            for name, value in values.items():
                if name != "text":
                    values[name] = "" if value == NULL else value.replace("\0", "")
        for name, mark in self.decimals.items():
            if (cell := values.get(name)) and not cell.isdecimal():  # a header within the table may lack it
                values[name] = plain_count(cell, mark)
        text = values["text"]
        if self.line_breaks:
            values["text"] = self.line_breaks.replaced(text)
        elif self.nulls and text == NULL:
            values["text"] = ""
        return values

    def _of_snscrape(self, record: dict[str, str], mapped: dict[str, Any]) -> dict[str, Any]:
        """A post of snscrape's, whose users pandas has written as the text of Python dicts."""
        opened: dict[str, Any] = dict(record)
        for name in ("user", "inReplyToUser"):
            cell = record.get(name, "")
            if cell.startswith("{"):
                opened[name] = {key: from_dict_text(cell, key) for key in ("username", "displayname", "id")}
        return snscrape_post(opened) | {f: mapped[f] for f in self.overridden if f in mapped}

    def _of_dialect(self, post: RowOrReason) -> RowOrReason:
        """A post that a dialect read, with the fields that `--map` named."""
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
