"""Tables as people's tools write them: what stands before the header, in the header and around the cells."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from curation.errors import InputError
from curation.sources.file import FileSource
from curation.sources.records.counts import decimal_mark, plain_count
from curation.sources.records.line_breaks import mark_of

if TYPE_CHECKING:
    from collections.abc import Callable


class Collected:
    """Everything that a table gave."""

    def __init__(self, source: FileSource) -> None:
        pages = list(source.pages())
        self.posts = [post for page in pages for post in page.posts.to_pylist()]
        self.ids = [post["id"] for post in self.posts]
        self.texts = [post["text"] for post in self.posts]
        self.rejected = [(r.where, r.why) for page in pages for r in page.rejected]
        self.notices = "\n".join(source.notices())


@pytest.fixture
def table(tmp_path) -> Callable[..., Collected]:
    """Write a table and collect it."""

    def collect(content: str | bytes, name: str = "t.csv", **options: Any) -> Collected:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return Collected(FileSource([path], **options))

    return collect


# ---- before the header


@pytest.mark.parametrize(
    ("content", "texts"),
    [
        ("\ufeffsep=;\r\nid;text\r\n1;чай; нет\r\n", []),
        ('\ufeffsep=;\r\nid;text\r\n1;"чай; да"\r\n', ["чай; да"]),
        ('"sep=,"\nid,text\n1,"tea, milk"\n', ["tea, milk"]),
        ("sep=\t\nid\ttext\n1\tお茶;はい\n", ["お茶;はい"]),
        ("SEP=|\n\nid|text\n1|شاي, حليب\n", ["شاي, حليب"]),
        ("sep=^\nid^text\n1^a|b,c\n", ["a|b,c"]),
    ],
)
def test_the_line_that_names_the_delimiter_is_no_header(table, content, texts):
    """Excel's `sep=` decides, with a mark, in quotation marks and in capitals, and it is no post."""
    found = table(content)
    if not texts:  # the text has the delimiter in it, and nothing after it shows where it ends
        assert found.texts == ["чай; нет"]
        assert "had a delimiter in a text without quotation marks" in found.notices
    else:
        assert found.texts == texts
    assert found.rejected == []


@pytest.mark.parametrize(
    ("before", "line"),
    [
        ('# exported by a tool, on Monday\n# query: "tea\n\n', 4),
        ("Posts of the kiosk;;\nPrinted on 2021-01-01;;\n;;\n", 4),
        ("\n\n// ein Kommentar\n", 4),
        ("Отчёт\n", 2),
    ],
)
def test_lines_before_the_header_are_left_out(table, before, line):
    """Comments, titles and empty lines stand before a header; places count them."""
    found = table(before + "id;text;date\n1;суп;01.02.2020\n2;茶;13.02.2020\n")
    assert (found.texts, found.rejected) == (["суп", "茶"], [])
    assert found.posts[0]["source_line"] == line + 1
    assert f"the header is line {line}" in found.notices


def test_a_first_post_that_looks_like_a_comment_is_a_post(table):
    """Only what stands before a known header is left out."""
    found = table("#tea is hot,1\nmore tea,2\n", columns={"text": "1", "id": "2"})
    assert found.texts == ["#tea is hot", "more tea"]


# ---- the header


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("\u00a0Tweet\u00a0Text\u00a0,TWEET ID", "привет,12"),
        ('\ufeff"Text ","Id"', '"привет","12"'),
        ("'full_text',' tweet_id '", "'привет','12'"),
        ("\u200btext,`id`", "привет,12"),
        ("Unnamed: 0,text,id,", "0,привет,12,"),
        (",text,id", "0,привет,12"),
    ],
)
def test_names_with_something_around_them_are_known(table, header, row):
    """Blanks of every kind, marks of the encoding, quotation marks and an index without a name do no harm."""
    found = table(f"{header}\n{row}\n{row.replace('12', '13')}\n")
    assert (found.texts, found.ids) == (["привет"] * 2, ["12", "13"])


def test_a_header_that_comes_again_is_no_post(table):
    """Exports that were joined hold the header again, also with a mark of its own."""
    found = table("id,text,lang\n1,a,en\nid,text,lang\n2,б,ru\n\ufeffID,Text,Lang\n3,い,ja\n")
    assert (found.ids, found.rejected) == (["1", "2", "3"], [])
    assert "2 more headers within the table; the first is line 3" in found.notices


