"""One tweet of X's own forms becomes one row of the raw schema."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.posts import POST_COLUMNS, batch, batch_of_columns
from curation.sources.records.moments import parse_time
from curation.sources.records.tweet_columns import columns_of_tweets
from curation.sources.records.tweets import client_name, post_from_tweet

ARCHIVED = {
    "id": "1580000000000000001",
    "id_str": "1580000000000000001",
    "created_at": "Wed Oct 19 20:07:25 +0000 2022",
    "full_text": "Tea &amp; toast at &lt;seven&gt;",
    "favorite_count": "12",
    "retweet_count": "0",
    "retweeted": False,
    "possibly_sensitive": False,
    "lang": "en",
    "source": '<a href="http://example.org/app" rel="nofollow">Pen &amp; Paper</a>',
}
MONTHLY = {
    "id": 4711,
    "id_str": "4711",
    "created_at": "2009-02-01 00:00:00 +0000",
    "text": "a walk by the river",
    "source": "web",
    "user": {"screen_name": "alice", "name": "Alice Example", "id_str": "7"},
}


def test_an_archived_tweet_has_its_columns():
    """Counts written as text become numbers, the text stays escaped and the client loses its link."""
    post = post_from_tweet(ARCHIVED, author="@alice", author_name="Alice", author_id="7")
    assert post["id"] == "1580000000000000001"
    assert post["author"] == "alice"
    assert post["text"] == "Tea &amp; toast at &lt;seven&gt;"
    assert post["text_format"] == "escaped"
    assert post["created_at"] == datetime(2022, 10, 19, 20, 7, 25, tzinfo=UTC)
    assert (post["like_count"], post["repost_count"], post["reply_count"]) == (12, 0, None)
    assert post["client"] == "Pen & Paper"
    assert post["url"] == "https://x.com/alice/status/1580000000000000001"
    assert post["is_sensitive"] is False


def test_what_a_form_cannot_say_is_null():
    """Archives since 2019 never mark retweets or quotes, so the flags are NULL there and False elsewhere."""
    assert post_from_tweet(ARCHIVED)["is_repost"] is None
    assert post_from_tweet(ARCHIVED)["is_quote"] is None
    assert post_from_tweet(MONTHLY)["is_repost"] is False
    assert post_from_tweet(MONTHLY)["is_quote"] is None
    assert post_from_tweet({**MONTHLY, "is_quote_status": False})["is_quote"] is False
    assert post_from_tweet(ARCHIVED)["url"] is None


def test_a_tweet_s_own_user_is_its_author():
    """The arguments stand only where the tweet has no user of its own."""
    post = post_from_tweet(MONTHLY, author="bob", author_name="Bob", author_id="9")
    assert (post["author"], post["author_name"], post["author_id"]) == ("alice", "Alice Example", "7")


def test_the_text_id_wins_over_the_rounded_number():
    """A numeric id that a float has rounded is never used when the id stands beside it as text."""
    tweet = {"id": 870058160001663000, "id_str": "870058160001662977", "text": "hello"}
    assert post_from_tweet(tweet)["id"] == "870058160001662977"
    assert post_from_tweet({"id": 870058160001663000, "text": "hello"})["id"] == "870058160001663000"
    assert post_from_tweet({"id": 8.70058160001663e17, "text": "hello"})["id"] == "8.70058160001663e+17"
    assert post_from_tweet({"text": "hello"})["id"] is None


def test_a_retweet_names_what_it_passes_on():
    """`retweeted_status` makes a repost, and what that quotes is not quoted by the retweet."""
    original = {"id": 10, "id_str": "10", "text": "a walk"}
    post = post_from_tweet(
        {**MONTHLY, "retweeted_status": original, "is_quote_status": True, "quoted_status_id_str": "3"}
    )
    assert (post["is_repost"], post["repost_of"]) == (True, "10")
    assert (post["is_quote"], post["quote_of"]) == (False, None)


@pytest.mark.parametrize("quote", [{"quoted_status_id_str": "3"}, {"quoted_status": {"id_str": "3", "id": 4}}])
def test_a_quote_names_what_it_quotes(quote):
    """Either of the two fields that older forms have makes a quote."""
    post = post_from_tweet({**MONTHLY, **quote})
    assert (post["is_quote"], post["quote_of"]) == (True, "3")


def test_a_reply_is_one_by_post_or_by_person():
    """A tweet to somebody, without the tweet that it answers, is a reply as well."""
    to_post = {"in_reply_to_status_id_str": "5", "in_reply_to_screen_name": "bob"}
    post = post_from_tweet({**ARCHIVED, **to_post})
    assert (post["is_reply"], post["reply_to"], post["reply_to_author"]) == (True, "5", "bob")
    assert post_from_tweet({**ARCHIVED, "in_reply_to_user_id_str": "9"})["is_reply"] is True
    assert post_from_tweet({**ARCHIVED, "in_reply_to_status_id": None})["is_reply"] is False


def test_the_whole_text_is_taken_where_there_are_two():
    """`full_text`, then the streaming API's extended text, then `text`."""
    assert post_from_tweet({"full_text": "long", "text": "short"})["text"] == "long"
    assert post_from_tweet({"text": "short", "extended_tweet": {"full_text": "long"}})["text"] == "long"
    assert post_from_tweet({"full_text": None, "text": "short"})["text"] == "short"
    assert post_from_tweet({"text": 5})["text"] is None


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Wed Oct 19 20:07:25 +0000 2022", "2022-10-19T20:07:25+00:00"),
        ("Wed Oct 19 20:07:25 -0330 2022", "2022-10-19T23:37:25+00:00"),
        ("2007-02-01 00:00:00 +0000", "2007-02-01T00:00:00+00:00"),
        ("2022-10-19T20:07:25Z", "2022-10-19T20:07:25+00:00"),
        ("2022-10-19T20:07:25.000Z", "2022-10-19T20:07:25+00:00"),
        ("2022-10-19T20:07:25.5+02:00", "2022-10-19T18:07:25.500000+00:00"),
        ("2022-10-19T20:07:25", "2022-10-19T20:07:25+00:00"),
        ("2022-10-19 20:07:25 UTC", "2022-10-19T20:07:25+00:00"),
        ("2022-10-19", "2022-10-19T00:00:00+00:00"),
        (1666210045, "2022-10-19T20:07:25+00:00"),
        ("1666210045", "2022-10-19T20:07:25+00:00"),
        (1666210045000, "2022-10-19T20:07:25+00:00"),
        ("1666210045000", "2022-10-19T20:07:25+00:00"),
        (1666210045.5, "2022-10-19T20:07:25.500000+00:00"),
        (datetime(2022, 10, 19, 20, 7, 25), "2022-10-19T20:07:25+00:00"),
        (datetime(2022, 10, 19, 22, tzinfo=timezone(timedelta(hours=2))), "2022-10-19T20:00:00+00:00"),
    ],
)
def test_times_are_read(written, expected):
    """Every way in which these forms write a time means the same point in UTC."""
    assert parse_time(written).isoformat() == expected


