"""A point in time as programs write it, read the quick way: ISO 8601, X's own form, and counts since 1970.

`moments` reads what people write.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

#: Years of a written date; all others are of another calendar or a program's *never*.
FIRST_YEAR, LAST_YEAR = 1901, 2200
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: The time of a program without a clock, and of programs that mean *never*.
NEVER = _EPOCH
_MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS = {m: n for n, m in enumerate(_MONTH_NAMES, start=1)}
# "Wed Oct 19 20:07:25 +0000 2022"; not strptime, whose names of months follow this machine's language.
_TWITTER_TIME = re.compile(
    r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) +(\d{1,2}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d):?(\d\d) (\d{4})", re.ASCII
)
# The same in UTC, without the clock.
_TWITTER_DAY = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d\d)  \+0000 (\d{4})", re.ASCII)
# What ISO 8601 doesn't allow but people write: a blank before the offset, or the zone's name.
_OFFSET_APART = re.compile(r"\s+(?=[+-]\d\d:?(?:\d\d)?$)|\s*(?:UTC|GMT|Z)$", re.ASCII | re.IGNORECASE)
_NUMBER = re.compile(r"-?\d{9,20}(?:\.\d{0,12})?", re.ASCII)
# Smallest magnitude of an epoch time in each unit, and units in a second; the largest is forty-one times that
# (2099). Smaller numbers (1973) are no time of a post, but more likely a year or a spreadsheet's day number.
_EPOCH_UNITS = ((1e17, 1_000_000_000), (1e14, 1_000_000), (1e11, 1_000), (1e8, 1))
_EPOCH_SPAN = 41
#: 202103050300 is no time of 1976.
_MINUTES_RUN_TOGETHER = (199_000_000_000, 210_000_000_000)
# What Windows and WebKit count since 1601, in 100 ns and in µs, between 2000 and 2030: as times since 1970 these
# would be in 1974 and 2370. One between 1989 and 1991 in ns may be .NET's or Apple's count of now.
_SINCE_1601 = (
    (125_911_584_000_000_000, 135_379_296_000_000_000, 10),
    (12_591_158_400_000_000, 13_537_929_600_000_000, 1),
)
_UNSURE_NS = (620_000_000_000_000_000, 670_000_000_000_000_000)
_FROM_1601 = timedelta(seconds=11_644_473_600)


def machine_time(value: object) -> datetime | None:
    """A point in time as programs write it, by the quick way."""
    try:
        if isinstance(value, str):
            time = _time_from_text(value)
        elif isinstance(value, datetime):
            time = _in_utc(value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            time = _time_from_number(value)
        else:
            return None
    except (ValueError, OverflowError):
        return None
    return plausible(time)


def iso_of_twitter(text: str) -> str | None:
    """`Wed Oct 19 20:07:25 +0000 2022` as `2022-10-19 20:07:25`; None for another form. The clock isn't checked.

    Many posts have one day, so its name is read once.
    """
    if len(text) != 30:
        return None
    day = _day(text[:11] + text[19:])
    return day and f"{day} {text[11:19]}"


@lru_cache(maxsize=4096)
def _day(around: str) -> str | None:
    match = _TWITTER_DAY.fullmatch(around)
    if not match or match[1] not in _MONTHS:
        return None
    return f"{match[3]}-{_MONTHS[match[1]]:02}-{match[2]}"


def _time_from_text(text: str) -> datetime | None:
    if len(text) > 64:
        return None
    if len(text) == 25 and text.endswith(" +0000"):  # every other post of the monthly archives
        return datetime.fromisoformat(text[:19]).replace(tzinfo=UTC)
    if plain := _plain_iso(text):
        return datetime.fromisoformat(plain).replace(tzinfo=UTC)
    text = text.strip()
    if match := _TWITTER_TIME.fullmatch(text):
        month, day, hour, minute, second, sign, off_hours, off_minutes, year = match.groups()
        if month not in _MONTHS:
            return None
        # a leap second is the last second of its minute
        time = datetime(int(year), _MONTHS[month], int(day), int(hour), int(minute), min(int(second), 59), tzinfo=UTC)
        offset = timedelta(hours=int(off_hours), minutes=int(off_minutes))
        return time - offset if sign == "+" else time + offset
    if _NUMBER.fullmatch(text):
        return _time_from_number(float(text) if "." in text else int(text))
    if "W" in text:  # a week of which Python would take the Monday
        return None
    return _in_utc(datetime.fromisoformat(_OFFSET_APART.sub("", text)))


def _plain_iso(text: str) -> str | None:
    """`2021-03-05T09:00:00` without the zone if that is UTC, as most programs write it; None for anything else."""
    if text[13:17:3] != "::" or text[4:8:3] != "--" or text[10] not in "T ":
        return None
    if len(text) == 19 or text[19:] in ("Z", "+00:00"):
        return text[:19]
    return text[:23] if len(text) == 24 and text[19] == "." and text[23] == "Z" else None


def _time_from_number(number: float) -> datetime | None:
    if not math.isfinite(number):
        return None
    size = abs(number)
    for smallest, in_a_second in _EPOCH_UNITS:
        if size >= smallest:
            if size > 1e11 and (size >= _EPOCH_SPAN * smallest or number < 0 or size < 1e12 or smallest == 1e17):
                return _unusual_epoch(number, size < _EPOCH_SPAN * smallest, in_a_second)
            return _since_1970(number, in_a_second)
    return None


def _since_1970(number: float, in_a_second: int) -> datetime:
    if isinstance(number, int):
        return _EPOCH + timedelta(microseconds=number * 1_000_000 // in_a_second)
    return _EPOCH + timedelta(seconds=number / in_a_second)


def _unusual_epoch(number: float, in_span: bool, in_a_second: int) -> datetime | None:
    """A count that may not start in 1970."""
    for first, last, in_a_microsecond in _SINCE_1601:
        if first <= number < last:
            return _EPOCH + timedelta(microseconds=int(number) // in_a_microsecond) - _FROM_1601
    if _UNSURE_NS[0] <= number < _UNSURE_NS[1] or _MINUTES_RUN_TOGETHER[0] <= number < _MINUTES_RUN_TOGETHER[1]:
        return None
    return _since_1970(number, in_a_second) if in_span else None


def _in_utc(time: datetime) -> datetime:
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def plausible(time: datetime | None) -> datetime | None:
    """The time if a post can have it: not a program's *never*, nor a year of another calendar."""
    return time if time is not None and FIRST_YEAR <= time.year <= LAST_YEAR and time != NEVER else None
