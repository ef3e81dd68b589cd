"""The `file` source on JSON: dialects, damage, files of another kind, folders, compression."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import json
import lzma
import zipfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.errors import InputError, NothingToDoError, UsageError
from curation.posts import POST_SCHEMA
from curation.sources.file import FileSource
from curation.sources.files import input_files, text_encoding
from curation.sources.files.json_records import parse

if TYPE_CHECKING:
    from pathlib import Path

OLD_SNSCRAPE = {
    "url": "https://twitter.com/ada_example/status/1400000000000000001",
    "date": "2021-03-19T23:59:59+00:00",
    "content": "tea &amp; toast",
    "renderedContent": "tea &amp; toast",
    "id": 1400000000000000001,
    "user": {"username": "ada_example", "displayname": "Ada", "id": 12},
    "replyCount": 1,
    "retweetCount": 2,
    "likeCount": 3,
    "quoteCount": 4,
    "conversationId": 1400000000000000000,
    "lang": "en",
    "source": '<a href="http://example.org" rel="nofollow">Kettle</a>',
    "retweetedTweet": None,
    "quotedTweet": {"id": 1399999999999999999, "content": "cold tea"},
}
NEW_SNSCRAPE = {
    "_type": "snscrape.modules.twitter.Tweet",
    "date": "2022-11-03T18:33:16+00:00",
    "rawContent": "@bob_example certainly",
    "id": 1500000000000000001,
    "user": {
        "_type": "snscrape.modules.twitter.User",
        "username": "ada_example",
        "displayname": "Ada",
        "id": 12,
    },
    "conversationId": 1500000000000000000,
    "sourceLabel": "Kettle Web",
    "source": '<a href="http://example.org">Kettle</a>',
    "retweetedTweet": None,
    "quotedTweet": None,
    "inReplyToTweetId": 1500000000000000000,
    "inReplyToUser": {"username": "bob_example", "id": 13},
}
TWSCRAPE = {
    "_type": "snscrape.modules.twitter.Tweet",
    "id": 1600000000000000000,
    "id_str": "1600000000000000007",
    "url": "https://x.com/ada_example/status/1600000000000000007",
    "date": "2023-06-01 10:00:00+00:00",
    "user": {"id": 12, "id_str": "12", "username": "ada_example", "displayname": "Ada"},
    "lang": "en",
    "rawContent": "RT @bob_example: rain again",
    "viewCount": 55,
    "conversationId": 1600000000000000000,
    "conversationIdStr": "1600000000000000007",
    "retweetedTweet": {"id": 15, "id_str": "1599999999999999999"},
    "quotedTweet": {"id": 14, "id_str": "14"},
    "inReplyToTweetId": None,
    "inReplyToTweetIdStr": None,
    "inReplyToUser": None,
    "possibly_sensitive": False,
    "isQuoteStatus": True,
}
TWEET = {
    "created_at": "Wed Oct 19 20:07:25 +0000 2022",
    "id": 1580000000000000000,
    "id_str": "1580000000000000001",
    "full_text": "hello &lt;world&gt;",
    "truncated": False,
    "user": {"screen_name": "ada_example", "name": "Ada", "id_str": "12"},
    "lang": "en",
}


class Collected:
    """Everything that a source gave."""

    def __init__(self, *paths: Path | str, **options: Any) -> None:
        source = FileSource(paths, **options)
        self.size = source.size
        self.pages = list(source.pages())
        self.posts = [post for page in self.pages for post in page.posts.to_pylist()]
        self.rejected = [(r.where, r.why) for page in self.pages for r in page.rejected]
        self.ended_early = [page.ended_early for page in self.pages if page.ended_early]
        self.notices = "\n".join(source.notices())


def lines(path: Path, *records: Any) -> Path:
    path.write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
    return path


def only(collected: Collected) -> dict[str, Any]:
    assert len(collected.posts) == 1
    assert collected.rejected == []
    return collected.posts[0]


# ---- dialects


def test_the_oldest_snscrape_is_recognised_without_a_type(tmp_path):
    """In early 2021 snscrape wrote `content`, no `_type` and nothing about replies, which stay unknown."""
    found = Collected(lines(tmp_path / "old.jsonl", OLD_SNSCRAPE))
    post = only(found)
    assert "read as JSON in the form 'snscrape'" in found.notices
    assert (post["id"], post["text"], post["text_format"]) == (
        "1400000000000000001",
        "tea &amp; toast",
        "escaped",
    )
    assert (post["platform"], post["author"], post["author_name"], post["author_id"]) == (
        "x",
        "ada_example",
        "Ada",
        "12",
    )
    assert post["created_at"] == datetime(2021, 3, 19, 23, 59, 59, tzinfo=UTC)
    assert (post["is_repost"], post["is_quote"], post["is_reply"]) == (False, True, None)
    assert post["quote_of"] == "1399999999999999999"
    assert (post["reply_count"], post["repost_count"], post["like_count"], post["quote_count"]) == (
        1,
        2,
        3,
        4,
    )
    assert (post["client"], post["lang"]) == ("Kettle", "en")
    assert (post["source"], post["source_file"], post["source_line"]) == ("file", "old.jsonl", 1)
    assert json.loads(post["raw"]) == OLD_SNSCRAPE


def test_the_newer_snscrape_says_who_is_answered(tmp_path):
    """`rawContent` is the text, and a reply names the post and the author that it answers."""
    post = only(Collected(lines(tmp_path / "new.jsonl", NEW_SNSCRAPE)))
    assert post["text"] == "@bob_example certainly"
    assert (post["is_reply"], post["reply_to"], post["reply_to_author"]) == (
        True,
        "1500000000000000000",
        "bob_example",
    )
    assert (post["is_quote"], post["client"], post["conversation_id"]) == (
        False,
        "Kettle Web",
        "1500000000000000000",
    )


def test_twscrape_is_told_from_snscrape_by_its_text_ids(tmp_path):
    """Ids of twscrape are taken from their text form, and a retweet does not count as a quote."""
    found = Collected(lines(tmp_path / "tw.jsonl", TWSCRAPE))
    post = only(found)
    assert "'twscrape'" in found.notices
    assert (post["id"], post["conversation_id"]) == ("1600000000000000007", "1600000000000000007")
    assert (post["is_repost"], post["repost_of"]) == (True, "1599999999999999999")
    assert (post["is_quote"], post["quote_of"]) == (False, None)
    assert (post["view_count"], post["is_sensitive"], post["is_reply"]) == (55, False, False)
    assert post["created_at"] == datetime(2023, 6, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(("text", "form"), [("a < b", "plain"), ("tea & toast", "plain"), ("a &amp; b", "escaped")])
def test_the_unescaped_text_of_a_long_post_is_told_by_characters_that_escaping_leaves_none_of(tmp_path, text, form):
    """The text of a long post comes as people see it, that of the others escaped."""
    assert only(Collected(lines(tmp_path / "tw.jsonl", TWSCRAPE | {"rawContent": text})))["text_format"] == form


@pytest.mark.parametrize("indent", [None, 2])
def test_tweets_of_the_api_in_a_list_are_read(tmp_path, indent):
    """API v1.1 tweets may stand in one list, on one line or on many; the item's number is its place."""
    path = tmp_path / "tweets.json"
    path.write_text(json.dumps([TWEET, TWEET | {"id_str": "2"}], indent=indent), encoding="utf-8")
    found = Collected(path)
    assert [(p["id"], p["source_line"]) for p in found.posts] == [("1580000000000000001", 1), ("2", 2)]
    assert found.posts[0]["text"] == "hello &lt;world&gt;"
    assert "'tweet'" in found.notices


