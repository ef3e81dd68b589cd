"""Posts and comments of Reddit, in dumps, answers of the API and one's own data."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from curation.sources.dialects import Context
from curation.sources.dialects.reddit import Reddit
from curation.sources.records.not_a_post import LeftOutRecord
from tests.sources.dialects.landing import collected, only, written

POST = {
    "id": "abc1",
    "title": "Fog &amp; ferries",
    "selftext": "霧の中",
    "author": "ferry_clerk",
    "subreddit": "harbours",
    "created_utc": 1709630100,
    "score": 7,
    "num_comments": 1,
    "permalink": "/r/harbours/comments/abc1/fog/",
    "over_18": False,
}
COMMENT = {
    "id": "k1",
    "body": "&gt; fog\n\nда",
    "author": "bell",
    "subreddit": "harbours",
    "link_id": "t3_abc1",
    "parent_id": "t1_k0",
    "created_utc": "1709630100",
    "score": -2,
}


def read(record: dict[str, Any]) -> list[Any]:
    return [str(f) if isinstance(f, LeftOutRecord) else f[0] for f in Reddit.posts(record, Context())]


def test_a_post_is_its_title_and_its_text(tmp_path):
    """A comment answers its parent in the conversation of its post."""
    rows, rejected, _ = collected(written(tmp_path / "a.jsonl", POST, COMMENT))
    assert rejected == []
    assert only(rows, "platform", "id", "author", "text", "text_format", "reply_to", "conversation_id") == [
        ("reddit", "t3_abc1", "ferry_clerk", "Fog &amp; ferries\n\n霧の中", "escaped", None, "t3_abc1"),
        ("reddit", "t1_k1", "bell", "&gt; fog\n\nда", "escaped", "t1_k0", "t3_abc1"),
    ]
    assert {row["created_at"] for row in rows} == {datetime(2024, 3, 5, 9, 15, tzinfo=UTC)}
    assert rows[0]["url"] == "https://www.reddit.com/r/harbours/comments/abc1/fog/"


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"selftext": "[removed]"}, "Fog &amp; ferries"),
        ({"selftext": "[deleted]", "author": "[deleted]"}, "Fog &amp; ferries"),
        ({"selftext": ""}, "Fog &amp; ferries"),
        ({"title": "", "selftext": "only text"}, "only text"),
    ],
)
def test_what_was_removed_is_no_text(fields, text):
    """The title stays where only the text was removed; a deleted author is nobody."""
    (row,) = read(POST | fields)
    assert row["text"] == text
    assert row["author"] == (None if fields.get("author") else "ferry_clerk")


@pytest.mark.parametrize(
    "record", [{**COMMENT, "body": "[removed]"}, {**POST, "title": "[deleted by user]", "selftext": "[removed]"}]
)
def test_nothing_but_removed_text_is_left_out(record):
    """It is counted, and nobody is to blame."""
    assert read(record) == ["the text was removed or deleted"]


def test_an_answer_of_the_api_has_the_comments_below_comments():
    """Listings in listings; what is only named is counted."""
    inner = {
        "kind": "Listing",
        "data": {"children": [{"kind": "t1", "data": {**COMMENT, "id": "k2", "name": "t1_k2"}}]},
    }
    outer = {"kind": "t1", "data": {**COMMENT, "replies": inner}}
    listing = {
        "kind": "Listing",
        "data": {"children": [{"kind": "t3", "data": POST}, outer, {"kind": "more", "data": {"count": 4}}]},
    }
    found = read(listing)
    assert [row["id"] for row in found[:3]] == ["t3_abc1", "t1_k1", "t1_k2"]
    assert isinstance(found[3], str)
    assert Reddit.score(listing) == 1


def test_ones_own_data_has_addresses_and_no_ip_address_is_kept():
    """posts.csv and comments.csv of Reddit's own export."""
    cells = {
        "id": "k1",
        "permalink": "https://www.reddit.com/r/harbours/comments/abc1/fog/k1/",
        "date": "2024-03-05 09:15:00 UTC",
        "ip": "203.0.113.9",
        "subreddit": "harbours",
        "gildings": "0",
        "link": "https://www.reddit.com/r/harbours/comments/abc1/fog/",
        "parent": "",
        "body": "tea & fog",
        "media": "",
    }
    assert Reddit.columns_score(cells) == 1
    ((row, raw),) = Reddit.posts(cells, Context(author="ada"))
    assert (row["id"], row["text"], row["text_format"], row["reply_to"]) == ("t1_k1", "tea & fog", "plain", "t3_abc1")
    assert "ip" not in raw
