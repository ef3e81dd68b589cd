"""The times of one column, some of which only the whole column can tell.

`05-11-2015` is the eleventh of May in one file and the fifth of November in the next. A file that somewhere
has `24-02-2015` puts the day first, one that has `02-24-2015` the month. If it has neither, nothing tells,
and its dates stay empty rather than wrong by months. The same goes for a spreadsheet's day numbers
(`44260.125`), which are times only where all the column is, or where they fall among its other times.

At the first such value a `TimeColumn` reads the whole column once more, from another handle on its file. It
keeps counts, never values, and says afterwards what it could not read.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from curation.sources.records.machine_times import plausible
from curation.sources.records.time_cells import DAY_OR_MONTH, clock_of, numeric_date, understand
from curation.sources.records.unsettled import DateOrder, DayNumber, NumericDate, Unsettled, WallClock

#: What `--dates` may say, and what comes first then.
CHOICES: dict[str, DateOrder | None] = {
    "auto": None,
    "day-first": "day",
    "month-first": "month",
    "year-first": "year",
}

_ZONED = re.compile(r"(?:[Zz]|[+-]\d\d:?\d\d|GMT|UTC)(?:\s\d{4})?\s*", re.ASCII)
#: Different numbers that are counted in one place of a date.
_DIFFERENT = 3
#: Different dates of a column that are remembered, with what they were read as.
_REMEMBERED = 20_000
#: How far a day number may be from the other times of its column.
_NEAR = timedelta(days=31)


def written_time(value: Any, order: DateOrder | TimeColumn | None) -> datetime | None:
    """A point in time (UTC where no zone is written); None for what can't be understood.

    >>> written_time("05-11-2015 18:31:53", "month").isoformat()
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
    """What comes first in a column's dates; if nothing tells, None and a date that can't be read without it.

    `(None, None)` means that no date needs the order. The year is last, as in chats.
    """
    facts = Facts(year_may_be_first=False)
    for value in values:
        facts.note(value)
    order = facts.order
    return order, None if order else facts.example


class Facts:
    """What a column's times show together: counts of a few kinds, whatever the column's length."""

    def __init__(self, year_may_be_first: bool = True) -> None:
        self.example: str | None = None  # the first date that needs the order
        self.examples: dict[frozenset[DateOrder], str] = {}  # by the orders in which it is a date
        self.first: datetime | None = None
        self.last: datetime | None = None
        self.zoned = 0
        self._dotted, self._padded = True, year_may_be_first
        self._places: tuple[set[int], set[int]] = (set(), set())  # different first and last numbers of short dates
        self._noted: set[str] = set()  # dates that tell nothing new, without their clocks

    def note(self, value: Any) -> None:
        """Take one value of the column into account."""
        if isinstance(value, str) and (match := DAY_OR_MONTH.fullmatch(value)):
            date = value[: match.end(4)]
            if date in self._noted:
                return
            moment: Any = numeric_date(match)
            if moment and len(self._noted) < _REMEMBERED:
                self._noted.add(date)
        else:
            moment = understand(value)
        if isinstance(moment, NumericDate):
            self._note_date(moment, value)
        elif isinstance(moment, datetime):
            self.first = min(self.first or moment, moment)
            self.last = max(self.last or moment, moment)
            self.zoned += isinstance(value, str) and bool(_ZONED.search(value[-12:]))

    def _note_date(self, date: NumericDate, value: str) -> None:
        if date.parts[0] == date.parts[1] and not date.short:
            return  # 05-05-2015
        self.example = self.example or value
        self.examples.setdefault(date.orders(), value)
        self._dotted = self._dotted and date.separator == "."
        if date.short:
            self._padded = self._padded and date.padded
            for place, number in zip(self._places, (date.parts[0], date.parts[2]), strict=True):
                if len(place) < 100:
                    place.add(number)

    @property
    def possible(self) -> frozenset[DateOrder]:
        """The orders in which all dates of the column are dates."""
        return frozenset.intersection(*self.examples) if self.examples else frozenset()

    @property
    def order(self) -> DateOrder | None:
        """What comes first in the column's dates; None if nothing tells, or they contradict each other."""
        possible = set(self.possible)
        if self._dotted and len(possible) > 1:
            possible.discard("month")  # nobody writes the month first with dots
        if not self._padded:
            possible.discard("year")  # nobody writes 21/3/5
        firsts, lasts = map(len, self._places)
        if "year" in possible and len(possible) > 1:
            # Days change more often than years.
            if firsts >= _DIFFERENT and firsts > lasts:
                possible.discard("year")
            elif lasts >= _DIFFERENT and lasts > firsts:
                possible = {"year"}
        return possible.pop() if len(possible) == 1 else None


