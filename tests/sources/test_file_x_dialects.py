"""The `file` source on the forms that X's data has, landed: answers of API v2 and v1.1, GraphQL, web exports."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.collecting.land import Landing, land
from curation.errors import InputError, NothingToDoError
from curation.posts import POST_SCHEMA
from curation.sources.dialects import FORMATS, NO_POSTS
from curation.sources.file import FileSource
from curation.sources.records.x_api_posts import OTHER_OBJECTS

if TYPE_CHECKING:
    from pathlib import Path

ADA = {"id": "11", "username": "ada_example", "name": "Ada 🌱"}
PAGE = {
    "data": [
        {"id": "101", "text": "tea &amp; toast ☕", "author_id": "11", "conversation_id": "101"},
        {"id": "102", "text": "RT @bob_example: doch…", "author_id": "11",
         "referenced_tweets": [{"type": "retweeted", "id": "90"}]},
    ],
    "includes": {
        "users": [ADA, {"id": "12", "username": "bob_example", "name": "Боб"}],
        "tweets": [{"id": "90", "text": "doch, immer wieder", "author_id": "12"}],
    },
    "meta": {"result_count": 2},
}  # fmt: skip
EMPTY = {"meta": {"result_count": 0}}
ERROR = {"errors": [{"title": "operational-disconnect", "detail": "This stream has been disconnected."}]}
USER = {"__typename": "User", "rest_id": "11", "core": {"screen_name": "ada_example", "name": "Ada 🌱"}}


def graphql_tweet(number: int, text: str, **legacy: Any) -> dict[str, Any]:
    return {
        "__typename": "Tweet",
        "rest_id": str(number),
        "core": {"user_results": {"result": USER}},
        "legacy": {"id_str": str(number), "full_text": text, "created_at": "Sat May 06 07:08:09 +0000 2023"} | legacy,
        "views": {"count": "7"},
    }


def timeline(*results: Any) -> dict[str, Any]:
    entries = [{"entryId": "tweet-0", "content": {"itemContent": {"tweet_results": {"result": r}}}} for r in results]
    instructions = [{"type": "TimelineAddEntries", "entries": entries}]
    return {"data": {"search": {"timeline": {"instructions": instructions}}}}


TOMBSTONE = {"__typename": "TweetTombstone", "tombstone": {"text": {"text": "This Post was deleted. Learn more"}}}
EXPORTED = {
    "id": "301",
    "created_at": "2023-05-06 09:08:09 +02:00",
    "full_text": "RT @bob_example: doch…",
    "media": [],
    "screen_name": "ada_example",
    "name": "Ada 🌱",
    "profile_image_url": "https://example.org/a.png",
    "in_reply_to": None,
    "retweeted_status": "90",
    "quoted_status": None,
    "favorite_count": 3,
    "retweet_count": 1,
    "quote_count": 0,
    "reply_count": 2,
    "views_count": 55,
    "favorited": False,
    "url": "https://twitter.com/ada_example/status/301",
}


def lines(path: Path, *records: Any) -> Path:
    path.write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
    return path


def landed(tmp_path: Path, *paths: Path, **options: Any) -> tuple[Landing, list[dict[str, Any]]]:
    """Land files into a fresh workspace; the landing, and its posts in their order."""
    landing = land(tmp_path / "workspace", FileSource(paths, **options))
    return landing, [post for name in landing.files for post in pq.read_table(name).to_pylist()]


def test_a_page_of_the_api_lands_as_its_posts(tmp_path):
    """Each post of `data` is a row of its line, with a record of its own."""
    landing, posts = landed(tmp_path, lines(tmp_path / "pages.jsonl", EMPTY, PAGE))
    assert (landing.status, landing.landed, landing.rejected) == ("complete", 2, ())
    assert [(p["platform"], p["id"], p["author"], p["source_line"]) for p in posts] == [
        ("x", "101", "ada_example", 2),
        ("x", "102", "ada_example", 2),
    ]
    assert [p["text"] for p in posts] == ["tea &amp; toast ☕", "RT @bob_example: doch, immer wieder"]
    assert [(p["is_repost"], p["repost_of"]) for p in posts] == [(False, None), (True, "90")]
    assert json.loads(posts[0]["raw"]) == {"data": PAGE["data"][0], "includes": {"users": [ADA]}}
    assert "read as JSON in the form 'x-api'" in "\n".join(landing.notices)


def test_pages_and_flattened_posts_are_the_same_posts(tmp_path):
    """Landing the flattened form after the pages adds nothing."""
    flat = PAGE["data"][1] | {"author": ADA, "public_metrics": {}}
    flat["referenced_tweets"] = [
        {"type": "retweeted"} | PAGE["includes"]["tweets"][0] | {"author": PAGE["includes"]["users"][1]}
    ]
    _, before = landed(tmp_path, lines(tmp_path / "pages.jsonl", PAGE))
    again, _ = landed(tmp_path, lines(tmp_path / "flat.jsonl", flat))
    assert (again.landed, again.updated, again.already_had) == (0, 0, 1)
    assert len(before) == 2


def test_places_within_a_page_are_exact(tmp_path):
    """What can't be read is named by its line and its post; what X leaves out is counted."""
    notice = "@ada_example's account has been withheld in Ruritania in response to a legal demand. Learn more."
    page = {"data": [{"id": "1", "text": "ok"}, {"id": "2"}, ADA, {"id": "4", "text": notice}], "meta": {}}
    landing, posts = landed(tmp_path, lines(tmp_path / "p.jsonl", PAGE, page, ERROR, {"data": [{"id": "9"}]}))
    assert [p["id"] for p in posts] == ["101", "102", "1"]
    assert [(r.where, r.why) for r in landing.rejected] == [
        ("p.jsonl:2, post 2", "it has no text (its keys: id)"),
        ("p.jsonl:2, post 3", "it belongs to profiles of users"),
        ("p.jsonl:3", "it is an error message of the other side, not a post"),
        ("p.jsonl:4", "it has no text (its keys: id)"),
    ]
    assert any(n.startswith("p.jsonl: one post was left out: X put a notice") for n in landing.notices)


