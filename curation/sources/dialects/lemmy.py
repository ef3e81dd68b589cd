"""Posts and comments of Lemmy, as its API answers them: each in a view with its author, community and counts.

A post is its title and, below it, its body. Ids are the addresses in ActivityPub, so that one post has one id whichever
server it was read through. Deleted and removed posts are left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from curation.sources.dialects.base import CERTAIN, Context, OnePost
from curation.sources.records.any_json import as_count, as_flag, as_record, string
from curation.sources.records.fediverse import host_of
from curation.sources.records.fields import id_text, word
from curation.sources.records.moments import parse_time
from curation.sources.records.not_a_post import LeftOutRecord

_NUMBER = re.compile(r"\d+$", re.ASCII)


class Lemmy(OnePost):
    """Posts and comments in the views of Lemmy's API."""

    name: ClassVar[str] = "lemmy"
    doc: ClassVar[str] = "posts and comments as Lemmy's API answers them (`post/list`, `comment/list`, `user`)"
    platform: ClassVar[str] = "lemmy"
    origin: ClassVar[str] = "Whatever keeps what Lemmy's `/api/v3/user`, `/post/list` or `/comment/list` answered."

    @classmethod
    def score(cls, record: Mapping[str, Any], around: tuple[Mapping[str, Any], ...] = ()) -> float:
        """A view: a post or a comment, and beside it who made it."""
        thing = as_record(record.get("comment")) or as_record(record.get("post"))
        return CERTAIN if "ap_id" in thing and isinstance(record.get("creator"), dict) else 0.0

    @classmethod
    def row(cls, record: dict[str, Any], context: Context) -> dict[str, Any]:
        post, comment = as_record(record.get("post")), as_record(record.get("comment"))
        thing = comment or post
        if as_flag(thing.get("deleted")) or as_flag(thing.get("removed")):
            raise LeftOutRecord("the text was removed or deleted")
        parts = (comment.get("content"),) if comment else (post.get("name"), post.get("body"))
        text = "\n\n".join(part for part in map(string, parts) if part)
        creator, figures = as_record(record.get("creator")), as_record(record.get("counts"))
        address, conversation = string(thing.get("ap_id")), string(post.get("ap_id"))
        return {
            "id": address,
            "author": _handle(creator),
            "author_name": word(creator.get("display_name")) or word(creator.get("name")),
            "author_id": string(creator.get("actor_id")) or id_text(creator.get("id")),
            "created_at": parse_time(thing.get("published")),
            "text": text,
            "is_repost": False,
            "is_reply": bool(comment),
            "reply_to": _parent(comment, address) or conversation if comment else None,
            "is_quote": False,
            "conversation_id": conversation or (None if comment else address),
            "edited_at": parse_time(thing.get("updated")),
            "is_sensitive": as_flag(post.get("nsfw")),
            "community": word(as_record(record.get("community")).get("name")),
            "url": address,
            "like_count": as_count(figures.get("upvotes")),
            "reply_count": as_count(figures.get("child_count" if comment else "comments")),
        }


def _handle(person: Mapping[str, Any]) -> str | None:
    name, host = string(person.get("name")), host_of(person.get("actor_id"))
    return f"{name}@{host}" if name and host else name


def _parent(comment: Mapping[str, Any], address: str | None) -> str | None:
    """The address of the comment above, where this one's shows how its server makes them; None below a post itself."""
    steps = str(comment.get("path") or "").split(".")
    number = id_text(comment.get("id"))
    if len(steps) < 3 or not address or not number or not address.endswith(f"/{number}"):
        return None
    return _NUMBER.sub(steps[-2], address)
