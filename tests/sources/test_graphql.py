"""Rows out of raw answers of X's website: whatever lies around the posts, and what stands in their place."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.posts import POST_COLUMNS
from curation.sources.files.json_items import compact_json
from curation.sources.records.graphql import holds_only_users, rows_of_dump
from curation.sources.records.not_a_post import LeftOutRecord, NotAPost

LONG = "the gardener counts her pears & plums <3 " * 9 + "— конец"


def user(name: str, number: int = 11, *, new: bool = True) -> dict[str, Any]:
    """A profile: the handle lies in `core` since 2025, in `legacy` before."""
    names = {"screen_name": name, "name": name.title()}
    halves = {"core": names, "legacy": {"followers_count": 3}} if new else {"legacy": names | {"followers_count": 3}}
    return {"__typename": "User", "rest_id": str(number)} | halves


def tweet(number: int, text: str, by: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A tweet's object; `legacy` in `more` is added to its `legacy`."""
    legacy = {
        "id_str": str(number),
        "full_text": text,
        "created_at": "Sat May 06 07:08:09 +0000 2023",
        "conversation_id_str": str(number),
        "user_id_str": "11",
        "lang": "en",
        "favorite_count": 3,
        "retweet_count": 1,
        "reply_count": 2,
        "quote_count": 4,
        "is_quote_status": False,
        "possibly_sensitive": False,
    } | more.pop("legacy", {})
    core = {"user_results": {"result": user("ada_example") if by is None else by}}
    source = '<a href="https://example.org">Kettle Web</a>'
    whole = {"__typename": "Tweet", "rest_id": str(number), "core": core, "legacy": legacy, "source": source}
    return whole | {"views": {"count": "55", "state": "EnabledWithCount"}} | more


def content(result: Any, **more: Any) -> dict[str, Any]:
    return {"itemType": "TimelineTweet", "tweet_results": {} if result is None else {"result": result}} | more


def entry(result: Any, **more: Any) -> dict[str, Any]:
    return {
        "entryId": "tweet-1",
        "content": {"entryType": "TimelineTimelineItem", "itemContent": content(result, **more)},
    }


def module(*results: Any) -> dict[str, Any]:
    items = [{"entryId": "m-tweet", "item": {"itemContent": content(result)}} for result in results]
    return {"entryId": "profile-conversation-1", "content": {"entryType": "TimelineTimelineModule", "items": items}}


CURSOR = {"entryId": "cursor-bottom-1", "content": {"entryType": "TimelineTimelineCursor", "value": "x"}}


def timeline(*entries: dict[str, Any], pinned: dict[str, Any] | None = None) -> dict[str, Any]:
    instructions: list[dict[str, Any]] = [{"type": "TimelineClearCache"}]
    if pinned:
        instructions.append({"type": "TimelinePinEntry", "entry": pinned})
    instructions.append({"type": "TimelineAddEntries", "entries": [*entries, CURSOR]})
    return {
        "data": {
            "user": {"result": {"__typename": "User", "timeline": {"timeline": {"instructions": instructions}}}},
        }
    }


