"""One moment, as people and their programs write it.

`machine_times` reads what platforms write, and is fast; the rest comes here. A text is taken apart into clock, zone
and date, and every word of it must be known: a text with one word too many, or one number too few, is no moment.
Nothing missing is filled in, neither a year nor a day.

Three kinds of text need the rest of their column and come back as what they are: `05/03/2021` (`NumericDate`),
Excel's `44260.125` (`DayNumber`), and `2021年3月5日 12:00` (`WallClock`), a clock in East Asia, where nobody lives
by UTC.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from curation.sources.records.date_words import date_of_words, date_words
from curation.sources.records.machine_times import NEVER, machine_time
from curation.sources.records.unsettled import DayNumber, NumericDate, Unsettled, WallClock, moment_in_utc

#: The longest text that is looked at.
LONGEST = 100

# Forms that another calendar or program writes, brought to a usual one.
_ERAS = {"令和": 2018, "平成": 1988, "民國": 1911, "民国": 1911}
_ERA = re.compile(r"(令和|平成|民國|民国)\s*(\d{1,3}|元)\s*年")
_DOTNET = re.compile(r"\\?/?date\((-?\d{10,16})(?:[+-]\d{4})?\)\\?/?", re.ASCII | re.IGNORECASE)
_CALL = re.compile(
    r"(?:pd\.|pandas\.|np\.)?(?:timestamp|isodate|new date|datetime64)\(\s*['\"]?([^'\"()]+)['\"]?"
    r"(?:, tz='utc')?\s*\)",
    re.ASCII | re.IGNORECASE,
)
_DATETIME_CALL = re.compile(
    r"(?:datetime\.)?datetime\((\d{4}), (\d{1,2}), (\d{1,2})(?:, (\d{1,2}), (\d{1,2})(?:, (\d{1,2})(?:, (\d{1,6}))?)?)?"
    r"(?:, tzinfo=(?:datetime\.)?(?:timezone\.utc|<utc>|tzutc\(\)|utc))?\)",
    re.ASCII | re.IGNORECASE,
)
_RUN_TOGETHER = re.compile(
    r"((?:19|20)\d\d)([01]\d)([0-3]\d)(?:[t_ -]?([0-2]\d)([0-5]\d)(?:([0-6]\d)(\d{3})?)?)?", re.ASCII
)
_RUN_TOGETHER_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)([01]\d)([0-3]\d)(?!\d)", re.ASCII)
_ORDINAL = re.compile(r"(\d{4})-(\d{3})(?=$|[t ])", re.ASCII)
_WEEK = re.compile(r"(\d{4})-?w(\d\d)-?([1-7])(?=$|[t ])", re.ASCII)
_SERIAL = re.compile(r"[2-5]\d{4}(?:[.,]\d{1,12})?", re.ASCII)
_SCIENTIFIC = re.compile(r"\d[.,]\d{7,18}e\+?(?:9|1[0-8])", re.ASCII)

_CLOCK = re.compile(
    r"(?<![\d:])(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,:](\d{1,9}))?)?(?![\d:])"
    r"|(?<!\d)(\d{1,2})\s?[時时시点點]\s?(?:(\d{1,2})\s?[分분]\s?(?:(\d{1,2})\s?[秒초])?)?"
    r"|(?<![\d.,/-])(\d{1,2})\s?h(?:\s?(\d{2})(?:\s?(?:min|m))?)?(?![^\W_])"
    r"|(?<=[\st,])(\d{1,2})\.(\d{2})(?:\.(\d{2})(?:\.\d{1,9})?)?(?=$|\s*[^\W\d_])"
    r"|(?<![\d.,/:-])(\d{1,2})\s?(?=[ap]m\b)",
)
_OFFSET = re.compile(
    r"(\s*[ap]m\b)?\s*\(?(?:utc|gmt)?\s?([+-])(\d{1,2}):?([0-5]\d)?(?::?[0-5]\d)?(?![\d:./-])\)?", re.ASCII
)
_NAMED_OFFSET = re.compile(r"\(?\b(?:utc|gmt)\s?([+-])\s?(\d{1,2}):?([0-5]\d)?(?![\d:./-])\)?", re.ASCII)
_PLACE = re.compile(r"\[?\b([a-z]{2,10}/[a-z_]{3,20}(?:/[a-z_]{3,20})?)\]?", re.ASCII)
_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})\s?([-./年년])\s?(\d{1,2})\s?(?:\2|[月월])\s?(\d{1,2})(?!\d)\s?[日號号일]?\.?")
_NUMBERS = re.compile(r"(?<!\d)(\d{1,2})\s?([-./])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})(?!\d)\.?", re.ASCII)
_VIETNAMESE = re.compile(r"(?<!\d)(\d{1,2})\s(?:tháng|thg)\s(\d{1,2}),?\s(?:năm\s)?(\d{4})(?!\d)")
_EASTERN = ("年", "년", "오전", "오후", "午前", "午後", "上午", "下午")


def read_moment(text: str) -> datetime | Unsettled | None:
    """The moment that a text says (UTC where no zone is written), or what its column must settle; None for neither.

    >>> read_moment("5 de marzo de 2021, 3:00 p. m.").isoformat()
    '2021-03-05T15:00:00+00:00'
    >>> read_moment("5 March") is None
    True
    """
    if len(text) > LONGEST or not any(c.isdecimal() for c in text):
        return None
    plain = _plain(text)
    for read in (_machine_form, _written):
        try:
            moment = read(plain)
        except (ValueError, OverflowError):
            return None
        if moment is not None:
            return None if moment == NEVER else moment
    return None


def parse_time(value: object) -> datetime | None:
    """A point in time in UTC; None for what can't be understood. Never raises.

    Reads `Wed Oct 19 20:07:25 +0000 2022`, `2007-02-01 00:00:00 +0000`, ISO 8601 with or without a zone
    (none means UTC) and fraction, seconds, milli-, micro- or nanoseconds since 1970 as a number or as text, and
    what people write: RFC 2822, names of months, clocks of twelve hours. Days and months as numbers with
    slashes are not read: nobody can tell which is which.

    >>> parse_time("Wed Oct 19 20:07:25 +0000 2022").isoformat()
    '2022-10-19T20:07:25+00:00'
    """
    time = machine_time(value)
    if time is not None:
        return time
    if isinstance(value, str):
        moment = read_moment(value)
    elif isinstance(value, int) and not isinstance(value, bool) and 10**7 < value < 10**17:
        moment = read_moment(str(value))  # 20210305 in JSON
    else:
        return None
    if isinstance(moment, WallClock):
        return moment.as_utc
    return moment if isinstance(moment, datetime) else None


def _plain(text: str) -> str:
    """The text in small letters, with ASCII's digits, and without what can't be seen."""
    text = text.strip("\"'=\u200b\ufeff \t\r\n`").replace("\u200c", "").replace("\u200d", "")
    if not text.isascii():
        text = (
            "".join(
                str(unicodedata.decimal(c)) if c.isdecimal() else c
                for c in unicodedata.normalize("NFKC", text)
                if unicodedata.category(c) not in ("Cf", "Cc")
            )
            .replace("−", "-")
            .replace("،", ",")
        )
    return re.sub(r"\b([ap])\s?\.\s?m\b\.?", r"\1m", text.casefold())


def _machine_form(text: str) -> datetime | Unsettled | None:
    """What programs write in one piece."""
    if match := _DOTNET.fullmatch(text):
        return NEVER + timedelta(milliseconds=int(match[1]))
    if match := _DATETIME_CALL.fullmatch(text):
        year, month, day, hour, minute, second, microsecond = (int(part or 0) for part in match.groups())
        return moment_in_utc(year, month, day, (hour, minute, second, microsecond), 0)
    if match := _RUN_TOGETHER.fullmatch(text.rstrip("z")):
        year, month, day, hour, minute, second, millisecond = (int(part or 0) for part in match.groups())
        return moment_in_utc(year, month, day, (hour, minute, second, millisecond * 1000), 0)
    if _SERIAL.fullmatch(text):
        return DayNumber(float(text.replace(",", ".")))
    if _SCIENTIFIC.fullmatch(text):
        return machine_time(float(text.replace(",", ".")))
    if match := _CALL.fullmatch(text):
        inner = match[1].strip()
        return read_moment(inner) or (machine_time(inner) if inner.isdecimal() else None)
    return None


def _written(text: str) -> datetime | Unsettled | None:
    """What people write, or programs for people."""
    text = _ERA.sub(lambda m: f"{_ERAS[m[1]] + (1 if m[2] == '元' else int(m[2]))}年", text)
    east = any(mark in text for mark in _EASTERN)
    thai = any("\u0e00" <= character <= "\u0e7f" for character in text)
    offset = None
    clock = _CLOCK.search(text)
    after = clock.end() if clock else 0
    if zone := (_OFFSET.match(text, after) if clock else None) or _NAMED_OFFSET.search(text):
        *half, sign, hours, minutes = zone.groups()
        offset = (int(hours) * 3600 + int(minutes or 0) * 60) * (-1 if sign == "-" else 1)
        if abs(offset) > 15 * 3600:
            return None
        text = f"{text[: zone.start()]} {half[0] if half and half[0] else ''} {text[zone.end() :]}"
        text = _ASIDE.sub(" ", _PLACE.sub(" ", text))
    if clock:
        text = f"{text[: clock.start()]} {text[clock.end() :]}"
    place = None
    if offset is None and (named := _PLACE.search(text)):
        place = named[1]
        text = f"{text[: named.start()]} {text[named.end() :]}"
    text, date = _date_of_numbers(text)
    words = date_words(text)
    if words is None or (date and (words.numbers or words.months)):
        return None
    time = _in_half(_clock(clock), words.half, clock is not None, east)
    if time is None:
        return None
    offset = words.offset if offset is None else offset
    if date and date.separator:
        numbers = NumericDate(date.parts, date.separator, date.short, date.padded, time, offset, words.weekday)
        return numbers if numbers.orders() else None  # a date in no order is none
    year, month, day = date.parts if date else date_of_words(words, thai)
    moment = moment_in_utc(year, month, day, time, offset, place)
    return WallClock(moment) if east and clock and offset is None and place is None and moment else moment


@dataclass(frozen=True)
class _Date:
    """Year, month and day; or three numbers in an unknown order."""

    parts: tuple[int, int, int]
    separator: str | None = None  # of the latter
    short: bool = False
    padded: bool = False


def _date_of_numbers(text: str) -> tuple[str, _Date | None]:
    """The text without its date in numbers alone, and that date."""
    if match := _ORDINAL.search(text):
        first = datetime(int(match[1]), 1, 1) + timedelta(days=int(match[2]) - 1)
        if first.year != int(match[1]):
            raise ValueError("no such day")
        date = _Date((first.year, first.month, first.day))
    elif match := _WEEK.search(text):
        day = datetime.fromisocalendar(int(match[1]), int(match[2]), int(match[3]))
        date = _Date((day.year, day.month, day.day))
    elif match := _VIETNAMESE.search(text):
        date = _Date((int(match[3]), int(match[2]), int(match[1])))
    elif match := _YEAR_FIRST.search(text):
        date = _Date((int(match[1]), int(match[3]), int(match[4])))
    elif match := _NUMBERS.search(text):
        short = len(match[4]) == 2
        padded = len(match[1]) == len(match[3]) == 2
        date = _Date((int(match[1]), int(match[3]), int(match[4])), match[2], short, padded)
    elif match := _RUN_TOGETHER_DATE.search(text):
        date = _Date((int(match[1]), int(match[2]), int(match[3])))
    else:
        return text, None
    return f"{text[: match.start()]} {text[match.end() :]}", date


def _clock(match: re.Match[str] | None) -> tuple[int, int, int, int]:
    """Hour, minute, second and microsecond; midnight where no clock is written."""
    if match is None:
        return 0, 0, 0, 0
    parts = match.groups()
    fraction = int((parts[3] or "").ljust(9, "0")[:6])
    for at, several in ((0, 3), (4, 3), (7, 2), (9, 3), (12, 1)):
        if parts[at] is not None:
            hour, minute, second, *_ = (*(int(part or 0) for part in parts[at : at + several]), 0, 0)
            return hour, minute, second, fraction
    return 0, 0, 0, 0


def _in_half(
    clock: tuple[int, int, int, int], half: bool | None, written: bool, east: bool
) -> tuple[int, int, int, int] | None:
    """The clock in twenty-four hours; None for one that no day has."""
    hour, *rest = clock
    if half is None:
        return clock
    if not written or hour > (23 if half else 12) or (hour == 0 and not east):
        return None
    if hour <= 12:
        hour = hour % 12 + (12 if half else 0)
    return hour, rest[0], rest[1], rest[2]
