"""snscrape's JSON of sites other than X: Telegram, Weibo, Mastodon, Reddit, Instagram, Facebook and VK.

All of them have a `url`, a `date` and a `content`; the type or the address tells the site. Old versions wrote no
`_type`. Ids are the same as from the network source `snscrape`, so that a post counts once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from curation.sources.dialects.base import CERTAIN, Context, OnePost
from curation.sources.dialects.weibo import NO_WORD
from curation.sources.records.any_json import as_record, string
from curation.sources.records.dates import written_time
from curation.sources.records.fediverse import global_id
from curation.sources.records.fields import handle, id_text, reference, whole_number, word
from curation.sources.records.not_a_post import LeftOutRecord, NotAPost

_TYPE = re.compile(r"snscrape\.modules\.(telegram|weibo|mastodon|reddit|instagram|facebook|vkontakte)\.(\w+)")
_TELEGRAM = re.compile(r"https?://t\.me/(?:s/)?(\w+)/(\d+)", re.ASCII)
_INSTAGRAM = re.compile(r"https?://(?:www\.)?instagram\.com/(?:p|reel)/([\w-]+)", re.ASCII)
_FACEBOOK = re.compile(r"https?://[^/]*facebook\.com/([^/?#]+)/posts/(\w+)", re.ASCII)
_VK = re.compile(r"https?://vk\.com/wall(-?\d+_\d+)", re.ASCII)
#: Types whose records are left out without words.
_NEED_WORDS = frozenset({"TelegramPost", "InstagramPost", "FacebookPost", "VKontaktePost"})


class SnscrapeSites(OnePost):
    """Posts of other sites than X as snscrape writes them."""

    name: ClassVar[str] = "snscrape-sites"
    doc: ClassVar[str] = "JSON lines of snscrape's other scrapers: Telegram, Weibo, Mastodon, Reddit, Instagram, …"
    origin: ClassVar[str] = "snscrape's other scrapers, such as `telegram-channel`."

    @classmethod
    def score(cls, record: Mapping[str, Any], around: tuple[Mapping[str, Any], ...] = ()) -> float:
        """By its type; without one by an address of Telegram, Instagram, Facebook or VK and a content."""
        return CERTAIN if _kind_of(record) else 0.0

    @classmethod
    def row(cls, record: dict[str, Any], context: Context) -> dict[str, Any]:
        kind = _kind_of(record)
        if kind not in READERS:
            raise NotAPost(f"it is no post of a site that is known ({str(record.get('_type'))[:60]})")
        row = READERS[kind](record)
        if kind in _NEED_WORDS and not row["text"]:
            raise LeftOutRecord("a picture, video or file without words")
        return {"created_at": written_time(record.get("date"), context.order), **row}


def _kind_of(record: Mapping[str, Any]) -> str | None:
    """The reader for a record: the type's last name, or what the address says."""
    kind = record.get("_type")
    if isinstance(kind, str):
        match = _TYPE.fullmatch(kind)
        return match[2] if match else None
    url = record.get("url") or record.get("cleanUrl")
    if not isinstance(url, str) or "content" not in record or "date" not in record:
        return None
    if {"outlinks", "outlinksss"} & record.keys() and _TELEGRAM.match(url):
        return "TelegramPost"
    if {"thumbnailUrl", "displayUrl"} & record.keys() and _INSTAGRAM.match(url):
        return "InstagramPost"
    if "dirtyUrl" in record:
        return "FacebookPost"
    return "VKontaktePost" if _VK.match(url) else None


def _telegram(post: Mapping[str, Any]) -> dict[str, Any]:
    match = _TELEGRAM.match(string(post.get("url")) or "")
    if not match:
        raise NotAPost("its address does not say which message of which channel it is")
    channel, number = match.groups()
    forwarded = "forwarded" in post or "forwardedUrl" in post
    return {
        "platform": "telegram",
        "id": f"{channel.lower()}/{number}",
        "author": channel,
        "text": (string(post.get("content")) or "").strip(),
        "is_repost": bool(post.get("forwarded") or post.get("forwardedUrl")) if forwarded else None,
        "url": f"https://t.me/{channel}/{number}",
        "view_count": whole_number(post.get("views")),
    }


