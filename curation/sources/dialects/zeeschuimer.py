"""What the browser extension Zeeschuimer captured, one object a line: a post of some platform, in an envelope.

The envelope names the platform. `data` is the platform's own object, read in that platform's dialect. 4CAT exports the
same posts as a table, see `four_cat`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from curation.sources.dialects.base import CERTAIN, Context, Dialect, RowOrReason
from curation.sources.dialects.mastodon import Mastodon
from curation.sources.dialects.tiktok import video_row
from curation.sources.records.any_json import as_record, string
from curation.sources.records.dates import written_time
from curation.sources.records.fields import handle, id_text, reference, whole_number, word
from curation.sources.records.graphql import rows_of_dump
from curation.sources.records.not_a_post import LeftOutRecord, NotAPost

_X = frozenset({"twitter.com", "x.com"})


class Zeeschuimer(Dialect):
    """Posts that Zeeschuimer captured: of X, Truth Social, Threads, Instagram and TikTok."""

    name: ClassVar[str] = "zeeschuimer"
    doc: ClassVar[str] = "NDJSON of the browser extension Zeeschuimer: X, Truth Social, Threads, Instagram, TikTok"
    origin: ClassVar[str] = "The extension's *Download as .ndjson*. Platforms without posts of text are left out."

    @classmethod
    def score(cls, record: Mapping[str, Any], around: tuple[Mapping[str, Any], ...] = ()) -> float:
        """The envelope's own names."""
        own = {"item_id", "nav_index", "timestamp_collected"} & record.keys()
        return CERTAIN if own and {"source_platform", "data"} <= record.keys() else 0.0

    @classmethod
    def posts(cls, record: dict[str, Any], context: Context) -> list[RowOrReason]:
        # The record beside a row is the object in the envelope.
        platform, data = string(record.get("source_platform")), record.get("data")
        if not isinstance(data, dict):
            return [NotAPost("there is nothing in its envelope")]
        if platform in _X:
            return rows_of_dump(data)
        if "truthsocial" in str(platform):
            return Mastodon.posts(data, context)
        if "threads" in str(platform) or "instagram" in str(platform):
            return [(meta_row(data, "threads" if "threads" in str(platform) else "instagram"), data)]
        if "tiktok" in str(platform):
            return [(video_row(data), data)]
        return [LeftOutRecord(f"posts of {str(platform)[:40]} are not read")]


def meta_row(data: Mapping[str, Any], platform: str) -> dict[str, Any]:
    """A post of Threads or Instagram, as their websites answer it."""
    user = as_record(data.get("user"))
    about = as_record(data.get("text_post_app_info"))
    caption = as_record(data.get("caption")).get("text")
    if caption is None and "caption" in data:
        caption = ""
    name = handle(user.get("username"))
    code = word(data.get("code"))
    share = as_record(about.get("share_info"))
    reposted, quoted = as_record(share.get("reposted_post")), as_record(share.get("quoted_post"))
    root = "https://www.threads.net/@{}/post/{}" if platform == "threads" else "https://www.instagram.com/p/{1}/"
    answered = handle(as_record(about.get("reply_to_author")).get("username"))
    return {
        "platform": platform,
        "id": reference(data.get("pk")) or id_text(data.get("id")),
        "author": name,
        "author_name": word(user.get("full_name")),
        "author_id": reference(user.get("pk")) or reference(user.get("id")),
        "created_at": written_time(data.get("taken_at"), None),
        "text": caption,
        "text_format": "plain",
        "is_repost": bool(reposted) if about else None,
        "repost_of": reference(reposted.get("pk")),
        "is_reply": bool(about.get("is_reply") or answered) if about else None,
        "reply_to_author": answered,
        "is_quote": bool(quoted) if about else None,
        "quote_of": reference(quoted.get("pk")),
        "url": root.format(name, code) if name and code else None,
        "like_count": whole_number(data.get("like_count")),
        "reply_count": whole_number(about.get("direct_reply_count", data.get("comment_count"))),
        "repost_count": whole_number(about.get("repost_count")),
    }