def test_plain_json_takes_the_names_of_the_contract(tmp_path):
    """The names that the command line's contract promises need no map."""
    record = {
        "id": "7",
        "author": "@ada_example",
        "author_name": "Ada",
        "created_at": "2020-01-02T03:04:05Z",
        "text": "nan",
        "lang": "en",
        "is_retweet": False,
    }
    post = only(Collected(lines(tmp_path / "plain.jsonl", record)))
    assert (post["id"], post["author"], post["author_name"], post["lang"]) == (
        "7",
        "ada_example",
        "Ada",
        "en",
    )
    assert (post["text"], post["text_format"], post["is_repost"]) == ("nan", "unknown", False)
    assert post["created_at"] == datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert post["platform"] == "x"  # `is_retweet` speaks of tweets


def test_plain_json_takes_synonyms_and_looks_into_the_user(tmp_path):
    """Synonyms are found without case and underscores, also one level down in the author's object."""
    record = {
        "postId": 9,
        "Body": "hi",
        "user": {"screen_name": "ada_example", "name": "Ada"},
        "date": 1600000000,
    }
    post = only(Collected(lines(tmp_path / "plain.ndjson", record)))
    assert (post["id"], post["author"], post["author_name"]) == ("9", "ada_example", "Ada")
    assert post["created_at"] == datetime(2020, 9, 13, 12, 26, 40, tzinfo=UTC)


