"""Events of Nostr: what clients back up and relays send, one a line or in a list.

Notes (kind 1), answers to other things (1111) and articles (30023) are posts; kinds 6 and 16 pass a note on and mostly
hold it whole. Direct messages (4, 14, 1059 and others) are private and never read, and neither are drafts. The rest
(profiles, reactions, lists of contacts) is no post. An author is a public key.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from curation.sources.dialects.base import CERTAIN, Context, OnePost
from curation.sources.records.any_json import as_record, string
from curation.sources.records.moments import parse_time
from curation.sources.records.not_a_post import LeftOutRecord

_NOTES, _REPOSTS, _ARTICLE = frozenset({1, 1111}), frozenset({6, 16}), 30023
_PRIVATE_KINDS = frozenset({4, 13, 14, 15, 44, 1059, 1060})


class Nostr(OnePost):
    """Events of Nostr."""

    name: ClassVar[str] = "nostr"
    doc: ClassVar[str] = "events of Nostr, one a line or in a list: notes, articles and reposts"
    platform: ClassVar[str] = "nostr"
    origin: ClassVar[str] = "nak, nostr-backup tools, and whatever keeps what relays sent."

    @classmethod
    def score(cls, record: Mapping[str, Any], around: tuple[Mapping[str, Any], ...] = ()) -> float:
        """A public key, a kind, tags and a content."""
        return CERTAIN if {"pubkey", "kind", "tags", "content", "created_at"} <= record.keys() else 0.0

    @classmethod
    def row(cls, record: dict[str, Any], context: Context) -> dict[str, Any]:
        kind = record.get("kind")
        if isinstance(kind, int) and kind in _PRIVATE_KINDS:
            raise LeftOutRecord("a direct message, which is private")
        if not isinstance(kind, int) or kind not in _NOTES | _REPOSTS | {_ARTICLE}:
            raise LeftOutRecord("an event of another kind than a note, an article or a repost")
        return _row(record, kind)


def _row(event: Mapping[str, Any], kind: int) -> dict[str, Any]:
    text, is_repost = event.get("content"), kind in _REPOSTS
    key = string(event.get("pubkey"))
    events = list(_tags(event, "e"))
    passed_on = events[-1][0] if is_repost and events else None
    if is_repost:
        inner = _event_in(text)
        passed_on = string(inner.get("id")) or passed_on
        text = string(inner.get("content")) or ""
    root, answered = (None, None) if is_repost else _thread(events)
    quoted = None if is_repost else next((tag[0] for tag in _tags(event, "q")), None)
    row = {
        "id": string(event.get("id")),
        "author": key,
        "author_id": key,
        "created_at": parse_time(event.get("created_at")),
        "text": text,
        "is_repost": is_repost,
        "repost_of": passed_on,
        "is_reply": bool(answered),
        "reply_to": answered,
        "is_quote": bool(quoted),
        "quote_of": quoted,
        "conversation_id": root,
    }
    if kind == _ARTICLE:  # each version is an event of its own, under one name
        name = next((tag[0] for tag in _tags(event, "d")), "")
        first = parse_time(next((tag[0] for tag in _tags(event, "published_at")), None))
        title = next((tag[0] for tag in _tags(event, "title")), "")
        whole = f"{title}\n\n{text}" if title and isinstance(text, str) else text
        row |= {"id": f"{kind}:{key}:{name}", "edited_at": row["created_at"], "text": whole}
        row["created_at"] = first or row["created_at"]
    return row


def _tags(event: Mapping[str, Any], name: str) -> Iterator[list[str]]:
    """The values of the tags of a name."""
    tags = event.get("tags")
    for tag in tags if isinstance(tags, list) else ():
        if isinstance(tag, list) and len(tag) > 1 and tag[0] == name and all(isinstance(v, str) for v in tag[:4]):
            yield tag[1:]


def _thread(tags: list[list[str]]) -> tuple[str | None, str | None]:
    """The event that a conversation began with and the one that is answered.

    Newer clients mark each; older ones name the first one first and the answered one last.
    """
    marked = {tag[2]: tag[0] for tag in tags if len(tag) > 2 and tag[2] in ("root", "reply")}
    if marked:
        return marked.get("root") or marked["reply"], marked.get("reply") or marked["root"]
    plain = [tag[0] for tag in tags if len(tag) < 3 or tag[2] != "mention"]
    return (plain[0], plain[-1]) if plain else (None, None)


def _event_in(content: Any) -> Mapping[str, Any]:
    """The event that a repost holds as text; an empty one where it holds none."""
    if not isinstance(content, str) or not content.lstrip().startswith("{"):
        return {}
    try:
        return as_record(json.loads(content))
    except (ValueError, RecursionError):
        return {}
