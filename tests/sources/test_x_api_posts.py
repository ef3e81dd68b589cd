"""Rows out of what X's API v2 answers: texts, flags, references, notices, and whatever else may stand there."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.posts import POST_COLUMNS, batch
from curation.sources.files.json_items import compact_json
from curation.sources.records.not_a_post import LeftOutRecord, NotAPost
from curation.sources.records.tweets import row_of_v1_tweet, whole_repost
from curation.sources.records.x_api_posts import form_of_long_text, other_object, rows_of_response

ADA = {"id": "11", "username": "ada_example", "name": "Ada 🌱"}
BOB = {"id": "12", "username": "bob_example", "name": "Боб"}
METRICS = {"retweet_count": 1, "reply_count": 2, "like_count": 3, "quote_count": 4, "impression_count": 55}
LONG = "the kettle sang " * 12 + "&lt;3 — конец истории"


def tweet(number: int, text: str, **more: Any) -> dict[str, Any]:
    return {"id": f"17000000000000000{number:02}", "text": text, "author_id": "11"} | more


def answer(*tweets: dict[str, Any], **includes: list[Any]) -> dict[str, Any]:
    return {"data": list(tweets), "includes": {"users": [ADA, BOB]} | includes}


def row_of(page: dict[str, Any], **options: Any) -> dict[str, Any]:
    (found,) = rows_of_response(page, **options)
    assert not isinstance(found, NotAPost), str(found)
    return found[0]


def refers(*pairs: tuple[str, str]) -> dict[str, Any]:
    return {"referenced_tweets": [{"type": kind, "id": post} for kind, post in pairs]}


def test_every_field_of_a_post_finds_its_column():
    """A post with all its fields fills the columns, and nothing but columns of the schema."""
    row = row_of(
        answer(
            tweet(
                1,
                "tea &amp; toast ☕",
                created_at="2023-05-06T07:08:09.000Z",
                lang="en",
                possibly_sensitive=False,
                public_metrics=METRICS,
                source="Kettle Web",
                conversation_id="1700000000000000001",
                community_id="77",
            )
        ),
        references_requested=True,
    )
    assert row == {
        "platform": "x",
        "id": "1700000000000000001",
        "author": "ada_example",
        "author_name": "Ada 🌱",
        "author_id": "11",
        "created_at": datetime(2023, 5, 6, 7, 8, 9, tzinfo=UTC),
        "text": "tea &amp; toast ☕",
        "text_format": "escaped",
        "lang": "en",
        "is_repost": False,
        "repost_of": None,
        "is_reply": False,
        "reply_to": None,
        "reply_to_author": None,
        "is_quote": False,
        "quote_of": None,
        "conversation_id": "1700000000000000001",
        "edit_of": None,
        "is_sensitive": False,
        "community": "77",
        "client": "Kettle Web",
        "url": "https://x.com/ada_example/status/1700000000000000001",
        "like_count": 3,
        "repost_count": 1,
        "reply_count": 2,
        "quote_count": 4,
        "view_count": 55,
    }
    assert row.keys() <= {column.name for column in POST_COLUMNS}


# ---- texts


def test_a_cut_retweet_lands_with_the_whole_text_of_its_original():
    """The prefix stays as it was written, and the original's text stands behind it to its end."""
    cut = f"RT @Bob_Example: {LONG}"[:139] + "…"
    original = tweet(2, LONG, author_id="12")
    row = row_of(answer(tweet(1, cut, **refers(("retweeted", original["id"]))), tweets=[original]))
    assert row["text"] == f"RT @Bob_Example: {LONG}"
    assert (row["is_repost"], row["repost_of"], row["is_quote"]) == (True, original["id"], False)


def test_a_retweet_of_a_long_post_has_the_text_of_its_note():
    """`note_tweet` of the original comes before its `text`, and its form is that of the row."""
    original = tweet(2, "a &lt; b, and so on…", author_id="12", note_tweet={"text": "a < b, and so on to the end"})
    page = answer(tweet(1, "RT @bob_example: a &lt; b, and…", **refers(("retweeted", original["id"]))))
    page["includes"]["tweets"] = [original]
    row = row_of(page)
    assert (row["text"], row["text_format"]) == ("RT @bob_example: a < b, and so on to the end", "plain")


def test_a_retweet_whose_original_is_not_there_keeps_what_the_api_gave():
    """Nothing is invented where `includes` lacks the original."""
    row = row_of(answer(tweet(1, "RT @bob_example: once upon…", **refers(("retweeted", "5")))))
    assert (row["text"], row["is_repost"], row["repost_of"]) == ("RT @bob_example: once upon…", True, "5")


