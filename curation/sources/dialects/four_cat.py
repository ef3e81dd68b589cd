"""Tables that 4CAT exports, of any platform.

Every 4CAT table begins with the same names (`id`, `thread_id`, `timestamp`, `body`, `author` …), and the rest depends
on the platform. Times are UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, ClassVar

from curation.posts import NO_PLATFORM
from curation.sources.dialects.base import CERTAIN, Context, OnePost
from curation.sources.records.dates import written_time
from curation.sources.records.fields import count_under, handle, id_text, reference, word, yes_or_no

_COMMON = frozenset({"id", "thread_id", "timestamp", "body", "author"})
#: Names that tell the platform; the first that fits counts.
_PLATFORMS: tuple[tuple[str, frozenset[str]], ...] = (
    ("x", frozenset({"is_retweet", "retweet_count"})),
    ("x", frozenset({"tweet_url"})),
    ("telegram", frozenset({"forwards"})),
    ("telegram", frozenset({"message_link"})),
    ("telegram", frozenset({"author_forwarded_from_name"})),
    ("threads", frozenset({"thread_replies", "likes_hidden"})),
    ("tiktok", frozenset({"video_url", "plays"})),
    ("tiktok", frozenset({"tiktok_url"})),
    ("instagram", frozenset({"media_urls", "num_likes"})),
    ("instagram", frozenset({"likes_hidden"})),
    ("reddit", frozenset({"subreddit"})),
    ("truthsocial", frozenset({"truthsocial_url"})),
)


class FourCat(OnePost):
    """Rows of a table that 4CAT exported."""

    name: ClassVar[str] = "4cat"
    doc: ClassVar[str] = "a CSV (or NDJSON rows) exported from 4CAT, of X, Telegram, Threads, Instagram, TikTok, Reddit"
    origin: ClassVar[str] = "4CAT, *Download as CSV* of a dataset."

    @classmethod
    def score(cls, record: Mapping[str, Any], around: tuple[Mapping[str, Any], ...] = ()) -> float:
        """The names that every 4CAT table has."""
        return cls.columns_score(record.keys())

    @classmethod
    def columns_score(cls, names: Iterable[str]) -> float:
        """The names that every 4CAT table has, and one that tells its platform."""
        present = {str(name).strip() for name in names}
        more = {"unix_timestamp", "collected_from_url", "author_fullname", "subject"} & present
        return CERTAIN if present >= _COMMON and (more or _platform_of(present) != NO_PLATFORM) else 0.0

    @classmethod
    def row(cls, record: dict[str, Any], context: Context) -> dict[str, Any]:
        return _row(record, context)


def _platform_of(columns: AbstractSet[str]) -> str:
    """Where posts in a table with these columns are from; `file` when nothing tells."""
    return next((platform for platform, own in _PLATFORMS if own <= columns), NO_PLATFORM)


def _row(cells: Mapping[str, Any], context: Context) -> dict[str, Any]:
    platform = _platform_of(cells.keys())
    subject, body = cells.get("subject"), cells.get("body")
    text = body if isinstance(body, str) else None
    if platform == "reddit" and isinstance(subject, str) and subject.strip():
        text = f"{subject}\n\n{text}" if text and text.strip() else subject
    post_id, thread = id_text(cells.get("id")), reference(cells.get("thread_id"))
    reposts = {key: cells[key] for key in ("is_retweet", "is_repost", "is_forward") if key in cells}
    forwarded = word(cells.get("author_forwarded_from_name"))
    is_repost = yes_or_no(next(iter(reposts.values()), None)) or (bool(forwarded) if platform == "telegram" else None)
    is_quote, is_reply = yes_or_no(cells.get("is_quote_tweet")), yes_or_no(cells.get("is_reply"))
    answered = handle(cells.get("replied_author"))
    addresses = (cells.get(key) for key in ("tweet_url", "url", "link", "message_link"))
    return {
        "platform": platform,
        "id": post_id,
        "author": handle(cells.get("author")),
        "author_name": word(cells.get("author_fullname")) or word(cells.get("author_name")),
        "author_id": reference(cells.get("author_id")),
        "created_at": written_time(cells.get("unix_timestamp") or cells.get("timestamp"), context.order),
        "text": text,
        "lang": word(cells.get("language_guess")) or word(cells.get("lang")),
        "is_repost": is_repost,
        "is_reply": bool(is_reply or answered) if "is_reply" in cells or answered else None,
        "reply_to_author": answered,
        "is_quote": False if is_repost and is_quote is not None else is_quote,
        "conversation_id": thread,
        "is_sensitive": yes_or_no(cells.get("possibly_sensitive")),
        "client": word(cells.get("source")) if platform == "x" else None,
        "url": next(filter(None, map(word, addresses)), None),
        "like_count": count_under(cells, "like_count", "likes", "num_likes"),
        "repost_count": count_under(cells, "retweet_count", "reposts", "forwards", "shares"),
        "reply_count": count_under(cells, "reply_count", "replies", "num_comments", "comments"),
        "quote_count": count_under(cells, "quote_count"),
        "view_count": count_under(cells, "impression_count", "views", "plays"),
    }
