"""Misskey, Lemmy, Nostr, Farcaster, Tumblr, VK, Bluesky's threads and events: platform, ids and flags of each form."""

from __future__ import annotations

import json
from typing import Any

import pytest

from curation.sources.dialects import Context, best_of, find_dialect
from curation.sources.records.not_a_post import LeftOutRecord
from tests.sources.dialects.landing import collected, only, rows_of, written

AT = "2024-03-05T09:15:00.000Z"
SECONDS = 1709630100

NOTE = {
    "id": "9a", "createdAt": AT, "userId": "u1", "user": {"id": "u1", "username": "kiri", "name": "霧", "host": None},
    "text": "今日も霧", "cw": None, "visibility": "public", "localOnly": False, "replyId": None, "renoteId": None,
    "renoteCount": 1, "repliesCount": 2, "reactions": {"👍": 3, "🌫": 1},
}  # fmt: skip
UMI = {"id": "9z", "text": "海の声", "user": {"username": "umi", "host": "sea.example"}, "visibility": "public"}
EVENT = {"id": "e1", "pubkey": "p1", "created_at": SECONDS, "kind": 1, "tags": [], "content": "مه غليظ", "sig": "s"}
VIEW = {
    "post": {
        "id": 12, "name": "Fog", "body": "Il **pleut**", "ap_id": "https://l.example/post/12", "published": AT,
        "removed": False, "deleted": False,
    },
    "creator": {"id": 4, "name": "ada", "actor_id": "https://l.example/u/ada"},
    "community": {"name": "weather"},
    "counts": {"upvotes": 6, "comments": 3},
}  # fmt: skip
COMMENT = {**VIEW, "comment": {"id": 99, "content": "туман", "path": "0.98.99", "published": AT,
                               "ap_id": "https://l.example/comment/99"}}  # fmt: skip
BLOG = {
    "type": "text", "blog_name": "fogblog", "id": 5, "id_string": "5", "timestamp": SECONDS, "state": "published",
    "reblog_key": "k", "note_count": 2, "slug": "x", "title": "Fog & co", "body": "<p>หมอก</p>",
    "post_url": "https://fogblog.tumblr.com/post/5",
}  # fmt: skip
NPF = {**BLOG, "type": "blocks", "title": None, "body": None,
       "content": [{"type": "text", "text": "Раз"}, {"type": "image"}, {"type": "text", "text": "два"}]}  # fmt: skip
OTHERS = [{"blog": {"name": "sea"}, "content": [{"type": "text", "text": "of the sea"}]}]
WALL = {"id": 9, "from_id": -7, "owner_id": -7, "date": SECONDS, "post_type": "post", "text": "Туман",
        "likes": {"count": 3}, "reposts": {"count": 1}}  # fmt: skip
CAST = {"hash": "0xd2", "data": {"type": "MESSAGE_TYPE_CAST_ADD", "fid": 2, "timestamp": SECONDS - 1609459200,
                                 "castAddBody": {"text": "霧", "parentCastId": {"hash": "0xaa"}}}}  # fmt: skip
NEYNAR = {"object": "cast", "hash": "0xd2", "author": {"fid": 2, "username": "ada"}, "text": "霧", "timestamp": AT,
          "parent_hash": "0xaa", "thread_hash": "0xaa"}  # fmt: skip


def read(name: str, record: dict[str, Any]) -> list[Any]:
    """The rows of a record that its dialect recognises, or why there are none."""
    assert best_of(record) == (name, 1.0)
    found = find_dialect(name).posts(record, Context())
    return [str(post) if isinstance(post, LeftOutRecord) else post[0] for post in found]