def test_a_retweet_without_its_prefix_gets_one_from_the_author_of_the_original():
    """Of a withheld account the API gives a notice instead of the retweet, but the original as it is."""
    own = tweet(1, "@ada_example's account has been withheld in Ruritania in response to a legal demand. Learn more.")
    original = tweet(2, "здравствуй, мир", author_id="12")
    row = row_of(answer(own | refers(("retweeted", original["id"])), tweets=[original]))
    assert row["text"] == "RT @bob_example: здравствуй, мир"


@pytest.mark.parametrize(
    ("own", "original", "author", "whole"),
    [
        ("RT @ada: short", "short", "ada", "RT @ada: short"),
        ("RT @ada: a longer one…", "a", "ada", "RT @ada: a longer one…"),  # the original is cut even more
        ("nothing before", "whole", None, "nothing before"),
        ("RT @ada: x", None, "ada", "RT @ada: x"),
        ("RT @ada: 長い話…", "長い話の終わり", None, "RT @ada: 長い話の終わり"),
    ],
)
def test_whole_repost(own, original, author, whole):
    """The original's text replaces a cut one only where it says more and where it is known whose it is."""
    assert whole_repost((own, "escaped"), (original, "escaped"), author)[0] == whole


def test_a_long_post_has_the_text_of_its_note():
    """`text` is cut at 280 characters; `note_tweet` has all of it, as people see it."""
    row = row_of(answer(tweet(1, "cats &amp; dogs …", note_tweet={"text": "cats & dogs and a third animal"})))
    assert (row["text"], row["text_format"]) == ("cats & dogs and a third animal", "plain")


@pytest.mark.parametrize(
    ("whole", "cut", "form"),
    [
        ("a &amp; b and more", "a &amp; b …", "escaped"),
        ("a & b and more", "a &amp; b …", "plain"),
        ("a & b, written &amp;", "a &amp; b …", "plain"),
        ("plain words only", "plain words …", "plain"),
        ("no entity before, &lt; here", "no entity …", "escaped"),
        ("no entity before, < and &lt;", "no entity …", "plain"),
        ("a &amp; b", None, "escaped"),
    ],
)
def test_the_form_of_a_long_text_is_told_by_its_cut_beginning(whole, cut, form):
    """Where the beginning, which is surely escaped, has an entity, it decides; else the characters do."""
    assert form_of_long_text(whole, cut) == form


@pytest.mark.parametrize(
    "notice",
    [
        "@ada_example's account is temporarily unavailable because it violates the X Media Policy. Learn more.",
        "@ada_example's account has been withheld in Ruritania in response to a legal demand. Learn more.",
        "This Tweet from @ada_example has been withheld in response to a report. Learn more.",
    ],
)
def test_a_notice_of_x_is_not_a_post(notice):
    """What X writes in the place of a withheld text is left out; a post that speaks of it lands."""
    found = rows_of_response(answer(tweet(1, notice), tweet(2, f"look: {notice}")))
    assert isinstance(found[0], LeftOutRecord)
    assert found[1][0]["text"] == f"look: {notice}"


# ---- references and flags


def test_a_reply_names_whom_and_what_it_answers():
    """The answered author comes from the included users."""
    row = row_of(answer(tweet(1, "@bob_example yes", in_reply_to_user_id="12", **refers(("replied_to", "5")))))
    assert (row["is_reply"], row["reply_to"], row["reply_to_author"]) == (True, "5", "bob_example")


def test_the_answered_author_may_only_stand_in_the_mentions():
    """Where `includes` lacks the user, the mention with that id has the handle."""
    mentions = {"mentions": [{"id": "98", "username": "no"}, {"id": "99", "username": "cleo_example"}]}
    row = row_of(answer(tweet(1, "@no @cleo_example hm", in_reply_to_user_id="99", entities=mentions)))
    assert (row["is_reply"], row["reply_to"], row["reply_to_author"]) == (True, None, "cleo_example")


def test_a_quote_adds_a_text_and_may_be_a_reply_too():
    """A post may quote one post and answer another."""
    row = row_of(answer(tweet(1, "see below", **refers(("quoted", "5"), ("replied_to", "6")))))
    assert (row["is_quote"], row["quote_of"], row["is_reply"], row["reply_to"]) == (True, "5", True, "6")