NO_TIMES = (
    *("", "yesterday", "19/10/2022 20:07", "Wed Foo 19 20:07:25 +0000 2022"),
    "Wed Feb 31 20:07:25 +0000 2022",
    "0001-01-01T00:00:00+14:00",
    *(None, True, 2022, 44000.5, float("nan"), float("inf"), 10**400, []),
)


@pytest.mark.parametrize("written", NO_TIMES)
def test_what_is_no_time_is_null(written):
    """A value that can't be understood is NULL and never an exception."""
    assert parse_time(written) is None


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("web", "web"),
        ('<a href="x">A &lt; B</a>', "A < B"),
        ("", None),
        (None, None),
        ("<a></a>", None),
        (3, None),
    ],
)
def test_the_client_is_a_name_without_markup(source, name):
    """The link around a client's name goes, and entities in it are decoded."""
    assert client_name(source) == name


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=4,
)
KEYS = st.sampled_from(
    sorted({*ARCHIVED, *MONTHLY, "retweeted_status", "quoted_status_id", "is_quote_status", "extended_tweet"})
)


@settings(deadline=None)
@given(st.dictionaries(KEYS, ANYTHING))
def test_any_types_make_a_row(tweet):
    """Whatever stands in a tweet, the row fits the raw schema and has no other columns."""
    post = post_from_tweet(tweet, author="alice")
    assert set(post) <= {column.name for column in POST_COLUMNS}
    required = {"text": post["text"] or "", "source": "x-archive"}
    assert batch([{**post, **required}]).num_rows == 1


