"""Posts of Weibo, in the forms of its websites and of the usual crawlers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from curation.sources.dialects.weibo import Weibo
from tests.sources.dialects.landing import only, rows_of, written

USER = {"id": 77, "idstr": "77", "screen_name": "月亮邮局"}
POST = {
    "created_at": "Tue Mar 05 17:15:00 +0800 2024",
    "id": 4900000000000001,
    "idstr": "4900000000000001",
    "mblogid": "O0aaaaaaa",
    "user": USER,
    "text": "月亮上的信 <img alt=[笑]>",
    "text_raw": "月亮上的信[笑]",
    "source": "网页版",
    "reposts_count": 1,
    "comments_count": 2,
    "attitudes_count": 3,
    "isLongText": False,
}
ORIGINAL = {
    **POST,
    "id": 4900000000000009,
    "idstr": "4900000000000009",
    "text_raw": "原来的信",
    "user": {"screen_name": "灯塔"},
}


def test_a_post_of_the_website_lands_with_what_was_typed(tmp_path):
    """`text` is HTML with pictures for emoji; `text_raw` is the text. The clock is China's and says so."""
    (row,) = rows_of(written(tmp_path / "a.jsonl", POST))
    assert row["created_at"] == datetime(2024, 3, 5, 9, 15, tzinfo=UTC)
    assert only([row], "platform", "id", "author", "author_id", "text", "text_format", "client", "like_count") == [
        ("weibo", "4900000000000001", "月亮邮局", "77", "月亮上的信[笑]", "plain", "网页版", 3)
    ]
    assert row["url"] == "https://weibo.com/77/O0aaaaaaa"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("转发微博", (True, "4900000000000009", False, None, "原来的信")),
        ("", (True, "4900000000000009", False, None, "原来的信")),
        ("好信//@灯塔:原来的信", (False, None, True, "4900000000000009", "好信//@灯塔:原来的信")),
    ],
)
def test_passing_on_without_a_word_is_a_repost_and_with_words_a_quote(tmp_path, words, expected):
    """A repost has the whole text of the original."""
    post = {**POST, "text_raw": words, "text": words, "retweeted_status": ORIGINAL}
    rows = rows_of(written(tmp_path / "a.jsonl", post))
    assert only(rows, "is_repost", "repost_of", "is_quote", "quote_of", "text") == [expected]


def test_a_long_post_has_its_whole_text_and_a_post_without_raw_text_is_html(tmp_path):
    """Cards of m.weibo.cn have HTML alone."""
    long = {**POST, "isLongText": True, "text_raw": "很长…", "longText": {"longTextContent": "很长很长的信"}}
    card = {
        "mblog": {k: v for k, v in POST.items() if k not in ("text_raw", "mblogid")}
        | {"mblogtype": 0, "text": "a<br />b"}
    }
    rows = rows_of(written(tmp_path / "a.jsonl", long, card))
    assert only(rows, "text", "text_format") == [("很长很长的信", "plain"), ("a<br />b", "html")]


def test_what_a_crawler_keeps_in_json(tmp_path):
    """weibo-crawler: the author's name beside the post, and the clock of the website without a zone."""
    post = {
        "user_id": 77,
        "screen_name": "月亮邮局",
        "id": 4900000000000002,
        "bid": "O0b",
        "text": "今天没有信，明天也许有",
        "created_at": "2024-03-05 17:15:00",
        "source": "手机",
        "attitudes_count": 5,
        "comments_count": 0,
        "reposts_count": 0,
    }
    (row,) = rows_of(written(tmp_path / "a.jsonl", post))
    assert row["created_at"] == datetime(2024, 3, 5, 9, 15, tzinfo=UTC)
    assert only([row], "platform", "id", "author", "like_count") == [("weibo", "4900000000000002", "月亮邮局", 5)]


@pytest.mark.parametrize(
    "post",
    [
        {"mblog": 3},
        {"mblog": {"text": 3}},
        {**POST, "user": None},
        {**POST, "text_raw": {}, "text": []},
        {"mblogid": 1, "content": None},
    ],
)
def test_whatever_stands_in_a_record_nothing_is_raised(post):
    """A damaged record is a row without some columns, or the reason why there is none."""
    from curation.sources.dialects import Context

    assert isinstance(Weibo.posts(post, Context()), list)


HEADS = ["微博id", "微博正文", "发布时间", "发布工具", "点赞数", "转发数", "评论数"]


def test_the_heads_of_a_crawlers_table_are_known():
    """The heads tell; a table in Chinese of something else is not taken for one."""
    from curation.sources.dialects import Context

    assert Weibo.columns_score(HEADS) == 1
    assert Weibo.columns_score(["日期", "价格"]) == 0
    cells = dict(zip(HEADS, ["O0c", "灯塔今晚不亮", "2024-03-05 17:15", "网页版", "1.2万", "3", ""], strict=True))
    ((row, _),) = Weibo.posts(cells, Context())
    assert (row["id"], row["text"], row["like_count"], row["repost_count"]) == ("O0c", "灯塔今晚不亮", 12_000, 3)
    assert row["created_at"] == datetime(2024, 3, 5, 9, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("转发理由:好信\n原始用户:灯塔\n转发内容:原来的信", ("好信\n", False, True)),
        ("转发微博\n原始用户:灯塔\n转发内容:原来的信", ("转发微博\n原始用户:灯塔\n转发内容:原来的信", True, False)),
        ("没有转发", ("没有转发", None, None)),
    ],
)
def test_the_passed_on_post_is_no_word_of_the_author(text, expected):
    """WeiboSpider writes it behind the author's own words."""
    from curation.sources.dialects import Context

    ((row, _),) = Weibo.posts({"微博id": "1", "微博正文": text, "发布时间": ""}, Context())
    assert (
        row["text"].rstrip() + ("\n" if expected[0].endswith("\n") else ""),
        row["is_repost"],
        row["is_quote"],
    ) == expected
