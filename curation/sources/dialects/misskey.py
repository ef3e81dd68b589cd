"""Notes of Misskey and its relatives (Firefish, Sharkey, CherryPick): what the API answers, and one's own export.

A note that passes another one on (`renoteId`) without a word, picture or poll of its own is a repost and has the
original's text; with words it quotes. `home` is Mastodon's unlisted. Notes for followers, for named people or for one
server alone are private and stay unread.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from curation.sources.dialects.base import CERTAIN, Context, OnePost
from curation.sources.records.any_json import as_count, as_record, string
from curation.sources.records.fediverse import PLATFORM as FEDIVERSE
from curation.sources.records.fediverse import POST_ADDRESS
from curation.sources.records.fields import id_text, word
from curation.sources.records.moments import parse_time
from curation.sources.records.not_a_post import LeftOutRecord

_PUBLIC = frozenset({"public", "home"})


class Misskey(OnePost):
    """Notes of Misskey's API and of its export."""

    name: ClassVar[str] = "misskey"
    doc: ClassVar[str] = "notes of Misskey, Firefish or Sharkey, of the API or of one's own export; public ones only"
    platform: ClassVar[str] = "misskey"
    origin: ClassVar[str] = "Misskey, *Settings → Import/Export → All notes*, and what `users/notes` answers."

    @classmethod
    def score(cls, record: Mapping[str, Any], around: tuple[Mapping[str, Any], ...] = ()) -> float:
        """Its names for a reply, a renote and the visibility."""
        own = {"createdAt", "visibility", "replyId", "renoteId"} <= record.keys() or (
            {"createdAt", "visibility", "userId"} <= record.keys()
            and bool({"renoteCount", "cw", "reactionAcceptance"} & record.keys())
        )
        return CERTAIN if own else 0.0

    @classmethod
    def row(cls, record: dict[str, Any], context: Context) -> dict[str, Any]:
        original = as_record(record.get("renote"))
        hidden = original and string(original.get("visibility", "public")) not in _PUBLIC
        if string(record.get("visibility")) not in _PUBLIC or record.get("localOnly") is True or hidden:
            raise LeftOutRecord("only what anybody may read is read, and the rest is private")
        passed_on = id_text(record.get("renoteId")) or id_text(original.get("id"))
        own = any(record.get(key) for key in ("text", "cw", "fileIds", "poll"))
        is_repost = bool(passed_on) and not own
        text = _text(original if is_repost else record)
        if not is_repost and not text:
            raise LeftOutRecord("a picture, file or poll without words")
        return _row(record, text, is_repost)


def _text(note: Mapping[str, Any]) -> str:
    return "\n\n".join(part for part in (string(note.get("cw")), string(note.get("text"))) if part)


def _row(note: Mapping[str, Any], text: str, is_repost: bool) -> dict[str, Any]:
    user, original, answered = (as_record(note.get(key)) for key in ("user", "renote", "reply"))
    uri = string(note.get("uri"))
    reply_to = id_text(note.get("replyId")) or id_text(answered.get("id"))
    passed_on = string(original.get("uri")) or id_text(note.get("renoteId")) or id_text(original.get("id"))
    return {
        "platform": FEDIVERSE if POST_ADDRESS.fullmatch(uri or "") else Misskey.platform,
        "id": uri or id_text(note.get("id")),
        "author": _handle(user),
        "author_name": word(user.get("name")) or word(user.get("username")),
        "author_id": id_text(note.get("userId")) or id_text(user.get("id")),
        "created_at": parse_time(note.get("createdAt")),
        "text": text,
        "is_repost": is_repost,
        "repost_of": passed_on if is_repost else None,
        "is_reply": bool(reply_to),
        "reply_to": string(answered.get("uri")) or reply_to,
        "reply_to_author": _handle(as_record(answered.get("user"))),
        "is_quote": bool(passed_on) and not is_repost,
        "quote_of": None if is_repost else passed_on,
        "edited_at": parse_time(note.get("updatedAt")),
        "community": id_text(note.get("channelId")),
        "url": string(note.get("url")) or uri,
        "repost_count": as_count(note.get("renoteCount")),
        "reply_count": as_count(note.get("repliesCount")),
        "like_count": _reactions(note),
    }


def _reactions(note: Mapping[str, Any]) -> int | None:
    held = note.get("reactions")
    if not isinstance(held, Mapping):
        return as_count(note.get("reactionCount"))
    return sum(number for number in map(as_count, held.values()) if number)


def _handle(user: Mapping[str, Any]) -> str | None:
    name, host = string(user.get("username")), string(user.get("host"))
    return f"{name}@{host}" if name and host else name
