"""snscrape's posts of sites other than X."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from curation.sources.dialects import Context
from curation.sources.dialects.snscrape_sites import SnscrapeSites
from tests.sources.dialects.landing import collected, only, written

DATE = {"date": "2024-03-05T09:15:00+00:00"}
TELEGRAM = {"url": "https://t.me/s/Fog_News/12", "content": "туман", "outlinks": [], **DATE}
MODULES = "snscrape.modules."


@pytest.mark.parametrize("kind", [{}, {"_type": f"{MODULES}telegram.TelegramPost"}])
def test_a_channel_of_telegram_is_told_by_its_address(tmp_path, kind):
    """Old versions wrote no type; the id is the network source's."""
    rows, rejected, _ = collected(written(tmp_path / "a.jsonl", TELEGRAM | kind, TELEGRAM | kind | {"content": None}))
    assert rejected == []
    assert only(rows, "platform", "id", "author", "text", "created_at") == [
        ("telegram", "fog_news/12", "Fog_News", "туман", datetime(2024, 3, 5, 9, 15, tzinfo=UTC))
    ]


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (
            {
                "_type": "weibo.Post",
                "id": "49",
                "text": "转发微博",
                "createdAt": "2024-03-05",
                "user": {"screenname": "灯塔"},
                "repostedPost": {"id": "48", "text": "原来的信"},
            },
            ("weibo", "49", "灯塔", "原来的信", True),
        ),
        (
            {
                "_type": "mastodon.Toot",
                "url": "https://fog.example/@ada/109",
                "text": "霧",
                "user": {"account": "ada@fog.example"},
            },
            ("mastodon", "https://fog.example/users/ada/statuses/109", "ada@fog.example", "霧", False),
        ),
        (
            {
                "_type": "mastodon.Boost",
                "user": {"account": "bob@fog.example"},
                "toot": {"url": "https://fog.example/@ada/109", "text": "霧"},
            },
            (
                "mastodon",
                "https://fog.example/users/ada/statuses/109#repost:bob@fog.example",
                "bob@fog.example",
                "霧",
                True,
            ),
        ),
        (
            {"_type": "reddit.Submission", "id": "abc", "title": "Fog", "selftext": "да", "author": "ada"},
            ("reddit", "t3_abc", "ada", "Fog\n\nда", False),
        ),
        (
            {"_type": "reddit.Comment", "id": "k1", "body": "да", "author": "ada", "parentId": "t3_abc"},
            ("reddit", "t1_k1", "ada", "да", False),
        ),
        (
            {
                "_type": "instagram.InstagramPost",
                "url": "https://www.instagram.com/p/C0a/",
                "content": "หมอก",
                "username": "ada",
            },
            ("instagram", "C0a", "ada", "หมอก", None),
        ),
        (
            {"_type": "facebook.FacebookPost", "cleanUrl": "https://www.facebook.com/fog/posts/77", "content": "fog"},
            ("facebook", "77", "fog", "fog", None),
        ),
        (
            {
                "_type": "vkontakte.VKontaktePost",
                "url": "https://vk.com/wall-7_9",
                "content": "",
                "quotedPost": {"url": "https://vk.com/wall1_2", "content": "туман"},
            },
            ("vk", "-7_9", "-7", "туман", True),
        ),
    ],
)
def test_every_site_has_its_platform_and_author(record, expected):
    """None of them is a tweet."""
    record = DATE | record | {"_type": MODULES + record["_type"]}
    assert SnscrapeSites.score(record) == 1
    ((row, _),) = SnscrapeSites.posts(record, Context())
    assert (row["platform"], row["id"], row["author"], row["text"], row.get("is_repost")) == expected


@pytest.mark.parametrize(
    "record",
    [{"_type": f"{MODULES}twitter.Tweet"}, {"url": "https://t.me/a/1", "date": "x"}, {"content": "a", "date": 1}],
)
def test_tweets_and_other_things_are_not_taken_for_one(record):
    """A content and a date are anybody's."""
    assert SnscrapeSites.score(record) == 0
