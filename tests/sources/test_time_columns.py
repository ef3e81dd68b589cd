"""Times that only their whole column can tell, and what is said of those that nobody can."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from curation.errors import UsageError
from curation.sources.file import FileSource
from curation.sources.records.dates import Facts, order_of


def read(tmp_path: Path, name: str, text: str, **options: Any) -> tuple[list[datetime | None], str]:
    """The times of a file's posts, and what is said of it."""
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    source = FileSource([path], **options)
    times = [post["created_at"] for page in source.pages() for post in page.posts.to_pylist()]
    return times, " ".join(source.notices())


def table(dates: list[str], column: str = "date") -> str:
    """A table of posts with these dates."""
    return f"id;{column};text\n" + "".join(f"{n};{date};нить {n}\n" for n, date in enumerate(dates))


def lines(dates: list[Any], column: str = "date") -> str:
    """JSON lines of posts with these dates."""
    return "".join(json.dumps({"id": str(n), "text": f"霧 {n}", column: date}) + "\n" for n, date in enumerate(dates))


AMBIGUOUS = ["04/03/2021 10:00"] * 9000

MADE = pytest.mark.parametrize("made", [(table, "a.csv"), (lines, "a.jsonl")], ids=("table", "lines"))


@MADE
def test_the_last_row_decides_for_the_first(tmp_path, made):
    """The order is decided over the whole column, however far away the row is that shows it."""
    make, name = made
    times, said = read(tmp_path, name, make([*AMBIGUOUS, "25/03/2021 10:00"]))
    assert times[0] == datetime(2021, 3, 4, 10, tzinfo=UTC)
    assert times[-1] == datetime(2021, 3, 25, 10, tzinfo=UTC)
    assert "are read with the day first" in said
    times, said = read(tmp_path, name, make([*AMBIGUOUS, "03/25/2021 10:00"]))
    assert times[0] == datetime(2021, 4, 3, 10, tzinfo=UTC)


@MADE
@pytest.mark.parametrize(
    ("choice", "month"), [("auto", None), ("day-first", 3), ("month-first", 4)], ids=("auto", "day", "month")
)
def test_what_nothing_decides_is_empty_unless_the_user_says(tmp_path, made, choice, month):
    """The share, an example and the option are said; with the option every date is read."""
    make, name = made
    times, said = read(tmp_path, name, make(["04/03/2021", "05/03/2021", "2021-03-06"]), dates=choice)
    assert [time and time.month for time in times] == [month, month and month + (choice == "month-first"), 3]
    asks = "2 dates, 66.7% of the posts, are left empty. Say which it is: --dates day-first or --dates month-first"
    assert (asks in said and "'04/03/2021'" in said) == (choice == "auto")


def test_a_column_of_both_orders_is_said(tmp_path):
    """Dates that have one reading get it; the others stay empty."""
    times, said = read(tmp_path, "a.csv", table(["25/03/2021", "03/26/2021", "04/03/2021"]))
    assert [time and (time.month, time.day) for time in times] == [(3, 25), (3, 26), None]
    assert "the dates mix both orders" in said
    assert "'04/03/2021'" in said
    times, said = read(tmp_path, "a.csv", table(["25/03/2021", "03/26/2021", "04/03/2021"]), dates="day-first")
    assert [time and (time.month, time.day) for time in times] == [(3, 25), (3, 26), (3, 4)]
    assert "one date can't have the day first, such as '03/26/2021'" in said


@pytest.mark.parametrize(
    ("values", "order"),
    [
        (["21/03/05", "21/03/06", "21/03/07"], "year"),
        (["05.03.21", "06.03.21", "07.03.21"], "day"),
        (["3/1/21 3:00 PM", "3/14/21 4:00 PM"], "month"),
        (["13/3/21", "14/3/21"], "day"),
        (["21.03.05"], None),
        (["03/04/21", "04/04/21"], None),
        (["Fri 05/03/2021"], "day"),
    ],
)
def test_years_of_two_digits(values, order):
    """The year may stand first then; what changes most often is the day."""
    facts = Facts()
    for value in values:
        facts.note(value)
    assert facts.order == order


def test_in_a_chat_the_year_stands_last():
    """Where the program that wrote it is known, two digits are no puzzle."""
    assert order_of(["12.03.24", "13.03.24"]) == ("day", None)


def test_unknown_order_is_a_usage_error(tmp_path):
    """With the choices there are."""
    with pytest.raises(UsageError, match=r"--dates day: say one of auto, day-first, month-first, year-first"):
        FileSource([tmp_path], dates="day")


@MADE
def test_a_column_of_day_numbers_is_a_spreadsheets(tmp_path, made):
    """Where all are day numbers, or where the others are of the same time; never amid other years."""
    make, name = made
    times, said = read(tmp_path, name, make(["44260.125", "44261", "44262.5"]))
    assert times[0] == datetime(2021, 3, 5, 3, tzinfo=UTC)
    assert times[1] == datetime(2021, 3, 6, tzinfo=UTC)
    assert "numbers such as 44260.125 are read as a spreadsheet's days" in said
    assert read(tmp_path, name, make(["44260.125", "2021-03-07"]))[0][0] == datetime(2021, 3, 5, 3, tzinfo=UTC)
    assert read(tmp_path, name, make(["44260.125", "2012-03-07"]))[0][0] is None


