"""Posts in the envelopes of capturing tools: Zeeschuimer, 4CAT and gallery-dl."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from curation.sources.dialects import Context
from curation.sources.dialects.four_cat import FourCat
from tests.sources.dialects.landing import collected, only, rows_of, written

TWEET = {
    "__typename": "Tweet",
    "id": "VHdlZXQ=",
    "rest_id": "1800000000000000001",
    "core": {"user_results": {"result": {"rest_id": "9", "core": {"screen_name": "ferry_clerk", "name": "Паром"}}}},
    "legacy": {"full_text": "чай &amp; туман", "created_at": "Tue Mar 05 09:15:00 +0000 2024"},
}


def envelope(platform: str, data: Any, number: int = 1) -> dict[str, Any]:
    return {
        "nav_index": f"{number}:0",
        "item_id": str(number),
        "timestamp_collected": 1,
        "source_platform": platform,
        "source_url": "https://example.org",
        "data": data,
    }


def test_a_captured_post_is_read_as_its_platform_writes_it(tmp_path):
    """`data` with an `id` is no answer of API v2."""
    hidden = {"__typename": "TweetWithVisibilityResults", "tweet": {**TWEET, "rest_id": "1800000000000000002"}}
    path = written(tmp_path / "a.ndjson", envelope("twitter.com", TWEET), envelope("x.com", hidden, 2))
    assert only(rows_of(path), "platform", "id", "author", "text", "text_format") == [
        ("x", "1800000000000000001", "ferry_clerk", "чай &amp; туман", "escaped"),
        ("x", "1800000000000000002", "ferry_clerk", "чай &amp; туман", "escaped"),
    ]


def test_other_platforms_have_their_own_names(tmp_path):
    """What is of no platform that is known is left out and counted."""
    threads = {
        "pk": "31",
        "code": "C0a",
        "taken_at": 1709630100,
        "user": {"pk": "9", "username": "ferry_clerk"},
        "caption": {"text": "霧の中の船"},
        "like_count": 4,
        "text_post_app_info": {"is_reply": True, "direct_reply_count": 1},
    }
    truth = {
        "id": "1120",
        "account": {"id": "5", "acct": "ferry_clerk", "url": "https://truthsocial.com/@ferry_clerk"},
        "content": "<p>fog</p>",
        "visibility": "public",
        "created_at": "2024-03-05T09:15:00Z",
        "reblog": None,
        "url": "https://truthsocial.com/@ferry_clerk/1120",
        "uri": "https://truthsocial.com/@ferry_clerk/1120",
    }
    video = {
        "id": "7300",
        "desc": "หมอกบนแม่น้ำ",
        "createTime": 1709630100,
        "author": {"uniqueId": "ferry_clerk", "nickname": "F"},
        "stats": {"diggCount": 2, "playCount": 9},
    }
    path = written(
        tmp_path / "a.ndjson",
        envelope("threads.net", threads),
        envelope("truthsocial.com", truth),
        envelope("tiktok.com", video),
        envelope("pinterest.com", {"id": 1}),
    )
    rows, rejected, notices = collected(path)
    assert only(rows, "platform", "id", "author", "text", "created_at") == [
        ("threads", "31", "ferry_clerk", "霧の中の船", datetime(2024, 3, 5, 9, 15, tzinfo=UTC)),
        ("truthsocial", "1120", "ferry_clerk", "fog", datetime(2024, 3, 5, 9, 15, tzinfo=UTC)),
        ("tiktok", "7300", "ferry_clerk", "หมอกบนแม่น้ำ", datetime(2024, 3, 5, 9, 15, tzinfo=UTC)),
    ]
    assert rejected == []
    assert any("pinterest.com" in notice for notice in notices)


PICTURE = {
    "tweet_id": 1521000000000000001,
    "retweet_id": 0,
    "quote_id": 0,
    "reply_id": 0,
    "date": "2022-05-02 21:23:04",
    "author": {"id": 9, "name": "ferry_clerk", "nick": "Паром"},
    "user": {"id": 9, "name": "ferry_clerk", "nick": "Паром"},
    "content": "две лужи",
    "favorite_count": 3,
    "category": "twitter",
    "subcategory": "tweets",
    "num": 1,
    "count": 2,
}


def test_every_picture_of_a_post_is_the_same_post(tmp_path):
    """The handle is `author.name`; of a retweet whoever passed it on is the author."""
    passed_on = {
        **PICTURE,
        "tweet_id": 1521000000000000002,
        "retweet_id": 1521000000000000009,
        "author": {"id": 8, "name": "harbour_bell", "nick": "Bell"},
    }
    rows = rows_of(written(tmp_path / "a.jsonl", PICTURE, {**PICTURE, "num": 2}, passed_on))
    assert only(rows, "platform", "id", "author", "author_name", "text", "is_repost", "repost_of") == [
        ("x", "1521000000000000001", "ferry_clerk", "Паром", "две лужи", False, None),
        ("x", "1521000000000000001", "ferry_clerk", "Паром", "две лужи", False, None),
        ("x", "1521000000000000002", "ferry_clerk", "Паром", "две лужи", True, "1521000000000000009"),
    ]


COMMON = {"id": "1", "thread_id": "1", "timestamp": "2024-03-05 09:15:00", "body": "fog", "author": "ferry_clerk"}


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"is_retweet": "yes", "retweet_count": "3", "unix_timestamp": "1709630100"}, ("x", True, 3)),
        (
            {"message_link": "https://t.me/a/1", "forwards": "2", "author_forwarded_from_name": ""},
            ("telegram", False, 2),
        ),
        ({"subreddit": "fog", "subject": "Title"}, ("reddit", None, None)),
    ],
)
def test_a_table_of_4cat_tells_its_platform(cells, expected):
    """Its common names are the same for all platforms."""
    record = COMMON | cells
    assert FourCat.columns_score(record) == 1
    ((row, _),) = FourCat.posts(record, Context())
    assert (row["platform"], row["is_repost"], row["repost_count"]) == expected
    assert row["created_at"] == datetime(2024, 3, 5, 9, 15, tzinfo=UTC)
    assert row["text"] == ("Title\n\nfog" if "subject" in cells else "fog")


def test_a_table_with_some_of_the_names_is_not_of_4cat():
    """`id`, `body` and `author` are anybody's."""
    assert FourCat.columns_score(["id", "timestamp", "body", "author"]) == 0
    assert FourCat.columns_score(COMMON) == 0
