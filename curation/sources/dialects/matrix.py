"""Messages of Matrix, as Element exports a room.

Rooms are for their members, so only the messages of `--author` are read. An edit is a message that names the one that
it replaces; it lands as that one's later version. A reply begins with the lines that it answers, each behind `>`; these
are somebody else's and are cut.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from curation.sources.dialects.base import CERTAIN, Context, OnePost
from curation.sources.records.any_json import as_record, string
from curation.sources.records.moments import parse_time
from curation.sources.records.not_a_post import LeftOutRecord

_WRITTEN = frozenset({"m.text", "m.emote", "m.notice"})
_ANSWERED = re.compile(r"(?:> ?[^\n]*\n)+\n?")


class Matrix(OnePost):
    """Messages of a room, of one person."""

    name: ClassVar[str] = "matrix"
    doc: ClassVar[str] = "a room that Element exported as JSON; only the messages of `--author`"
    platform: ClassVar[str] = "matrix"
    wordless: ClassVar[str] = "a picture, file or deleted message without words"
    origin: ClassVar[str] = "Element, *Room info → Export chat → JSON*; matrix-archive and its like."

    @classmethod
    def score(cls, record: Mapping[str, Any], around: tuple[Mapping[str, Any], ...] = ()) -> float:
        """An event with a sender and a server's time."""
        named = {"sender", "event_id", "origin_server_ts", "content"} <= record.keys()
        return CERTAIN if named and str(record.get("type", "")).startswith("m.") else 0.0

    @classmethod
    def row(cls, record: dict[str, Any], context: Context) -> dict[str, Any]:
        content, sender = as_record(record.get("content")), string(record.get("sender")) or ""
        if record.get("type") != "m.room.message" or string(content.get("msgtype", "m.text")) not in _WRITTEN:
            raise LeftOutRecord("an event of Matrix that is no message, or one that is encrypted")
        name = sender.removeprefix("@")
        context.check_author((name, name.partition(":")[0]), "room")
        relation = as_record(content.get("m.relates_to"))
        replaced = string(relation.get("event_id")) if relation.get("rel_type") == "m.replace" else None
        shown = as_record(content.get("m.new_content")) if replaced else content
        answered = string(as_record(relation.get("m.in_reply_to")).get("event_id"))
        text = string(shown.get("body")) or ""
        text = _ANSWERED.sub("", text, count=1) if answered and text.startswith("> ") else text
        time = parse_time(record.get("origin_server_ts"))
        return {
            "id": replaced or string(record.get("event_id")),
            "author": context.author,
            "author_id": sender,
            "created_at": time,
            "text": text,
            "is_repost": False,
            "is_reply": bool(answered),
            "reply_to": answered,
            "edited_at": time if replaced else None,
            "community": string(record.get("room_id")),
        }
