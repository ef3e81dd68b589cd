"""Times that need more than their own text: the rest of their column, or the reader's clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from curation.sources.records.date_words import whole_year
from curation.sources.records.machine_times import FIRST_YEAR, LAST_YEAR

#: What comes first in a date of three numbers.
DateOrder = Literal["day", "month", "year"]
_ORDERS: tuple[DateOrder, ...] = ("day", "month", "year")

_EXCEL_EPOCH = datetime(1899, 12, 30, tzinfo=UTC)


@dataclass(frozen=True)
class NumericDate:
    """A date of three numbers; the year is the last or has two digits."""

    parts: tuple[int, int, int]
    separator: str
    short: bool  # the year has two digits
    padded: bool  # so has every part
    clock: tuple[int, int, int, int] = (0, 0, 0, 0)  # hour, minute, second, microsecond
    offset: int | None = None  # seconds from UTC
    weekday: int | None = None  # from 1

    def time(self, order: DateOrder) -> datetime | None:
        """The moment if `order` comes first; None for an impossible one."""
        first, second, third = self.parts
        if order == "year":
            if not (self.short and self.padded):
                return None
            year, month, day = first, second, third
        else:
            year, month, day = (third, second, first) if order == "day" else (third, first, second)
        return moment_in_utc(whole_year(year) if self.short else year, month, day, self.clock, self.offset)

    def orders(self) -> frozenset[DateOrder]:
        """The orders in which this is a date that a post may have."""
        last = datetime.now(UTC).year + 1
        times = {order: time for order in _ORDERS if (time := self.time(order)) and time.year <= last}
        if "year" in times and times["year"].year <= 2005:
            del times["year"]
        if self.weekday and not self.offset:
            on_it = {order for order, time in times.items() if time.isoweekday() == self.weekday}
            return frozenset(on_it or times)
        return frozenset(times)


@dataclass(frozen=True)
class DayNumber:
    """A spreadsheet's number of a day, from the end of 1899."""

    days: float

    def time(self) -> datetime:
        """The moment, to the millisecond."""
        return _EXCEL_EPOCH + timedelta(milliseconds=round(self.days * 86_400_000, -1))


@dataclass(frozen=True)
class WallClock:
    """A date and a clock of East Asia without a zone."""

    as_utc: datetime


Unsettled = NumericDate | DayNumber | WallClock


def moment_in_utc(
    year: int,
    month: int,
    day: int,
    clock: tuple[int, int, int, int],
    offset: int | None,
    place: str | None = None,
) -> datetime | None:
    """The moment in UTC; None for an impossible one."""
    if 2500 <= year <= 2600:
        year -= 543  # Thailand counts from the Buddha's death
    hour, minute, second, microsecond = clock
    if not FIRST_YEAR <= year <= LAST_YEAR or hour > 24:
        return None
    try:
        zone = ZoneInfo("/".join(part.title() for part in place.split("/"))) if place else UTC
        time = datetime(
            year, month, day, hour % 24, minute, min(second, 59) if second == 60 else second, microsecond, zone
        )
        if hour == 24:
            if minute or second:
                return None
            time += timedelta(days=1)
        return time.astimezone(UTC) - timedelta(seconds=offset or 0)
    except (ValueError, OverflowError, KeyError, OSError):
        return None  # also a place that no zone is named after