def _weibo(post: Mapping[str, Any]) -> dict[str, Any]:
    user, original = as_record(post.get("user")), as_record(post.get("repostedPost"))
    text = string(post.get("text")) or ""
    bare = bool(original) and text.strip() in NO_WORD
    return {
        "platform": "weibo",
        "id": id_text(post.get("id")),
        "author": handle(user.get("screenname")),
        "author_name": word(user.get("screenname")),
        "author_id": id_text(user.get("uid")),
        "created_at": written_time(post.get("createdAt"), None),
        "text": (string(original.get("text")) or text) if bare else text,
        "is_repost": bare,
        "repost_of": id_text(original.get("id")) if bare else None,
        "is_quote": bool(original) and not bare,
        "quote_of": id_text(original.get("id")) if original and not bare else None,
        "url": word(post.get("url")),
        "like_count": whole_number(post.get("likesCount")),
        "repost_count": whole_number(post.get("repostsCount")),
        "reply_count": whole_number(post.get("commentsCount")),
    }


def _toot(post: Mapping[str, Any]) -> dict[str, Any]:
    url = string(post.get("url"))
    if not url:
        raise NotAPost("it has no address")
    user = as_record(post.get("user"))
    # snscrape calls the text behind a warning the spoiler.
    parts = (string(post.get("text")), string(post.get("spoilerText")))
    return {
        "platform": "mastodon",
        "id": global_id(url),
        "author": handle(user.get("account")),
        "author_name": word(user.get("displayName")),
        "text": "\n\n".join(part for part in parts if part),
        "is_repost": False,
        "url": url,
    }


def _boost(post: Mapping[str, Any]) -> dict[str, Any]:
    row, user = _toot(as_record(post.get("toot"))), as_record(post.get("user"))
    author = handle(user.get("account"))
    return row | {
        "id": f"{row['id']}#repost:{author}",
        "repost_of": row["id"],
        "is_repost": True,
        "author": author,
        "author_name": word(user.get("displayName")),
        "created_at": None,  # the page shows only the original's time
    }


def _submission(post: Mapping[str, Any]) -> dict[str, Any]:
    parts = (string(post.get("title")), string(post.get("selftext")))
    return _of_reddit(post, [part for part in parts if part], "t3_") | {"is_reply": False}


def _comment(post: Mapping[str, Any]) -> dict[str, Any]:
    body = string(post.get("body"))
    return _of_reddit(post, [body] if body else [], "t1_") | {
        "is_reply": True,
        "reply_to": reference(post.get("parentId")),
    }


def _of_reddit(post: Mapping[str, Any], parts: list[str], prefix: str) -> dict[str, Any]:
    post_id = id_text(post.get("id"))
    if post_id and not post_id.startswith(("t1_", "t3_")):
        post_id = prefix + post_id
    return {
        "platform": "reddit",
        "id": post_id,
        "author": handle(post.get("author")),
        "text": "\n\n".join(parts),
        "text_format": "escaped",
        "is_repost": False,
        "community": word(post.get("subreddit")),
        "url": word(post.get("url")),
    }


def _instagram(post: Mapping[str, Any]) -> dict[str, Any]:
    match = _INSTAGRAM.match(string(post.get("url")) or "")
    return {
        "platform": "instagram",
        "id": match[1] if match else None,
        "author": handle(post.get("username")),
        "text": string(post.get("content")),
        "url": word(post.get("url")),
        "like_count": whole_number(post.get("likes")),
        "reply_count": whole_number(post.get("comments")),
    }


def _facebook(post: Mapping[str, Any]) -> dict[str, Any]:
    url = word(post.get("cleanUrl")) or word(post.get("url"))
    match = _FACEBOOK.match(url or "")
    return {
        "platform": "facebook",
        "id": match[2] if match else url,
        "author": match[1] if match else None,
        "text": string(post.get("content")),
        "url": url,
    }


def _vk(post: Mapping[str, Any]) -> dict[str, Any]:
    text, quoted = string(post.get("content")) or "", as_record(post.get("quotedPost"))
    match, passed_on = _VK.match(string(post.get("url")) or ""), _VK.match(string(quoted.get("url")) or "")
    whole = text or (string(quoted.get("content")) or "")
    bare = bool(quoted) and not text.strip()
    return {
        "platform": "vk",
        "id": match[1] if match else None,
        "author": match[1].partition("_")[0] if match else None,
        "text": whole if whole.strip() else "",
        "is_repost": bare,
        "repost_of": passed_on[1] if bare and passed_on else None,
        "is_quote": bool(quoted) and not bare,
        "quote_of": passed_on[1] if passed_on and not bare else None,
        "url": word(post.get("url")),
    }


#: By type: what makes a row of a record, without a `created_at` if that is the `date`. Raises `NotAPost`.
READERS: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "TelegramPost": _telegram,
    "Post": _weibo,
    "Toot": _toot,
    "Boost": _boost,
    "Submission": _submission,
    "Comment": _comment,
    "InstagramPost": _instagram,
    "FacebookPost": _facebook,
    "VKontaktePost": _vk,
}