@pytest.mark.parametrize(
    ("dialect", "record", "expected"),
    [
        ("misskey", NOTE, {"id": "9a", "author": "kiri", "text": "今日も霧", "like_count": 4, "is_reply": False}),
        ("misskey", {**NOTE, "cw": "天気", "replyId": "9q"}, {"text": "天気\n\n今日も霧", "reply_to": "9q"}),
        (
            "misskey",
            {**NOTE, "text": None, "renoteId": "9z", "renote": UMI},
            {"text": "海の声", "is_repost": True, "repost_of": "9z", "is_quote": False},
        ),
        (
            "misskey",
            {**NOTE, "renoteId": "9z", "renote": UMI},
            {"text": "今日も霧", "is_repost": False, "is_quote": True, "quote_of": "9z"},
        ),
        (
            "misskey",  # a note that came from a server of Mastodon
            {**NOTE, "uri": "https://m.example/users/ada/statuses/1", "user": {"username": "ada", "host": "m.example"}},
            {"platform": "mastodon", "id": "https://m.example/users/ada/statuses/1", "author": "ada@m.example"},
        ),
        (
            "misskey",  # of an export, which names nobody
            {k: v for k, v in NOTE.items() if k not in ("user", "userId", "reactions")} | {"visibility": "home"},
            {"id": "9a", "author": None, "text": "今日も霧", "like_count": None},
        ),
        (
            "lemmy",
            VIEW,
            {"id": "https://l.example/post/12", "text": "Fog\n\nIl **pleut**", "author": "ada@l.example",
             "community": "weather", "is_reply": False, "reply_count": 3},
        ),
        (
            "lemmy",
            COMMENT,
            {"text": "туман", "is_reply": True, "reply_to": "https://l.example/comment/98",
             "conversation_id": "https://l.example/post/12"},
        ),
        (
            "lemmy",
            {**COMMENT, "comment": COMMENT["comment"] | {"path": "0.99"}},
            {"reply_to": "https://l.example/post/12"},
        ),
        ("nostr", EVENT, {"platform": "nostr", "id": "e1", "author": "p1", "text": "مه غليظ", "is_reply": False}),
        (
            "nostr",
            {**EVENT, "tags": [["e", "r", "", "root"], ["e", "m", "", "reply"], ["p", "p2"]]},
            {"is_reply": True, "reply_to": "m", "conversation_id": "r"},
        ),
        ("nostr", {**EVENT, "tags": [["e", "r"], ["e", "m"]]}, {"reply_to": "m", "conversation_id": "r"}),
        ("nostr", {**EVENT, "tags": [["q", "o"], ["e", "x", "", "mention"]]}, {"is_quote": True, "is_reply": False}),
        (
            "nostr",
            {**EVENT, "kind": 6, "tags": [["e", "o"]], "content": json.dumps({"id": "o", "content": "исходное"})},
            {"is_repost": True, "repost_of": "o", "text": "исходное"},
        ),
        ("nostr", {**EVENT, "kind": 6, "tags": [["e", "o"]], "content": ""}, {"repost_of": "o", "text": ""}),
        (
            "nostr",
            {**EVENT, "kind": 30023, "tags": [["d", "fog"], ["title", "On fog"]]},
            {"id": "30023:p1:fog", "text": "On fog\n\nمه غليظ"},
        ),
        (
            "tumblr",
            BLOG,
            {"platform": "tumblr", "id": "5", "author": "fogblog", "text": "<p>Fog &amp; co</p><p>หมอก</p>",
             "text_format": "html", "is_repost": False},
        ),
        (
            "tumblr",
            {**BLOG, "reblogged_from_id": "4", "reblog": {"comment": "<p>да</p>"}},
            {"text": "<p>да</p>", "is_repost": False, "is_quote": True, "quote_of": "4"},
        ),
        (
            "tumblr",
            {**BLOG, "reblogged_from_id": "4", "reblog": {"comment": ""}},
            {"is_repost": True, "repost_of": "4", "is_quote": False},
        ),
        ("tumblr", {**BLOG, "type": "answer", "question": "why?", "answer": "<p>so</p>"}, {"text": "<p>so</p>"}),
        ("tumblr", NPF, {"text": "Раз\n\nдва", "text_format": "plain"}),
        (
            "tumblr",
            {**NPF, "content": [], "parent_post_id": "4", "trail": OTHERS},
            {"text": "of the sea", "is_repost": True, "repost_of": "4"},
        ),
        ("vk", WALL, {"platform": "vk", "id": "-7_9", "author": "-7", "text": "Туман", "like_count": 3}),
        (
            "vk",
            {**WALL, "text": "", "copy_history": [{"id": 2, "owner_id": 1, "text": "Чужое"}]},
            {"is_repost": True, "repost_of": "1_2", "text": "Чужое"},
        ),
        (
            "vk",
            {**WALL, "copy_history": [{"id": 2, "owner_id": 1, "text": "Чужое"}]},
            {"is_quote": True, "quote_of": "1_2", "text": "Туман"},
        ),
        (
            "vk",
            {"id": 10, "from_id": 5, "owner_id": -7, "post_id": 9, "date": SECONDS, "text": "да", "parents_stack": []},
            {"id": "-7_10", "author": "5", "is_reply": True, "reply_to": "-7_9"},
        ),
        ("farcaster", CAST, {"id": "0xd2", "author": "2", "is_reply": True, "reply_to": "0xaa"}),
        ("farcaster", NEYNAR, {"id": "0xd2", "author": "ada", "is_reply": True, "conversation_id": "0xaa"}),
    ],
)  # fmt: skip
def test_a_post_and_what_it_says_of_itself(dialect, record, expected):
    """Its own words, and what it passes on, quotes or answers."""
    (row,) = read(dialect, record)
    assert {key: row.get(key) for key in expected} == expected
    assert row["created_at"].timestamp() == SECONDS


