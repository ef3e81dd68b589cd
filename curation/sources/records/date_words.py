"""The words of a written date: months, days, halves of a day and zones, in the languages of `calendar_words`.

Every word has to be known, and none may be said twice: a text with one word too many is no date.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from curation.sources.records.calendar_words import DAYS, FILLERS, HALVES, MONTHS, UNSURE_DAYS, ZONES, plain_word

#: Two digits up to this one are a year of this century.
_LAST_SHORT_YEAR = 49
_TOKEN = re.compile(r"\d+|[^\W\d_][^\d\s,;:/|·•()\[\]+–—،_-]*|\S")
_SEPARATORS = frozenset(",;:/|·•()[]-–—،._@+'’\"")


@dataclass
class DateWords:
    """The words of a date, by what they mean."""

    numbers: list[str]
    months: list[int]
    month_at: int = 0  # numbers before the month
    weekday: int | None = None
    half: bool | None = None
    offset: int | None = None


def date_words(text: str) -> DateWords | None:
    """The words of a date; None if one is not known or two say the same."""
    words, either = DateWords([], []), []
    for token in _TOKEN.findall(text):
        if token in _SEPARATORS:
            continue
        if token.isdecimal():
            words.numbers.append(token)
            continue
        word = plain_word(token).strip("'’\"")
        if word in MONTHS and word in DAYS:
            either.append((MONTHS[word], DAYS[word], len(words.numbers)))
        elif word in MONTHS or word.removeprefix("ב") in MONTHS:
            words.months.append(MONTHS.get(word) or MONTHS[word.removeprefix("ב")])
            words.month_at = len(words.numbers)
        elif word in ZONES and words.offset is None:
            words.offset = ZONES[word]
        elif word in HALVES and words.half is None:
            words.half = HALVES[word]
        elif word in DAYS:
            words.weekday = DAYS[word] if word not in FILLERS else words.weekday
        elif word not in FILLERS and word not in UNSURE_DAYS:
            return None
    for month, day, at in either[::-1]:
        if words.months:
            words.weekday = day
        else:
            words.months.append(month)
            words.month_at = at
    return words if len(words.months) <= 1 else None


def date_of_words(words: DateWords, thai: bool) -> tuple[int, int, int]:
    """Year, month and day of a date whose month is a word. Raises `ValueError`."""
    if not words.months or len(words.numbers) != 2:
        raise ValueError("no whole date")
    first, second = words.numbers
    year, day = (first, second) if len(first) == 4 else (second, first)
    if len(day) > 2 or len(year) not in (2, 4):
        raise ValueError("no whole date")
    return whole_year(int(year), thai) if len(year) == 2 else int(year), words.months[0], int(day)


def whole_year(year: int, thai: bool = False) -> int:
    """The year that two digits mean."""
    if thai:
        return 2500 + year
    return year + (2000 if year <= _LAST_SHORT_YEAR else 1900)