def test_flags_are_unknown_where_the_answer_was_not_asked_for_references():
    """A bare answer (id and text) says neither yes nor no, but a text without `RT @` is no retweet."""
    bare = {"data": [{"id": "1", "text": "hello"}, {"id": "2", "text": "RT @bob_example: hello"}]}
    flags = [[row[f] for f in ("is_repost", "is_reply", "is_quote")] for row, _ in rows_of_response(bare)]
    assert flags == [[False, None, None], [None, None, None]]
    asked = [
        [row[f] for f in ("is_repost", "is_reply")] for row, _ in rows_of_response(bare, references_requested=True)
    ]
    assert asked == [[False, False], [False, False]]
    other = tweet(3, "no", **refers(("quoted", "1")))
    assert rows_of_response(answer(tweet(1, "hi"), other))[0][0]["is_quote"] is False  # its neighbour shows it
    assert row_of(answer(tweet(1, "hi")) | {"__twarc": {}})["is_quote"] is False  # twarc asks for everything


def test_a_conversation_that_began_elsewhere_tells_a_reply():
    """Without references, the id of the conversation still says whether a post answers another."""
    assert row_of(answer(tweet(1, "yes", conversation_id="5")))["is_reply"] is True
    assert row_of(answer(tweet(1, "yes", conversation_id=tweet(1, "")["id"])))["is_reply"] is False


def test_each_version_of_an_edited_post_keeps_its_own_id():
    """Two versions are two texts that were public; their history stays in the record."""
    history = ["1700000000000000001", "1700000000000000002"]
    versions = [tweet(n, f"version {n}", edit_history_tweet_ids=history) for n in (1, 2)]
    found = rows_of_response(answer(*versions))
    assert [row["id"] for row, _ in found] == history
    assert [row["edit_of"] for row, _ in found] == [history[0]] * 2
    assert found[0][1]["data"]["edit_history_tweet_ids"] == history


# ---- pages


def test_only_data_lands_and_a_record_has_what_its_post_needs():
    """Included posts are context; the record of a post has its own context and not the page's."""
    original = tweet(3, "an original", author_id="12", attachments={"media_keys": ["7_1"]})
    page = answer(
        tweet(1, "RT @bob_example: an original", **refers(("retweeted", original["id"]))),
        tweet(2, "by itself"),
        tweets=[original, tweet(9, "somebody else's")],
        media=[{"media_key": "7_1", "type": "photo"}, {"media_key": "7_2"}],
    )
    (_, first), (_, second) = rows_of_response(page)
    assert first["includes"] == {
        "users": [ADA, BOB],
        "tweets": [original],
        "media": [{"media_key": "7_1", "type": "photo"}],
    }
    assert second == {"data": page["data"][1], "includes": {"users": [ADA]}}


def test_one_post_in_data_is_a_page_of_one():
    """Streams and single posts answer with an object in the place of a list."""
    page = {"data": tweet(1, "hi"), "includes": {"users": [ADA]}, "matching_rules": [{"id": 1}]}
    assert row_of(page)["author"] == "ada_example"


def test_a_flattened_tweet_has_its_context_in_itself():
    """twarc2's flattened form gives the same row as the page that it was made of."""
    original = tweet(2, LONG, author_id="12")
    retweet = tweet(1, f"RT @bob_example: {LONG}"[:139] + "…", **refers(("retweeted", original["id"])))
    reply = tweet(3, "@bob_example so?", in_reply_to_user_id="12", **refers(("replied_to", "5")))
    page = answer(retweet, reply, tweets=[original])
    flat = [copy.deepcopy(one) | {"author": ADA} for one in (retweet, reply)]
    flat[0]["referenced_tweets"][0] |= original | {"author": BOB}
    flat[1]["in_reply_to_user"] = BOB
    assert [row_of(one) for one in flat] == [row for row, _ in rows_of_response(page)]
    assert rows_of_response(flat[0])[0][1] == flat[0]


@pytest.mark.parametrize("page", [{"meta": {"result_count": 0}}, {"data": [], "meta": {}}, {"includes": {}}])
def test_an_answer_without_posts_is_no_error(page):
    """The last page of a timeline is often empty."""
    assert rows_of_response(page) == []


def test_error_messages_are_no_posts():
    """A message in the place of an answer is rejected, and posts that X gives no more are left out."""
    (found,) = rows_of_response({"errors": [{"title": "operational-disconnect", "detail": "bye"}]})
    assert "error message" in str(found)
    (found,) = rows_of_response({"title": "Unauthorized", "detail": "Unauthorized", "status": 401})
    assert "error message" in str(found)
    gone = {"resource_type": "tweet", "parameter": "ids", "resource_id": "5", "title": "Not Found Error"}
    context = gone | {"parameter": "referenced_tweets.id"}
    kept, left = rows_of_response(answer(tweet(1, "hi")) | {"errors": [context, gone]})
    assert kept[0]["text"] == "hi"
    assert (type(left), str(left)) == (LeftOutRecord, "X gives the post no more (Not Found Error)")


