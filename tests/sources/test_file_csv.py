"""The `file` source on tables: headers, broken rows, encodings, numbers that spreadsheets made."""

from __future__ import annotations

import codecs
import csv
import doctest
import io
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from curation.errors import InputError, NothingToDoError, UsageError
from curation.sources.dialects import snscrape
from curation.sources.file import FileSource
from curation.sources.files import columns, table_style, tables, text_encoding
from curation.sources.files.table_shape import RowShape
from curation.sources.files.table_style import TableStyle
from curation.sources.files.tables import TableRows
from curation.sources.files.text_encoding import TextLines
from curation.sources.records import counts, dates, fields, line_breaks
from curation.sources.records.dates import order_of, written_time
from curation.sources.records.field_names import recognise_fields
from curation.sources.records.fields import from_dict_text, id_text, reference, whole_number, yes_or_no

if TYPE_CHECKING:
    from pathlib import Path


class Collected:
    """Everything that a source gave."""

    def __init__(self, path: Path, **options: Any) -> None:
        source = FileSource([path], **options)
        pages = list(source.pages())
        self.posts = [post for page in pages for post in page.posts.to_pylist()]
        self.texts = [post["text"] for post in self.posts]
        self.rejected = [(r.where, r.why) for page in pages for r in page.rejected]
        self.notices = "\n".join(source.notices())


@pytest.fixture
def table(tmp_path):
    """Write a table and collect it."""

    def collect(content: str | bytes, name: str = "t.csv", **options: Any) -> Collected:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return Collected(path, **options)

    return collect


# ---- headers


def test_the_names_of_the_contract_need_no_map(table):
    """A CSV with the names that the command line's contract promises lands as it is."""
    found = table(
        "id,author,author_name,created_at,text,lang,is_retweet\n"
        "12,@ada_example,Ada,2020-01-02 03:04:05,nan,en,True\n"
        '13,bob_example,None,,"two, words",nan,0.0\n'
    )
    first, second = found.posts
    assert (first["id"], first["author"], first["author_name"], first["text"]) == (
        "12",
        "ada_example",
        "Ada",
        "nan",
    )
    assert (first["lang"], first["is_repost"], first["platform"]) == ("en", True, "x")
    assert first["created_at"] == datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert (second["author_name"], second["created_at"], second["lang"]) == (None, None, None)
    assert (second["text"], second["is_repost"], second["text_format"]) == ("two, words", False, "unknown")
    assert (second["source_file"], second["source_line"]) == ("t.csv", 3)
    assert json.loads(second["raw"])["is_retweet"] == "0.0"
    assert "(id, text, author, author_name, created_at, lang, is_repost = is_retweet)" in found.notices


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (
            ["Tweet_ID", "OriginalTweet", "TweetAt"],
            {"id": "Tweet_ID", "text": "OriginalTweet", "created_at": "TweetAt"},
        ),
        (["User Screen Name", "Username"], {"author": "User Screen Name", "author_name": "Username"}),
        (["username", "name"], {"author": "username", "author_name": "name"}),
        (["name", "text"], {"text": "text"}),
        (
            ["user", "Like Count", "nretweets"],
            {"author": "user", "like_count": "Like Count", "repost_count": "nretweets"},
        ),
        (["_unit_id", "text:confidence", "Unnamed: 3", ""], {}),
    ],
)
def test_names_are_recognised_without_case_and_blanks(names, expected):
    """Synonyms are found however they are spelled; a lone `name` is of anything."""
    assert recognise_fields(names) == expected


