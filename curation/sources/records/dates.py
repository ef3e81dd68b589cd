"""Dates that people's tables write with numbers alone, where nobody but the file can say what stands first.

`05-11-2015` is the eleventh of May in one file and the fifth of November in the next. A file that somewhere
has `24-02-2015` puts the day first, one that has `02-24-2015` the month; one that has neither doesn't say,
and then its dates stay empty rather than wrong by months.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from curation.sources.records.tweets import parse_time

if TYPE_CHECKING:
    from collections.abc import Iterable

DateOrder = Literal["day", "month"]
DAY_FIRST: DateOrder = "day"
MONTH_FIRST: DateOrder = "month"

_CLOCK = r"(?:[T,\s]+(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?\s*([AaPp][Mm])?)?"
_DAY_OR_MONTH = re.compile(r"\s*(\d{1,2})([-./])(\d{1,2})\2(\d{4}|\d{2})" + _CLOCK + r"\s*", re.ASCII)
_YEAR_FIRST = re.compile(r"\s*(\d{4})([-./])(\d{1,2})\2(\d{1,2})" + _CLOCK + r"\s*", re.ASCII)


def written_time(value: Any, order: DateOrder | None) -> datetime | None:
    """A point in time (UTC where no zone is written); None for what can't be understood.

    >>> written_time("05-11-2015 18:31:53", MONTH_FIRST).isoformat()
    '2015-05-11T18:31:53+00:00'
    >>> written_time("05-11-2015 18:31:53", None) is None
    True
    """
    if not isinstance(value, str):
        return parse_time(value)
    if match := _DAY_OR_MONTH.fullmatch(value):
        first, _, second, year, *clock = match.groups()
        if order is None:
            return None
        day, month = (first, second) if order == DAY_FIRST else (second, first)
        return _time(2000 + int(year) if len(year) == 2 else int(year), int(month), int(day), clock)
    if match := _YEAR_FIRST.fullmatch(value):
        year, _, month, day, *clock = match.groups()
        return _time(int(year), int(month), int(day), clock)
    return parse_time(value)


def order_of(values: Iterable[str]) -> tuple[DateOrder | None, str | None]:
    """What stands first in a file's dates, and a date that can't be told if nothing does.

    `(None, None)` means that no date needs the order.
    """
    day = month = False
    example = dotted = None
    for value in values:
        match = _DAY_OR_MONTH.fullmatch(value)
        if not match or match[1] == match[3]:
            continue
        example = example or value
        dotted = match[2] == "."
        day = day or int(match[1]) > 12
        month = month or int(match[3]) > 12
    if day != month:
        return (DAY_FIRST if day else MONTH_FIRST), None
    if dotted and not day:
        return DAY_FIRST, None  # nobody writes the month first with dots
    return None, example


def _time(year: int, month: int, day: int, clock: list[str | None]) -> datetime | None:
    hour, minute, second = (int(part or 0) for part in clock[:3])
    if clock[3]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if clock[3] in ("PM", "pm", "Pm", "pM") else 0)
    try:
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    except ValueError:
        return None
