"""Posts of blogs as JSON: JSON Feed (micro.blog and others), Ghost's export, and WordPress' REST API.

A post is its title and, below it, its body, which is HTML. Drafts and private posts are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any, ClassVar

from curation.sources.dialects.base import CERTAIN, Context, OnePost, text_under
from curation.sources.records.any_json import as_record, as_records
from curation.sources.records.dates import written_time
from curation.sources.records.fields import handle, id_text, word
from curation.sources.records.not_a_post import LeftOutRecord

_PUBLISHED = frozenset({"publish", "published", "sent", "approved", "approve"})


class Blogs(OnePost):
    """Posts of a blog."""

    name: ClassVar[str] = "blog"
    doc: ClassVar[str] = "posts of a blog as JSON: JSON Feed, Ghost's export, WordPress' REST API; published ones"
    platform: ClassVar[str] = "blog"
    origin: ClassVar[str] = "`feed.json` of a site, Ghost's *Settings → Migration → Export*, `/wp-json/wp/v2/posts`."

    @classmethod
    def score(cls, record: Mapping[str, Any], around: tuple[Mapping[str, Any], ...] = ()) -> float:
        """The names of one of the three forms."""
        if {"content_html", "content_text"} & record.keys() and ("date_published" in record or _is_feed(around)):
            return CERTAIN
        if {"html", "status", "slug", "published_at"} <= record.keys():
            return CERTAIN
        rendered = "rendered" in as_record(record.get("content"))
        return CERTAIN if rendered and {"date_gmt", "link", "_links"} & record.keys() else 0.0

    @classmethod
    def row(cls, record: dict[str, Any], context: Context) -> dict[str, Any]:
        if word(record.get("status", "publish")) not in _PUBLISHED or as_record(record.get("content")).get("protected"):
            raise LeftOutRecord("a draft, or a post that is not for everybody")
        if "content_html" in record or "content_text" in record:
            row = _of_feed(record, context)
        elif "rendered" in as_record(record.get("content")):
            row = _of_wordpress(record)
        else:
            row = _of_ghost(record)
        if not row["text"]:
            raise LeftOutRecord("a post without words")
        return {"text_format": "html", "is_repost": False, **row}


def _is_feed(around: tuple[Mapping[str, Any], ...]) -> bool:
    """Whether an object around an item says that it is a feed."""
    return any("jsonfeed.org" in str(outer.get("version")) for outer in around)


def _below(title: str | None, body: str | None) -> str:
    """A body of HTML below its title, which is HTML too."""
    return "".join((f"<p>{title}</p>" if title else "", body or ""))


def _escaped(text: str | None) -> str | None:
    return escape(text, quote=False) if text else None


def _of_feed(item: Mapping[str, Any], context: Context) -> dict[str, Any]:
    title, body, plain = (text_under(item, key) for key in ("title", "content_html", "content_text"))
    objects = (item, *reversed(context.around))
    people = ([*as_records(one.get("authors")), as_record(one.get("author"))] for one in objects)
    name = next((full_name for some in people for one in some if (full_name := word(one.get("name")))), None)
    row = {
        "id": id_text(item.get("id")) or word(item.get("url")),
        "author": handle(name),
        "author_name": name,
        "created_at": written_time(item.get("date_published"), context.order),
        "text": _below(_escaped(title), body) if body else "\n\n".join(part for part in (title, plain) if part),
        "lang": word(item.get("language")),
        "url": word(item.get("url")),
        "edited_at": written_time(item.get("date_modified"), context.order),
    }
    return row if body else row | {"text_format": "plain"}


def _of_ghost(post: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": id_text(post.get("uuid")) or id_text(post.get("id")),
        "created_at": written_time(post.get("published_at") or post.get("created_at"), None),
        "text": _below(_escaped(text_under(post, "title")), text_under(post, "html")),
        "url": word(post.get("url")),
    }


def _of_wordpress(post: Mapping[str, Any]) -> dict[str, Any]:
    title, body = (text_under(as_record(post.get(key)), "rendered") for key in ("title", "content"))
    link, gmt = word(post.get("link")), word(post.get("date_gmt"))
    answered = id_text(post.get("parent")) if "author_name" in post else None
    is_comment = "author_name" in post and "post" in post
    return {
        "id": link or id_text(post.get("id")),
        "author": handle(post.get("author_name")),
        "author_name": word(post.get("author_name")),
        "author_id": id_text(post.get("author")),
        "created_at": written_time(gmt or post.get("date"), None),
        "text": _below(title, body),
        "is_reply": is_comment,
        "reply_to": (answered if answered not in (None, "0") else id_text(post.get("post"))) if is_comment else None,
        "url": link,
    }