def test_the_platform_of_plain_json_is_file_unless_something_says_so(tmp_path):
    """Without a word about tweets the platform is `file`; a column and then the option overrule."""
    path = lines(
        tmp_path / "p.jsonl",
        {"id": 1, "text": "a", "author": "x"},
        {"id": 2, "text": "b", "platform": "bluesky"},
    )
    assert [p["platform"] for p in Collected(path).posts] == ["file", "bluesky"]
    assert [p["platform"] for p in Collected(path, platform="mastodon").posts] == ["mastodon", "mastodon"]


def test_a_plain_post_among_those_of_a_platform_has_one_too(tmp_path):
    """A list in the form of one platform may hold a post that only its plain names tell."""
    path = lines(
        tmp_path / "p.jsonl",
        {"id": "18", "media_product_type": "THREADS", "media_type": "TEXT_POST", "username": "ada", "text": "a b",
         "timestamp": "2024-03-05T09:15:00+0000"},
        {"id": "17", "caption": "fog", "media_type": "IMAGE", "timestamp": "2024-03-05T09:15:00+0000",
         "permalink": "https://www.instagram.com/p/C0a/"},
        {"id": "19", "caption": "hill", "timestamp": "2024-03-05T09:15:00+0000",
         "permalink": "https://www.instagram.com/p/C0b/"},
    )  # fmt: skip
    assert [p["platform"] for p in Collected(path).posts] == ["threads", "instagram", "file"]


def test_an_object_over_several_lines_is_read(tmp_path):
    """One pretty-printed object is one post."""
    path = tmp_path / "one.json"
    path.write_text(json.dumps({"id": "1", "text": "hi", "author": "ada_example"}, indent=4), encoding="utf-8")
    assert only(Collected(path))["text"] == "hi"


def test_map_names_keys_of_json(tmp_path):
    """`--map` reads keys that nothing recognises, and overrules a dialect."""
    path = lines(tmp_path / "odd.json", {"words": "hi", "who": "@ada_example"})
    assert only(Collected(path, columns={"text": "words", "author": "who"}))["author"] == "ada_example"
    path = lines(tmp_path / "sn.jsonl", OLD_SNSCRAPE)
    post = only(Collected(path, columns={"author": "user.displayname", "is_retweet": "retweetCount"}))
    assert (post["author"], post["text"]) == ("Ada", "tea &amp; toast")


def test_a_mistyped_map_is_answered_with_the_name_that_exists(tmp_path):
    """An unknown field or key says what there is."""
    path = lines(tmp_path / "p.jsonl", {"id": 1, "text": "a", "sender": "x"})
    with pytest.raises(UsageError, match=r"no field 'autor'\. Did you mean 'author'\?"):
        FileSource([path], columns={"autor": "sender"})
    with pytest.raises(UsageError, match=r"no key 'sendr'\. Did you mean 'sender'\?"):
        Collected(path, columns={"author": "sendr"})


