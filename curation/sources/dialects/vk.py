"""Posts and comments of VK, as its API answers them (`wall.get`, `wall.getComments`).

An id is `owner_number`, as in the address of a post. A post with a `copy_history` passes another one on: without words
of its own it is a repost and has the original's text, with words it quotes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from curation.sources.dialects.base import CERTAIN, Context, OnePost
from curation.sources.records.any_json import as_count, as_record, as_records, string
from curation.sources.records.fields import id_text, reference
from curation.sources.records.moments import parse_time
from curation.sources.records.not_a_post import LeftOutRecord

_OWN = frozenset({"post_type", "copy_history", "post_source", "marked_as_ads", "parents_stack", "reposts", "can_pin"})
_FIGURES = {"like_count": "likes", "repost_count": "reposts", "reply_count": "comments", "view_count": "views"}


class Vk(OnePost):
    """Posts of a wall, and comments below them."""

    name: ClassVar[str] = "vk"
    doc: ClassVar[str] = "posts and comments as VK's API answers them (`wall.get`, `wall.getComments`)"
    platform: ClassVar[str] = "vk"
    wordless: ClassVar[str] = "a picture, video or file without words"
    origin: ClassVar[str] = "vk_api, VKExport scripts, and whatever keeps what `wall.get` answered."

    @classmethod
    def score(cls, record: Mapping[str, Any], around: tuple[Mapping[str, Any], ...] = ()) -> float:
        """Whose it is by number, a time and what only VK keeps of a post."""
        named = {"id", "from_id", "date", "text"} <= record.keys()
        return CERTAIN if named and _OWN & record.keys() and isinstance(record["date"], int) else 0.0

    @classmethod
    def row(cls, record: dict[str, Any], context: Context) -> dict[str, Any]:
        if record.get("post_type") in ("suggest", "postpone"):
            raise LeftOutRecord("a post that was suggested or put off, and not published")
        owner = reference(record.get("owner_id")) or reference(record.get("from_id"))
        number, author = id_text(record.get("id")), reference(record.get("from_id"))
        original = next(iter(as_records(record.get("copy_history"))), {})
        own = string(record.get("text")) or ""
        is_repost = bool(original) and not own.strip()
        passed_on = f"{original.get('owner_id')}_{original.get('id')}" if original else None
        post = reference(record.get("post_id"))
        answered = reference(record.get("reply_to_comment")) or post
        return {
            "id": f"{owner}_{number}" if owner and number else None,
            "author": author,
            "author_id": author,
            "created_at": parse_time(record.get("date")),
            "text": string(original.get("text")) or "" if is_repost else own,
            "is_repost": is_repost,
            "repost_of": passed_on if is_repost else None,
            "is_reply": bool(post),
            "reply_to": f"{owner}_{answered}" if post else None,
            "is_quote": bool(original) and not is_repost,
            "quote_of": None if is_repost else passed_on,
            "conversation_id": f"{owner}_{post}" if post else None,
            "url": f"https://vk.com/wall{owner}_{number}" if owner and number and not post else None,
            **{column: as_count(as_record(record.get(key)).get("count")) for column, key in _FIGURES.items()},
        }
