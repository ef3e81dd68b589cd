"""snscrape's items as rows of the raw schema.

*What is a post.* A post without a text (a picture alone) lands with an empty one: it was posted, and it counts.
References and tombstones of X name a tweet that snscrape was not shown; they are counted, not landed.

*Ids.* A message of Telegram is `channel/123`, since every channel counts from 1. A toot's id is its address in
ActivityPub, as `curation.sources.records.mastodon_posts` gives it. Of a boost the page shows only the original, with
the original's time: its id is that with `#repost:` and whoever boosted, and nobody knows when that was.

*Places.* Where in its list a post stands: the platform's number. One that stands above newer ones, such as a
pinned one, or an older one of the same conversation, says nothing of how far down the page is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from curation.sources.base import Rejected
from curation.sources.dialects.snscrape import snscrape_post
from curation.sources.dialects.weibo import NO_WORD
from curation.sources.feed import Entry
from curation.sources.files.json_items import compact_json
from curation.sources.records.any_json import as_record, string
from curation.sources.records.fediverse import PLATFORM as MASTODON
from curation.sources.records.fediverse import global_id
from curation.sources.records.fields import handle, id_text, whole_number
from curation.sources.records.moments import parse_time
from curation.sources.scraping.pages import telegram_id

if TYPE_CHECKING:
    from curation.sources.scraping.pages import Notes

_CHANNEL_POST = re.compile(r"https?://[^/]+/(?:s/)?(\w+)/(\d+)", re.ASCII)
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
    reader = _READERS.get(kind)
    if reader is None:
        return Rejected(f"snscrape: {kind}", "it is not a post")
    try:
        written = item.json()
        reading = reader(json.loads(written), notes)
    except (ValueError, TypeError, AssertionError, RecursionError) as error:
        return Rejected(f"snscrape: {kind} {str(item)[:200]}", f"it can't be read ({type(error).__name__}: {error})")
    if isinstance(reading, str):
        return Rejected(f"snscrape: {kind} {str(item)[:200]}", reading)
    row, place, pinned = reading
    row["text"] = row["text"] or ""
    if "\\ud" in row["raw"]:  # so `compact_json` writes what no UTF-8 can
        row |= {key: _whole(value) for key, value in row.items() if isinstance(value, str)}
    return Entry(row, place or 0, pinned=pinned or place is None)


#: A row with its place (None: nobody knows) and whether it is pinned; or why there is none.
_RowOrReason = tuple[dict[str, Any], int | None, bool] | str


def _tweet(item: dict[str, Any], notes: Notes) -> _RowOrReason:
    row = snscrape_post(item)
    if not isinstance(row["text"], str) or not row["id"]:
        return "it has no text"
    return row | {"raw": compact_json(item)}, _place(row["id"]), item.get("pinned") is True


def _message(item: dict[str, Any], notes: Notes) -> _RowOrReason:
    match = _CHANNEL_POST.match(string(item.get("url")) or "")
    if not match:
        return "its address does not say which message of which channel it is"
    channel, number = match.groups()
    post_id, text = telegram_id(channel, number), string(item.get("content")) or ""
    row = {
        "platform": "telegram",
        "id": post_id,
        "author": channel,
        "created_at": parse_time(item.get("date")),
        "text": text.strip(),
        "text_format": "plain",
        "url": f"https://t.me/{channel}/{number}",
        **notes.columns.get(post_id, {}),
        "raw": compact_json(item),
    }
    return row, _place(number), False


def _toot(item: dict[str, Any], notes: Notes) -> _RowOrReason:
    url = string(item.get("url"))
    if not url:
        return "it has no address"
    user = as_record(item.get("user"))
    warning, text = string(item.get("spoilerText")), string(item.get("text"))
    row = {
        "platform": MASTODON,
        "id": global_id(url),
        "author": handle(user.get("account")),
        "author_name": string(user.get("displayName")),
        "created_at": parse_time(item.get("date")),
        # snscrape calls the text behind a warning the spoiler.
        "text": "\n\n".join(part for part in (text, warning) if part),
        "text_format": "plain",
        "is_repost": False,
        "url": url,
        "raw": compact_json(item),
    }
    row |= {key: value for key, value in notes.columns.get(url, {}).items() if value is not None}
    return row, _place(string(item.get("id")) or ""), url in notes.pinned


def _boost(item: dict[str, Any], notes: Notes) -> _RowOrReason:
    toot = _toot(dict(as_record(item.get("toot"))), notes)
    if isinstance(toot, str):
        return toot
    row, user = toot[0], as_record(item.get("user"))
    author = handle(user.get("account"))
    row |= {
        "id": f"{row['id']}#repost:{author}",
        "repost_of": row["id"],
        "is_repost": True,
        "author": author,
        "author_name": string(user.get("displayName")),
        "created_at": None,
        "raw": compact_json(item),
    }
    return row, None, False


def _weibo(item: dict[str, Any], notes: Notes) -> _RowOrReason:
    post_id = id_text(item.get("id"))
    if not post_id:
        return "it has no id"
    user, original = as_record(item.get("user")), as_record(item.get("repostedPost"))
    text = string(item.get("text")) or ""
    bare = bool(original) and text.strip() in NO_WORD
    row = {
        "platform": "weibo",
        "id": post_id,
        "author": handle(user.get("screenname")),
        "author_name": string(user.get("screenname")),
        "author_id": id_text(user.get("uid")),
        "created_at": weibo_time(item.get("createdAt"), datetime.now(UTC)),
        # Passed on without a word, it says what the original says.
        "text": (string(original.get("text")) or text) if bare else text,
        "text_format": "plain",
        "is_repost": bare,
        "repost_of": id_text(original.get("id")) if bare else None,
        "is_quote": bool(original) and not bare,
        "quote_of": id_text(original.get("id")) if original and not bare else None,
        "url": string(item.get("url")),
        "like_count": whole_number(item.get("likesCount")),
        "repost_count": whole_number(item.get("repostsCount")),
        "reply_count": whole_number(item.get("commentsCount")),
        "raw": compact_json(item),
    }
    return row, _place(post_id), post_id in notes.pinned


_READERS: dict[str, Callable[[dict[str, Any], Any], _RowOrReason]] = {
    "Tweet": _tweet,
    "TelegramPost": _message,
    "Toot": _toot,
    "Boost": _boost,
    "Post": _weibo,
}


def newest_first(entries: Sequence[Entry]) -> list[Entry]:
    """The entries of a page, those marked that stand above newer ones or follow a newer one of their conversation."""
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


def _whole(text: str) -> str:
    """The text with U+FFFD in the place of half surrogate pairs; Arrow takes none."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
