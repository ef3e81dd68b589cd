"""The words of a written date: months, days, halves of a day and zones, in the languages of the world.

They are in `calendar_words.toml`. Every word has to be known, and none may come twice: a text with one word too many
is no date. A name that means different months in two languages (`listopad` is October in Croatian and November in
Polish) is left out, and so is a zone's name that means several (`IST`, `CST`, `AST`): a date with one of them
is not understood rather than wrong.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

#: Two digits up to this one are a year of this century.
_LAST_SHORT_YEAR = 49
_TOKEN = re.compile(r"\d+|[^\W\d_][^\d\s,;:/|·•()\[\]+–—،_-]*|\S")
_SEPARATORS = frozenset(",;:/|·•()[]-–—،._@+'’\"")


@dataclass(frozen=True)
class Calendar:
    """What each word of a date means; the words are as `plain_word` writes them."""

    months: dict[str, int]  # from 1
    days: dict[str, int]  # of the week, from 1 (Monday)
    unsure_days: frozenset[str]  # names of different days in different languages
    halves: dict[str, bool]  # of the day: whether it is the second
    zones: dict[str, int]  # seconds from UTC
    fillers: frozenset[str]  # words that say nothing


@cache
def calendar() -> Calendar:
    """The words of `calendar_words.toml`."""
    table = tomllib.loads(files(__package__).joinpath("calendar_words.toml").read_text("utf-8"))
    words = {name: list(map(plain_word, table[name].split())) for name in ("before_noon", "after_noon", "fillers")}
    months, _ = _numbered(table["months"], bare=True)
    days, unsure_days = _numbered(table["days"], bare=False)
    halves = dict.fromkeys(words["before_noon"], False) | dict.fromkeys(words["after_noon"], True)
    zones = {name: int(hours * 3600) for name, hours in table["zones"].items()}
    return Calendar(months, days, unsure_days, halves, zones, frozenset(words["fillers"]))


def plain_word(word: str) -> str:
    """A word as it is compared."""
    return unicodedata.normalize("NFKC", word).casefold().replace(".", "").replace(" ", "")


def _numbered(table: dict[str, str], bare: bool) -> tuple[dict[str, int], frozenset[str]]:
    """Word → its number from 1, if it has the same in all languages; and the other words. `bare`: also unaccented."""
    numbers: dict[str, set[int]] = {}
    for line in table.values():
        for number, cell in enumerate(line.split(), start=1):
            for word in map(plain_word, cell.replace("-feira", "").split("/")):
                for form in {word, _without_accents(word)} if bare else {word}:
                    if len(form) > 1 or not form.isascii():
                        numbers.setdefault(form, set()).add(number)
    sure = {word: min(several) for word, several in numbers.items() if len(several) == 1}
    return sure, frozenset(numbers.keys() - sure.keys())


def _without_accents(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c) or ord(c) > 0x36F)


@dataclass
class DateWords:
    """The words of a date, by what they mean."""

    numbers: list[str]
    months: list[int]
    weekday: int | None = None
    half: bool | None = None
    offset: int | None = None


def date_words(text: str) -> DateWords | None:
    """The words of a date; None if one is unknown or two say the same."""
    words, either, known = DateWords([], []), [], calendar()
    for token in _TOKEN.findall(text):
        if token in _SEPARATORS:
            continue
        if token.isdecimal():
            words.numbers.append(token)
            continue
        word = plain_word(token).strip("'’\"")
        if word in known.months and word in known.days:
            either.append((known.months[word], known.days[word]))
        elif word in known.months or word.removeprefix("ב") in known.months:
            words.months.append(known.months.get(word) or known.months[word.removeprefix("ב")])
        elif word in known.zones and words.offset is None:
            words.offset = known.zones[word]
        elif word in known.halves and words.half is None:
            words.half = known.halves[word]
        elif word in known.days:
            words.weekday = known.days[word] if word not in known.fillers else words.weekday
        elif word not in known.fillers and word not in known.unsure_days:
            return None
    for month, day in either[::-1]:
        if words.months:
            words.weekday = day
        else:
            words.months.append(month)
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
