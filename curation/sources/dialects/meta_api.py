"""Meta's sites as their APIs and websites answer them: Threads, Instagram and Facebook.

Three forms: the Graph API (`/me/threads`, `/me/media`, `/me/posts`), the website's older GraphQL nodes that instaloader
and instagram-scraper keep (`shortcode`, `edge_media_to_caption`), and the apps' own objects (`pk`, `code`, `taken_at`;
instagrapi). The number in a post's address is its `pk` in other letters, so the last two forms give one post one id;
the Graph API counts on its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from curation.sources.dialects.base import CERTAIN, Context, OnePost, text_under
from curation.sources.dialects.zeeschuimer import meta_row
from curation.sources.records.any_json import as_record, as_records
from curation.sources.records.dates import written_time
from curation.sources.records.fields import handle, id_text, reference, whole_number, word, yes_or_no

_THREADS = re.compile(r"https?://(?:www\.)?threads\.(?:net|com)/", re.ASCII)
_INSTAGRAM = re.compile(r"https?://(?:www\.)?instagram\.com/", re.ASCII)
_MEDIA = ("IMAGE", "VIDEO", "CAROUSEL_ALBUM")
_OF_PAGE = re.compile(r"\d+_\d+", re.ASCII)


class MetaApi(OnePost):
    """Posts of Threads, Instagram and Facebook out of their APIs."""

    name: ClassVar[str] = "meta-api"
    doc: ClassVar[str] = "posts of Threads, Instagram and Facebook: Graph API, instaloader, instagrapi, Apify"
    wordless: ClassVar[str] = "a picture, video or shared link without words of one's own"
    origin: ClassVar[str] = "`graph.threads.net`, `graph.instagram.com`, `graph.facebook.com`; instaloader's JSON."

    @classmethod
    def score(cls, record: Mapping[str, Any], around: tuple[Mapping[str, Any], ...] = ()) -> float:
        """The names of one of the three forms."""
        if "edge_media_to_caption" in record and "shortcode" in record:
            return CERTAIN
        if {"pk", "code", "taken_at", "user"} <= record.keys() or {"shortCode", "ownerUsername"} <= record.keys():
            return CERTAIN
        if "facebookUrl" in record and {"postId", "pageName"} & record.keys():
            return CERTAIN
        if "created_time" in record and {"message", "story", "permalink_url"} & record.keys():
            return CERTAIN if _OF_PAGE.fullmatch(str(record.get("id"))) else 0.0
        return CERTAIN if "timestamp" in record and _site_of(record) else 0.0

    @classmethod
    def row(cls, record: dict[str, Any], context: Context) -> dict[str, Any]:
        if "edge_media_to_caption" in record:
            return _of_node(record)
        if "pk" in record:
            row = meta_row(record, "threads" if "text_post_app_info" in record else "instagram")
            return row | {"text": row["text"] or text_under(record, "caption_text")}
        if "created_time" in record:
            return _of_facebook(record)
        return _of_apify(record) if "shortCode" in record or "facebookUrl" in record else _of_graph(record)


def _site_of(record: Mapping[str, Any]) -> str | None:
    """The site of a record of the Graph API."""
    if not {"media_type", "media_product_type"} & record.keys():
        return None
    address = str(record.get("permalink") or "")
    if record.get("media_product_type") == "THREADS" or _THREADS.match(address):
        return "threads"
    own = record.get("media_type") in _MEDIA and "caption" in record
    return "instagram" if _INSTAGRAM.match(address) or own else None


def _of_graph(post: Mapping[str, Any]) -> dict[str, Any]:
    site = _site_of(post)
    quoted, passed_on = as_record(post.get("quoted_post")), as_record(post.get("reposted_post"))
    answered = as_record(post.get("replied_to"))
    is_repost = bool(passed_on) or post.get("media_type") == "REPOST_FACADE"
    is_reply, is_quote = yes_or_no(post.get("is_reply")), yes_or_no(post.get("is_quote_post"))
    on_threads = site == "threads"
    return {
        "platform": site,
        "id": id_text(post.get("id")),
        "author": handle(post.get("username")),
        "author_id": reference(as_record(post.get("owner")).get("id")),
        "created_at": written_time(post.get("timestamp"), None),
        "text": post.get("text") if on_threads else post.get("caption"),
        "is_repost": is_repost if on_threads else False,
        "repost_of": reference(passed_on.get("id")),
        "is_reply": bool(is_reply or answered) if on_threads and (answered or is_reply is not None) else None,
        "reply_to": reference(answered.get("id")),
        "is_quote": bool(is_quote or quoted) if on_threads and (quoted or is_quote is not None) else None,
        "quote_of": reference(quoted.get("id")),
        "conversation_id": reference(as_record(post.get("root_post")).get("id")),
        "url": word(post.get("permalink")),
        "like_count": whole_number(post.get("like_count")),
        "reply_count": whole_number(post.get("comments_count")),
    }


def _of_node(node: Mapping[str, Any]) -> dict[str, Any]:
    owner = as_record(node.get("owner"))
    captions = as_records(as_record(node.get("edge_media_to_caption")).get("edges"))
    code = word(node.get("shortcode"))
    likes = as_record(node.get("edge_media_preview_like")) or as_record(node.get("edge_liked_by"))
    comments = as_record(node.get("edge_media_to_comment")) or as_record(node.get("edge_media_to_parent_comment"))
    return {
        "platform": "instagram",
        "id": reference(node.get("id")),
        "author": handle(owner.get("username")),
        "author_name": word(owner.get("full_name")),
        "author_id": reference(owner.get("id")),
        "created_at": written_time(node.get("taken_at_timestamp") or node.get("date"), None),
        "text": next((as_record(one.get("node")).get("text") for one in captions), None),
        "is_repost": False,
        "url": f"https://www.instagram.com/p/{code}/" if code else None,
        "like_count": whole_number(likes.get("count")),
        "reply_count": whole_number(comments.get("count")),
    }


def _of_apify(post: Mapping[str, Any]) -> dict[str, Any]:
    """A post as Apify's actors write it; the comments that they keep below it are other people's."""
    on_instagram = "shortCode" in post
    user = as_record(post.get("user"))
    name = handle(post.get("ownerUsername")) if on_instagram else word(post.get("pageName")) or word(user.get("name"))
    return {
        "platform": "instagram" if on_instagram else "facebook",
        "id": id_text(post.get("id")) if on_instagram else id_text(post.get("postId")),
        "author": name,
        "author_name": word(post.get("ownerFullName")) or word(user.get("name")),
        "author_id": reference(post.get("ownerId")) or reference(user.get("id")),
        "created_at": written_time(post.get("timestamp") or post.get("time"), None),
        "text": post.get("caption") if on_instagram else post.get("text"),
        "is_repost": False,
        "url": word(post.get("url")),
        "like_count": whole_number(post.get("likesCount", post.get("likes"))),
        "repost_count": whole_number(post.get("shares")),
        "reply_count": whole_number(post.get("commentsCount", post.get("comments"))),
    }


def _of_facebook(post: Mapping[str, Any]) -> dict[str, Any]:
    whose, number = as_record(post.get("from")), id_text(post.get("id"))
    figures = {
        "like_count": as_record(as_record(post.get("likes")).get("summary")).get("total_count"),
        "repost_count": as_record(post.get("shares")).get("count"),
        "reply_count": as_record(as_record(post.get("comments")).get("summary")).get("total_count"),
    }
    return {
        "platform": "facebook",
        "id": number,
        "author": word(whose.get("name")),
        "author_name": word(whose.get("name")),
        "author_id": reference(whose.get("id")) or (number or "").partition("_")[0] or None,
        "created_at": written_time(post.get("created_time"), None),
        "text": post.get("message"),  # `story` is Facebook's own sentence
        "is_repost": False,
        "url": word(post.get("permalink_url")),
        **{column: whole_number(figure) for column, figure in figures.items()},
    }