class TimeColumn:
    """Reads the times of one column of one file, and keeps account of them."""

    def __init__(self, name: str | None = None) -> None:
        self.name = name
        #: What comes first, as the user says.
        self.chosen: DateOrder | None = None
        #: Reads the file again and gives every value of the column to `read`, which only notes it.
        self.scan: Callable[[], None] | None = None
        self.noting = False
        self.example: str | None = None  # the first value that was not understood
        self._facts: Facts | None = None
        self._order: DateOrder | None = None
        self._counts: Counter[str] = Counter()  # of values of a kind that a notice is about
        self._examples: dict[str, str] = {}  # the first of each kind
        self._midnights: dict[str, datetime] = {}  # of dates whose order is settled, as they are written

    def read(self, value: Any) -> datetime | None:
        """The moment that a value says, UTC; None where it says none that is certain."""
        if self.noting and self._facts:
            self._facts.note(value)
            return None
        numeric = DAY_OR_MONTH.fullmatch(value) if isinstance(value, str) else None
        if numeric and (midnight := self._midnights.get(value[: numeric.end(4)])):
            clock = clock_of(numeric)
            if clock and clock[0] < 24 and clock[1] < 60:
                return midnight.replace(hour=clock[0], minute=clock[1], second=clock[2])
        moment = understand(value)
        if isinstance(moment, datetime):
            return moment
        if moment is not None:
            contradicting = self._counts["contradicting"]
            moment = self._settled(moment, value)
            same = contradicting == self._counts["contradicting"]
            if numeric and moment and same and len(self._midnights) < _REMEMBERED:
                midnight = moment.replace(hour=0, minute=0, second=0)
                if numeric[5] != "24":  # which is the next day's
                    self._midnights[value[: numeric.end(4)]] = midnight
        if moment is None and value is not None and self.example is None:
            self.example = _shown(value)
        return moment

    @property
    def facts(self) -> Facts:
        """What the whole column shows; reads it at the first use."""
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
            self._count("local", value)
            return None
        if isinstance(moment, DayNumber):
            time = moment.time()
            if facts.first and facts.last and not facts.first - _NEAR <= time <= facts.last + _NEAR:
                return None
            self._count("day number", value)
            return plausible(time)
        orders = moment.orders()
        if moment.parts[0] == moment.parts[1] and not moment.short:
            return moment.time("day")
        preferred = self.chosen or self._order
        if preferred and preferred in orders:
            return moment.time(preferred)
        if len(orders) == 1:
            if preferred:
                self._count("contradicting", value)
            return moment.time(min(orders))
        if orders:
            self._count("undecided", value)
        return None

    def _count(self, kind: str, value: Any) -> None:
        self._counts[kind] += 1
        self._examples.setdefault(kind, _shown(value))

    @property
    def accounted(self) -> int:
        """Times that are left empty for a reason that `notices` gives."""
        return self._counts["undecided"] + self._counts["local"]

    def notices(self, file: str, posts: int) -> Iterator[str]:
        """Sentences on how the times were read, and which were not; `posts` is how many the file has."""
        facts, counts, examples = self._facts, self._counts, self._examples
        if facts is None:
            return
        if count := counts["contradicting"]:
            dates = "one date" if count == 1 else f"{count:,} dates"
            yield (
                f"{file}: {dates} can't have the {self.chosen} first, such as "
                f"'{examples['contradicting']}'; read the other way. The column mixes both."
            )
        elif self._order and facts.example and not self.chosen:
            yield f"{file}: dates such as {facts.example} are read with the {self._order} first."
        if counts["undecided"]:
            empty = _empty(counts["undecided"], posts)
            orders = facts.possible or {"day", "month"}
            choices = f"--dates {' or --dates '.join(choice for choice, order in CHOICES.items() if order in orders)}"
            if facts.examples and not facts.possible:
                both = " and ".join(f"'{facts.examples[o]}'" for o in sorted(facts.examples, key=sorted) if len(o) == 1)
                yield (
                    f"{file}: the dates mix both orders, day first and month first ({both}); {empty} since they can "
                    f"be read both ways, such as '{examples['undecided']}'. Say which it is: {choices}."
                )
            else:
                yield (
                    f"{file}: nothing tells whether '{examples['undecided']}' begins with the day or the month; "
                    f"{empty}. Say which it is: {choices}."
                )
        if counts["day number"]:
            yield f"{file}: numbers such as {examples['day number']} are read as a spreadsheet's days."
        if counts["local"]:
            yield (
                f"{file}: {_empty(counts['local'], posts)}: among times that name their zone, '{examples['local']}' "
                "names none, and the clocks of East Asia are eight or nine hours ahead of UTC."
            )


def _empty(count: int, posts: int) -> str:
    share = f", {count / posts:.1%} of the posts," if count < posts else ", all of them,"
    return f"one date{share} is left empty" if count == 1 else f"{count:,} dates{share} are left empty"


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 40 else text[:39] + "…"