def rows(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [found[0] for found in rows_of_dump(answer) if not isinstance(found, NotAPost)]


def row(*args: Any, **more: Any) -> dict[str, Any]:
    (only,) = rows(timeline(entry(tweet(*args, **more))))
    return only


def test_every_field_of_a_post_finds_its_column():
    """What `legacy` says and what stands beside it are one row, in the schema's columns."""
    community = {"result": {"__typename": "Community", "id_str": "77"}}
    whole = row(5, "tea &amp; toast ☕", community_results=community)
    assert whole == {
        "platform": "x",
        "id": "5",
        "author": "ada_example",
        "author_name": "Ada_Example",
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
        "conversation_id": "5",
        "edit_of": None,
        "is_sensitive": False,
        "community": "77",
        "client": "Kettle Web",
        "url": "https://x.com/ada_example/status/5",
        "like_count": 3,
        "repost_count": 1,
        "reply_count": 2,
        "quote_count": 4,
        "view_count": 55,
    }
    assert whole.keys() <= {column.name for column in POST_COLUMNS}


def test_the_handle_is_found_in_old_and_new_profiles():
    """Since 2025 the handle lies in `core`; before, in `legacy`."""
    for new in (True, False):
        found = row(1, "hi", user("bob_example", 12, new=new))
        assert (found["author"], found["author_name"], found["author_id"]) == ("bob_example", "Bob_Example", "12")


def test_an_author_whom_x_does_not_show_is_known_by_number():
    """A suspended author has no profile, but the tweet has the number."""
    found = row(1, "hi", {"__typename": "UserUnavailable"})
    assert (found["author"], found["author_id"], found["is_repost"]) == (None, "11", False)


# ---- which posts


def test_the_posts_of_a_timeline_land_in_their_order():
    """Pinned posts and conversations are posts of the answer; cursors are nothing."""
    answer = timeline(
        entry(tweet(2, "two")),
        module(tweet(3, "three"), tweet(4, "four", user("bob_example", 12))),
        entry(tweet(5, "five")),
        pinned=entry(tweet(1, "one")),
    )
    assert [post["id"] for post in rows(answer)] == ["1", "2", "3", "4", "5"]


def test_quoted_and_retweeted_posts_do_not_land_by_themselves():
    """They belong to the post that holds them, and their record holds them."""
    inner = tweet(9, "inner", user("bob_example", 12))
    quote = tweet(1, "look", quoted_status_result={"result": inner}, legacy={"quoted_status_id_str": "9"})
    repost = tweet(2, "RT @bob_example: inner", legacy={"retweeted_status_result": {"result": inner}})
    found = rows_of_dump(timeline(entry(quote), entry(repost)))
    assert [(post["id"], post["is_quote"], post["quote_of"], post["repost_of"]) for post, _ in found] == [
        ("1", True, "9", None),
        ("2", False, None, "9"),
    ]
    assert [record for _, record in found] == [quote, repost]


def test_advertisements_are_left_out():
    """A promoted post is not of the timeline's people."""
    found = rows_of_dump(timeline(entry(tweet(1, "buy"), promotedMetadata={}), entry(tweet(2, "hi"))))
    assert (type(found[0]), str(found[0])) == (LeftOutRecord, "an advertisement")
    assert found[1][0]["id"] == "2"


@pytest.mark.parametrize(
    ("result", "why"),
    [
        (
            {
                "__typename": "TweetTombstone",
                "tombstone": {"text": {"text": "This Post was deleted by the Post author. Learn more"}},
            },
            "X shows a notice in the place of the post: “This Post was deleted by the Post author.”",
        ),
        (
            {"__typename": "TweetUnavailable", "reason": "Suspended"},
            "X shows a notice in the place of the post: “Suspended”",
        ),
        ({"__typename": "TweetUnavailable"}, "X doesn't show the post"),
        ({"__typename": "TweetTombstone", "tombstone": {"text": 5}}, "X doesn't show the post"),
        (None, "X shows nothing in the place of the post"),
    ],
)
def test_what_stands_in_the_place_of_a_post_is_left_out_with_its_reason(result, why):
    """A tombstone is nobody's mistake: it is counted, not rejected."""
    (found,) = rows_of_dump(timeline(entry(result)))
    assert (type(found), str(found)) == (LeftOutRecord, why)


def test_a_wrapped_tweet_is_unwrapped():
    """X wraps a tweet whose replies are limited; the record keeps the wrapper."""
    wrapped = {"__typename": "TweetWithVisibilityResults", "tweet": tweet(1, "hi"), "limitedActionResults": {}}
    ((found, record),) = rows_of_dump(timeline(entry(wrapped)))
    assert (found["id"], found["text"], record) == ("1", "hi", wrapped)


@pytest.mark.parametrize("typename", ["Tweet", None])
def test_single_posts_and_parts_of_answers_are_read(typename):
    """Posts that were asked for one by one, entries and tweets by themselves are the same posts."""
    one = tweet(1, "hi") | {"__typename": typename}
    parts = [{"data": {"tweetResult": {"result": one}}}, {"data": {"tweetResult": [{"result": one}]}}, entry(one), one]
    assert [rows(part) for part in parts] == [rows(one)] * 4


def test_lists_of_users_and_empty_timelines_have_no_posts():
    """Followers are profiles, a timeline's last page only cursors; a tweet without a text is rejected."""
    follower = {"itemType": "TimelineUser", "user_results": {"result": user("bob_example")}}
    followers = timeline({"entryId": "user-1", "content": {"itemContent": follower}})
    assert (rows_of_dump(followers), holds_only_users(followers)) == ([], True)
    assert (rows_of_dump(timeline()), holds_only_users(timeline())) == ([], False)
    assert holds_only_users(timeline(entry(tweet(1, "hi")))) is False
    (found,) = rows_of_dump(timeline(entry({"__typename": "Tweet", "rest_id": "1"})))
    assert (type(found), str(found)) == (NotAPost, "it has no text")


def test_a_profile_that_holds_a_timeline_is_walked_into():
    """Some answers put the profile and its timeline into one object."""
    answer = timeline(entry(tweet(1, "hi")))
    answer["data"]["user"]["result"] |= user("ada_example")
    assert [post["id"] for post in rows(answer)] == ["1"]


# ---- texts and references


def test_the_whole_text_of_a_long_post_is_unescaped():
    """`full_text` is cut and escaped, the note is neither."""
    note = {"note_tweet_results": {"result": {"text": LONG}}}
    found = row(1, "the gardener counts her pears &amp; plums …", note_tweet=note)
    assert (found["text"], found["text_format"]) == (LONG, "plain")


def test_a_retweet_has_the_whole_text_of_its_original():
    """Behind `RT @handle: ` stands the original to its end, in the original's form."""
    note = {"note_tweet_results": {"result": {"text": LONG}}}
    original = tweet(9, LONG[:200], user("bob_example", 12), note_tweet=note)
    cut = {"retweeted_status_result": {"result": {"__typename": "TweetWithVisibilityResults", "tweet": original}}}
    found = row(1, f"RT @Bob_Example: {LONG[:100]}…", legacy=cut)
    assert (found["text"], found["text_format"]) == (f"RT @Bob_Example: {LONG}", "plain")
    assert (found["is_repost"], found["repost_of"]) == (True, "9")


def test_a_retweet_of_a_deleted_post_keeps_its_own_text():
    """A tombstone inside says nothing, but a retweet it is."""
    gone = {"retweeted_status_result": {"result": {"__typename": "TweetTombstone", "tombstone": {}}}}
    found = row(1, "RT @bob_example: once…", legacy=gone)
    assert (found["text"], found["is_repost"], found["repost_of"]) == ("RT @bob_example: once…", True, None)


def test_a_reply_names_whom_it_answers():
    """`legacy` names the post, the author and the conversation."""
    reply = {
        "in_reply_to_status_id_str": "7",
        "in_reply_to_screen_name": "bob_example",
        "conversation_id_str": "6",
    }
    found = row(8, "@bob_example ja, 行こう", legacy=reply)
    assert [found[name] for name in ("is_reply", "reply_to", "reply_to_author", "conversation_id")] == [
        True, "7", "bob_example", "6",
    ]  # fmt: skip


# ---- properties

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
NAMES = [
    "data", "entries", "content", "itemContent", "items", "tweet_results", "result", "legacy", "core", "tweet",
    "full_text", "rest_id", "screen_name", "user_results", "note_tweet", "note_tweet_results", "text", "tombstone",
    "retweeted_status_result", "quoted_status_result", "__typename", "views", "count", "promotedMetadata",
    "community_results", "source", "timeline", "reason",
]  # fmt: skip
ODD = st.recursive(
    VALUES | st.sampled_from(["Tweet", "TweetWithVisibilityResults", "TweetTombstone", "User", "RT @ada: x…"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
    max_leaves=25,
)


@st.composite
def damaged(draw: st.DrawFn) -> dict[str, Any]:
    """A sound answer with odd values in some places."""
    inner = tweet(9, "inner", user("bob_example", 12))
    more = {"quoted_status_result": {"result": inner}, "legacy": {"retweeted_status_result": {"result": inner}}}
    answer = deepcopy(timeline(entry(tweet(1, "RT @bob_example: in…", **more)), module(tweet(2, "b"), None)))
    for _ in range(draw(st.integers(1, 3))):
        node: Any = answer
        while True:
            keys = list(node) if isinstance(node, dict) else list(range(len(node)))
            key = draw(st.sampled_from(keys))
            if not isinstance(node[key], dict | list) or not node[key] or draw(st.integers(0, 9)) == 0:
                node[key] = draw(ODD)
                break
            node = node[key]
        if not answer["data"] or not isinstance(answer["data"], dict):
            break
    return answer


@settings(max_examples=200, deadline=None)
@given(answer=damaged() | st.dictionaries(st.sampled_from(NAMES), ODD, max_size=5))
def test_whatever_stands_in_an_answer_nothing_is_raised(answer):
    """Each place of a post gives a row with its record, or a reason; the record gives that row again."""
    holds_only_users(answer)
    for found in rows_of_dump(answer):
        if isinstance(found, NotAPost):
            assert str(found)
            continue
        post, record = found
        assert isinstance(post["text"], str)
        compact_json(record)
        assert rows_of_dump(record) == [found]


def test_an_answer_nested_a_thousand_times_is_walked():
    """The walk has no depth of its own to run out of."""
    answer: Any = tweet(1, "deep")
    for _ in range(5000):
        answer = {"result": [answer]}
    assert [post["text"] for post in rows(answer)] == ["deep"]
