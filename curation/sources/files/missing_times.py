"""Posts of a file that land without a time: how many, what their column of times holds, and which column has one.

A chart with a hole shows a missing time only months later. So a notice says it as soon as more than one post in a
hundred has no time though there is a column for it, or if there is none but another column looks like times.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from curation.sources.dialects.plain import names_in, value_at
from curation.sources.files.reader import PostInFile
from curation.sources.files.recognition import Recognised
from curation.sources.files.share_of_rows import SHARE, cell_in_message, percent_of_rows
from curation.sources.files.table_style import NULL
from curation.sources.records.dates import TimeColumn
from curation.sources.records.field_names import recognise_fields
from curation.sources.records.fields import something
from curation.sources.records.time_cells import understand
from curation.sources.records.unsettled import NumericDate, WallClock
from curation.writing.terminal import count

#: Share of a column's values that must be times before a notice proposes it.
ALIKE = 0.9
#: Characters of a column's name in a command to type.
LONGEST = 100
#: Posts without a time that are looked into, and columns of each.
LOOKED_INTO = 200

# Names under which a bare number may be a time; by itself it is more likely an id or a count.
_NAMED_LIKE_TIME = re.compile(
    r"time|date|(?:_|[a-z])at$|(?:^|_)ts(?:$|_)|stamp|epoch|utc|when|posted|publi|creat|fecha|data|zeit|дат|врем|tarih|zaman"
    r"|日|时|時|날짜|시간|작성|تاريخ|وقت|วัน|เวลา",
    re.IGNORECASE,
)
_OF_THE_AUTHOR = re.compile(
    r"user|author|profile|account|page|channel|member|join|birth|scrap|fetch|crawl|collect|edit|update|judg|annot|label|rated|review",
    re.IGNORECASE,
)


class MissingTimes:
    """Counts the posts of one file without a time."""

    def __init__(self, recognised: Recognised) -> None:
        self._name = recognised.file.name
        self._times = times_of(recognised)
        self._column = self._times.name if self._times else None
        self._taken = taken_columns(recognised)
        self._count = self._looked = self._empty = 0
        self._example: str | None = None
        self._tally: dict[str, list[int]] = {}  # column → values, and how many of them are times

    def note(self, post: PostInFile) -> None:
        """Count a post without a time."""
        self._count += 1
        if self._looked >= LOOKED_INTO:
            return
        self._looked += 1
        try:
            record = json.loads(post.raw)
        except (ValueError, RecursionError):
            return
        if not isinstance(record, dict):
            return
        column = self._column or recognise_fields(names_in(record)).get("created_at")
        value = something(value_at(record, column)) if column else None
        if value is None or value == NULL:
            self._empty += 1
        elif self._example is None:
            self._column, self._example = column, cell_in_message(value)
        for name, other in list(record.items())[:LOOKED_INTO]:
            if name != column and name not in self._taken and something(other) is not None:
                tally = self._tally.setdefault(name, [0, 0])
                tally[0] += 1
                tally[1] += _is_time(name, other)

    def notices(self, posts: int) -> Iterator[str]:
        """What the user should know, if anything; `posts` of the file landed."""
        accounted = 0
        if self._times:
            yield from self._times.notices(self._name, posts)
            accounted = self._times.accounted
        if self._count <= accounted or self._count <= SHARE * posts:
            return
        other = self._proposed()
        if self._column is None and other is None:
            return
        share = f"{self._count:,} of {count(posts, 'post')} ({percent_of_rows(self._count / posts)})"
        if self._column is None:
            like = f"'{cell_in_message(other)}' looks like it"
            yield f"{self._name}: no column is known to hold the times, but {like}. {_map(other)}"
            return
        example = (self._times.example if self._times else None) or self._example
        why = f"such as '{example}', which is not understood" if example else "where it is empty"
        way = (
            f" '{cell_in_message(other)}' looks like times. {_map(other)}" if other and self._count > posts / 2 else ""
        )
        column = cell_in_message(self._column)
        yield f"{self._name}: {share} have no time, though there is a column '{column}': {why}.{way}"

    def _proposed(self) -> str | None:
        """The column that looks most like times."""
        good = {
            name: times
            for name, (values, times) in self._tally.items()
            if times >= ALIKE * values and 2 * values >= self._looked and not _OF_THE_AUTHOR.search(name)
        }
        return max(good, key=lambda name: (bool(_NAMED_LIKE_TIME.search(name)), good[name])) if good else None


def times_of(recognised: Recognised) -> TimeColumn | None:
    """The reader of a file's times; None where the form of its times needs none."""
    order = recognised.table.order if recognised.table else recognised.json.context.order if recognised.json else None
    return order if isinstance(order, TimeColumn) else None


def taken_columns(recognised: Recognised) -> frozenset[str]:
    """The columns of a file that are a field."""
    if recognised.table:
        return frozenset(recognised.table.names[at] for at in recognised.table.fields.values())
    keys: Mapping[str, str] = recognised.json.context.keys if recognised.json else {}
    return frozenset(keys.values())


def _is_time(name: str, value: Any) -> bool:
    bare = not isinstance(value, str) or not re.search(r"\d\D+\d", value)
    if bare and not _NAMED_LIKE_TIME.search(name):
        return False
    return isinstance(understand(value), datetime | NumericDate | WallClock)


def _map(column: str | None) -> str:
    if column and len(column) > LONGEST:
        return "Say so: --map created_at=COLUMN"
    option = f"created_at={column}"
    return f"Say so: --map {option}" if column and " " not in column else f"Say so: --map '{option}'"
