"""Rows of tables that are not in order: each costs at most itself, and is mended where there is one way to do so."""

from __future__ import annotations

import csv
import io
import random
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.sources.file import FileSource

HEADER = "id,created_at,text,lang\n"
GOOD = tuple(
    f"{n},2021-06-0{n} 08:00:00,{text},{lang}\n"
    for n, text, lang in [(1, "tea", "en"), (2, "чай", "ru"), (3, "お茶", "ja")]
)


def collect(folder, content: str | bytes, **options: Any) -> tuple[list[dict[str, Any]], list[tuple[str, str]], str]:
    """The posts, the rejected places and the notices of a table."""
    path = folder / "t.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    source = FileSource([path], **options)
    pages = list(source.pages())
    posts = [post for page in pages for post in page.posts.to_pylist()]
    return posts, [(r.where, r.why) for page in pages for r in page.rejected], "\n".join(source.notices())


MENDED = [
    ("8,2021-06-08 08:00:00,tea, milk, and чай,en", "tea, milk, and чай", "a delimiter in a text without"),
    ('8,2021-06-08 08:00:00,"tea, never closed,en', "tea, never closed", "opens and isn't closed"),
    ('8,2021-06-08 08:00:00,"茶 never closed,en', '"茶 never closed', "opens and isn't closed"),
    ('8,2021-06-08 08:00:00,"she said "tea, please" to me",en', 'she said "tea, please" to me', "not doubled"),
    ('8,2021-06-08 08:00:00,"чай" and more,en', '"чай" and more', "not doubled"),
    ('8,2021-06-08 08:00:00,"お茶", she said,en', '"お茶", she said', "not doubled"),
    ('8,2021-06-08 08:00:00,"say \\"чай, да\\" now",en', 'say "чай, да" now', "before quotation marks"),
    ("8,2021-06-08 08:00:00,one\nдва,en", "one\nдва", "its lines were put together"),
    ("8,2021-06-08 08:00:00,one\n\nдва, три\n四,en", "one\n\nдва, три\n四", "its lines were put together"),
    ('8,2021-06-08 08:00:00,"say "чай"\nor "tea"",en', 'say "чай"\nor "tea"', "its lines were put together"),
    ('"8,2021-06-08 08:00:00,""чай, да"",en"', "чай, да", "one quoted cell"),
    ("8,2021-06-08 08:00:00,茶", "茶", "lacked the last cells"),
]


@pytest.mark.parametrize(("row", "text", "notice"), MENDED)
@pytest.mark.parametrize("at", [0, 1, 3], ids=["first", "second", "last"])
def test_a_row_out_of_order_is_mended(tmp_path, row, text, notice, at):
    """Its text is what somebody typed, wherever it stands, the others are what they were, and a notice says it."""
    rows = [*GOOD[:at], row + "\n", *GOOD[at:]]
    posts, rejected, notices = collect(tmp_path, HEADER + "".join(rows))
    assert [(p["id"], p["text"]) for p in posts if p["id"] == "8"] == [("8", text)]
    assert [p["text"] for p in posts if p["id"] != "8"] == ["tea", "чай", "お茶"]
    assert posts[at]["created_at"] == datetime(2021, 6, 8, 8, tzinfo=UTC)
    assert (rejected, posts[at]["source_line"]) == ([], at + 2)
    assert notice in notices


def test_one_row_may_be_escaped_in_another_way(tmp_path):
    """A backslash beyond the beginning of a file, by which the others are known, is one of that row."""
    good = "".join(f'{n},2021-06-01 08:00:00,"she said ""чай"", {"tea " * 200}",en\n' for n in range(400))
    posts, rejected, notices = collect(tmp_path, HEADER + good + '8,2021-06-08,"he said \\"お茶, 茶\\"",ja\n')
    assert (posts[-1]["text"], len(posts), rejected) == ('he said "お茶, 茶"', 401, [])
    assert 'One line had \\" for quotation marks' in notices


REJECTED = [
    "8,2021-06-08 08:00:00",
    "8,2021-06-08 08:00:00,tea,en,and,more",
    "nobody,knows",
    "чай",
    ",,,,,,x",
    '8,some day,"чай, да,en',
    '"""',
    "8,2021-06-08 08:00:00,tea,en8,2021-06-08 08:00:00,чай,ru",
]


