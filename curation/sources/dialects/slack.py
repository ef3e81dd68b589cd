"""Messages of Slack, as a workspace's export has them: a folder a channel, a file a day.

Channels are for their members, so only the messages of `--author` are read: by number (`U01…`), handle or name, as
far as a message itself says them. `users.json` is beside the channels with everybody's e-mail and is not opened.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from curation.sources.dialects.base import CERTAIN, Context, OnePost
from curation.sources.records.any_json import as_record, string
from curation.sources.records.fields import word
from curation.sources.records.moments import parse_time
from curation.sources.records.not_a_post import LeftOutRecord

_WRITTEN = frozenset({None, "thread_broadcast", "me_message", "file_share", "file_comment"})
_TIME = re.compile(r"\d{9,11}\.\d{6}", re.ASCII)
#: `<https://example.org|its name>`, `<@U01|ada>`, `<#C01|general>`, `<!here>`.
_MARKUP = re.compile(r"<([@#!]?)([^<>|\s]{1,2000})(?:\|([^<>]{0,2000}))?>")


class Slack(OnePost):
    """Messages of channels, of one person."""

    name: ClassVar[str] = "slack"
    doc: ClassVar[str] = "a workspace that Slack exported (zip, folder, a day's JSON); only the messages of `--author`"
    platform: ClassVar[str] = "slack"
    not_kept: ClassVar[frozenset[str]] = frozenset({"user_profile", "blocks"})
    wordless: ClassVar[str] = "a picture or file without words"
    origin: ClassVar[str] = "Slack, *Workspace settings → Import/export data*; also slackdump's export format."

    @classmethod
    def score(cls, record: Mapping[str, Any], around: tuple[Mapping[str, Any], ...] = ()) -> float:
        """A message with Slack's own time."""
        timed = record.get("type") == "message" and isinstance(record.get("ts"), str)
        return CERTAIN if timed and _TIME.fullmatch(record["ts"]) else 0.0

    @classmethod
    def row(cls, record: dict[str, Any], context: Context) -> dict[str, Any]:
        number = word(record.get("user"))
        subtype = record.get("subtype")
        if not isinstance(subtype, str | None) or subtype not in _WRITTEN or not number:
            raise LeftOutRecord("a notice of Slack's or a message of a bot")
        profile = as_record(record.get("user_profile"))
        names = (number, *(profile.get(key) for key in ("name", "display_name", "real_name")), record.get("username"))
        context.check_author(names, "channel")
        time, thread = string(record.get("ts")) or "", word(record.get("thread_ts"))
        above = thread if thread and thread != time else None
        parent_author = word(record.get("parent_user_id"))
        parent = f"{parent_author}/{above}" if above and parent_author else None
        return {
            "id": f"{number}/{time}" if time else None,
            "author": context.author,
            "author_name": string(profile.get("real_name")) or string(profile.get("display_name")),
            "author_id": number,
            "created_at": parse_time(time.partition(".")[0]),
            "text": _MARKUP.sub(_as_seen, string(record.get("text")) or ""),
            "text_format": "escaped",
            "is_repost": False,
            "is_reply": bool(above),
            "reply_to": parent,
            "conversation_id": parent,
            "edited_at": parse_time(str(as_record(record.get("edited")).get("ts") or "").partition(".")[0]),
        }


def _as_seen(match: re.Match[str]) -> str:
    """A mention, channel or link as people see it, or its address."""
    mark, what, shown = match.groups()
    if mark == "!":
        return f"@{(shown or what).removeprefix('@').partition('^')[0]}"
    if mark:
        return mark + (shown or what).removeprefix(mark)
    return shown or what.removeprefix("mailto:")
