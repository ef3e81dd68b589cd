"""One moment in every way in which people and their programs write it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.sources.records.date_words import calendar
from curation.sources.records.moments import parse_time, read_moment
from curation.sources.records.unsettled import DayNumber, NumericDate, WallClock

THREE = datetime(2021, 3, 5, 3, tzinfo=UTC)

ONE_MOMENT = """
2021-03-05T12:00:00+09:00
2021-03-05T03:00Z
2021-03-05 03:00:00,000
2021-03-05T04:00:00+01
2021-03-05 04:00:00 +0100
20210305T030000Z
20210305030000
2021-064T03:00:00Z
2021-W09-5T03:00:00
2021-03-05T03:00:00[Europe/London]
2021-03-04 22:00:00 America/New_York
2021-03-05 03:00:00 UTC
2021-03-04 22:00:00 EST
Fri, 05 Mar 2021 03:00:00 GMT
Fri, 5 Mar 2021 04:00:00 +0100 (CET)
Fri Mar 05 11:00:00 +0800 2021
Fri Mar 05 2021 04:00:00 GMT+0100 (Central European Standard Time)
Friday, March 5, 2021 3:00:00 AM
Friday, 05-Mar-21 03:00:00 UTC
05-MAR-21 03.00.00.000000 AM
March 5th, 2021 at 3:00am
Mar 5, 2021, 3:00\u202fAM
3:00 AM · Mar 5, 2021
3:00 AM - 5 Mar 2021
5 mars 2021 à 03h00
vendredi 5 mars 2021 03:00
5 de marzo de 2021, 3:00 a. m.
sexta-feira, 5 de março de 2021 às 03:00
5. März 2021 um 03:00 Uhr
5 marzo 2021 alle 03:00
5 maart 2021 om 03:00
fre 5 mars 2021 kl. 03.00
5 марта 2021 г., 03:00
05 мар 2021 06:00:00 МСК
5 Μαρτίου 2021, 3:00 π.μ.
5 Mart 2021 Cuma 03:00
5 Maret 2021 pukul 10.00 WIB
5 tháng 3, 2021 03:00
5 มีนาคม 2564 เวลา 03:00 น.
٥ مارس ٢٠٢١ ٣:٠٠ ص
5 במרץ 2021 03:00
5 मार्च 2021 3:00 am
1614913200
1614913200000
1614913200000000
1614913200000000000
1.6149132E+9
13259386800000000
132593868000000000
/Date(1614913200000)/
Timestamp('2021-03-05 03:00:00+0000', tz='UTC')
datetime.datetime(2021, 3, 5, 3, 0, tzinfo=datetime.timezone.utc)
ISODate("2021-03-05T03:00:00Z")
2021年3月5日 03:00
2021년 3월 5일 오전 3시
2021. 3. 5. 오전 3:00
令和3年3月5日(金) 3時00分
２０２１/０３/０５ ０３:００
"""


@pytest.mark.parametrize("written", ONE_MOMENT.strip().splitlines())
def test_one_moment_is_read_however_it_is_written(written):
    """The same moment, whatever tool, language or zone wrote it."""
    assert parse_time(written) == THREE


@pytest.mark.parametrize(
    "written", ["Mar 5, 2021", "5 Mar 2021", "2021年3月5日", "5. 3月 2021", "20210305", "2021-W09-5"]
)
def test_a_day_without_a_clock_is_its_midnight(written):
    """A whole date needs no clock; half a date is none."""
    read = parse_time(written)
    assert read == datetime(2021, 3, 5, tzinfo=UTC) or (read is None and written.startswith("5. "))


NO_MOMENTS = """
Mar 5
March 2021
2021-W09
2021
03:00
5 minutes ago
3小时前
вчера в 03:00
May 32, 2021
31 февраля 2021
2021-02-30 10:00
5 listopad 2021
Mar 5, 2021 3:00 PM IST
2021-03-05 03:00:00 CST
3:00 AM · Mar 5, 2021 · 12 likes
1970-01-01T00:00:00Z
0000-00-00 00:00:00
1899-12-30
0001-01-01T00:00:00
1399/12/15
637505100000000000
1.61491E+12
5 Mar 2021 99:00
Mar 5, 2021 13:00 AM
12/2021
""".strip().splitlines()


@pytest.mark.parametrize("written", [*NO_MOMENTS, "", "0", "x" * 500, "9" * 90, "1:" * 45, "(" * 99 + "5"])
def test_half_a_moment_is_none(written):
    """Nothing is filled in, no month is guessed, and neither 1970 nor today comes of it."""
    assert parse_time(written) is None


def test_what_only_the_column_can_tell_comes_back_as_it_is():
    """Dates of three numbers, day numbers and the clocks of East Asia."""
    numbers = read_moment("05/03/2021 3:00 pm +0200")
    assert isinstance(numbers, NumericDate)
    assert numbers.time("day") == datetime(2021, 3, 5, 13, tzinfo=UTC)
    assert numbers.time("month") == datetime(2021, 5, 3, 13, tzinfo=UTC)
    assert read_moment("Fri 05/03/2021").orders() == {"day"}
    assert read_moment("21/03/05").orders() == {"day", "year"} or read_moment("21/03/05").orders() >= {"year"}
    assert read_moment("44260.125") == DayNumber(44260.125)
    assert DayNumber(44260.125).time() == THREE
    assert read_moment("2021年3月5日 03:00") == WallClock(THREE)


def test_words_mean_one_thing():
    """No month is a half of the day, a zone or a filler."""
    words = calendar()
    for other in (words.halves, words.fillers, words.zones):
        assert not words.months.keys() & set(other)
    for other in (words.fillers, words.zones, words.days):
        assert not words.halves.keys() & set(other)
    assert set(words.months.values()) == set(range(1, 13))


@given(
    st.text(max_size=110) | st.from_regex(r"[0-9:/. ,+-]{1,40}( (am|pm|Mar|марта|年|月|GMT|Z)){0,3}", fullmatch=True)
)
def test_no_text_breaks_the_reader(text):
    """Whatever stands there is a moment or none, never an exception."""
    read = read_moment(text)
    assert read is None or isinstance(read, datetime | NumericDate | DayNumber | WallClock)
    if isinstance(read, NumericDate):
        for order in ("day", "month", "year"):
            read.time(order)