@pytest.mark.parametrize(
    "below",
    [
        "lang,id,text\nru,2,чай\nja,3,お茶\n",
        "Tweet ID,Tweet Text,Language,Likes\n2,чай,ru,4\n3,お茶,ja,5\n",
        "text,id\nчай,2\nお茶,3\n",
    ],
)
def test_a_header_with_other_columns_holds_for_the_rows_below_it(table, below):
    """The columns may stand in another order, be more, or be fewer."""
    found = table("id,text,lang\n1,tea,en\n" + below)
    assert list(zip(found.ids, found.texts, strict=True)) == [("1", "tea"), ("2", "чай"), ("3", "お茶")]
    assert found.rejected == []
    assert "the header in line 3 has other columns" in found.notices


def test_a_post_of_the_names_of_columns_is_a_post(table):
    """A row is a header only if all of it is."""
    found = table("text,id,lang\ntext,1,en\nid,2,en\nlang,3,en\n")
    assert found.texts == ["text", "id", "lang"]


def test_a_header_may_lack_the_name_of_the_rows(table):
    """R writes a cell more in each row than in the header."""
    found = table('"id","text"\n"1","11","чай"\n"2","12","お茶"\n"3","13","tea, milk"\n')
    assert (found.ids, found.texts) == (["11", "12", "13"], ["чай", "お茶", "tea, milk"])


@pytest.mark.parametrize(
    ("content", "texts"),
    [
        ("nr,wann,was\n7,2020-01-01,суп дня\n8,2020-01-02,お茶\n", ["суп дня", "お茶"]),
        ("7,2020-01-01,суп дня\n8,2020-01-02,お茶\n", ["суп дня", "お茶"]),
        ("1,2,3\n2020,x,суп\n", ["суп"]),
    ],
)
def test_columns_by_number_with_and_without_a_header(table, content, texts):
    """Words above a column of numbers or times are a header, though nobody knows its names."""
    assert table(content, columns={"text": "3", "id": "1"}).texts == texts


# ---- around the cells


@pytest.mark.parametrize(
    ("content", "texts"),
    [
        (
            'id,text,lang\n1,"say \\"ho\\", and go",en\n2,"чай \\\\ C:\\\\new",\\N\n3,a,ru\n',
            ['say "ho", and go', "чай \\ C:\\new", "a"],
        ),
        ('id,text,lang\n1,"\\"ho\\" \\o/",en\n2,"C:\\new, ¯\\_(ツ)_/¯",en\n', ['"ho" \\o/', "C:\\new, ¯\\_(ツ)_/¯"]),
        ('id\ttext\tlang\n1\tодин\\nдва\\tтри\t\\N\n2\t"茶" said\tja\n', ["один\nдва\tтри", '"茶" said']),
        ("id\ttext\tlang\n1\tone\\\ntwo\t\\N\n2\tx\\\ty\ten\n", ["one\ntwo", "x\ty"]),
        ("id\ttext\tlang\n1\tone\\\nдва\ten\n2\tx\\\ty\ten\n3\t茶\tja\n", ["one\nдва", "x\ty", "茶"]),
        ('id\ttext\tlang\n1\tone\\\nдва\ten\n2\tsay \\"茶\\"\tja\n', ["one\nдва", 'say "茶"']),
    ],
)
def test_databases_escape_with_a_backslash(table, content, texts):
    r"""Spark's `\"`, `\N` and the escapes of MySQL and Postgres are undone where the file shows them."""
    found = table(content)
    assert (found.texts, found.rejected) == (texts, [])
    assert "\\N" not in [post["lang"] for post in found.posts]
    assert "backslash" in found.notices


COPIED = [
    (["one\\tтаб", "a\\nb", "C:\\\\new"], ["one\tтаб", "a\nb", "C:\\new"]),
    (['"茶\\nДа, he said', "¯\\\\_(ツ)_/¯", '"all"'], ['"茶\nДа, he said', "¯\\_(ツ)_/¯", '"all"']),
    (["Tea\\n\\nMilk", "a\\t1", "b\\v\\f\\b"], ["Tea\n\nMilk", "a\t1", "b\v\f\b"]),
]