def test_a_format_can_be_insisted_on_and_must_exist(tmp_path):
    """`--format` overrides what would be recognised; a wrong one names those that exist."""
    path = lines(tmp_path / "p.jsonl", TWEET)
    assert only(Collected(path, format="posts"))["text_format"] == "unknown"
    assert only(Collected(path, format="lines"))["text"] == json.dumps(TWEET)
    with pytest.raises(UsageError, match=r"Did you mean 'snscrape'\? There is: 4cat, auto, blog, bluesky, "):
        FileSource([path], format="snscrap")


# ---- damage


def test_broken_lines_are_rejected_with_their_place_and_the_rest_lands(tmp_path):
    """One malformed line among good ones costs itself; blank lines count as lines."""
    good = json.dumps({"id": 1, "text": "a", "author": "ada_example"})
    bad = [
        '{"id": 2, "text": oops}',
        "[1]",
        '"x"',
        "7",
        '{"errors": [1]}',
        '{"id": 3, "n": 1}',
        '{"text": " "}',
    ]
    path = tmp_path / "mixed.jsonl"
    path.write_text("\n".join([good, "", *bad, good]), encoding="utf-8")
    found = Collected(path)
    assert [p["source_line"] for p in found.posts] == [1, 10]
    assert found.rejected == [
        ("mixed.jsonl:3", "it is not JSON: Expecting value, column 19"),
        ("mixed.jsonl:4", "it is JSON, but a list and not an object"),
        ("mixed.jsonl:5", "it is JSON, but a text and not an object"),
        ("mixed.jsonl:6", "it is JSON, but a number and not an object"),
        ("mixed.jsonl:7", "it is an error message of the other side, not a post"),
        ("mixed.jsonl:8", "it has no text (its keys: id, n)"),
        ("mixed.jsonl:9", "it has neither text nor id"),
    ]


def test_a_broken_item_of_a_list_is_rejected_with_its_place(tmp_path):
    """In a list, too, one malformed object costs itself."""
    path = tmp_path / "list.json"
    path.write_text(
        '[{"id": 1, "text": "a"},\n {"id": 2, "text": oops},\n {"id": 3, "text": "c"}, 4]', encoding="utf-8"
    )
    found = Collected(path)
    assert [p["id"] for p in found.posts] == ["1", "3"]
    assert [where for where, _ in found.rejected] == [
        "list.json: item 2, line 2, byte 26",
        "list.json: item 4",
    ]


def test_a_list_that_stops_in_the_middle_lands_what_was_there(tmp_path):
    """A list without its end says so, and what came before it lands."""
    path = tmp_path / "cut.json"
    path.write_text('[{"id": 1, "text": "a"}, {"id": 2, "te', encoding="utf-8")
    found = Collected(path)
    assert [p["id"] for p in found.posts] == ["1"]
    assert len(found.ended_early) == 1
    assert "cut.json" in found.ended_early[0]


def test_an_empty_text_lands_when_there_is_an_id(tmp_path):
    """A post without words, a picture perhaps, is a post."""
    assert only(Collected(lines(tmp_path / "p.jsonl", {"id": 5, "text": ""})))["text"] == ""


def test_long_numbers_keep_their_digits_and_values_of_wrong_types_are_left_out(tmp_path):
    """An integer beyond 64 bits keeps every digit; what doesn't fit a column is None, never an exception."""
    record = {
        "id": 123456789012345678901234567890,
        "text": "a",
        "lang": ["en"],
        "author": {"x": 1},
        "likes": 10**30,
        "is_retweet": "perhaps",
        "created_at": "yesterday",
        "reply_to": 0,
    }
    post = only(Collected(lines(tmp_path / "p.jsonl", record)))
    assert post["id"] == "123456789012345678901234567890"
    assert "123456789012345678901234567890" in post["raw"]
    assert [post[k] for k in ("lang", "author", "like_count", "is_repost", "created_at", "reply_to")] == [None] * 6
    assert post["is_reply"] is False


