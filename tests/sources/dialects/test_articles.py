"""Articles of X: posts whose text is an address, with their words beside it or nowhere."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sources.dialects.landing import collected, only, rows_of, written

LINK = "https://t.co/gggggggggg"
USER = {"rest_id": "9", "core": {"screen_name": "ada_x", "name": "Ада"}}


def website(article: dict[str, Any], text: str = LINK) -> dict[str, Any]:
    return {
        "__typename": "Tweet", "rest_id": "1800000000000000001", "core": {"user_results": {"result": USER}},
        "legacy": {"full_text": text, "created_at": "Tue Mar 05 09:15:00 +0000 2024"},
        "article": {"article_results": {"result": article}},
    }  # fmt: skip


def api(article: dict[str, Any], text: str = LINK) -> dict[str, Any]:
    post = {
        "id": "1800000000000000001",
        "text": text,
        "author_id": "9",
        "edit_history_tweet_ids": ["1"],
        "article": article,
    }
    return {"data": [post], "includes": {"users": [{"id": "9", "username": "ada_x", "name": "Ада"}]}}


@pytest.mark.parametrize("form", [website, api])
@pytest.mark.parametrize(
    ("article", "text"),
    [
        ({"title": "霧", "plain_text": "霧の話。"}, "霧の話。"),
        ({"title": "Клей", "plain_text": "Терпение."}, "Клей\n\nТерпение."),
        (
            {"title": "Glue", "content_state": {"blocks": [{"text": "one"}, {"text": ""}, {"text": "two"}]}},
            "Glue\n\none\n\ntwo",
        ),
        ({"title": "กาว", "preview_text": "อดทน"}, "กาว\n\nอดทน"),
    ],
)
def test_the_words_of_an_article_are_the_text(tmp_path, form, article, text):
    """Title and body, the body of an editor, or at least its beginning."""
    assert only(rows_of(written(tmp_path / "a.jsonl", form(article))), "author", "text") == [("ada_x", text)]


@pytest.mark.parametrize("form", [website, api])
def test_an_article_without_words_is_counted_and_a_post_with_words_keeps_them(tmp_path, form):
    """An address alone is no text to learn from, so it is said."""
    rows, _, notices = collected(
        written(tmp_path / "a.jsonl", form({"rest_id": "7"}), form({"title": "x"}, "my own words"))
    )
    assert [row["text"] for row in rows] == [LINK, "my own words"]
    assert any("One post only links an article of X" in notice for notice in notices)