@pytest.mark.parametrize("row", REJECTED)
@pytest.mark.parametrize("at", [1, 3], ids=["second", "last"])
def test_a_row_that_cannot_be_mended_costs_itself(tmp_path, row, at):
    """It is named by its line, and every row after it lands."""
    posts, rejected, _ = collect(tmp_path, HEADER + "".join([*GOOD[:at], row + "\n", *GOOD[at:]]))
    assert [p["text"] for p in posts] == ["tea", "чай", "お茶"]
    assert [where for where, _ in rejected] == [f"t.csv:{at + 2}"]


def test_where_two_columns_may_hold_the_text_nothing_is_guessed(tmp_path):
    """A delimiter that the name or the text may have had in it costs the row, unless a blank after it tells."""
    good = "".join(f"{n},Ada Example,hello {n} there,en\n" for n in range(1, 4))
    content = "id,name,text,lang\n" + good + "4,Ada,PhD,hello,en\n5,Ada Example,well, well,en\n"
    posts, rejected, _ = collect(tmp_path, content)
    assert [p["id"] for p in posts] == ["1", "2", "3", "5"]
    assert (posts[-1]["text"], [where for where, _ in rejected]) == ("well, well", ["t.csv:5"])


def test_a_file_of_nothing_but_unquoted_texts_lands(tmp_path):
    """Where no row is whole, ids, times and languages still show where the texts end."""
    rows = "".join(f"{n},2021-06-01,чай, {text}, да,ru\n" for n, text in enumerate(["tea", "お茶", "شاي"]))
    posts, rejected, _ = collect(tmp_path, HEADER + rows)
    assert [p["text"] for p in posts] == ["чай, tea, да", "чай, お茶, да", "чай, شاي, да"]
    assert rejected == []


def test_a_column_of_texts_alone_needs_no_quotation_marks(tmp_path):
    """Delimiters in the only column belong to its texts, unless a piece is rather a cell without a name."""
    lines = ["tea, чай and お茶", '"quoted, tea"', '"tea", she said', "2021-06-08,tea", "no comma"]
    posts, rejected, notices = collect(tmp_path, "\n".join(["tweet", *lines, ""]))
    assert [post["text"] for post in posts] == [lines[0], "quoted, tea", lines[2], "no comma"]
    assert rejected == [("t.csv:5", "it has 2 cells where the header has 1")]
    assert "One line had a delimiter in a text without quotation marks" in notices


HOLE = bytes(3000)


@pytest.mark.parametrize(
    ("head", "rest"),
    [
        (b"id,text\n1,\xe8\x8c\xb6\n", b"2,tea\n"),
        (b'{"id": 1, "text": "\xe8\x8c\xb6"}\n', b'{"id": 2, "text": "tea"}\n'),
        (b'[{"id": 1, "text": "\xe8\x8c\xb6"}, ', b'{"id": 2, "text": "tea"}]\n'),
    ],
    ids=["table", "lines", "document"],
)
def test_a_hole_costs_no_line(tmp_path, head, rest):
    """Zeros at a line's beginning or at the end, as a computer without power leaves them, make no file binary."""
    posts, rejected, _ = collect(tmp_path, head + HOLE + rest + HOLE + b"\x1a")
    assert ([post["text"] for post in posts], rejected) == (["茶", "tea"], [])
    posts, _, _ = collect(tmp_path, b"tea\n" + HOLE + b"\n\x1a", format="lines")
    assert [post["text"] for post in posts] == ["tea"]


def test_the_ragged_table_of_an_archive_of_2013(tmp_path):
    """The last cell, `expanded_urls`, is missing or there several times; no row is rejected, and nothing is said."""
    names = (
        "tweet_id", "in_reply_to_status_id", "in_reply_to_user_id", "retweeted_status_id", "retweeted_status_user_id",
        "timestamp", "source", "text", "expanded_urls",
    )  # fmt: skip
    start = ["", "", "", "", "2013-07-24 08:10:09 +0000", "web"]
    rows = [
        ["1", *start, "fog, only fog"],
        ["2", *start, "клей http://t.co/a", "http://example.org/glue"],
        ["3", *start, "潮 http://t.co/b http://t.co/c", "http://example.org/a", "http://example.org/b"],
        ["4", "", "", "3", "9", *start[4:], "RT @bell_example: low\ntide"],
    ]
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([names, *rows])
    posts, rejected, notices = collect(tmp_path, out.getvalue(), author="ada_example")
    assert [p["text"] for p in posts] == [row[7] for row in rows]
    assert (rejected, {p["client"] for p in posts}) == ([], {"web"})
    assert [p["is_repost"] for p in posts] == [False, False, False, True]
    assert {p["created_at"] for p in posts} == {datetime(2013, 7, 24, 8, 10, 9, tzinfo=UTC)}
    assert "lacked" not in notices


