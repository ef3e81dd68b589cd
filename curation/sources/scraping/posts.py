"""snscrape's items as rows of the raw schema.

*What is a post.* A post without a text (a picture alone) lands with an empty one: it was posted, and it counts.
References and tombstones of X name a tweet that snscrape was not shown; they are counted, not landed.

*Ids.* A message of Telegram is `channel/123`, since every channel counts from 1. A toot's id is its address in
ActivityPub, as `curation.sources.records.mastodon_posts` gives it. Of a boost the page shows only the original, with
the original's time: its id is that with `#repost:` and the handle of whoever boosted, and its time is unknown.

*Places.* A post's place in its list is the platform's number. A post above newer ones, such as a pinned one or an
older one of the same conversation, says nothing of how far down the page is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from curation.sources.base import Rejected
from curation.sources.dialects.snscrape import snscrape_post
from curation.sources.dialects.snscrape_sites import READERS
from curation.sources.feed import Entry
from curation.sources.files.json_items import compact_json
from curation.sources.records.any_json import as_record, string, whole_characters
from curation.sources.records.moments import parse_time
from curation.sources.records.not_a_post import NotAPost
from curation.sources.scraping.pages import Notes

_KINDS = frozenset({"Tweet", "TelegramPost", "Toot", "Boost", "Post"})
_NUMBER = re.compile(r"\d{1,19}", re.ASCII)
_CHINA = timezone(timedelta(hours=8))
_AGO = re.compile(r"(\d{1,4})\s*(秒|分钟|小时)前")
_SECONDS = {"秒": 1, "分钟": 60, "小时": 3600}
_CLOCK = re.compile(r"(今天|昨天)\s*(\d{1,2}):(\d\d)", re.ASCII)
_DAY = re.compile(r"(?:(\d{4})-)?(\d{1,2})-(\d{1,2})", re.ASCII)


def entry_of(item: Any, notes: Notes) -> Entry | Rejected | str:
    """An item of snscrape as a post; why it is none; or the name under which it is counted, and no more."""
    kind = type(item).__name__
    if kind in ("TweetRef", "Tombstone"):
        return kind
    if kind not in _KINDS:
        return Rejected(f"snscrape: {kind}", "it is not a post")
    try:
        record = json.loads(item.json())
        row, place, pinned = _tweet(record) if kind == "Tweet" else _on_site(kind, record, notes)
        row["raw"] = compact_json(record)
    except NotAPost as why:
        return Rejected(f"snscrape: {kind} {str(item)[:200]}", str(why))
    except (ValueError, TypeError, AssertionError, RecursionError) as error:
        return Rejected(f"snscrape: {kind} {str(item)[:200]}", f"it can't be read ({type(error).__name__}: {error})")
    row["text"] = row["text"] or ""
    if "\\ud" in row["raw"]:  # so `compact_json` writes what no UTF-8 can
        row = whole_characters(row)
    return Entry(row, place or 0, pinned=pinned or place is None)


def _tweet(record: dict[str, Any]) -> tuple[dict[str, Any], int | None, bool]:
    """A row with its place (None if unknown) and whether it is pinned."""
    row = snscrape_post(record)
    if not isinstance(row["text"], str) or not row["id"]:
        raise NotAPost("it has no text")
    return row, _place(row["id"]), record.get("pinned") is True


def _on_site(kind: str, record: dict[str, Any], notes: Notes) -> tuple[dict[str, Any], int | None, bool]:
    """The same for a site other than X. `notes` has what else the page says, by id or address."""
    user = as_record(record.get("user"))
    row = {"created_at": parse_time(record.get("date")), "text_format": "plain", **READERS[kind](record)}
    row["author_name"] = string(user.get("displayName")) or string(user.get("screenname"))
    if not row["id"]:
        raise NotAPost("it has no id")
    if kind == "Post":
        row["created_at"] = weibo_time(record.get("createdAt"), datetime.now(UTC))
    key = row["url"] if kind in ("Toot", "Boost") else row["id"]
    row |= {column: value for column, value in notes.columns.get(key, {}).items() if value is not None}
    if kind == "Boost":
        return row, None, False
    number = string(record.get("id")) or "" if kind == "Toot" else row["id"].rpartition("/")[2]
    return row, _place(number), key in notes.pinned


def newest_first(entries: Sequence[Entry]) -> list[Entry]:
    """The entries of a page; pinned are also those above newer ones, or after a newer one of their conversation."""
    conversations: set[str] = set()
    marked: list[Entry] = []
    for entry in entries:
        talk = entry.row.get("conversation_id")
        marked.append(replace(entry, pinned=True) if talk in conversations else entry)
        if talk and not entry.pinned:
            conversations.add(talk)
    highest = -1
    for at in range(len(marked) - 1, -1, -1):
        entry = marked[at]
        if not entry.pinned and entry.place < highest:
            marked[at] = replace(entry, pinned=True)
        elif not entry.pinned:
            highest = entry.place
    return marked


def weibo_time(written: Any, now: datetime) -> datetime | None:
    """A time as Weibo's pages write it, in UTC; `now` is when it was read. Its clock is China's.

    >>> weibo_time("昨天 09:30", datetime(2024, 5, 2, 3, tzinfo=UTC)).isoformat()
    '2024-05-01T01:30:00+00:00'
    """
    text = (string(written) or "").strip()
    here = now.astimezone(_CHINA)
    if text == "刚刚":
        return now.replace(microsecond=0)
    if ago := _AGO.fullmatch(text):
        return now.replace(microsecond=0) - timedelta(seconds=int(ago[1]) * _SECONDS[ago[2]])
    try:
        if clock := _CLOCK.fullmatch(text):
            time = here.replace(hour=int(clock[2]), minute=int(clock[3]), second=0, microsecond=0)
            return (time - timedelta(days=clock[1] == "昨天")).astimezone(UTC)
        if day := _DAY.fullmatch(text):
            return datetime(int(day[1] or here.year), int(day[2]), int(day[3]), tzinfo=_CHINA).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return parse_time(text)


def _place(number: str) -> int | None:
    return int(number) if _NUMBER.fullmatch(number) else None