def test_places_within_a_list_of_pages_are_exact(tmp_path):
    """In a list, a page is an item."""
    path = tmp_path / "list.json"
    path.write_text(json.dumps([PAGE, PAGE | {"data": [5, PAGE["data"][0]]}], indent=1), encoding="utf-8")
    landing, _ = landed(tmp_path, path)
    assert [(r.where, r.why) for r in landing.rejected] == [("list.json: item 2, post 1", "it is not an object")]


def test_a_stream_with_messages_between_its_posts(tmp_path):
    """Streams send one post a line, and now and then a message, a broken line or nothing."""
    post = {"data": PAGE["data"][0], "includes": {"users": [ADA]}, "matching_rules": [{"id": 1, "tag": None}]}
    path = lines(tmp_path / "stream.jsonl", post, ERROR)
    path.write_text(path.read_text(encoding="utf-8") + '\n{"data": {"id": "10\n', encoding="utf-8")
    landing, posts = landed(tmp_path, path)
    assert [p["id"] for p in posts] == ["101"]
    assert [r.where for r in landing.rejected] == ["stream.jsonl:2", "stream.jsonl:4"]


def test_half_surrogate_pairs_in_a_page_are_mended(tmp_path):
    """Half an emoji of one post doesn't touch its neighbour."""
    page = PAGE | {"data": [{"id": "1", "text": "a \ud83d b"}, {"id": "2", "text": "fine 🐴"}]}
    landing, posts = landed(tmp_path, lines(tmp_path / "p.jsonl", page))
    assert [p["text"] for p in posts] == ["a \ufffd b", "fine 🐴"]
    assert any("One post held halves of surrogate pairs" in notice for notice in landing.notices)


