"""Weibo: what its websites answer (`mblog` objects), and what the usual crawlers make of that, as JSON and CSV.

A post has a number (`id`, `idstr`, `mid`) and a short name (`mblogid`, `bid`) that its address shows. The number is the
id, as for posts collected over the network. Some crawlers keep only the short name; then that is the id.

A post that passes another one on without comment is a repost and gets the text of the original. With a comment it is a
quote. The website's `text` is HTML with pictures for emoji; `text_raw` is the text as typed. Crawlers write the
website's clock without a zone; it is read as China's time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, ClassVar

from curation.sources.dialects.base import CERTAIN, LIKELY, Context, OnePost
from curation.sources.records.any_json import as_record
from curation.sources.records.dates import written_time
from curation.sources.records.fields import handle, id_text, whole_number, word, yes_or_no
from curation.sources.records.not_a_post import LeftOutRecord, NotAPost
from curation.sources.records.tweets import client_name

#: What Weibo writes where somebody passed a post on without a word.
NO_WORD = frozenset({"", "转发微博", "轉發微博", "转发", "Repost"})

_ZONE = timedelta(hours=8)  # crawlers write the website's clock, which is China's, without a zone
_ZONED = re.compile(r"(?:Z|[+-]\d\d:?\d\d)\s*(?:\d{4})?$", re.ASCII)
_MARKS = frozenset({"mblogid", "text_raw", "mblogtype", "isLongText", "mblog_vip_type", "mblogid_str"})
#: What weiboSpider writes into the text of a post that passes another one on.
_PASSED_ON = re.compile(r"\s*(?:原始用户|转发内容)\s*[:：]")


class Weibo(OnePost):
    """Posts as Weibo's websites answer them, one a line, in a list or in pages (`data.list`, `cards[].mblog`)."""

    name: ClassVar[str] = "weibo"
    doc: ClassVar[str] = "posts of Weibo: what its websites answer, and the JSON and CSV of the usual crawlers"
    platform: ClassVar[str] = "weibo"
    origin: ClassVar[str] = (
        "weibo-crawler and weiboSpider (JSON and CSV), and whatever keeps the answers of weibo.com and m.weibo.cn. "
        "Comments are not read."
    )

    @classmethod
    def score(cls, record: Mapping[str, Any], around: tuple[Mapping[str, Any], ...] = ()) -> float:
        """By names that only Weibo has."""
        post = as_record(record.get("mblog")) or record
        user = as_record(post.get("user"))
        if "screen_name" in user and (_MARKS & post.keys() or {"attitudes_count", "reposts_count"} <= post.keys()):
            return CERTAIN
        if {"bid", "text"} <= post.keys() and {"screen_name", "attitudes_count"} & post.keys():
            return CERTAIN
        if {"content", "publish_time"} <= post.keys() and {"up_num", "publish_tool", "retweet_num"} & post.keys():
            return CERTAIN
        if {"mblogid", "content"} <= post.keys():
            return CERTAIN
        return LIKELY if "mblog" in record and post is not record else 0.0

    @classmethod
    def columns_score(cls, names: Iterable[str]) -> float:
        """By the Chinese heads of the crawlers."""
        heads = {name.strip() for name in names}
        return CERTAIN if _TEXT_HEADS & heads and _OTHER_HEADS & heads else 0.0

    @classmethod
    def row(cls, record: dict[str, Any], context: Context) -> dict[str, Any]:
        post = as_record(record.get("mblog")) or record
        if _TEXT_HEADS & post.keys():
            return _row_of_table(post, context)
        if "publish_time" in post:
            return _row_of_spider(post, context)
        if "text" not in post and "text_raw" not in post and "content" not in post:
            raise NotAPost(f"it has no text (its keys: {', '.join(list(map(str, post))[:6])})")
        if post.get("deleted") in (1, "1", True) or (not post.get("user") and "user" in post):
            raise LeftOutRecord("Weibo shows a notice in the place of the post (deleted, or not for everybody)")
        return _row(post, context)


def _row(post: Mapping[str, Any], context: Context) -> dict[str, Any]:
    user = as_record(post.get("user"))
    original = as_record(post.get("retweeted_status")) or as_record(post.get("retweet"))
    text, form = _text(post)
    bare = bool(original) and text.strip().strip("\u200b") in NO_WORD
    quotes = bool(original) and not bare
    if bare and original:
        whole, its_form = _text(original)
        text, form = (whole, its_form) if whole else (text, form)
    name = handle(user.get("screen_name")) or handle(post.get("screen_name"))
    number, short = _id(post), word(post.get("mblogid")) or word(post.get("bid"))
    author_id = id_text(user.get("idstr")) or id_text(user.get("id")) or id_text(post.get("user_id"))
    return {
        "id": number or short,
        "author": name,
        "author_name": name,
        "author_id": author_id,
        "created_at": _time(post.get("created_at"), context),
        "text": text,
        "text_format": form,
        "is_repost": bare,
        "repost_of": _id(original) if bare else None,
        "is_quote": quotes,
        "quote_of": _id(original) if quotes else None,
        "client": client_name(word(post.get("source"))),
        "url": word(post.get("url")) or (f"https://weibo.com/{author_id}/{short}" if author_id and short else None),
        "like_count": _number(post.get("attitudes_count")),
        "repost_count": _number(post.get("reposts_count")),
        "reply_count": _number(post.get("comments_count")),
    }


