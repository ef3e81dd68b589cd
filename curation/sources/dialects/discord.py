"""Messages of Discord: what DiscordChatExporter writes of a channel, and one's own data package.

A server's channels are for its members, so only the messages of `--author` are read. Direct messages are left out
unless the user asks for their own (`--private`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from curation.sources.dialects.base import CERTAIN, Context, OnePost
from curation.sources.records.any_json import as_record
from curation.sources.records.dates import written_time
from curation.sources.records.fields import id_text, reference, word
from curation.sources.records.not_a_post import LeftOutRecord

_WRITTEN = frozenset({"Default", "Reply", "0", "19", "ThreadStarterMessage", "21"})
_DIRECT = frozenset({"DirectTextChat", "DirectGroupTextChat", "DM", "GROUP_DM"})
_HEADS = frozenset({"AuthorID", "Author", "Date", "Content"})
_OWN_HEADS = frozenset({"ID", "Timestamp", "Contents"})


class Discord(OnePost):
    """Messages of Discord, of one person."""

    name: ClassVar[str] = "discord"
    doc: ClassVar[str] = (
        "channels that DiscordChatExporter wrote (JSON, CSV), and one's own messages; only those of `--author`"
    )
    platform: ClassVar[str] = "discord"
    wordless: ClassVar[str] = "a picture, file or sticker without words"
    origin: ClassVar[str] = (
        "DiscordChatExporter, and Discord's *Request all of my data* (messages.json or messages.csv of a channel). "
        "Direct messages are left out unless `--private` asks for one's own."
    )

    @classmethod
    def score(cls, record: Mapping[str, Any], around: tuple[Mapping[str, Any], ...] = ()) -> float:
        """A message of the exporter, or of one's own data."""
        author = as_record(record.get("author"))
        if {"id", "timestamp", "content", "author", "type"} <= record.keys() and (
            "isBot" in author or "discriminator" in author
        ):
            return CERTAIN
        return CERTAIN if record.keys() >= _OWN_HEADS and "Attachments" in record else 0.0

    @classmethod
    def columns_score(cls, names: Iterable[str]) -> float:
        """The heads of either table."""
        heads = {str(name).strip() for name in names}
        return CERTAIN if heads >= _HEADS or (heads >= _OWN_HEADS and "Attachments" in heads) else 0.0

    @classmethod
    def row(cls, record: dict[str, Any], context: Context) -> dict[str, Any]:
        if record.keys() >= _OWN_HEADS:  # of one's own data package, which doesn't say to whom they were written
            if not context.author or not context.private:
                raise LeftOutRecord(
                    "one's own messages, direct ones among them; read them with --private --author NAME"
                )
            return _row(record.get("ID"), record.get("Timestamp"), record.get("Contents"), context)
        channel = next((as_record(outer["channel"]) for outer in reversed(context.around) if "channel" in outer), {})
        if channel.get("type") in _DIRECT and not context.private:
            raise LeftOutRecord("a direct message; read your own with --private --author NAME")
        if "type" in record and str(record["type"]) not in _WRITTEN:
            raise LeftOutRecord("a notice of Discord's, such as somebody who joined")
        author = as_record(record.get("author"))
        name = word(author.get("name")) or word(record.get("Author"))
        shown = word(author.get("nickname"))
        author_id = reference(author.get("id")) or reference(record.get("AuthorID"))
        context.check_author((name, *(one.split("#")[0] for one in (name, shown, author_id) if one)), "channel")
        answered = reference(as_record(record.get("reference")).get("messageId"))
        time, text = record.get("timestamp", record.get("Date")), record.get("content", record.get("Content"))
        return _row(record.get("id"), time, text, context) | {
            "author_name": shown or name,
            "author_id": author_id,
            "is_reply": bool(answered) if "author" in record else None,
            "reply_to": answered,
            "community": reference(channel.get("id")),
        }


def _row(post_id: Any, time: Any, text: Any, context: Context) -> dict[str, Any]:
    return {
        "id": id_text(post_id),
        "author": context.author,
        "created_at": written_time(time, context.order),
        "text": text,
        "is_repost": False,
    }