# ---- API v1.1


def test_tweets_of_api_v1_have_whole_retweets_and_a_stream_has_messages(tmp_path):
    """What twarc v1 writes has `full_text`, that of streams `extended_tweet` and deletions between the posts."""
    user = {"screen_name": "ada_example", "name": "Ada", "id_str": "11"}
    original = {"id_str": "90", "full_text": "doch, immer wieder", "user": {"screen_name": "bob_example"}}
    retweet = {"id_str": "201", "full_text": "RT @bob_example: doch…", "retweeted_status": original, "user": user}
    stream = {"id_str": "202", "text": "begin…", "truncated": True, "user": user}
    stream["extended_tweet"] = {"full_text": "begin and end"}
    gone = {"delete": {"status": {"id_str": "203", "user_id_str": "11"}}}
    landing, posts = landed(tmp_path, lines(tmp_path / "v1.jsonl", retweet, stream, gone))
    assert [p["text"] for p in posts] == ["RT @bob_example: doch, immer wieder", "begin and end"]
    assert [(r.where, r.why) for r in landing.rejected] == [
        ("v1.jsonl:3", "it is a message of the stream ('delete'), not a post")
    ]


# ---- GraphQL and exports from the browser


@pytest.mark.parametrize("indent", [None, 2])
def test_an_answer_of_the_website_lands_as_its_posts(tmp_path, indent):
    """One answer a file, on one line or on many; what X doesn't show is counted in a notice."""
    path = tmp_path / "dump.json"
    answer = timeline(graphql_tweet(1, "eins"), TOMBSTONE, TOMBSTONE, graphql_tweet(2, "zwei &lt;3"))
    path.write_text(json.dumps(answer, indent=indent), encoding="utf-8")
    landing, posts = landed(tmp_path, path)
    assert [(p["id"], p["author"], p["text"], p["view_count"]) for p in posts] == [
        ("1", "ada_example", "eins", 7),
        ("2", "ada_example", "zwei &lt;3", 7),
    ]
    assert json.loads(posts[1]["raw"]) == graphql_tweet(2, "zwei &lt;3")
    assert landing.rejected == ()
    assert (
        "dump.json: 2 posts were left out: X shows a notice in the place of the post: “This Post was deleted.”."
        in landing.notices
    )


def test_answers_one_a_line_and_tweets_by_themselves(tmp_path):
    """Scrapers write whole answers or single tweets, one a line; an error of GraphQL stands beside its data."""
    partial = timeline(graphql_tweet(1, "a")) | {"errors": [{"message": "Timeout: Unspecified"}]}
    _, posts = landed(tmp_path, lines(tmp_path / "a.jsonl", partial, graphql_tweet(2, "b")))
    assert [(p["id"], p["source_line"]) for p in posts] == [("1", 1), ("2", 2)]
    _, posts = landed(tmp_path, lines(tmp_path / "b.jsonl", graphql_tweet(3, "c"), graphql_tweet(4, "d")))
    assert [p["id"] for p in posts] == ["3", "4"]


def test_an_export_of_the_browser_lands(tmp_path):
    """twitter-web-exporter's flat keys are enough; its time is local, with the offset."""
    path = tmp_path / "twitter-UserTweets-1.json"
    path.write_text(json.dumps([EXPORTED, EXPORTED | {"id": "302", "full_text": "a < b"}], indent=2), encoding="utf-8")
    landing, posts = landed(tmp_path, path)
    assert "'web-exporter'" in landing.notices[0]
    assert (posts[0]["platform"], posts[0]["author"], posts[0]["author_name"]) == ("x", "ada_example", "Ada 🌱")
    assert posts[0]["created_at"] == datetime(2023, 5, 6, 7, 8, 9, tzinfo=UTC)
    assert [(p["is_repost"], p["repost_of"], p["is_reply"], p["is_quote"]) for p in posts] == [
        (True, "90", False, False)
    ] * 2
    assert [p["text_format"] for p in posts] == ["escaped", "plain"]
    assert [posts[0][f"{name}_count"] for name in ("like", "repost", "reply", "quote", "view")] == [3, 1, 2, 0, 55]
    assert json.loads(posts[0]["raw"]) == EXPORTED