@pytest.mark.parametrize(
    ("dialect", "record"),
    [
        ("misskey", {**NOTE, "visibility": "followers"}),
        ("misskey", {**NOTE, "visibility": "specified"}),
        ("misskey", {**NOTE, "localOnly": True}),
        ("misskey", {**NOTE, "text": None, "renoteId": "9z", "renote": {**UMI, "visibility": "followers"}}),
        ("lemmy", {**VIEW, "post": VIEW["post"] | {"deleted": True}}),
        ("nostr", {**EVENT, "kind": 4}),
        ("nostr", {**EVENT, "kind": 1059}),
        ("nostr", {**EVENT, "kind": 0, "content": '{"name":"ada"}'}),
        ("nostr", {**EVENT, "kind": 30024}),
        ("tumblr", {**BLOG, "state": "draft"}),
        ("tumblr", {**BLOG, "title": None, "body": ""}),
        ("vk", {**WALL, "post_type": "postpone"}),
        ("vk", {**WALL, "text": ""}),
        ("farcaster", {"hash": "0x", "data": {"type": "MESSAGE_TYPE_REACTION_ADD", "fid": 2, "timestamp": 1}}),
    ],
)
def test_what_is_private_unsent_or_wordless_is_left_out(dialect, record):
    """A draft, a message, a post for few, a reaction."""
    (why,) = read(dialect, record)
    assert isinstance(why, str)


@pytest.mark.parametrize(
    ("dialect", "record"),
    [
        ("misskey", {**NOTE, "user": 3, "renote": [], "reply": "x", "reactions": []}),
        ("lemmy", {**COMMENT, "comment": {"ap_id": 3, "path": None, "content": "x"}, "counts": None}),
        ("nostr", {**EVENT, "tags": [3, [], ["e"], ["e", 3], None], "kind": 1}),
        ("nostr", {**EVENT, "tags": "x", "kind": 6, "content": "{" * 5000}),
        ("tumblr", {**NPF, "content": [3, {"type": "text", "text": None}], "trail": 3}),
        ("vk", {**WALL, "copy_history": 3, "likes": []}),
        ("farcaster", {**CAST, "data": CAST["data"] | {"timestamp": "x", "castAddBody": {"text": 3, "embeds": 4}}}),
    ],
)
def test_a_damaged_record_raises_nothing(dialect, record):
    """Whatever types stand in it."""
    assert len(read(dialect, record)) == 1


URI = "at://did:plc:abc/app.bsky.feed.post/3k"
POST = {"$type": "app.bsky.feed.post", "createdAt": AT, "text": "霧です"}
STREAM = {"did": "did:plc:abc", "time_us": 1, "kind": "commit"}


def test_a_thread_and_the_events_of_bluesky(tmp_path):
    """A post is the same one however it came; what else a stream says is counted."""

    def view(uri: str, handle: str, text: str) -> dict[str, Any]:
        author = {"did": uri.split("/")[2], "handle": handle}
        return {"uri": uri, "cid": "c", "author": author, "record": {**POST, "text": text}}

    below = {"post": view("at://did:plc:bob/app.bsky.feed.post/3l", "bob.example", "да"), "replies": []}
    above = {"post": view("at://did:plc:eve/app.bsky.feed.post/3j", "eve.example", "หมอก")}
    thread = {"thread": {"post": view(URI, "ada.example", "霧です"), "parent": above, "replies": [below]}}
    path = tmp_path / "thread.json"
    path.write_text(json.dumps(thread), encoding="utf-8")
    assert only(rows_of(path), "author", "text") == [
        ("eve.example", "หมอก"),
        ("ada.example", "霧です"),
        ("bob.example", "да"),
    ]

    commit = {"operation": "create", "collection": "app.bsky.feed.post", "rkey": "3k", "record": POST}
    events = [
        {**STREAM, "commit": commit},
        {**STREAM, "commit": {"operation": "delete", "collection": "app.bsky.feed.post", "rkey": "3m"}},
        {**STREAM, "kind": "identity", "identity": {"did": "did:plc:abc"}},
    ]
    rows, rejected, notices = collected(written(tmp_path / "events.jsonl", *events))
    assert (only(rows, "platform", "id", "text"), rejected) == ([("bluesky", URI, "霧です")], [])
    assert any("2 posts were left out" in notice for notice in notices)
