"""Tables that have the day in one column, the time of day in another, and perhaps the zone in a third."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from curation.sources.records.field_names import names_by_field, plain_field_name
from curation.sources.records.time_cells import understand

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


def clock_of(names: Sequence[str], fields: Mapping[str, int], rows: Sequence[list[str]]) -> tuple[int, ...]:
    """The columns that complete a column of dates, from 0; none where its dates have a time of day."""
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


def with_known_dates(names: Sequence[str], fields: dict[str, int], rows: Sequence[list[str]]) -> dict[str, int]:
    """The fields, with another column for the times where nothing of the one that should have them is understood.

    It may hold times of day alone. Twint writes `2021-03-06 17:11:12 SE Asia Standard Time` on Windows, and beside it
    a date, a time and an offset.
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
    """Whether the cells of a column are of that form, but for empty ones."""
    cells = [row[at] for row in rows if row[at].strip()]
    return bool(cells) and all(map(form.fullmatch, cells))
