"""The times of one column, some of which only the whole column can tell.

`05-11-2015` is the eleventh of May in one file and the fifth of November in the next. A file that somewhere
has `24-02-2015` puts the day first, one that has `02-24-2015` the month; one that has neither doesn't say,
and then its dates stay empty rather than wrong by months. The same goes for a spreadsheet's day numbers
(`44260.125`), which are times only where all the column is, or where they fall among its other times.

So a `TimeColumn` reads the whole column once more, from another handle on its file, when the first such value
comes, wherever it stands. It keeps counts, never values, and says afterwards what it could not read.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from curation.sources.records.machine_times import machine_time, plausible
from curation.sources.records.moments import read_moment
from curation.sources.records.unsettled import (
    DAY_FIRST,
    MONTH_FIRST,
    YEAR_FIRST,
    DateOrder,
    DayNumber,
    NumericDate,
    Unsettled,
    WallClock,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


#: What `--dates` may say, and what stands first then.
CHOICES: dict[str, DateOrder | None] = {
    "auto": None,
    "day-first": DAY_FIRST,
    "month-first": MONTH_FIRST,
    "year-first": YEAR_FIRST,
}

_CLOCK = r"(?:[T,\s]+(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?\s*([AaPp][Mm])?)?"
_DAY_OR_MONTH = re.compile(r"\s*(\d{1,2})([-./])(\d{1,2})\2(\d{4}|\d{2})" + _CLOCK + r"\s*", re.ASCII)
_ZONED = re.compile(r"(?:[Zz]|[+-]\d\d:?\d\d|GMT|UTC)(?:\s\d{4})?\s*", re.ASCII)
#: Different numbers that are counted in one place of a date.
_DIFFERENT = 3
#: Different dates of a column that are remembered, with what they were read as.
_REMEMBERED = 20_000
#: How far a day number may lie from the other times of its column.
_NEAR = timedelta(days=31)


def written_time(value: Any, order: DateOrder | TimeColumn | None) -> datetime | None:
    """A point in time (UTC where no zone is written); None for what can't be understood.

    >>> written_time("05-11-2015 18:31:53", MONTH_FIRST).isoformat()
    '2015-05-11T18:31:53+00:00'
    >>> written_time("05-11-2015 18:31:53", None) is None
    True
    """
    if isinstance(order, TimeColumn):
        return order.read(value)
    moment = understand(value)
    if isinstance(moment, NumericDate):
        return moment.time(order) if order else None
    if isinstance(moment, WallClock):
        return moment.as_utc
    return moment if isinstance(moment, datetime) else None


def order_of(values: Iterable[str]) -> tuple[DateOrder | None, str | None]:
    """What stands first in a column's dates, and a date that can't be told if nothing does.

    `(None, None)` means that no date needs the order. The year stands last, as it does in chats.
    """
    facts = Facts(year_may_be_first=False)
    for value in values:
        facts.note(value)
    order = facts.order
    return order, None if order else facts.example


def understand(value: Any) -> datetime | Unsettled | None:
    """The moment that a value says, or what its column must settle."""
    if isinstance(value, str):
        if match := _DAY_OR_MONTH.fullmatch(value):
            return _numeric(match)
        return machine_time(value) or read_moment(value)
    time = machine_time(value)
    if time is not None or value is None or isinstance(value, bool):
        return time
    if isinstance(value, int | float) and 20_000 < value < 60_000:
        return DayNumber(float(value))
    if isinstance(value, int) and 10**7 < value < 10**17:
        return read_moment(str(value))
    return _boxed(value) if isinstance(value, dict) else None


class Facts:
    """What a column's times show together: counts of a few kinds, whatever the column's length."""

    def __init__(self, year_may_be_first: bool = True) -> None:
        self.example: str | None = None  # the first date that needs the order
        self.by_orders: Counter[frozenset[DateOrder]] = Counter()
        self.examples: dict[frozenset[DateOrder], str] = {}
        self.first: datetime | None = None
        self.last: datetime | None = None
        self.day_numbers = self.zoned = 0
        self._dotted, self._padded = True, year_may_be_first
        self._places: tuple[set[int], set[int]] = (set(), set())  # different first and last numbers of short dates
        self._noted: set[str] = set()  # dates that tell nothing new, without their clocks

    def note(self, value: Any) -> None:
        """Take one value of the column into account."""
        if isinstance(value, str) and (match := _DAY_OR_MONTH.fullmatch(value)):
            date = value[: match.end(4)]
            if date in self._noted:
                return
            moment: Any = _numeric(match)
            if moment and len(self._noted) < _REMEMBERED:
                self._noted.add(date)
        else:
            moment = understand(value)
        if isinstance(moment, NumericDate):
            self._note_date(moment, value)
        elif isinstance(moment, DayNumber):
            self.day_numbers += 1
        elif isinstance(moment, datetime):
            self.first = min(self.first or moment, moment)
            self.last = max(self.last or moment, moment)
            self.zoned += isinstance(value, str) and bool(_ZONED.search(value[-12:]))

    def _note_date(self, date: NumericDate, value: str) -> None:
        orders = date.orders()
        if date.parts[0] == date.parts[1] and not date.short:
            return  # 05-05-2015
        self.example = self.example or value
        self.by_orders[orders] += 1
        self.examples.setdefault(orders, value)
        self._dotted = self._dotted and date.separator == "."
        if date.short:
            self._padded = self._padded and date.padded
            for place, number in zip(self._places, (date.parts[0], date.parts[2]), strict=True):
                if len(place) < 100:
                    place.add(number)

    @property
    def possible(self) -> frozenset[DateOrder]:
        """The orders in which all dates of the column are dates."""
        if not self.by_orders:
            return frozenset()
        return frozenset.intersection(*self.by_orders)

    @property
    def order(self) -> DateOrder | None:
        """What stands first in the column's dates; None if nothing tells, or they contradict each other."""
        possible = set(self.possible)
        if self._dotted and len(possible) > 1:
            possible.discard(MONTH_FIRST)  # nobody writes the month first with dots
        if not self._padded:
            possible.discard(YEAR_FIRST)  # nobody writes 21/3/5
        firsts, lasts = map(len, self._places)
        if YEAR_FIRST in possible and len(possible) > 1:
            # Days change more often than years.
            if firsts >= _DIFFERENT and firsts > lasts:
                possible.discard(YEAR_FIRST)
            elif lasts >= _DIFFERENT and lasts > firsts:
                possible = {YEAR_FIRST}
        return possible.pop() if len(possible) == 1 else None

    @property
    def mixed(self) -> bool:
        """Whether some dates can only have the day first and others only the month."""
        return bool(self.by_orders) and not self.possible