@pytest.mark.parametrize(("delimiter", "name"), [(",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "bar")])
def test_the_delimiter_is_found(table, delimiter, name):
    """Comma, semicolon, tab and bar are told apart, also when texts are full of commas."""
    rows = [["id", "text", "lang"], ["1", "a, b, c", "en"], ["2", "d, e", "en"], ["3", "f", "de"]]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    found = table(out.getvalue())
    assert found.texts == ["a, b, c", "d, e", "f"]
    assert f"{name}s between cells" in found.notices


def test_a_header_without_texts_is_answered_with_its_columns(table):
    """A table whose texts can't be found says what columns there are."""
    with pytest.raises(InputError, match=r"--map text=COLUMN, where COLUMN is one of: id, remark, lang"):
        table("id,remark,lang\n1,a,en\n")


def test_a_table_without_a_header_is_not_guessed(table):
    """The first row is shown, shortened, with the `--map` that would read it."""
    with pytest.raises(InputError, match=r"1: 4711; 2: (x{39}…); 3: \(empty\).*--map text=2"):
        table("4711," + "x" * 90 + ",\n4712,b,\n")


def test_columns_can_be_named_by_number(table):
    """Numbers mean that there is no header, unless the first row plainly is one."""
    found = table("4711,first,@ada_example\n4712,second,bob_example\n", columns={"text": "2", "id": "1", "author": "3"})
    assert [(p["id"], p["text"], p["author"], p["source_line"]) for p in found.posts] == [
        ("4711", "first", "ada_example", 1),
        ("4712", "second", "bob_example", 2),
    ]
    assert table("id,author,remark\n1,ada_example,a\n", columns={"text": "3"}).texts == ["a"]


def test_columns_can_be_named_by_name(table):
    """`--map` overrules what would be recognised, and takes a name without regard to case and blanks."""
    content = "id,text,Clean Text,who\n1,a,b,ada_example\n"
    found = table(content, columns={"text": "clean_text", "author": "who"})
    assert (found.texts, found.posts[0]["author"]) == (["b"], "ada_example")
    with pytest.raises(
        UsageError, match=r"has no column 'cleantxt'\. Did you mean .*There is: Clean Text, id, text, who"
    ):
        table(content, columns={"text": "cleantxt"})


def test_a_header_alone_is_nothing_to_land(table):
    """A table without rows is exit code 3."""
    with pytest.raises(NothingToDoError, match="There is no post"):
        table("id,text\n")


def test_lines_are_read_only_on_request(table):
    """With `--format lines` every line that isn't blank is a post."""
    found = table("first, with comma\r\n\n  second\n", "t.txt", format="lines")
    assert [(p["text"], p["source_line"], p["id"]) for p in found.posts] == [
        ("first, with comma", 1, None),
        ("  second", 3, None),
    ]


# ---- tables of known origin


def test_the_csv_of_an_x_archive_says_the_same_as_its_js(table):
    """Ids, replies, retweets and clients of tweets.csv come out as the archive's own items say them."""
    found = table(
        '"tweet_id","in_reply_to_status_id","in_reply_to_user_id","timestamp","source","text",'
        '"retweeted_status_id","retweeted_status_user_id","retweeted_status_timestamp","expanded_urls"\n'
        '"3","2","9","2019-01-01 23:13:32 +0000","<a href=""http://example.org"">Kettle</a>",'
        '"tea &amp; toast\nand milk","","","",""\n'
        '"2","","","2019-01-01 23:13:31 +0000","web","RT @bob_example: rain","1","8","",""\n',
        author="ada_example",
    )
    reply, retweet = found.posts
    assert (reply["text"], reply["text_format"]) == ("tea &amp; toast\nand milk", "escaped")
    assert (reply["is_reply"], reply["reply_to"], reply["is_repost"], reply["client"]) == (
        True,
        "2",
        False,
        "Kettle",
    )
    assert reply["created_at"] == datetime(2019, 1, 1, 23, 13, 32, tzinfo=UTC)
    assert (retweet["is_repost"], retweet["repost_of"], retweet["is_reply"], retweet["client"]) == (
        True,
        "1",
        False,
        "web",
    )
    assert {p["platform"] for p in found.posts} == {"x"}


def test_snscrape_through_pandas_holds_users_as_python_dicts(table):
    """The handle is read out of a dict written as text, without running anything of it."""
    user = (
        "{'_type': 'snscrape.modules.twitter.User', 'username': 'ada_example', 'id': 12, "
        "'displayname': \"Ada O'Brien\", 'created': datetime.datetime(2020, 1, 1)}"
    )
    quoted = "{'_type': 'x', 'url': 'https://twitter.com/bob_example/status/77', 'id': 77}"
    row = {
        "_type": "snscrape.modules.twitter.Tweet",
        "date": "2020-08-29 15:21:06+00:00",
        "content": "a &amp; b",
        "renderedContent": "a & b",
        "id": "1299728791489708032",
        "user": user,
        "likeCount": "3.0",
        "retweetedTweet": "",
        "quotedTweet": quoted,
        "inReplyToTweetId": "1.2995582423438868e+18",
        "inReplyToUser": user,
    }
    out = io.StringIO()
    csv.writer(out).writerows([row.keys(), row.values()])
    post = table(out.getvalue()).posts[0]
    assert (post["author"], post["author_name"], post["author_id"]) == ("ada_example", "Ada O'Brien", "12")
    assert (post["text"], post["text_format"], post["platform"]) == ("a &amp; b", "escaped", "x")
    assert (post["is_quote"], post["quote_of"], post["is_repost"], post["like_count"]) == (
        True,
        "77",
        False,
        3,
    )
    # The id of the answered post went through a float: that it is a reply is known, to what is not.
    assert (post["is_reply"], post["reply_to"], post["reply_to_author"]) == (True, None, "ada_example")


def test_ids_that_a_spreadsheet_destroyed_stay_as_they_stand(table):
    """Landing must be able to see the damage, so nothing is repaired here."""
    found = table("tweet_id,text\n5.70306E+17,a\n5.70306E+17,b\n12.0,c\n")
    assert [p["id"] for p in found.posts] == ["5.70306E+17", "5.70306E+17", "12"]


# ---- broken rows


def test_rows_with_other_numbers_of_cells_are_rejected(table):
    """Too few and too many cells are rejected with the line; empty cells beyond the header don't count."""
    wide = ",".join(["x"] * 12_563)
    found = table(f"id,text,lang\n1,a,en\n2\n3,c,en,,\n4,d,en,more\n{wide}\n\n,,\n6,e,en\n")
    assert found.texts == ["a", "c", "e"]
    assert found.rejected == [
        ("t.csv:3", "it has one cell where the header has 3"),
        ("t.csv:5", "it has 4 cells where the header has 3"),
        ("t.csv:6", "it has 12,563 cells where the header has 3"),
    ]


def test_an_empty_text_needs_an_id(table):
    """A row with an id and no text is a post; one with neither is rejected; one with nothing is skipped."""
    found = table("id,text,lang\n1,,en\n,,en\n,,\n , ,\n")
    assert [(p["id"], p["text"]) for p in found.posts] == [("1", "")]
    assert found.rejected == [("t.csv:3", "it has neither text nor id")]


def test_line_breaks_in_cells_stay_as_they_are_written(table):
    r"""`\n`, `\r\n`, `\r\r\n` and `\r` in quoted cells are the text's own; lines are counted by `\n`."""
    found = table(b'id,text\r\n1,"a\r\r\nb"\r\n2,"c\rd"\r\n3,"e\n\nf"\n4,"g\r\nh"\r\n5,i\r\n')
    assert found.texts == ["a\r\r\nb", "c\rd", "e\n\nf", "g\r\nh", "i"]
    assert [p["source_line"] for p in found.posts] == [2, 4, 5, 8, 10]


def test_an_unclosed_quotation_mark_swallows_nothing(table):
    """The rows after it land; the row itself lands with its mark when that makes a whole row of it."""
    rows = "".join(f"{n},post {n},2020-01-01\n" for n in range(3, 40))
    found = table(f'id,text,created_at\n1,"she said,2020-01-01\n2,fine,2020-01-01\n{rows}40,"well" said,2020-01-01\n')
    assert [p["id"] for p in found.posts] == [str(n) for n in range(1, 41)]
    assert found.texts[0] == '"she said'
    assert found.rejected == []
    assert found.texts[-1] == '"well" said'
    assert "One line held a quotation mark that opens and isn't closed" in found.notices
    assert "One line held quotation marks within a cell that were not doubled" in found.notices


def test_an_unclosed_quotation_mark_that_cannot_be_mended_costs_its_line(table):
    """Where the line doesn't make a whole row it is rejected, however long the file is after it."""
    rows = "".join(f"{n},post {n},a b\n" for n in range(3, 2000))
    found = table(f'id,text,remark\n1,"a, b, c\n2,fine,c d\n{rows}')
    assert [p["id"] for p in found.posts] == [str(n) for n in range(2, 2000)]
    assert found.rejected == [("t.csv:2", tables.UNCLOSED)]


def test_two_unclosed_marks_that_make_one_row_are_told_apart(table):
    """Two bad rows whose cells add up to the right number are two rows."""
    found = table('source,text,created_at,id\nw,"one,2020-01-01,1\nw,"two,2020-01-02,2\nw,three,2020-01-03,3\n')
    assert found.texts == ['"one', '"two', "three"]


def test_a_text_of_many_lines_is_no_broken_row(table):
    """A poem in quotation marks stays one post, with a list that looks a little like a table."""
    poem = "\n".join(f"line {n}, and then" for n in range(150))
    found = table(f'id,text,lang\n1,"{poem}",en\n2,"a, b\nc, d\ne, f\ng, h",en\n3,"say ""hi""\nthere",en\n')
    assert found.texts == [poem, "a, b\nc, d\ne, f\ng, h", 'say "hi"\nthere']
    assert found.rejected == []


def test_a_list_with_numbers_and_commas_is_no_broken_row(table):
    """Where only the ids can tell, lines of a text that look like rows don't make a broken row of it."""
    found = table('id,text\n1,"to buy:\n1, tea\n2, milk\n3, rye\n4, jam"\n2,"a\n5, b\n"\n')
    assert found.texts == ["to buy:\n1, tea\n2, milk\n3, rye\n4, jam", "a\n5, b\n"]
    found = table('who,text,id\nx,"Well, you, know\nso, many, 3",1\n')
    assert found.texts == ["Well, you, know\nso, many, 3"]
    assert found.rejected == []


def test_every_other_row_broken_costs_every_other_row(table):
    """A table in which quotation marks mean nothing throughout keeps what can be told."""
    rows = [f'{n},"x, y, {n}' if n % 2 else f"{n},plain,a b" for n in range(1000)]
    found = table("id,text,remark\n" + "\n".join(rows) + "\n")
    assert [p["id"] for p in found.posts] == [str(n) for n in range(0, 1000, 2)]
    assert [where for where, _ in found.rejected] == [f"t.csv:{n + 2}" for n in range(1, 1000, 2)]


def test_a_file_that_ends_within_a_cell_says_so(table):
    """A table that was cut off lands what was whole."""
    found = table('id,text,lang\n1,a,en\n2,"cut off in the mid')
    assert found.texts == ["a"]
    assert found.rejected == [("t.csv:3", "the file ends within its quotation marks")]


def test_a_carriage_return_outside_quotes_parts_rows_or_stands_in_a_text(table):
    """It ends a row where rows stand on both sides of it; else it is a part of the text."""
    found = table(b"id,text\n1,a\rb\n2,c\r3,d\n4,e\r\r\n5,f\n")
    assert found.texts == ["a\rb", "c", "d", "e", "f"]
    assert [p["source_line"] for p in found.posts] == [2, 3, 3, 4, 5]
    assert found.rejected == []


def test_nul_bytes_do_no_harm(table):
    """A NUL in a text is a character like another."""
    assert table(b"id,text,lang\n1,a\x00b,en\n2,c,en\n").texts == ["a\x00b", "c"]


@settings(max_examples=150, deadline=None)
@given(
    cells=st.lists(
        st.lists(
            st.text(st.sampled_from('a1,;"\n\r\t é😀') | st.characters(codec="utf-8"), max_size=12),
            min_size=3,
            max_size=3,
        ),
        max_size=12,
    ),
    delimiter=st.sampled_from(",;\t"),
)
def test_what_a_csv_writer_writes_is_read_back(cells, delimiter):
    """Every row of a well-formed table comes back whole, at the line where it begins."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL)
    begins = []
    for row in cells:
        begins.append(out.getvalue().count("\n") + 1)
        writer.writerow(row)
    data = out.getvalue().encode()
    rows = TableRows(TextLines(io.BytesIO(data), b"\n"), TableStyle(delimiter), RowShape(3))
    assert [(row.line, row.cells, row.broken) for row in rows] == [
        (line, row, None) for line, row in zip(begins, cells, strict=True)
    ]


@settings(max_examples=100, deadline=None)
@given(data=st.binary(max_size=400) | st.text(st.sampled_from('1a,"\n\r'), max_size=200).map(str.encode))
def test_any_bytes_at_all_end_in_rows_or_a_sentence(tmp_path_factory, data):
    """No file raises anything but this program's own errors, and no line is read twice."""
    path = tmp_path_factory.mktemp("any") / "t.csv"
    path.write_bytes(b"id,text,created_at\n1,sure,2020-01-01\n" + data)
    try:
        found = Collected(path)
    except InputError:
        return
    places = [p["source_line"] for p in found.posts]
    places += [int(where.rpartition(":")[2]) for where, _ in found.rejected]
    assert len(places) == len(set(places)) or b"\r" in data


# ---- encodings


def test_bytes_of_windows_are_read_beside_utf8(table):
    """A table pasted together of two encodings keeps both, and says how many lines were not UTF-8."""
    found = table("id,text\n1,déjà\n".encode() + "2,déjà – “vu”\n".encode("cp1252") + b"3,\x8d\n")
    assert found.texts == ["déjà", "déjà – “vu”", "\x8d"]
    assert "2 lines held bytes that are not UTF-8" in found.notices
    assert "The first is line 3." in found.notices


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_tables_of_spreadsheets_in_unicode(table, encoding):
    """Excel's Unicode text is UTF-16 with tabs; its CSV is UTF-8 with a mark."""
    content = 'id\ttext\r\n1\tžluťoučký\r\n2\t"two\r\nlines"\r\n'
    found = table(content.encode(encoding), "t.tsv")
    assert found.texts == ["žluťoučký", "two\r\nlines"]
    assert found.posts[0]["id"] == "1"


def test_a_table_in_utf_16_that_ends_within_a_character(table):
    """Half a character is left out, with a note, and no post gets U+FFFD for it."""
    landing = table(b"\xff\xfe" + "id\ttext\r\n7\tчай\r\n8\tда\r\n".encode("utf-16-le")[:-1])
    assert [post["text"] for post in landing.posts] == ["чай", "да"]
    assert "ends within a character; its last line, 3" in landing.notices


def test_lines_of_an_old_macintosh(table):
    r"""A file whose lines end with `\r` alone has as many rows as lines."""
    found = table(b"id,text\r1,caf\xe9\r2,b\r")
    assert [(p["text"], p["source_line"]) for p in found.posts] == [("café", 2), ("b", 3)]


@settings(max_examples=100, deadline=None)
@given(data=st.binary(max_size=300))
@example(codecs.BOM_UTF8)
@example(b"a\n" + codecs.BOM_UTF8 + b"b\nc" + codecs.BOM_UTF8)
def test_lines_lose_no_byte(data):
    """The lines of any bytes are as many as its line breaks say, and valid UTF-8 comes back exactly.

    All but a mark (BOM) at the beginning of a line, where a file was put behind another.
    """
    lines = list(TextLines(io.BytesIO(data), b"\n"))
    assert len(lines) == data.count(b"\n") + (not data.endswith(b"\n") and bool(data))
    try:
        written = data.decode("utf-8").split("\n")
        assert "".join(lines) == "\n".join(line.removeprefix("\ufeff") for line in written)
    except UnicodeDecodeError:
        assert "".join(lines).count("\n") == data.count(b"\n")


def test_a_header_within_the_table_may_lack_a_column_of_counts(table):
    """The rows below it are read by it."""
    lines = table(b"id,text,likes\n1,a b,1.5K\n2,c d,2.5K\n3,g h,3.25K\ntext,id\ne f,4\n")
    assert [p["text"] for p in lines.posts] == ["a b", "c d", "g h", "e f"]


# ---- values


@pytest.mark.parametrize(
    ("values", "order", "doubtful"),
    [
        (["05-11-2015 18:31", "24-02-2015 11.35"], "day", None),
        (["05/11/2015", "8/29/15 1:38"], "month", None),
        (["02.03.2020", "04.03.2020"], "day", None),
        (["05-11-2015", "06-11-2015"], None, "05-11-2015"),
        (["24-02-2015", "02-24-2015"], None, "24-02-2015"),
        (["2015-02-24", "yesterday", "05-05-2015"], None, None),
    ],
)
def test_the_order_of_day_and_month_is_read_off_the_file(values, order, doubtful):
    """A number above twelve tells; without one the order stays open, and dates empty."""
    assert order_of(values) == (order, doubtful)


def test_dates_that_cannot_be_told_stay_empty(table):
    """A doubtful date is left out and said; one that any order reads is not."""
    found = table("id,text,date\n1,a,05-11-2015\n2,b,2015-11-05\n")
    assert [p["created_at"] for p in found.posts] == [None, datetime(2015, 11, 5, tzinfo=UTC)]
    assert "nothing tells whether '05-11-2015' begins with the day" in found.notices
    found = table("id,text,date\n1,a,05-11-2015 10:00\n2,b,05-24-2015 1:05 pm\n")
    assert [p["created_at"] for p in found.posts] == [
        datetime(2015, 5, 11, 10, tzinfo=UTC),
        datetime(2015, 5, 24, 13, 5, tzinfo=UTC),
    ]


def test_impossible_dates_are_no_times():
    """What no calendar has is None, not an exception."""
    for value in (
        "31-02-2015",
        "05-11-2015 99:00",
        "2015-13-01",
        "00-00-0000",
        "5/5/2015 0:00 pm",
        "",
        None,
        [],
        True,
    ):
        assert written_time(value, "day") is None


@pytest.mark.parametrize(
    ("function", "value", "expected"),
    [
        (id_text, " 12 ", "12"),
        (id_text, "12.0", "12"),
        (id_text, '="1767900771427791001"', "1767900771427791001"),
        (id_text, "'1767900771427791001", "1767900771427791001"),
        (id_text, "ID_1767900771427791001", "1767900771427791001"),
        (id_text, "tweet:1767900771427791001", "1767900771427791001"),
        (id_text, "1767900771427791001n", "1767900771427791001"),
        (id_text, "\ufeff1767900771427791001\u200b", "1767900771427791001"),
        (id_text, "1,767,900,771,427,791,001", "1767900771427791001"),
        (id_text, "１７６７９００７７１４２７７９１００１", "1767900771427791001"),
        (id_text, "https://x.com/Ада/status/1767900771427791001?s=20", "1767900771427791001"),
        (id_text, "https://mastodon.example/@ada/109372843234", "https://mastodon.example/@ada/109372843234"),
        (id_text, "t3_abc12", "t3_abc12"),
        (id_text, "ID_12", "ID_12"),
        (reference, "='1767900771427791001'", "1767900771427791001"),
        (id_text, "9007199254740993.0", "9007199254740993.0"),
        (id_text, "<NA>", None),
        (id_text, float("nan"), None),
        (id_text, float("inf"), None),
        (reference, "1.2e+18", None),
        (reference, "1.2995582423438868e+18", None),
        (reference, 0, None),
        (reference, "at://did:plc:x/app.bsky.feed.post/1.5", "at://did:plc:x/app.bsky.feed.post/1.5"),
        (whole_number, "12.0", 12),
        (whole_number, "nan", None),
        (whole_number, "-1", None),
        (yes_or_no, "T", True),
        (yes_or_no, "0.0", False),
        (yes_or_no, 1.0, True),
        (yes_or_no, "maybe", None),
    ],
)
def test_cells_that_stand_for_something_else(function, value, expected):
    """Spreadsheets and pandas write flags, counts and ids in their own ways."""
    assert function(value) == expected


def test_nothing_in_a_dict_text_is_run():
    """Only the literal of the wanted key is read, however the rest is made."""
    assert from_dict_text("{'username': __import__('os').getcwd(), 'id': 5}", "username") is None
    assert from_dict_text("{'created': datetime.datetime(1, 1, 1), 'username': 'a\\'b'}", "username") == "a'b"
    assert from_dict_text("(" * 100_000, "username") is None
    assert from_dict_text("{'username': '" + "\\" * 100_001, "username") is None


@pytest.mark.parametrize(
    "module",
    [columns, counts, dates, fields, line_breaks, snscrape, table_style, tables, text_encoding],
    ids=lambda m: m.__name__,
)
def test_examples_in_docstrings_are_true(module):
    """What the docstrings show is what happens."""
    assert doctest.testmod(module).failed == 0
