"""Plain JSON by the names that scrapers for hire and one's own scripts give."""

from __future__ import annotations

import pytest

from tests.sources.dialects.landing import only, rows_of, written

COLUMNS = ("id", "author", "author_name", "text", "like_count", "repost_count", "reply_to", "is_repost", "is_quote")


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (
            {"id": "1", "authorHandle": "@ada", "fullText": "霧", "likeCount": 3, "replyToId": "7"},
            ("1", "ada", None, "霧", 3, None, "7", None, None),
        ),
        (
            {
                "postId": "1",
                "author": {"handle": "ada", "displayName": "Ada"},
                "text": "туман",
                "metrics": {"likes": 3, "reposts": 1},
            },
            ("1", "ada", "Ada", "туман", 3, 1, None, None, None),
        ),
        (
            {
                "id": "1",
                "author": {"userName": "ada", "name": "Ada"},
                "text": "fog",
                "isRetweet": False,
                "isQuote": True,
                "quoteId": "5",
            },
            ("1", "ada", "Ada", "fog", None, None, None, False, True),
        ),
        (
            {"id": "1", "author_handle": "ada", "text": "หมอก", "post_type": "repost"},
            ("1", "ada", None, "หมอก", None, None, None, True, False),
        ),
        (
            {"id": "1", "author_handle": "ada", "text": "fog", "post_type": "original"},
            ("1", "ada", None, "fog", None, None, None, False, False),
        ),
        (
            {"id": "1", "author_handle": "ada", "text": "fog", "post_type": "banana"},
            ("1", "ada", None, "fog", None, None, None, None, None),
        ),
    ],
)
def test_names_in_any_spelling_are_known(tmp_path, record, expected):
    """Capitals within names, objects within records, one word for what a post is."""
    assert only(rows_of(written(tmp_path / "a.jsonl", record)), *COLUMNS) == [expected]