class TimeColumn:
    """Reads the times of one column of one file, and keeps account of them."""

    def __init__(self, name: str | None = None) -> None:
        self.name = name
        #: What the user says that stands first.
        self.chosen: DateOrder | None = None
        #: Reads the file again and gives every value of the column to `read`, which only notes it.
        self.scan: Callable[[], None] | None = None
        self.noting = False
        self.example: str | None = None  # the first value that was not understood
        self.not_understood = 0
        self._facts: Facts | None = None
        self._order: DateOrder | None = None
        self._undecided = self._contradicting = self._day_numbers = self._local = 0
        self._first_undecided = self._first_contradicting = self._first_day_number = self._first_local = ""
        self._midnights: dict[str, datetime] = {}  # of dates whose order is settled, as they are written

    def read(self, value: Any) -> datetime | None:
        """The moment that a value says, UTC; None where it says none that is certain."""
        if self.noting and self._facts:
            self._facts.note(value)
            return None
        numeric = _DAY_OR_MONTH.fullmatch(value) if isinstance(value, str) else None
        if numeric and (midnight := self._midnights.get(value[: numeric.end(4)])):
            clock = _clock_of(numeric)
            if clock and clock[0] < 24 and clock[1] < 60:
                return midnight.replace(hour=clock[0], minute=clock[1], second=clock[2])
        moment = understand(value)
        if isinstance(moment, datetime):
            return moment
        if moment is not None:
            contradicting = self._contradicting
            moment = self._settled(moment, value)
            if numeric and moment and contradicting == self._contradicting and len(self._midnights) < _REMEMBERED:
                midnight = moment.replace(hour=0, minute=0, second=0)
                if numeric[5] != "24":  # which is the next day's
                    self._midnights[value[: numeric.end(4)]] = midnight
        if moment is None and value is not None:
            self.not_understood += 1
            if self.example is None:
                self.example = _shown(value)
        return moment

    @property
    def facts(self) -> Facts:
        """What the whole column shows; reads it when this is first wanted."""
        if self._facts is None:
            self._facts = Facts()
            if self.scan:
                self.noting = True
                try:
                    self.scan()
                finally:
                    self.noting = False
            self._order = self._facts.order
        return self._facts

    def _settled(self, moment: Unsettled, value: Any) -> datetime | None:
        facts = self.facts
        if isinstance(moment, WallClock):
            if not facts.zoned:
                return moment.as_utc
            self._local += 1
            self._first_local = self._first_local or _shown(value)
            return None
        if isinstance(moment, DayNumber):
            time = moment.time()
            if facts.first and facts.last and not facts.first - _NEAR <= time <= facts.last + _NEAR:
                return None
            self._day_numbers += 1
            self._first_day_number = self._first_day_number or _shown(value)
            return plausible(time)
        orders = moment.orders()
        if moment.parts[0] == moment.parts[1] and not moment.short:
            return moment.time(DAY_FIRST)
        preferred = self.chosen or self._order
        if preferred and preferred in orders:
            return moment.time(preferred)
        if len(orders) == 1:
            if preferred:
                self._contradicting += 1
                self._first_contradicting = self._first_contradicting or _shown(value)
            return moment.time(min(orders))
        if orders:
            self._undecided += 1
            self._first_undecided = self._first_undecided or _shown(value)
        return None

    @property
    def accounted(self) -> int:
        """Times that are left empty for a reason that `notices` gives."""
        return self._undecided + self._local

    def notices(self, file: str, posts: int) -> Iterator[str]:
        """Sentences on how the times were read, and which were not; `posts` is how many the file has."""
        facts = self._facts
        if facts is None:
            return
        if self._contradicting:
            yield (
                f"{file}: {_dates(self._contradicting)} can't have the {self.chosen} first, such as "
                f"'{self._first_contradicting}'; read the other way. The column mixes both."
            )
        elif self._order and facts.example and not self.chosen:
            yield f"{file}: dates such as {facts.example} are read with the {self._order} first."
        if self._undecided:
            which = f"--dates {' or --dates '.join(self._open_orders(facts))}"
            if facts.mixed:
                both = " and ".join(f"'{facts.examples[o]}'" for o in sorted(facts.examples, key=sorted) if len(o) == 1)
                yield (
                    f"{file}: the dates mix both orders, day first and month first ({both}); "
                    f"{_empty(self._undecided, posts)} since they can be read both ways, such as "
                    f"'{self._first_undecided}'. Say which it is: {which}."
                )
            else:
                yield (
                    f"{file}: nothing tells whether '{self._first_undecided}' begins with the day or the month; "
                    f"{_empty(self._undecided, posts)}. Say which it is: {which}."
                )
        if self._day_numbers:
            yield f"{file}: numbers such as {self._first_day_number} are read as a spreadsheet's days."
        if self._local:
            yield (
                f"{file}: {_empty(self._local, posts)}: among times that name their zone, '{self._first_local}' names "
                "none, and the clocks of East Asia are eight or nine hours ahead of UTC."
            )

    def _open_orders(self, facts: Facts) -> list[str]:
        orders = facts.possible or {DAY_FIRST, MONTH_FIRST}
        return [choice for choice, order in CHOICES.items() if order in orders]


