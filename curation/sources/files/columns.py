"""Recognises a table by the beginning of its file: its columns, and what their cells say of the whole.

Nothing is guessed from the cells. A table whose header has no known name is refused, with its first row and the `--map`
that would read it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from curation.errors import InputError, NoTextColumnError
from curation.posts import NO_PLATFORM
from curation.sources.dialects.plain import ADDRESSES_AS_IDS, is_on_x
from curation.sources.files.column_names import (
    ARCHIVE,
    SNSCRAPE,
    TABLE,
    dialect_of,
    fields_of,
    kind_of_table,
    unique_names,
)
from curation.sources.files.file_options import FileOptions
from curation.sources.files.html_texts import mostly_html
from curation.sources.files.private import private_names, why_unread
from curation.sources.files.table import PostTable
from curation.sources.files.table_shape import RowShape
from curation.sources.files.table_start import TableStart, table_start
from curation.sources.files.table_style import NULL
from curation.sources.records.addresses import platform_of_addresses
from curation.sources.records.counts import decimal_mark
from curation.sources.records.dates import TimeColumn, written_time
from curation.sources.records.field_names import names_by_field, plain_field_name, recognise_fields, speaks_of_tweets
from curation.sources.records.fields import COUNTS, id_text, of_address, something
from curation.sources.records.line_breaks import mark_of
from curation.sources.records.snowflakes import are_of_x
from curation.sources.records.time_cells import understand

#: Rows that show the cells of each column.
_LEARN_FROM = 200
#: Rows with numbers of their own that show that the header lacks a name for them.
_RUNNING = 2
_SHOWN = 40  # characters of a cell in a message

#: Names of a column with the time of day.
_CLOCK_NAMES = frozenset({
    "time", "hour", "clock", "timeofday", "timeutc", "utctime", "tweettime", "posttime", "postedtime", "createdtime",
    "postcreatedtime", "publishtime", "publishedtime", "creationtime", "hora", "heure", "uhrzeit", "zeit", "ora",
    "tijd", "saat", "время",
    "时间", "時間", "时刻", "時刻", "시간", "الوقت", "وقت", "เวลา", "שעה", "समय", "waktu", "jam",
    "giờ", "ώρα", "godzina",
})  # fmt: skip
_ZONE_NAMES = frozenset({"timezone", "tz", "zone", "utcoffset", "offset"})
_CLOCK = re.compile(
    r"\s*\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?\s*(?:[AaPp]\.?\s?[Mm]\.?|Z|[+-]\d\d:?\d\d|UTC|GMT)?\s*"
)
_ZONE = re.compile(r"\s*(?:[+-]\d\d:?\d\d|UTC|GMT|Z)\s*")
_DATED = re.compile(r"\d\s*:\s*\d\d|\d{9,}|\d{4,}[.,]\d")


def table_of(text: str, options: FileOptions, *, name: str, ending: str, cut: bool) -> PostTable:
    """Recognise a table by the beginning of its file.

    `text` is that beginning, `cut` says whether the file goes on after it, and `ending` is the file's (`.csv`). Raises
    `InputError` for a table without a known column of texts, `UsageError` for a column that isn't there.
    """
    mapping = options.columns
    start = table_start(text, mapping, ending, cut)
    names = _names_of(start, mapping, name)
    fields = fields_of(names, mapping, name, headed=start.header is not None)
    kind = kind_of_table(names) if start.header is not None else TABLE
    dialect = dialect_of(names) if start.header is not None else None
    if "text" not in fields and not dialect:
        raise NoTextColumnError(
            f"{name} has no column that is known to hold texts. Say which it is: --map text=COLUMN, where "
            f"COLUMN is one of: {', '.join(names)}.",
            names,
        )
    whole = [row[: len(names)] for row in start.rows if len(row) == len(names) or _is_wide(row, len(names))]
    header = start.header[: len(names)] if start.header else None
    whole = [row for row in whole if row != header]
    if kind == TABLE and not dialect and "created_at" not in mapping:
        fields = _with_known_dates(names, fields, whole)
    if "id" not in fields and (address := _addresses_in(names, whole)) is not None:
        fields["id"] = address
    times = fields.get("created_at")
    column = fields.get("text")
    texts = [row[column] for row in whole] if column is not None and kind != SNSCRAPE and not dialect else []
    line_breaks = mark_of(texts)
    return PostTable(
        style=start.style,
        names=names,
        clock=_clock_of(names, fields, whole) if kind == TABLE and not dialect else (),
        addressed=kind == TABLE and not dialect and _is_addressed(fields, whole),
        headed=start.header is not None,
        fields=fields,
        kind=kind,
        platform=options.platform or _platform(names, fields, whole, kind),
        order=TimeColumn(None if times is None else names[times]),
        overridden=frozenset(mapping),
        after=start.after,
        skipped=start.skipped,
        rows=tuple(whole[:_LEARN_FROM]),
        options=options,
        line_breaks=line_breaks,
        html=kind == TABLE and not line_breaks and mostly_html(texts),
        decimals={f: decimal_mark(row[i] for row in whole) for f, i in fields.items() if f in COUNTS},
        nulls=start.style.backslash == "all"
        or any(cell == NULL for row in whole for i, cell in enumerate(row) if i != column),
        nuls="\0" in text,
        dialect=dialect,
    )


def _names_of(start: TableStart, mapping: Mapping[str, str], name: str) -> tuple[str, ...]:
    """The names of the columns; numbers without a header. Raises `InputError` for a table of something private."""
    if start.header is None:
        if not mapping:
            raise NoTextColumnError(_no_header(name, start.first), start.first[:300])
        names = tuple(str(number) for number in range(1, len(start.first) + 1))
    else:
        names = unique_names(start.header)
        if _lacks_a_name(names, start):
            names = ("row name", *names)
    if private := private_names(names):
        raise InputError(f"{name} {why_unread(private)}")
    return names


def has_known_header(text: str, ending: str, cut: bool) -> bool:
    """Whether a file that begins with `text` begins with a header that names texts."""
    start = table_start(text, {}, ending, cut)
    return start.header is not None and (
        "text" in recognise_fields(start.header) or dialect_of(start.header) is not None
    )


def _is_wide(row: list[str], count: int) -> bool:
    return len(row) > count and not any(row[count:])


def _lacks_a_name(names: tuple[str, ...], start: TableStart) -> bool:
    """Whether each row has one cell more than the header, and begins with its own number, as R writes tables."""
    rows = start.rows
    wider = [row for row in rows[:_LEARN_FROM] if len(row) == len(names) + 1 and row[0].strip()]
    if not rows or len(wider) < 0.9 * min(len(rows), _LEARN_FROM) or all(not row[-1] for row in wider):
        return False
    numbers = [row[0] for row in wider]
    if not all(number.isdecimal() and len(number) < 20 for number in numbers) or len(numbers) < _RUNNING:
        return False
    fields = recognise_fields(names)
    at = {field: names.index(fields[field]) for field in ("id", "created_at") if field in fields}
    shape = RowShape(len(names), at.get("id"), at.get("created_at"))
    running = all(int(after) > int(before) for before, after in pairwise(numbers))
    return running and all(shape.fits(row[1:]) for row in wider)


def _addresses_in(names: Sequence[str], rows: list[list[str]]) -> int | None:
    """The column with the addresses of records on Bluesky, which are ids."""
    column = next((n for n, name in enumerate(names) if name in ADDRESSES_AS_IDS), None)
    on_bluesky = column is not None and platform_of_addresses(row[column] for row in rows[:_LEARN_FROM]) == "bluesky"
    return column if on_bluesky else None


def _platform(names: Sequence[str], fields: Mapping[str, int], rows: list[list[str]], kind: str) -> str:
    if kind in (ARCHIVE, SNSCRAPE):
        return "x"
    url, post_id, time = (fields.get(name) for name in ("url", "id", "created_at"))
    for column in (url, post_id):
        if column is not None and (at := platform_of_addresses(row[column] for row in rows[:_LEARN_FROM])):
            return at
    if speaks_of_tweets(names):
        return "x"
    if url is not None and any(is_on_x(row[url]) for row in rows):
        return "x"
    if post_id is None or time is None:
        return NO_PLATFORM
    pairs = ((id_text(row[post_id]), written_time(row[time], None)) for row in rows[:_LEARN_FROM])
    return "x" if are_of_x(pairs) else NO_PLATFORM


def _is_addressed(fields: Mapping[str, int], rows: list[list[str]]) -> bool:
    """Whether the addresses in a table without ids are those of its posts: all on X, and all different."""
    if "id" in fields or "url" not in fields or not rows:
        return False
    pairs = {(of_address(row[fields["url"]].strip())[0], row[fields["text"]]) for row in rows}
    ids = {post_id for post_id, _ in pairs}
    return None not in ids and len(ids) == len(pairs)


def _no_header(name: str, first: list[str]) -> str:
    cells = [cell if len(cell) <= _SHOWN else cell[: _SHOWN - 1] + "…" for cell in first[:12]]
    shown = "; ".join(f"{n}: {something(cell) or '(empty)'}" for n, cell in enumerate(cells, start=1))
    longest = max(range(len(first)), key=lambda n: len(first[n]), default=0) + 1
    more = f"; and {len(first) - 12:,} more" if len(first) > 12 else ""
    return (
        f"{name} has no header with a name that is known. Its first row is: {shown}{more}. Say which column "
        "holds the texts, by its number (then the first row is a post too) or by its name: "
        f"--map text={longest}"
    )


# ---- dates and times of day in columns of their own


def _clock_of(names: Sequence[str], fields: Mapping[str, int], rows: Sequence[list[str]]) -> tuple[int, ...]:
    """The columns that complete a column of dates, from 0; none if its dates have a time of day."""
    dates = fields.get("created_at")
    if dates is None or not rows or any(_DATED.search(row[dates]) for row in rows):
        return ()
    plain = list(map(plain_field_name, names))
    clocks = [at for at, name in enumerate(plain) if name in _CLOCK_NAMES and at != dates and _all(_CLOCK, rows, at)]
    if len(clocks) != 1:
        return ()
    zones = [at for at, name in enumerate(plain) if name in _ZONE_NAMES and _all(_ZONE, rows, at)]
    named = any(re.search(r"[Zz+-]|UTC|GMT", row[clocks[0]]) for row in rows)
    return (clocks[0], *([] if named else zones[:1]))


def _with_known_dates(names: Sequence[str], fields: dict[str, int], rows: Sequence[list[str]]) -> dict[str, int]:
    """The fields, with another column for the times if nothing in the first one is understood.

    The first may hold only times of day. Twint writes `2021-03-06 17:11:12 SE Asia Standard Time` on Windows, and
    beside it a date, a time and an offset.
    """
    times, taken = fields.get("created_at"), set(fields.values())
    if times is None or any(understand(row[times].strip()) for row in rows):
        return fields
    known = names_by_field()["created_at"]
    others = [at for at, name in enumerate(names) if at not in taken and plain_field_name(name) in known]
    for date in others:
        dates = [row[date].strip() for row in rows if row[date].strip()]
        if dates and all(map(understand, dates)):
            return {**fields, "created_at": date}
    return fields


def _all(form: re.Pattern[str], rows: Sequence[list[str]], at: int) -> bool:
    """Whether the full cells of a column have that form."""
    cells = [row[at] for row in rows if row[at].strip()]
    return bool(cells) and all(map(form.fullmatch, cells))