def test_a_file_cut_within_a_text_lands_what_is_whole(tmp_path):
    """The cut row is rejected once, however many lines of it are there."""
    posts, rejected, _ = collect(tmp_path, HEADER + "".join(GOOD) + '4,2021-06-04 08:00:00,"one\nдва\nthr')
    assert len(posts) == 3
    assert rejected == [("t.csv:5", "the file ends within its quotation marks")]


_WORDS = st.sampled_from(
    [
        "tea",
        "чай",
        "お茶",
        '"',
        '""',
        ",",
        ", ",
        ";",
        "\n",
        "\r\n",
        "\\",
        '\\"',
        "C:\\new",
        "2021-06-01",
        "id",
        "text",
        "'",
        "sep=;",
    ]
)


@settings(max_examples=120, deadline=None)
@given(
    texts=st.lists(st.lists(_WORDS, min_size=1, max_size=8).map(" ".join), min_size=1, max_size=12),
    order=st.permutations(["id", "created_at", "text", "lang", "name"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    delimiter=st.sampled_from(",;\t"),
)
def test_a_table_in_order_is_read_as_it_stands(tmp_path_factory, texts, order, quoting, delimiter):
    """No mending touches what a writer of tables wrote, whatever the texts hold."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, order, quoting=quoting, delimiter=delimiter)
    writer.writeheader()
    for n, text in enumerate(texts):
        writer.writerow(
            {"id": n + 100_000, "created_at": f"2021-06-{n + 1:02}", "text": text, "lang": "en", "name": "Ada, B"}
        )
    posts, rejected, _ = collect(tmp_path_factory.mktemp("order"), out.getvalue())
    assert ([p["text"] for p in posts], rejected) == (texts, [])


def test_damage_of_one_row_stays_in_it(tmp_path):
    """A mark, delimiter, line break or NUL put anywhere into one row changes no other row."""
    chance = random.Random(7)
    words = ["tea", "чай", "お茶", "and", "milk,", "so."]
    for _ in range(150):
        rows = [f"{n},2021-06-{n:02} 08:00:00,{' '.join(chance.choices(words[:4], k=4))},en\n" for n in range(10, 22)]
        damaged = chance.randrange(len(rows))
        row, at = rows[damaged], chance.randrange(len(rows[damaged]) - 1)
        whole = rows[:]
        rows[damaged] = row[:at] + chance.choice(['"', ",", "\n", "\\", "\0", '"\n', '""', "\r"]) + row[at:]
        posts, _, _ = collect(tmp_path, HEADER + "".join(rows))
        landed = {(p["id"], p["text"]) for p in posts}
        expected = {tuple(r.rstrip("\n").split(",")[::2]) for n, r in enumerate(whole) if n != damaged}
        assert expected <= landed, rows[damaged]
        assert len(posts) <= len(rows) + 1


@pytest.mark.parametrize(
    "line",
    ['"\n', '"x\n', 'x,"\n', 'x,"\n""\n', "чай\n", '1,2021-06-01,"a, b,en\n', "\\\n", "x\r", '"""x\n'],
)
def test_hostile_lines_take_linear_time(tmp_path, line):
    """Thousands of lines with marks that never close are each looked at a few times, and rows after them land."""
    content = HEADER + "".join(GOOD) + line * 3000 + "\n".join(["", *(g.strip() for g in GOOD)]) + "\n"
    posts, _, _ = collect(tmp_path, content)
    assert [p["text"] for p in posts][:3] == ["tea", "чай", "お茶"]
    assert [p["text"] for p in posts][-2:] == ["чай", "お茶"]


@pytest.mark.parametrize(
    "content",
    [
        "[" + ",".join(f'{{"id": "{n}7", "text": "tea {n}"}}' for n in range(9)) + "]",
        "".join(f'{{"id": "{n}7", "text": "tea {n}"}}\n' for n in range(9)),
        "id,text\n" + "".join(f"{n}7,tea {n}\n" for n in range(9)),
    ],
    ids=["list", "lines", "table"],
)
def test_a_hole_within_records_makes_no_post_of_two(tmp_path, content):
    """What stands before it and behind it belongs to two posts; the record is rejected, and the others land."""
    begin, end = content.index("tea 3") + 3, content.index("tea 6") + 3
    posts, rejected, _ = collect(tmp_path, (content[:begin] + "\0" * 64 + content[end:]).encode())
    assert [post["text"] for post in posts] == [f"tea {n}" for n in (0, 1, 2, 7, 8)]
    assert len(rejected) == 1
