"""Where plain posts are from, by their addresses."""

from __future__ import annotations

import pytest

from curation.sources.records.addresses import platform_of_address, platform_of_addresses
from tests.sources.dialects.landing import only, rows_of, written

ADDRESSES = {
    "https://x.com/ada/status/176": "x",
    "https://twitter.com/i/web/status/176": "x",
    "https://bsky.app/profile/did:plc:abc/post/3k": "bluesky",
    "at://did:plc:abc/app.bsky.feed.post/3k": "bluesky",
    "https://www.instagram.com/reel/C0a/": "instagram",
    "https://www.instagram.com/ada/p/C0a/": "instagram",
    "https://www.threads.com/@ada/post/AB": "threads",
    "https://www.tiktok.com/@ada/video/99": "tiktok",
    "https://m.facebook.com/fog/posts/77": "facebook",
    "https://old.reddit.com/r/fog/comments/abc/x/": "reddit",
    "https://t.me/fog_news/12": "telegram",
    "https://vk.com/wall-7_9": "vk",
    "https://gab.com/ada/posts/10": "gab",
}
OTHERS = [
    "https://example.org/x.com/ada/status/1",
    "https://x.com/ada",
    "https://bsky.app",
    "https://t.me/fog",
    "",
    None,
    3,
]


@pytest.mark.parametrize(("address", "platform"), [*ADDRESSES.items(), *((other, None) for other in OTHERS)])
def test_the_address_of_one_post_names_its_platform(address, platform):
    """A profile, a home page or a link within another address doesn't."""
    assert platform_of_address(address) == platform


def test_most_addresses_decide():
    """One that is missing doesn't count; others do."""
    post = "https://vk.com/wall1_2"
    assert platform_of_addresses([post, None, post]) == "vk"
    assert platform_of_addresses([post, "https://example.org"]) is None
    assert platform_of_addresses([]) is None


def test_records_of_bluesky_in_plain_json_and_tables_meet(tmp_path):
    """Their address is their id; another's `uri` is no id, since several posts may link one page."""
    uri = "at://did:plc:abc/app.bsky.feed.post/3k"
    plain = written(tmp_path / "a.jsonl", {"uri": uri, "text": "霧です", "author": "ada.example", "reply_parent": None})
    table = tmp_path / "a.csv"
    table.write_text(f"uri,cid,author,text,likes\n{uri},b,ada.example,霧です,3\n", encoding="utf-8")
    for path in (plain, table):
        assert only(rows_of(path), "platform", "id", "text") == [("bluesky", uri, "霧です")]
    page = {"uri": "https://example.org/fog", "text": "туман", "author": "ada"}
    assert only(rows_of(written(tmp_path / "b.jsonl", page, page)), "platform", "id") == [("file", None)] * 2


def test_apifys_posts_and_not_the_comments_below_them(tmp_path):
    """Instagram, TikTok and Facebook."""
    records = [
        {"id": "3100", "shortCode": "C0a", "caption": "หมอก", "ownerUsername": "ada", "likesCount": 3,
         "timestamp": "2024-03-05T09:15:00.000Z", "latestComments": [{"id": "1", "text": "by somebody else"}]},
        {"id": "99", "text": "туман", "createTime": 1709630100, "authorMeta": {"name": "ada", "id": "1"},
         "webVideoUrl": "https://www.tiktok.com/@ada/video/99", "diggCount": 2},
        {"facebookUrl": "https://www.facebook.com/fog", "postId": "77", "pageName": "fog", "text": "霧", "likes": 4},
    ]  # fmt: skip
    rows = [row for n, record in enumerate(records) for row in rows_of(written(tmp_path / f"{n}.jsonl", record))]
    assert only(rows, "platform", "id", "author", "text", "like_count") == [
        ("instagram", "3100", "ada", "หมอก", 3),
        ("tiktok", "99", "ada", "туман", 2),
        ("facebook", "77", "fog", "霧", 4),
    ]