@settings(deadline=None)
@given(st.datetimes(min_value=datetime(1980, 1, 1), max_value=datetime(2100, 1, 1)))
def test_iso_times_come_back(moment):
    """A time written as ISO 8601 comes back to the microsecond."""
    assert parse_time(moment.replace(tzinfo=UTC).isoformat()) == moment.replace(tzinfo=UTC)


def test_a_row_holds_no_references_to_the_tweet():
    """The mapping leaves the tweet as it was."""
    before = json.dumps(ARCHIVED)
    post_from_tweet(ARCHIVED)["text"] = "changed"
    assert json.dumps(ARCHIVED) == before


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 2), st.integers(2**62, 2**64), st.floats(allow_nan=False), st.just([]),
    st.just({}), st.sampled_from(["", " ", "0", "7", "12", "-1", "true", "é", "@alice", "1.5", "x y"]),
    st.text(max_size=4),
)  # fmt: skip
TIMES = st.sampled_from([
    "Wed Oct 19 20:07:25 +0000 2022", "Wed Oct 19 20:07:60 +0000 2022", "Wed Oct 19 20:07:25 +0100 2022",
    "2009-02-01 00:00:00 +0000", "2009-02-30 00:00:00 +0000", "2009-W02-1 00:00:00 +0000", "1970-01-01 00:00:00 +0000",
    "1899-02-01 00:00:00 +0000", "2500-02-01 00:00:00 +0000", "2009-02-01T00:00:00 +0000",
    "Foo Bar 19 20:07:25 +0000 2022",
])  # fmt: skip
OTHER = st.dictionaries(st.sampled_from(["id", "id_str", "screen_name", "name", "source_status_id"]), VALUES)
FIELDS = [
    "id", "id_str", "in_reply_to_status_id_str", "in_reply_to_status_id", "in_reply_to_user_id_str", "view_count",
    "in_reply_to_user_id", "in_reply_to_screen_name", "lang", "possibly_sensitive", "source", "favorite_count",
    "retweet_count", "community_id_str", "conversation_id", "quoted_status_id_str", "is_quote_status",
    "retweeted_status_id", "edit_info",
]  # fmt: skip
TWEETS = st.builds(
    lambda *parts: {key: value for part in parts for key, value in part.items()},
    st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=12),
    st.dictionaries(st.sampled_from(["user", "retweeted_status", "quoted_status", "share"]), VALUES | OTHER),
    st.dictionaries(st.just("created_at"), TIMES | VALUES),
    st.dictionaries(st.just("full_text"), st.text(max_size=5) | VALUES, max_size=1),
    st.fixed_dictionaries({"text": st.text(max_size=5)}),
)


@settings(deadline=None)
@given(st.lists(TWEETS, min_size=1, max_size=4), st.sampled_from([{}, {"author": "@bob", "author_name": "Bob"}]))
def test_columns_say_what_rows_say(tweets, owner):
    """Many tweets at once have the values that each has by itself, whatever the types in them are."""
    rows = [post_from_tweet(tweet, **owner) for tweet in tweets]
    columns = columns_of_tweets(tweets, **owner)
    assert columns is not None
    columns |= {"text_format": pa.array(["escaped"] * len(rows)), "source": pa.array(["x"] * len(rows))}
    assert (
        batch_of_columns(columns, len(rows)).to_pylist() == batch([{**row, "source": "x"} for row in rows]).to_pylist()
    )