def test_a_wall_clock_of_east_asia_is_utc_only_where_no_time_names_its_zone(tmp_path):
    """Beside times with a zone, the clock of Tokyo or Shanghai is no UTC."""
    east = ["2021年3月5日 12:00", "2021년 3월 5일 오후 12:00"]
    assert read(tmp_path, "a.csv", table(east))[0] == [datetime(2021, 3, 5, 12, tzinfo=UTC)] * 2
    times, said = read(tmp_path, "a.csv", table([*east, "2021-03-05T03:00:00Z"]))
    assert times == [None, None, datetime(2021, 3, 5, 3, tzinfo=UTC)]
    assert "'2021年3月5日 12:00' names none" in said


@MADE
@pytest.mark.parametrize("value", ["5 minutes ago", "vor 5 Minuten", "5分前", "неделю назад"])
def test_times_that_are_not_understood_are_said(tmp_path, made, value):
    """With their count, their share and an example, above one in a hundred."""
    make, name = made
    good = ["2021-03-05T03:00:00Z"]
    times, said = read(tmp_path, name, make([*good * 95, *[value] * 5]))
    assert times[-5:] == [None] * 5
    assert f"5 of 100 posts (5.0%) have no time, though there is a column 'date': such as '{value}'" in said
    assert "have no time" not in read(tmp_path, name, make([*good * 199, value]))[1]


def test_times_of_a_dialect_that_are_not_understood_are_said(tmp_path):
    """Also where the form of the file is known."""
    tweets = [
        {"id_str": str(10**18 + n), "full_text": f"мост {n}", "created_at": "vorgestern", "entities": {}}
        for n in range(3)
    ]
    said = read(tmp_path, "a.jsonl", "".join(json.dumps(tweet) + "\n" for tweet in tweets))[1]
    assert "3 of 3 posts (100%) have no time, though there is a column 'created_at': such as 'vorgestern'" in said


@MADE
def test_a_column_that_looks_like_times_is_named(tmp_path, made):
    """Where none is known, or where the known one gives nothing."""
    make, name = made
    times, said = read(tmp_path, name, make(["2021-03-05 03:00", "2021-03-06 03:00"], "moment"))
    assert times == [None, None]
    assert "no column is known to hold the times, but 'moment' looks like it. Say so: --map created_at=moment" in said
    assert read(tmp_path, name, make(["2021-03-05 03:00"], "moment"), columns={"created_at": "moment"})[0][0]
    assert "looks like" not in read(tmp_path, name, make(["1", "2"], "seats"))[1]
    assert "looks like" not in read(tmp_path, name, make(["1614913200", "1614913201"], "owner"))[1]
    assert "'sent_ts' looks like it" in read(tmp_path, name, make([1614913200, 1614913201], "sent_ts"))[1]


@pytest.mark.parametrize(
    "name",
    [
        *("published_at_utc", "date_posted", "createdAt", "Posted At", "timestamp_ms", "pub_date", "takenAt"),
        *("发布时间", "投稿日時", "작성일", "дата публикации", "Fecha"),
    ],
)
def test_usual_names_of_the_time(tmp_path, name):
    """Names that tools and people give the column, in their scripts."""
    assert read(tmp_path, "a.csv", table(["2021-03-05T03:00:00Z"], name))[0] == [datetime(2021, 3, 5, 3, tzinfo=UTC)]


@MADE
def test_a_date_that_comes_again_has_its_own_clock(tmp_path, made):
    """What a date was read as is remembered, and its clock is read each time, also one that no day has."""
    make, name = made
    clocks = ["10:00", "23:59:60", "", "24:00", "9:05 PM", "13:00 PM", "00:30", "24:30", "10.15", "07:75"]
    expected = [(4, 10, 0), (4, 23, 59), (4, 0, 0), (5, 0, 0), (4, 21, 5), None, (4, 0, 30), None, (4, 10, 15), None]
    for first in (0, 3):  # whichever comes first
        order = [*range(first, len(clocks)), *range(first)]
        times, _ = read(tmp_path, name, make([*(f"04/03/2021 {clocks[n]}".strip() for n in order), "25/03/2021"]))
        assert [time and (time.day, time.hour, time.minute) for time in times[:-1]] == [expected[n] for n in order]


def test_rows_that_are_no_single_line_tell_the_order_too(tmp_path):
    """Quoted texts over several lines, headers within the table and cells that are quoted without need."""
    rows = 'id;date;text\n1;04/03/2021;мост\n2;05/03/2021;"два\n04/13/2021;нет"\nid;date;text\n"3";"25/03/2021";橋\n'
    times, said = read(tmp_path, "a.csv", rows)
    assert [time and (time.month, time.day) for time in times] == [(3, 4), (3, 5), (3, 25)]
    assert "are read with the day first" in said
