"""Posts of Tumblr, as its API answers them: the old form (HTML in `body`, `caption`, …) and NPF (`content` blocks).

A reblog holds the whole chain of other people's words. Only what the blog added is its own: with words of its own it
quotes, without any it is a repost and has the passed-on text. The question of an answer is somebody else's. Drafts, the
queue and private posts are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any, ClassVar

from curation.sources.dialects.base import CERTAIN, Context, OnePost, text_under
from curation.sources.records.any_json import as_count, as_record, as_records, string
from curation.sources.records.fields import handle, id_text, word
from curation.sources.records.moments import parse_time
from curation.sources.records.not_a_post import LeftOutRecord

_OWN = frozenset({"reblog_key", "trail", "note_count", "reblog", "slug"})
#: The keys with the words of each kind of post in the old form.
_WORDS: dict[str, tuple[str, ...]] = {
    "quote": ("text", "source"),
    "link": ("title", "description"),
    "answer": ("answer",),
    "chat": ("title", "body"),
}


class Tumblr(OnePost):
    """Posts of a blog."""

    name: ClassVar[str] = "tumblr"
    doc: ClassVar[str] = "posts as Tumblr's API v2 answers them, as HTML or as blocks (NPF); published ones only"
    platform: ClassVar[str] = "tumblr"
    wordless: ClassVar[str] = "a picture, video or link without words"
    origin: ClassVar[str] = "pytumblr, TumblThree and whatever keeps what `/v2/blog/NAME/posts` answered."

    @classmethod
    def score(cls, record: Mapping[str, Any], around: tuple[Mapping[str, Any], ...] = ()) -> float:
        """The name of a blog, a kind of post and what only Tumblr keeps of one."""
        named = {"blog_name", "id", "type"} <= record.keys() and isinstance(record.get("type"), str)
        return CERTAIN if named and len(_OWN & record.keys()) > 1 and "category" not in record else 0.0

    @classmethod
    def row(cls, record: dict[str, Any], context: Context) -> dict[str, Any]:
        if record.get("state", "published") != "published":
            raise LeftOutRecord("a draft, a queued or a private post")
        source = id_text(record.get("reblogged_from_id")) or id_text(record.get("parent_post_id"))
        blocks = isinstance(record.get("content"), list)
        if blocks:
            own = _text_of_blocks(record["content"])
            others = [_text_of_blocks(item.get("content")) for item in as_records(record.get("trail"))]
        else:
            own, others = _own_words(record, bool(source)), [_whole(record)]
        text, is_repost = own, bool(source) and not own.strip()
        if is_repost:
            text = next((other for other in reversed(others) if other.strip()), "")
        blog = as_record(record.get("blog"))
        return {
            "id": id_text(record.get("id_string")) or id_text(record.get("id")),
            "author": handle(record.get("blog_name")) or handle(blog.get("name")),
            "author_name": word(blog.get("title")) or word(record.get("blog_name")),
            "author_id": word(blog.get("uuid")),
            "created_at": parse_time(record.get("timestamp")),
            "text": text,
            "text_format": "plain" if blocks else "html",
            "is_repost": is_repost,
            "repost_of": source if is_repost else None,
            "is_reply": False,
            "is_quote": bool(source) and not is_repost,
            "quote_of": None if is_repost else source,
            "url": word(record.get("post_url")),
            "like_count": as_count(record.get("note_count")),
        }


def _whole(post: Mapping[str, Any]) -> str:
    """All the words of a post in the old form, as HTML; titles and sources are plain text there."""
    keys = _WORDS.get(str(post.get("type")), ("title", "body", "caption"))
    parts = [text_under(post, key) for key in keys]
    plain = ("title",) if post.get("type") != "answer" else ()
    return "".join(
        f"<p>{escape(part, quote=False)}</p>" if key in plain else part
        for key, part in zip(keys, parts, strict=True)
        if part
    )


def _own_words(post: Mapping[str, Any], is_reblog: bool) -> str:
    if not is_reblog:
        return _whole(post)
    if isinstance(post.get("reblog"), Mapping):
        return string(post["reblog"].get("comment")) or ""
    current = [item for item in as_records(post.get("trail")) if item.get("is_current_item")]
    return next((held for item in current if (held := string(item.get("content_raw")))), "")


def _text_of_blocks(blocks: Any) -> str:
    """The paragraphs of NPF's blocks of text, one below the other."""
    texts = (string(block.get("text")) for block in as_records(blocks) if block.get("type") == "text")
    return "\n\n".join(text for text in texts if text)
