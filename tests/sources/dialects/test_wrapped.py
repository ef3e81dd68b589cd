"""Dialects whose posts lie deep in a file, with what stands around them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.sources.dialects.landing import collected, only, rows_of

TIME = {"date": "2024-03-05T10:15:00", "date_unixtime": "1709630100"}


def document(path: Path, value: Any) -> Path:
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    return path


def message(number: int, name: str, person: int, text: str) -> dict[str, Any]:
    return {
        "id": number,
        "type": "message",
        "from": name,
        "from_id": f"user{person}",
        "text": text,
        "text_entities": [],
        **TIME,
    }


def test_an_export_of_all_chats_gives_what_is_public_and_ones_own_words_in_groups(tmp_path):
    """Private chats, contacts and the telephone number stay where they are."""
    chats = [
        {"name": "Bob", "type": "personal_chat", "id": 1, "messages": [message(1, "Ада", 9, "geheim")]},
        {
            "name": "Fog",
            "type": "private_group",
            "id": 2,
            "messages": [message(1, "Ада", 9, "туман"), message(2, "Bob", 8, "no")],
        },
        {
            "name": "News",
            "type": "public_channel",
            "id": 3,
            "messages": [{**message(1, "News", 3, "霧"), "from_id": "channel3"}],
        },
    ]
    whole = {
        "personal_information": {"user_id": 9, "username": "@ada", "phone_number": "+000"},
        "contacts": {"list": [{"first_name": "Bob", "phone_number": "+111"}]},
        "chats": {"list": chats},
    }
    path = document(tmp_path / "result.json", whole)
    rows, rejected, notices = collected(path, author="ada")
    assert (only(rows, "id", "author", "text"), rejected) == ([("2/1", "ada", "туман"), ("3/1", "News", "霧")], [])
    assert sum("left out" in notice for notice in notices) == 2
    assert "geheim" in [row["text"] for row in collected(path, author="ada", private=True)[0]]
    assert "+000" not in str(rows)


def test_the_community_archives_file_says_whose_tweets_it_has(tmp_path):
    """Likes are others' posts; of the account only handle, name and id are taken."""
    tweets = [{"tweet": {"id_str": str(n), "full_text": f"fog {n}", "entities": {}}} for n in (1, 2)]
    likes = [{"like": {"tweetId": "7", "fullText": "not hers"}}] * 5
    account = [
        {"account": {"username": "ada_x", "accountId": "9", "accountDisplayName": "Ада", "email": "a@example.org"}}
    ]
    path = document(tmp_path / "archive.json", {"account": account, "tweets": tweets, "like": likes})
    rows = rows_of(path)
    assert only(rows, "id", "author", "author_name", "author_id") == [
        ("1", "ada_x", "Ада", "9"),
        ("2", "ada_x", "Ада", "9"),
    ]
    assert "example.org" not in str(rows)


def test_downloads_of_threads_and_instagram_are_told_apart_by_the_list_they_lie_in(tmp_path):
    """Their records are alike."""
    post = {"media": [{"uri": "", "creation_timestamp": 1709630100, "title": "caf\u00c3\u00a9"}]}
    threads = document(tmp_path / "threads.json", {"text_post_app_text_posts": [post, post]})
    instagram = document(tmp_path / "posts_1.json", [post, post])
    assert only(rows_of(threads, author="ada"), "platform", "text") == [("threads", "café")] * 2
    assert only(rows_of(instagram, author="ada"), "platform", "text") == [("instagram", "café")] * 2