def test_half_surrogate_pairs_become_replacement_characters(tmp_path):
    """Half an emoji can't be stored; it becomes U+FFFD, is counted, and stays in the raw record."""
    path = tmp_path / "p.jsonl"
    path.write_text('{"id": 1, "text": "a \\ud83d b"}\n{"id": 2, "text": "\\ud83d\\ude00"}\n', encoding="utf-8")
    found = Collected(path)
    assert [p["text"] for p in found.posts] == ["a \ufffd b", "\U0001f600"]
    assert "\\ud83d" in found.posts[0]["raw"]
    assert "One post held halves of surrogate pairs" in found.notices


def test_nan_is_read_as_nothing(tmp_path):
    """Python writes NaN into JSON; it stands for no value."""
    path = tmp_path / "p.jsonl"
    path.write_text('{"id": 1, "text": "a", "lang": NaN, "likes": NaN}\n', encoding="utf-8")
    post = only(Collected(path))
    assert (post["lang"], post["like_count"]) == (None, None)


def test_deep_nesting_is_rejected(tmp_path):
    """A line nested a hundred thousand times is rejected like any other broken line."""
    path = tmp_path / "deep.jsonl"
    path.write_text('{"id": 1, "text": "a"}\n' + "[" * 100_000 + "]" * 100_000 + "\n", encoding="utf-8")
    found = Collected(path)
    assert [where for where, _ in found.rejected] == ["deep.jsonl:2"]
    assert len(found.posts) == 1


