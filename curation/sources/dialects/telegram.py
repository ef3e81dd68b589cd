"""What Telegram Desktop exports: `result.json`, of one chat or of all.

A message's `text` is a string, or a list of strings and objects that have a `text` of their own (bold, a link, a
mention). Joined, they are what people see. `date` is local time without a zone; newer versions add `date_unixtime`, and
that is used.

*What is private.* A public channel is read whole. In a group, only the messages of `--author` are read. A private chat
is left out unless the user asks for it (`--private`), and then again only the messages of `--author` are read. Nothing
else in the export is looked at: no contacts, no calls, no phone number.

*Ids.* Every chat counts its messages from 1, so an id is `chat/message`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from curation.sources.dialects.base import CERTAIN, LIKELY, Context, OnePost
from curation.sources.records.any_json import as_count, as_record, as_records, string
from curation.sources.records.fields import handle, id_text, word
from curation.sources.records.moments import parse_time
from curation.sources.records.not_a_post import LeftOutRecord

CHANNEL = "public_channel"
GROUPS = frozenset({"public_supergroup", "private_supergroup", "private_group", "public_group"})
PRIVATE = frozenset({"personal_chat", "bot_chat", "saved_messages", "private_channel", "replies", "verification_codes"})

_NEVER = 1970


class Telegram(OnePost):
    """Messages that Telegram Desktop exported: public channels, and what one person wrote in groups."""

    name: ClassVar[str] = "telegram"
    doc: ClassVar[str] = "result.json of Telegram Desktop, one chat or all; in groups only the messages of `--author`"
    platform: ClassVar[str] = "telegram"
    wordless: ClassVar[str] = "a picture, file or sticker without words"
    origin: ClassVar[str] = (
        "Telegram Desktop, *Export chat history* or *Settings → Advanced → Export Telegram data*, as machine-readable "
        "JSON. Private chats are left out unless `--private` asks for one's own messages in them."
    )

    @classmethod
    def score(cls, record: Mapping[str, Any], around: tuple[Mapping[str, Any], ...] = ()) -> float:
        """A message by its own names, or by those and the chat around it."""
        if record.get("type") not in ("message", "service") or "id" not in record or "date" not in record:
            return 0.0
        if {"date_unixtime", "text_entities", "from_id", "actor_id"} & record.keys() or _chat(around):
            return CERTAIN
        return LIKELY if "text" in record and "from" in record else 0.0

    @classmethod
    def row(cls, record: dict[str, Any], context: Context) -> dict[str, Any]:
        chat = _chat(context.around)
        kind = string(chat.get("type"))
        # A message without its chat may say that it is a channel's.
        sender = str(record.get("from_id") or record.get("actor_id") or "")
        is_channel = kind == CHANNEL or (kind is None and sender.startswith("channel"))
        if not is_channel and kind not in GROUPS and not context.private:
            raise LeftOutRecord("a private chat; read your own messages in it with --private --author NAME")
        if record.get("type") == "service":
            raise LeftOutRecord("a notice of Telegram's, such as a pinned message or a call")
        if not is_channel:
            context.check_author(_names(record, context), "group")
        return _row(record, chat, is_channel, context)


def text_of_parts(parts: Any) -> str:
    """A message's text, whichever way it is written.

    >>> text_of_parts(["The ferry leaves at ", {"type": "bold", "text": "seven"}, "."])
    'The ferry leaves at seven.'
    """
    if isinstance(parts, str):
        return parts
    if not isinstance(parts, list):
        return ""
    texts = [part if isinstance(part, str) else as_record(part).get("text") for part in parts]
    return "".join(text for text in texts if isinstance(text, str))


def _chat(around: tuple[Mapping[str, Any], ...]) -> Mapping[str, Any]:
    kinds = GROUPS | PRIVATE | {CHANNEL}
    return next((outer for outer in reversed(around) if string(outer.get("type")) in kinds), {})


def _names(record: Mapping[str, Any], context: Context) -> list[str]:
    """What a message's author is called: as the chat shows them, by number, and the handle if they exported it."""
    number = str(record.get("from_id") or "").removeprefix("user")
    names = [str(record.get("from") or "").strip().removeprefix("@"), number, f"user{number}"]
    infos = (as_record(outer["personal_information"]) for outer in context.around if "personal_information" in outer)
    owner = next(infos, {})
    if id_text(owner.get("user_id")) == number:
        names.append(str(owner.get("username") or "").removeprefix("@"))
    return names


def _row(record: Mapping[str, Any], chat: Mapping[str, Any], is_channel: bool, context: Context) -> dict[str, Any]:
    chat_id = id_text(chat.get("id")) or str(record.get("from_id") or "").removeprefix("channel") or None
    number = id_text(record.get("id"))
    name = word(chat.get("name")) if is_channel else None
    name = name or word(record.get("from"))
    forwarded = record.get("forwarded_from") is not None or "forwarded_from_id" in record
    answered = id_text(record.get("reply_to_message_id"))
    return {
        "id": f"{chat_id}/{number}" if chat_id and number else None,
        "author": handle(name) if is_channel else context.author,
        "author_name": name,
        # Versions before 2021 wrote a number of their own for a channel.
        "author_id": f"channel{chat_id}" if is_channel and chat_id else id_text(record.get("from_id")),
        "created_at": parse_time(record.get("date_unixtime")) or parse_time(record.get("date")),
        "text": text_of_parts(record.get("text")),
        "is_repost": forwarded,
        "is_reply": answered is not None,
        "reply_to": f"{chat_id}/{answered}" if chat_id and answered else None,
        "is_quote": False,
        "edited_at": _edited(record),
        "like_count": _reactions(record),
        "community": None if is_channel else chat_id,
    }


def _edited(record: Mapping[str, Any]) -> datetime | None:
    """When a message was edited; old versions write the beginning of 1970 for one that was not."""
    time = parse_time(record.get("edited_unixtime")) or parse_time(record.get("edited"))
    return time if time and time.year > _NEVER else None


def _reactions(record: Mapping[str, Any]) -> int | None:
    counts = [as_count(one.get("count")) for one in as_records(record.get("reactions"))]
    return sum(number for number in counts if number) if counts else None