@pytest.mark.parametrize(("written", "texts"), COPIED)
@pytest.mark.parametrize("dump", [False, True], ids=["table", "dump"])
def test_copy_of_postgres_needs_no_null_to_be_known(table, written, texts, dump):
    r"""Every backslash begins an escape of `COPY`; of a whole dump the table of texts is read, and nothing else."""
    rows = "".join(f"{n}\t{cell}\tru\n" for n, cell in enumerate(written, 1))
    statement = "COPY public.{} ({}) FROM stdin;\n{}\\.\n\n"
    parts = [
        statement.format("people", "id, name", "7\tтекст, text\n"),
        statement.format("posts", 'id, "text", lang', rows),
        statement.format("likes", "id, post, lang", "8\t1\tru\n"),
        statement.format("posts_2024", 'id, "text", lang', "9\tab\\\\c\tru\n"),
    ]
    landing = table(
        "--\n-- PostgreSQL database dump\n--\nSET x = 0;\n" + "".join(parts) if dump else f"id\ttext\tlang\n{rows}"
    )
    assert (landing.texts, landing.rejected) == ([*texts, *(["ab\\c"] if dump else [])], [])
    assert "no quotation marks, escapes with a backslash" in landing.notices
    assert "\\n" in rows or dump


@pytest.mark.parametrize(
    "texts",
    [
        ["C:\\new\\table", "\\o/ \\n", "a\\\\b"],
        ["\\textbf{x} \\nabla \\rho", "\\tau, \\nu", "b"],
        ["\\\\nas\\temp\\new", "a\\tb\\n", "c"],
        ['printf("\\n\\t")', "what is \\n or \\t", "c"],
        ["a \\\\ b", "c \\\\ d", "\\\\"],
        ["src\\test\\run", "bin\\new", "\\t"],
    ],
)  # fmt: skip
def test_backslashes_in_a_table_with_tabs_stay(table, texts):
    """Paths, formulas, code and faces are no escapes, though some of them look like it."""
    landing = table("id\ttext\n" + "".join(f"{n}\t{text}\n" for n, text in enumerate(texts)))
    assert landing.texts == texts


@pytest.mark.parametrize(
    ("delimiter", "end"),
    [("\x01", "\n"), ("\x01", "\r\n"), ("\x1f", "\n"), ("\x1f", "\r\n"), ("\x1f", "\x1e"), ("\x1f", "\x1e\n")],
)
def test_control_characters_between_cells_and_rows(table, delimiter, end):
    r"""Hive's tables and ASCII's separators: marks, commas and tabs mean nothing, nor breaks where \x1e ends."""
    broken = "one\ntwo\r\nthree" if end[0] == "\x1e" else "one, two\tthree"
    texts = ['"чай"', broken, 'a "b', "\\o/", "нет"]
    rows = [["id", "text", "lang"], *([str(n), text, "ru"] for n, text in enumerate(texts)), ["9", "x", "\\N"]]
    landing = table("".join(delimiter.join(row) + end for row in rows))
    assert (landing.texts, landing.rejected) == ([*texts, "x"], [])
    assert landing.posts[-1]["lang"] is None
    written = "".join(f'"{n}"{delimiter}"{text}"{end}' for n, text in [("id", "text"), ("1", 'a ""b""')])
    assert table(written).texts == ['a "b"'] or end[0] == "\x1e"


def test_backslashes_of_texts_stay(table):
    """A path, a face and a backslash before the closing mark are texts, where nothing escapes."""
    rows = ["C:\\new", "\\o/ чай", "¯\\_(ツ)_/¯", 'the ""end"" of C:\\dir\\', "\\N"]
    found = table("id,text\n" + "".join(f'{n},"{row}"\n' for n, row in enumerate(rows)))
    assert found.texts == [row.replace('""', '"') for row in rows]


@pytest.mark.parametrize(
    "content",
    [
        'id, text, lang\n1, "tea, ""milk""", en\n2, "чай, да", ru\n',
        "'id','text','lang'\n'1','tea, \"milk\"','en'\n'2','чай, да','ru'\n",
        '"id,text,lang"\n"1,""tea, """"milk"""""",en"\n"2,""чай, да"",ru"\n',
        '"id,text,lang",,\n"1,""tea, """"milk"""""",en",,\n"2,""чай, да"",ru",,\n',
        'id^text^lang\n1^tea, "milk"^en\n2^чай, да^ru\n',
        'id\x01text\x01lang\n1\x01tea, "milk"\x01en\n2\x01чай, да\x01ru\n',
        'id,text,lang,\n1,"tea, ""milk""",en,\n2,"чай, да",ru,\n',
    ],
    ids=["blanks", "single marks", "rows in cells", "rows in cells of a sheet", "caret", "control", "trailing"],
)
def test_other_ways_around_cells(table, content):
    """Blanks after delimiters, other marks, a table pasted into one column, and other delimiters."""
    found = table(content)
    assert (found.ids, found.texts) == (["1", "2"], ['tea, "milk"', "чай, да"])
    assert [post["lang"] for post in found.posts] == ["en", "ru"]
    assert found.rejected == []