def test_the_metadata_of_an_export_says_more_than_its_flat_keys(tmp_path):
    """With the raw object beside it, a retweet is whole and the author's number is known."""
    original = graphql_tweet(90, "doch, immer wieder")
    whole = graphql_tweet(301, "RT @bob_example: doch…", retweeted_status_result={"result": original})
    _, posts = landed(tmp_path, lines(tmp_path / "e.json", EXPORTED | {"metadata": whole}))
    assert (posts[0]["text"], posts[0]["author_id"]) == ("RT @bob_example: doch, immer wieder", "11")


def test_an_export_may_name_the_answered_author_in_the_place_of_the_post(tmp_path):
    """What isn't a number in `in_reply_to` is a handle."""
    _, posts = landed(tmp_path, lines(tmp_path / "e.json", EXPORTED | {"in_reply_to": "bob_example"}))
    assert (posts[0]["is_reply"], posts[0]["reply_to"], posts[0]["reply_to_author"]) == (True, None, "bob_example")


# ---- what holds no posts

V1_USER = {"id_str": "11", "screen_name": "ada_example", "followers_count": 3, "entities": {}}
FOLLOWER = {"content": {"itemContent": {"itemType": "TimelineUser", "user_results": {"result": USER}}}}
FOLLOWERS = {"data": {"user": {"result": {"timeline": {"instructions": [{"entries": [FOLLOWER]}]}}}}}
LIST = {"id": "1", "name": "friends", "owner_id": "11", "member_count": 3}
PINNED = {"id": "105", "text": "not a post of this list", "author_id": "11", "edit_history_tweet_ids": ["105"]}
LIST_OF_FOLLOWERS = {
    "data": {
        "user": {
            "result": {
                "timeline": {
                    "entries": [
                        {"entryId": "user-11", "content": {"itemContent": {"user_results": {"result": USER}}}},
                        {"entryId": "cursor-bottom", "content": {"cursorType": "Bottom", "value": "x"}},
                    ]
                }
            }
        }
    }
}
COMPLIANCE = {"id": "1", "action": "delete", "created_at": "2021-01-02T03:04:05Z", "reason": "deactivated"}


@pytest.mark.parametrize(
    ("record", "what"),
    [
        ({"data": [ADA], "__twarc": {}}, "profiles of users"),
        ({"data": ADA}, "profiles of users"),
        (ADA, "profiles of users"),
        (V1_USER, "profiles of users"),
        (FOLLOWERS, "profiles of users"),
        ({"data": [ADA, ADA], "includes": {"tweets": [PINNED, PINNED]}}, "profiles of users"),
        (LIST_OF_FOLLOWERS, "profiles of users"),
        ({"data": [{"tweet_count": 5, "start": "a", "end": "b"}], "meta": {}}, "counts of posts, not the posts"),
        ({"data": [LIST], "meta": {}}, "descriptions of lists, not their posts"),
        (COMPLIANCE, r"notes of what was deleted or protected \(compliance\)"),
        ({"data": [{"id": "1", "text": "psst", "event_type": "MessageCreate"}]}, "direct messages"),
    ],
    ids=["page", "one", "flat", "v1.1", "GraphQL", "pinned", "entries", "counts", "lists", "compliance", "messages"],
)
def test_a_file_without_posts_is_named_for_what_it_is(tmp_path, record, what):
    """The sentence says what the file holds."""
    path = lines(tmp_path / "a.jsonl", record, record)
    with pytest.raises(InputError, match=f"a.jsonl holds {what}: there is no post in it to collect"):
        landed(tmp_path, path)