def _empty(count: int, posts: int) -> str:
    share = f", {count / posts:.1%} of the posts," if count < posts else ", all of them,"
    return f"one date{share} is left empty" if count == 1 else f"{count:,} dates{share} are left empty"


def _dates(count: int) -> str:
    return "one date" if count == 1 else f"{count:,} dates"


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 40 else text[:39] + "…"


def _numeric(match: re.Match[str]) -> NumericDate | None:
    """`05-11-2015 18:31`, by the quick way."""
    first, separator, second, year, *_ = match.groups()
    clock = _clock_of(match)
    if not clock:
        return None
    padded = len(first) == len(second) == 2
    return NumericDate((int(first), int(second), int(year)), separator, len(year) == 2, padded, clock)


def _clock_of(match: re.Match[str]) -> tuple[int, int, int, int] | None:
    """The clock behind such a date, of twenty-four hours; None for an impossible half of the day."""
    hour, minute, seconds, half = match.group(5, 6, 7, 8)
    clock = (int(hour or 0), int(minute or 0), min(int(seconds or 0), 59), 0)
    if not half:
        return clock
    return (
        (clock[0] % 12 + (12 if half in ("PM", "pm", "Pm", "pM") else 0), *clock[1:]) if 1 <= clock[0] <= 12 else None
    )


def _boxed(value: dict[str, Any]) -> datetime | None:
    """A time as MongoDB and Firestore write it: `{"$date": …}`, `{"_seconds": …}`."""
    for key in ("$date", "$numberLong", "_seconds", "seconds"):
        inner = value.get(key)
        if inner is not None:
            if isinstance(inner, dict):
                inner = inner.get("$numberLong")
            return machine_time(inner)
    return None