def test_a_line_longer_than_any_post_is_skipped_and_said(tmp_path, monkeypatch):
    """A line beyond the bound is never held in memory."""
    monkeypatch.setattr(text_encoding, "LINE_LIMIT", 1000)
    path = lines(tmp_path / "p.jsonl", {"id": 1, "text": "a"}, {"id": 2, "text": "b" * 5000}, {"id": 3, "text": "c"})
    found = Collected(path)
    assert [p["source_line"] for p in found.posts] == [1, 3]
    assert [where for where, _ in found.rejected] == ["p.jsonl:2"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_encodings_are_recognised(tmp_path, encoding):
    """UTF-8, UTF-16 and UTF-32 are read, with a mark and without one."""
    path = tmp_path / "p.jsonl"
    record = json.dumps({"id": 1, "text": "žluťoučký kůň 🐴"}, ensure_ascii=False)
    path.write_bytes(f"{record}\n{record}\n".encode(encoding))
    assert [(p["text"], p["source_line"]) for p in Collected(path).posts] == [("žluťoučký kůň 🐴", n) for n in (1, 2)]


def test_bytes_that_are_not_utf8_are_read_as_windows_1252_and_counted(tmp_path):
    """Only the wrong bytes are reinterpreted: the good characters beside them stay."""
    path = tmp_path / "p.jsonl"
    path.write_bytes(b'{"id": 1, "text": "ok"}\n{"id": 2, "text": "na\xefve \xe2\x82\xac \x93q\x94 \x81"}\n')
    found = Collected(path)
    assert found.posts[1]["text"] == "naïve € “q” \x81"
    assert "One line held bytes that are not UTF-8" in found.notices
    assert "The first is line 2." in found.notices


# ---- files


def test_a_0_byte_file_has_nothing_to_land(tmp_path):
    """Nothing to land is exit code 3 for one file, a notice among several."""
    empty = tmp_path / "empty.json"
    empty.touch()
    with pytest.raises(NothingToDoError, match=r"empty\.json is empty \(0 bytes\): nothing to land\."):
        Collected(empty)
    found = Collected(empty, lines(tmp_path / "p.jsonl", {"id": 1, "text": "a"}))
    assert len(found.posts) == 1
    assert "empty.json is empty (0 bytes); left out." in found.notices


def zipped(*names: str) -> bytes:
    """A zip of files of these names."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        for name in names:
            file.writestr(name, "x")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.json", b"\x89PNG\r\n\x1a\n" + bytes(100), "a PNG picture"),
        ("a.csv", b"%PDF-1.7\n", "a PDF document"),
        ("a.zip", b"PK\x03\x04" + bytes(30), "not a complete zip"),
        ("a.csv", zipped("xl/workbook.xml", "[Content_Types].xml"), "save the sheet as CSV"),
        ("a.parquet", b"PAR1" + bytes(30), "a Parquet file"),
        ("a.db", b"SQLite format 3\x00" + bytes(30), "an SQLite database"),
        ("a.html", b"\n<!DOCTYPE html><html></html>", "a web page"),
        ("a.toml", b'name = "x"\n[[rule]]\nuse = "retweet"\n', "curation run"),
        ("direct-messages.js", b"window.YTD.direct_messages.part0 = [ ]", "was not opened"),
        ("a.json", b"\x1f\x8b\x08\x00" + bytes(30), "can't be read further"),
        ("a.bin", bytes(range(32)) * 20, "a binary file"),
        ("a.txt", b"just a diary\nof several lines\n", "--format lines"),
        ("a.json", b"just a diary\n", "neither JSON nor a table"),
        ("a.json", b"{ oops", "can't be read as JSON"),
        ("a.jsonl", b'{"id": 1, "action": "delete"}\n', "is JSON, but nothing in it reads like the text of a post"),
    ],
)
def test_a_file_of_another_kind_is_named_and_refused(tmp_path, name, content, said):
    """A file that holds no posts is refused with what it looks like or with the way on."""
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match=said.replace("[", r"\[")) as raised:
        Collected(path)
    assert str(path) in str(raised.value)


def test_nothing_lands_before_every_named_file_is_recognised(tmp_path):
    """A picture among the paths is said before the first page."""
    good = lines(tmp_path / "a.jsonl", {"id": 1, "text": "a"})
    bad = tmp_path / "b.png"
    bad.write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(InputError, match="PNG"):
        next(FileSource([good, bad]).pages())


def test_paths_that_are_not_there(tmp_path, monkeypatch):
    """A missing path, a folder without files of posts and a refused permission are each one sentence."""
    with pytest.raises(InputError, match=r"There is no .*nope\.csv"):
        Collected(tmp_path / "nope.csv")
    assert FileSource([tmp_path / "nope.csv"]).size is None
    with pytest.raises(InputError, match=r"looked for \.jsonl, \.ndjson, \.json, \.csv, \.tsv"):
        Collected(tmp_path)
    path = lines(tmp_path / "p.jsonl", {"id": 1, "text": "a"})
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(InputError, match="permission denied"):
        Collected(path)


def test_a_folder_is_its_files_of_posts(tmp_path):
    """In a folder the files directly in it are read by name; those that are none are left out and said."""
    lines(tmp_path / "b.jsonl", {"id": 2, "text": "b"})
    lines(tmp_path / "a.json", {"id": 1, "text": "a"})
    lines(tmp_path / "c.json", {"nothing": "here"})
    (tmp_path / "readme.md").write_text("# no", encoding="utf-8")
    (tmp_path / "below").mkdir()
    lines(tmp_path / "below" / "d.jsonl", {"id": 3, "text": "c"})
    found = Collected(tmp_path, tmp_path / "a.json")
    assert [(p["source_file"], p["id"]) for p in found.posts] == [("a.json", "1"), ("b.jsonl", "2")]
    assert "Left out: " in found.notices
    positions = [page.position for page in found.pages]
    assert positions == sorted(positions)
    assert positions[-1] <= found.size


@pytest.mark.parametrize(("ending", "pack"), [(".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress)])
def test_compressed_files_are_unpacked_as_a_stream(tmp_path, ending, pack):
    """gz, bz2 and xz are read; one that is cut off lands its whole lines and says so."""
    # Long lines that hardly compress: several blocks of bz2, which has none smaller than 900 kB here, in few posts.
    texts = [f"post {n} {hashlib.sha512(b'%d' % n).hexdigest() * 2}" for n in range(9_000)]
    packed = pack(b"".join(b'{"id": %d, "text": "%s"}\n' % (n, text.encode()) for n, text in enumerate(texts)))
    path = tmp_path / f"p.jsonl{ending}"
    path.write_bytes(packed)
    assert [post["text"] for post in Collected(path).posts] == texts
    path.write_bytes(packed[: len(packed) * 3 // 4])
    found = Collected(path)
    assert 0 < len(found.posts) < len(texts)
    assert [post["text"] for post in found.posts] == texts[: len(found.posts)]
    assert found.ended_early == [f"p.jsonl{ending}: the compressed file is cut off"]
    assert found.rejected == []


def test_a_compressed_file_that_is_none_is_read_as_it_is(tmp_path):
    """The bytes tell whether a file is compressed, and not its name."""
    path = tmp_path / "p.jsonl.gz"
    path.write_bytes(b'{"id": 1, "text": "a"}\n')
    assert [post["text"] for post in Collected(path).posts] == ["a"]


def test_a_decompression_bomb_is_stopped(tmp_path, monkeypatch):
    """A file that unpacks to absurdly more than its size is left where that shows."""
    monkeypatch.setattr(input_files, "BOMB_BYTES", 1 << 20)
    monkeypatch.setattr(input_files, "BOMB_RATIO", 50)
    path = tmp_path / "p.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"id": 1, "text": "a"}\n' + b'{"id": 2, "text": "%s"}\n' % (b"b" * 200) * 10_000))
    found = Collected(path)
    assert 4_000 < len(found.posts) < 6_000
    assert "unpacks to more than" in found.ended_early[0]


# ---- authors


def test_author_stands_where_the_record_names_none(tmp_path):
    """`--author` fills gaps and never overrules a record."""
    path = lines(tmp_path / "p.jsonl", {"id": 1, "text": "a", "author": "bob_example"}, {"id": 2, "text": "b"})
    found = Collected(path, author="@ada_example")
    assert [p["author"] for p in found.posts] == ["bob_example", "ada_example"]
    assert "--author ada_example stands for 1 of the 2 posts" in found.notices
    found = Collected(path)
    assert [p["author"] for p in found.posts] == ["bob_example", None]
    assert "Nothing says who wrote 1 of the 2 posts; they are landed as 'unknown'" in found.notices


# ---- properties

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(
    [
        "id",
        "text",
        "user",
        "author",
        "created_at",
        "likes",
        "is_retweet",
        "content",
        "quotedTweet",
        "source",
        "url",
    ]
)


@settings(max_examples=60, deadline=None)
@given(records=st.lists(st.dictionaries(KEYS, JSON_VALUES), max_size=5))
def test_whatever_stands_in_the_records_each_lands_or_is_rejected(tmp_path_factory, records):
    """Every record is one post or one rejection, whatever types its values have."""
    path = tmp_path_factory.mktemp("any") / "p.jsonl"
    sure = {"id": "1", "text": "sure", "author": "ada_example"}
    lines(path, sure, *records)
    for form in ("posts", "snscrape", "twscrape", "tweet"):
        source = FileSource([path], format=form)
        pages = list(source.pages())
        assert all(page.posts.schema == POST_SCHEMA for page in pages)
        assert sum(page.posts.num_rows + len(page.rejected) for page in pages) == len(records) + 1


@settings(max_examples=60, deadline=None)
@given(value=JSON_VALUES)
def test_parse_reads_what_python_writes(value):
    """Parsing gives what was written, long integers and half surrogate pairs included; NaN becomes None."""

    def expected(v: Any) -> Any:
        if isinstance(v, float) and (v != v or abs(v) == float("inf")):
            return None
        if isinstance(v, list):
            return [expected(x) for x in v]
        return {k: expected(x) for k, x in v.items()} if isinstance(v, dict) else v

    assert parse(json.dumps(value)) == expected(value)


def test_a_first_line_of_megabytes_hides_no_other(tmp_path):
    """It is longer than what a file is recognised by, and lands."""
    path = tmp_path / "posts.jsonl"
    path.write_text("".join(json.dumps({"id": n, "author": "ada", "text": "茶" * 10**n}) + "\n" for n in (6, 1, 2)))
    pages = list(FileSource([path]).pages())
    assert [len(row["text"]) for page in pages for row in page.posts.to_pylist()] == [10**6, 10, 100]