@pytest.mark.parametrize(
    "data",
    [
        "id,text\r1,чай\r2,お茶\r",
        "id,text\r1,чай\r2,お茶\r\n",
        "id,text\n1,чай\r2,お茶\r\n",
        "id,text\r\r\n1,чай\r\r\n2,お茶\r\r\n",
        "id,text\n\n1,чай\n\n2,お茶",
    ],
)
def test_line_ends_of_every_kind(table, data):
    r"""`\r`, `\n`, `\r\n`, `\r\r\n` and empty lines between rows, alone and mixed."""
    assert (table(data).texts, table(data).rejected) == (["чай", "お茶"], [])


def test_nul_bytes_do_not_cost_an_id(table):
    """A NUL in an id or a time is no part of it; in a text it stays."""
    post = table(b"id,created_at,text,lang\n1\x00,2020-01-01\x00,a\x00b,\x00\n").posts[0]
    assert (post["id"], post["created_at"], post["text"], post["lang"]) == (
        "1",
        datetime(2020, 1, 1, tzinfo=UTC),
        "a\x00b",
        None,
    )


# ---- values


@pytest.mark.parametrize(
    ("cells", "counts"),
    [
        (["1.250", "12,0", "3"], [1250, 12, 3]),
        (["1 250", "1\u202f250\u202f000", "7"], [1250, 1_250_000, 7]),
        (["1,250", "12,34,567", "0"], [1250, 1_234_567, 0]),
        (["1'250", "1.250,0", "٣"], [1250, 1250, 3]),
        (["0,500", "3,000", "12"], [None, 3, 12]),
        (["12.0", "2.5", "many"], [12, None, None]),
    ],
)
def test_counts_of_spreadsheets(table, cells, counts):
    """Thousands and decimals are told apart by the cell, and by the column where a cell can't tell."""
    rows = "".join(f"{n};чай;{cell}\n" for n, cell in enumerate(cells))
    assert [post["like_count"] for post in table("id;text;likes\n" + rows).posts] == counts


def test_a_column_without_fractions_has_no_decimal_mark():
    """Only a fraction, a leading nought or a long number shows what parts decimals."""
    assert decimal_mark(["1,250", "12,0", ""]) is None
    assert plain_count("1,2,3", None) == "1,2,3"


@pytest.mark.parametrize(
    ("mark", "texts"),
    [
        ("⏎", ["раз⏎два", "三", "four ⏎ five"]),
        ("\\n", ["раз\\nдва", "三", "four\\nfive"]),
        ("<br>", ["раз<br>два", "三", "four<br />five"]),
    ],
)
def test_what_an_exporter_wrote_for_line_breaks(table, mark, texts):
    """Where the whole file shows it, a mark is a line break, and a notice says so."""
    found = table("id,text\n" + "".join(f"{n},{text}\n" for n, text in enumerate(texts)))
    assert found.texts == ["раз\nдва", "三", "four\nfive"]
    assert f"'{mark}' stands for line breaks" in found.notices


@pytest.mark.parametrize(
    "texts",
    [
        ["press ⏎", "раз\nдва", "⏎ again"],
        ["нажми ⏎", "чай"],
        ["C:\\new", "D:\\notes", "чай"],
        ["\\o/ \\n", "\\_ \\n", "\\n \\d"],
        ["a<br>b", "<b>c</b><br>d"],
    ],
)
def test_marks_that_texts_hold_by_themselves(texts):
    """One text, a path, markup, or real line breaks beside it: nothing is replaced."""
    assert mark_of(texts) is None


def test_a_table_that_is_no_table_is_refused(table):
    """Lines of prose have no header, however they begin."""
    with pytest.raises(InputError, match="no header with a name that is known"):
        table("Отчёт о чае\nвсё\n")


@pytest.mark.parametrize(
    ("header", "row", "platform", "text"),
    [
        (
            "id,bid,正文,发布时间,用户昵称",
            "49001,Abc,今天的汤很好喝,2020-01-02 10:00:00,河边小店",
            "weibo",
            "今天的汤很好喝",
        ),
        (
            "id,author,subreddit,created_utc,title,selftext",
            "abc,ada,tea,1577836800,Чай,и суп",
            "reddit",
            "Чай\n\nи суп",
        ),
    ],
)
def test_a_table_of_a_dialect_is_read_by_it(table, header, row, platform, text):
    """Where a dialect recognises the header, it reads the rows, below lines that are no header as well."""
    for before in ("", "# exported\n"):
        found = table(f"{before}{header}\n{row}\n")
        assert [(post["platform"], post["text"]) for post in found.posts] == [(platform, text)]
        assert f"a table in the form '{platform}'" in found.notices