def test_every_kind_without_posts_has_a_name_of_its_own():
    """No name stands both for a format and for what has no posts."""
    assert not NO_POSTS.keys() & FORMATS.keys()
    assert NO_POSTS.keys() == {name for name, _, _ in OTHER_OBJECTS}


@pytest.mark.parametrize("record", [EMPTY, timeline(), timeline(TOMBSTONE)], ids=["API", "GraphQL", "tombstone"])
def test_a_file_of_empty_answers_has_nothing_to_land(tmp_path, record):
    """An empty answer is no error, but a file of nothing else leaves nothing to do."""
    left = (
        r"There is no post in .*a\.jsonl: nothing to land|Nothing lands from .*a\.jsonl: everything in it is left out"
    )
    with pytest.raises(NothingToDoError, match=left):
        landed(tmp_path, lines(tmp_path / "a.jsonl", record))


def test_users_between_posts_do_not_refuse_the_file(tmp_path):
    """A file that has posts is read, whatever else most of it holds."""
    landing, posts = landed(tmp_path, lines(tmp_path / "a.jsonl", {"data": [ADA]}, {"data": [ADA]}, PAGE))
    assert (len(posts), landing.rejected_count) == (2, 2)


def test_plain_posts_that_name_their_author_are_not_taken_for_profiles(tmp_path):
    """`username` and `name` beside a text, under whatever name, are a post's."""
    record = {"username": "ada_example", "name": "Ada", "tweet": "hi", "followers_count": 3, "screen_name": "ada"}
    landing, posts = landed(tmp_path, lines(tmp_path / "a.jsonl", record))
    assert posts[0]["text"] == "hi"
    assert "'posts'" in landing.notices[0]
    record = {"id": "1", "text": "hi", "data": [1], "author": "ada_example"}
    _, posts = landed(tmp_path, lines(tmp_path / "b.jsonl", record))
    assert posts[0]["text"] == "hi"


# ---- properties

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
KEYS = ["data", "includes", "errors", "meta", "text", "id", "legacy", "rest_id", "full_text", "screen_name", "metadata"]
KEYS += ["tweet_results", "result", "users", "tweets", "author_id", "in_reply_to", "core", "tombstone", "note_tweet"]
RECORDS = st.dictionaries(
    st.sampled_from(KEYS),
    st.recursive(
        VALUES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner), max_leaves=8
    ),
    max_size=6,
)


@settings(max_examples=60, deadline=None)
@given(records=st.lists(RECORDS, min_size=1, max_size=4), form=st.sampled_from(["x-api", "graphql", "web-exporter"]))
def test_whatever_stands_in_a_file_its_posts_land_or_are_rejected(tmp_path_factory, records, form):
    """Pages have the raw schema and places within the file, or there was nothing to land."""
    path = lines(tmp_path_factory.mktemp("any") / "p.jsonl", *records)
    source = FileSource([path], format=form)
    try:
        pages = list(source.pages())
    except NothingToDoError:
        return
    assert all(page.posts.schema == POST_SCHEMA for page in pages)
    rejected = [record for page in pages for record in page.rejected]
    assert all(record.where.startswith("p.jsonl:") and record.why for record in rejected)
    posts = [post for page in pages for post in page.posts.to_pylist()]
    assert all(1 <= post["source_line"] <= len(records) and json.loads(post["raw"]) for post in posts)


@settings(max_examples=60, deadline=None)
@given(record=RECORDS)
def test_a_file_of_anything_is_read_or_refused_in_a_sentence(tmp_path_factory, record):
    """Recognising a form raises nothing but what is documented."""
    path = lines(tmp_path_factory.mktemp("any") / "p.jsonl", record)
    refused = ""
    try:
        pages = list(FileSource([path]).pages())
    except (InputError, NothingToDoError) as error:
        refused = str(error)
    assert str(path) in refused if refused else pages