@pytest.mark.parametrize(
    ("record", "name"),
    [
        (ADA, "x-users"),
        ({"tweet_count": 5, "start": "a", "end": "b"}, "x-counts"),
        ({"id": "1", "name": "friends", "owner_id": "2", "member_count": 3}, "x-lists"),
        ({"id": "1", "action": "delete", "reason": "protected", "created_at": "x"}, "x-compliance"),
        ({"id": "1", "text": "psst", "event_type": "MessageCreate"}, "x-messages"),
        (tweet(1, "hi"), None),
        (tweet(1, "hi") | {"username": "ada", "name": "Ada"}, None),
        ([], None),
    ],
)
def test_objects_that_are_no_posts_are_known_by_their_keys(record, name):
    """Users, counts, lists, compliance notes and direct messages never land as posts."""
    assert other_object(record) == name
    if name:
        (found,) = rows_of_response({"data": [record]})
        assert type(found) is NotAPost


def test_a_retweet_of_api_v1_has_the_whole_text_of_its_status():
    """API v1.1 cuts retweets too; the original may have its text in `extended_tweet`."""
    original = {"id_str": "5", "text": "cut…", "extended_tweet": {"full_text": LONG}, "user": {"screen_name": "bob"}}
    row = row_of_v1_tweet({"id_str": "6", "full_text": "RT @bob: the kettle…", "retweeted_status": original})
    assert (row["text"], row["is_repost"], row["repost_of"]) == (f"RT @bob: {LONG}", True, "5")
    assert row_of_v1_tweet({"full_text": "hi", "retweeted_status": "odd"})["text"] == "hi"


# ---- properties

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
IDS = st.sampled_from(["1", "2", 3, None]) | VALUES
REFERENCES = st.lists(st.fixed_dictionaries({"type": st.sampled_from(["retweeted", "quoted"]) | VALUES, "id": IDS}))
TWEETS = st.fixed_dictionaries(
    {"id": IDS, "text": st.sampled_from(["RT @ada: x…", "a &lt; b"]) | VALUES},
    optional={
        "author_id": IDS,
        "referenced_tweets": REFERENCES | VALUES,
        "note_tweet": st.fixed_dictionaries({"text": VALUES}) | VALUES,
        "in_reply_to_user_id": IDS,
        "public_metrics": st.dictionaries(st.sampled_from(sorted(METRICS)), VALUES) | VALUES,
        "attachments": st.fixed_dictionaries({"media_keys": VALUES}) | VALUES,
        "entities": st.fixed_dictionaries({"mentions": st.lists(VALUES)}) | VALUES,
        "geo": VALUES,
        "created_at": VALUES,
        "conversation_id": IDS,
        "author": VALUES,
    },
)
PAGES = st.fixed_dictionaries(
    {},
    optional={
        "data": st.lists(TWEETS | VALUES, max_size=3) | TWEETS | VALUES,
        "includes": st.fixed_dictionaries(
            {},
            optional={
                "users": st.lists(st.fixed_dictionaries({"id": IDS, "username": VALUES}), max_size=3) | VALUES,
                "tweets": st.lists(TWEETS, max_size=3) | VALUES,
                "media": VALUES,
            },
        )
        | VALUES,
        "errors": st.lists(VALUES, max_size=2) | VALUES,
        "meta": VALUES,
        "text": VALUES,
    },
)


@settings(max_examples=200, deadline=None)
@given(page=PAGES | TWEETS | st.dictionaries(st.text(max_size=5), VALUES, max_size=3))
def test_whatever_stands_in_an_answer_nothing_is_raised(page):
    """Each object in `data` becomes a row that Arrow takes, with a record, or a reason why it is none."""
    found = rows_of_response(page)
    if isinstance(page.get("data"), list):
        assert len(found) >= len(page["data"])
    for one in found:
        if isinstance(one, NotAPost):
            assert str(one)
            continue
        row, record = one
        assert isinstance(row["text"], str)
        compact_json(record)
        flat = [v.encode("utf-8", "replace").decode() if isinstance(v, str) else v for v in row.values()]
        batch([dict(zip(row, flat, strict=True))])


@settings(max_examples=200, deadline=None)
@given(page=PAGES, asked=st.booleans())
def test_a_record_is_an_answer_with_the_same_row(page, asked):
    """What is kept of a post is enough to make its row again."""
    for one in rows_of_response(page, references_requested=asked):
        if not isinstance(one, NotAPost):
            assert rows_of_response(one[1], references_requested=asked) == [one]
