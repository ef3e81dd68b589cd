"""Casts of Farcaster: messages of a hub, and what Neynar's API answers.

Both name a cast by its hash. A hub counts seconds from the beginning of 2021, names people by number, and cuts the
names of those who are mentioned out of the text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from curation.sources.dialects.base import CERTAIN, Context, OnePost
from curation.sources.records.any_json import as_count, as_record, as_records, string
from curation.sources.records.fields import handle, id_text, word
from curation.sources.records.moments import parse_time
from curation.sources.records.not_a_post import LeftOutRecord

_EPOCH = 1_609_459_200  # 2021-01-01, in Unix seconds


class Farcaster(OnePost):
    """Casts of a hub or of Neynar."""

    name: ClassVar[str] = "farcaster"
    doc: ClassVar[str] = "casts of Farcaster: messages of a hub, or what Neynar's API answers"
    platform: ClassVar[str] = "farcaster"
    wordless: ClassVar[str] = "a picture or link without words"
    origin: ClassVar[str] = "A hub's `/v1/castsByFid`, and Neynar's feeds."

    @classmethod
    def score(cls, record: Mapping[str, Any], around: tuple[Mapping[str, Any], ...] = ()) -> float:
        """A signed message of a hub, or an object that says it is a cast."""
        data = as_record(record.get("data"))
        hub = {"fid", "timestamp"} <= data.keys() and str(data.get("type")).startswith("MESSAGE_TYPE_")
        cast = record.get("object") == "cast" and "hash" in record and "author" in record
        return CERTAIN if hub or cast else 0.0

    @classmethod
    def row(cls, record: dict[str, Any], context: Context) -> dict[str, Any]:
        data = as_record(record.get("data"))
        if data and not isinstance(data.get("castAddBody"), Mapping):
            raise LeftOutRecord("a message of another kind than a cast")
        return {"id": string(record.get("hash")), **(_of_hub(data) if data else _of_neynar(record))}


def _of_hub(data: Mapping[str, Any]) -> dict[str, Any]:
    body = data["castAddBody"]
    seconds, author = as_count(data.get("timestamp")), id_text(data.get("fid"))
    parent = string(as_record(body.get("parentCastId")).get("hash"))
    quoted = next(
        (h for e in as_records(body.get("embeds")) if (h := string(as_record(e.get("castId")).get("hash")))), None
    )
    return {
        "author": author,
        "author_id": author,
        "created_at": None if seconds is None else parse_time(seconds + _EPOCH),
        "text": body.get("text"),
        "is_repost": False,
        "is_reply": bool(parent),
        "reply_to": parent,
        "is_quote": bool(quoted),
        "quote_of": quoted,
    }


def _of_neynar(cast: Mapping[str, Any]) -> dict[str, Any]:
    author, figures = as_record(cast.get("author")), as_record(cast.get("reactions"))
    parent = string(cast.get("parent_hash"))
    embedded = (as_record(e.get("cast")) or as_record(e.get("cast_id")) for e in as_records(cast.get("embeds")))
    quoted = next((digest for e in embedded if (digest := string(e.get("hash")))), None)
    return {
        "author": handle(author.get("username")) or id_text(author.get("fid")),
        "author_name": word(author.get("display_name")),
        "author_id": id_text(author.get("fid")),
        "created_at": parse_time(cast.get("timestamp")),
        "text": cast.get("text"),
        "is_repost": False,
        "is_reply": bool(parent),
        "reply_to": parent,
        "is_quote": bool(quoted),
        "quote_of": quoted,
        "conversation_id": string(cast.get("thread_hash")),
        "community": word(as_record(cast.get("channel")).get("id")),
        "like_count": as_count(figures.get("likes_count")),
        "repost_count": as_count(figures.get("recasts_count")),
        "reply_count": as_count(as_record(cast.get("replies")).get("count")),
    }