def _text(post: Mapping[str, Any]) -> tuple[str, str]:
    """The whole text of a post, and its form."""
    long = as_record(post.get("longText")).get("longTextContent")
    for text, form in ((long, "plain"), (post.get("text_raw"), "plain"), (post.get("raw_text"), "plain")):
        if isinstance(text, str) and text.strip():
            return text, form
    text = post.get("text") if isinstance(post.get("text"), str) else post.get("content")
    if not isinstance(text, str):
        return "", "plain"
    return text, "html" if "</" in text or "<br" in text or "<img" in text else "plain"


def _row_of_spider(post: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """A post of weiboSpider's JSON; the `user` around it is its author."""
    user = next((as_record(outer.get("user")) for outer in reversed(context.around) if outer.get("user")), {})
    words = _own_words(post.get("content"), post.get("original"))
    name = handle(user.get("nickname"))
    return {
        "id": id_text(post.get("id")),
        "author": name,
        "author_name": name,
        "author_id": id_text(post.get("user_id")) or id_text(user.get("id")),
        "created_at": _time(post.get("publish_time"), context),
        **words,
        "client": word(post.get("publish_tool")),
        "like_count": _number(post.get("up_num")),
        "repost_count": _number(post.get("retweet_num")),
        "reply_count": _number(post.get("comment_num")),
    }


#: Heads of the crawlers' tables, by column of the raw schema.
_HEADS: dict[str, tuple[str, ...]] = {
    "id": ("id", "微博id", "微博ID"),
    "text": ("正文", "微博正文", "微博内容", "博文内容"),
    "author": ("用户昵称", "昵称", "博主昵称", "screen_name"),
    "author_id": ("用户id", "user_id", "用户ID"),
    "created_at": ("发布时间", "日期", "发布日期", "完整日期"),
    "client": ("发布工具", "工具", "来源"),
    "like_count": ("点赞数", "点赞", "赞数"),
    "repost_count": ("转发数", "转发"),
    "reply_count": ("评论数", "评论"),
    "original": ("是否为原创微博", "是否原创", "原创"),
    "repost_of": ("源微博id", "源微博ID"),
    "bid": ("bid",),
}
_TEXT_HEADS = frozenset(_HEADS["text"])
_OTHER_HEADS = frozenset(name for f in ("created_at", "like_count", "repost_count", "bid") for name in _HEADS[f])


def _row_of_table(cells: Mapping[str, Any], context: Context) -> dict[str, Any]:
    values = {f: next(filter(None, (word(cells.get(n)) for n in heads)), None) for f, heads in _HEADS.items()}
    name = handle(values["author"])
    text = next(cells[n] for n in _HEADS["text"] if n in cells)
    words = _own_words(text, values["original"])
    if values["repost_of"]:
        bare = words["text"].strip() in NO_WORD
        words |= {"is_repost": bare, "is_quote": not bare}
        words["repost_of" if bare else "quote_of"] = id_text(values["repost_of"])
    return {
        "id": id_text(values["id"]) or values["bid"],
        "author": name,
        "author_name": name,
        "author_id": id_text(values["author_id"]),
        "created_at": _time(values["created_at"], context),
        **words,
        "client": values["client"],
        **{f: _number(values[f]) for f in ("like_count", "repost_count", "reply_count")},
    }


def _own_words(text: Any, original: Any) -> dict[str, Any]:
    """The author's own words, without the passed-on post that weiboSpider writes behind them."""
    text = text if isinstance(text, str) else ""
    is_original = yes_or_no(original)
    passed = _PASSED_ON.search(text)
    own = text[: passed.start()] if passed else text
    own = re.sub(r"^转发理由\s*[:：]\s*", "", own) if passed else own
    bare = passed is not None and own.strip() in NO_WORD
    return {
        "text": text if bare else own,
        "text_format": "plain",
        "is_repost": bare if passed else (None if is_original is None else False),
        "is_quote": bool(passed and not bare) if passed else (None if is_original is None else not is_original),
    }


def _id(post: Mapping[str, Any]) -> str | None:
    return id_text(post.get("idstr")) or id_text(post.get("mid")) or id_text(post.get("id") or post.get("_id"))


def _time(value: Any, context: Context) -> Any:
    time = written_time(value, context.order)
    zoned = not isinstance(value, str) or _ZONED.search(value) or value.strip().isdecimal()
    return time if time is None or zoned else time - _ZONE


def _number(value: Any) -> int | None:
    """A count; Weibo shortens ten thousands (`1.2万`) and writes `100万+`."""
    if isinstance(value, str) and (match := re.fullmatch(r"\s*(\d{1,6}(?:\.\d{1,4})?)\s*([万亿])\+?\s*", value)):
        return round(float(match[1]) * (10_000 if match[2] == "万" else 100_000_000))
    return whole_number(value)
