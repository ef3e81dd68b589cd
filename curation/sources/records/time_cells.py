"""One cell of a column of times, as it is written.

Most cells say their moment. Of some only the whole column can tell what they mean: these come back as one of
`Unsettled`.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from curation.sources.records.machine_times import machine_time
from curation.sources.records.moments import read_moment
from curation.sources.records.unsettled import DayNumber, NumericDate, Unsettled

_CLOCK = r"(?:[T,\s]+(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?\s*([AaPp][Mm])?)?"
#: `05-11-2015 18:31`: two parts with their separator, the year, and the clock.
DAY_OR_MONTH = re.compile(r"\s*(\d{1,2})([-./])(\d{1,2})\2(\d{4}|\d{2})" + _CLOCK + r"\s*", re.ASCII)


def understand(value: Any) -> datetime | Unsettled | None:
    """The moment that a cell says, or what its column must settle; None for neither."""
    if isinstance(value, str):
        if match := DAY_OR_MONTH.fullmatch(value):
            return numeric_date(match)
        return machine_time(value) or read_moment(value)
    time = machine_time(value)
    if time is not None or value is None or isinstance(value, bool):
        return time
    if isinstance(value, int | float) and 20_000 < value < 60_000:
        return DayNumber(float(value))
    if isinstance(value, int) and 10**7 < value < 10**17:
        return read_moment(str(value))
    return _boxed(value) if isinstance(value, dict) else None


def numeric_date(match: re.Match[str]) -> NumericDate | None:
    """The date that `DAY_OR_MONTH` matched; None for an impossible half of the day."""
    first, separator, second, year, *_ = match.groups()
    clock = clock_of(match)
    if not clock:
        return None
    padded = len(first) == len(second) == 2
    return NumericDate((int(first), int(second), int(year)), separator, len(year) == 2, padded, clock)


def clock_of(match: re.Match[str]) -> tuple[int, int, int, int] | None:
    """Hour (of twenty-four), minute, second and 0 behind a date; None for an impossible half of the day."""
    hour, minute, seconds, half = match.group(5, 6, 7, 8)
    clock = (int(hour or 0), int(minute or 0), min(int(seconds or 0), 59), 0)
    if not half:
        return clock
    if not 1 <= clock[0] <= 12:
        return None
    return (clock[0] % 12 + (12 if half.upper() == "PM" else 0), *clock[1:])


def _boxed(value: dict[str, Any]) -> datetime | None:
    """A time as MongoDB and Firestore write it: `{"$date": …}`, `{"_seconds": …}`."""
    for key in ("$date", "$numberLong", "_seconds", "seconds"):
        inner = value.get(key)
        if inner is not None:
            if isinstance(inner, dict):
                inner = inner.get("$numberLong")
            return machine_time(inner)
    return None
