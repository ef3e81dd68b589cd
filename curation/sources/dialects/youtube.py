"""Comments on YouTube: one's own out of Google Takeout (CSV), answers of the Data API, and what yt-dlp kept.

Takeout writes a comment as pieces of JSON, `{"text":"…"},{"text":"…"}`, which are joined here. The API has a comment
twice, as HTML and as it was typed; the latter is read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from curation.sources.dialects.base import CERTAIN, Context, Dialect, RowOrReason
from curation.sources.records.any_json import as_record, as_records, string
from curation.sources.records.dates import written_time
from curation.sources.records.fields import handle, id_text, whole_number, word
from curation.sources.records.not_a_post import NotAPost

#: Heads of Takeout's tables: a comment, or a message of a live chat.
_HEADS = (frozenset({"Comment ID", "Comment Text"}), frozenset({"Live Chat ID", "Live Chat Text"}))


class Youtube(Dialect):
    """Comments on YouTube."""

    name: ClassVar[str] = "youtube"
    doc: ClassVar[str] = "comments on YouTube: Takeout's comments.csv, the Data API's threads, yt-dlp's `.info.json`"
    platform: ClassVar[str] = "youtube"
    origin: ClassVar[str] = (
        "Google Takeout, *YouTube → comments* (in English: other languages have other heads, name them with `--map`); "
        "`commentThreads.list`; yt-dlp where it was told to write comments."
    )

    @classmethod
    def score(cls, record: Mapping[str, Any], around: tuple[Mapping[str, Any], ...] = ()) -> float:
        """A resource of the API, a comment of yt-dlp, or a row of Takeout."""
        if str(record.get("kind")) in ("youtube#comment", "youtube#commentThread"):
            return CERTAIN
        if {"id", "text", "author_id", "parent", "author"} <= record.keys() and (
            {"author_is_uploader", "author_thumbnail", "like_count", "is_favorited"} & record.keys()
        ):
            return CERTAIN
        return cls.columns_score(record.keys())

    @classmethod
    def columns_score(cls, names: Iterable[str]) -> float:
        """The heads of Takeout's tables."""
        heads_here = {str(name).strip() for name in names}
        return CERTAIN if any(heads <= heads_here for heads in _HEADS) else 0.0

    @classmethod
    def posts(cls, record: dict[str, Any], context: Context) -> list[RowOrReason]:
        """The comment, and of a thread of the API also the answers that it holds."""
        kind = record.get("kind")
        if kind == "youtube#commentThread":
            snippet = as_record(record.get("snippet"))
            answers = as_records(as_record(record.get("replies")).get("comments"))
            return [_of_api(comment) for comment in (as_record(snippet.get("topLevelComment")), *answers)]
        if kind == "youtube#comment":
            return [_of_api(record)]
        if "parent" in record:
            return [(_of_yt_dlp(record, context), record)]
        return [_of_takeout(record, context)]


def _of_api(comment: Mapping[str, Any]) -> RowOrReason:
    snippet = as_record(comment.get("snippet"))
    text, shown = string(snippet.get("textOriginal")), string(snippet.get("textDisplay"))
    if not text and not shown:
        return NotAPost("it has no text")
    parent, video = id_text(snippet.get("parentId")), id_text(snippet.get("videoId"))
    first, edited = str(snippet.get("publishedAt")), snippet.get("updatedAt")
    row = {
        "platform": Youtube.platform,
        "id": id_text(comment.get("id")),
        "author": handle(snippet.get("authorDisplayName")),
        "author_name": word(snippet.get("authorDisplayName")),
        "author_id": id_text(as_record(snippet.get("authorChannelId")).get("value")),
        "created_at": written_time(first, None),
        "text": text or shown,
        "text_format": "plain" if text else "html",
        "is_repost": False,
        "is_reply": True,
        "reply_to": parent or video,
        "conversation_id": video,
        "edited_at": written_time(edited, None) if edited != first else None,
        "like_count": whole_number(snippet.get("likeCount")),
    }
    return row, comment


def _of_yt_dlp(comment: Mapping[str, Any], context: Context) -> dict[str, Any]:
    video = next((value for outer in context.around if (value := id_text(outer.get("id")))), None)
    parent = id_text(comment.get("parent"))
    return {
        "platform": Youtube.platform,
        "id": id_text(comment.get("id")),
        "author": handle(comment.get("author")),
        "author_name": word(comment.get("author")),
        "author_id": id_text(comment.get("author_id")),
        "created_at": written_time(comment.get("timestamp"), None),
        "text": comment.get("text"),
        "text_format": "plain",
        "is_repost": False,
        "is_reply": True,
        "reply_to": video if parent in (None, "root") else parent,
        "conversation_id": video,
        "like_count": whole_number(comment.get("like_count")),
    }


def _of_takeout(cells: Mapping[str, Any], context: Context) -> RowOrReason:
    cells = {str(name).strip(): value for name, value in cells.items()}
    live = "Live Chat ID" in cells
    text = text_of_pieces(cells.get("Live Chat Text" if live else "Comment Text"))
    if not text.strip():
        return NotAPost("it has no text")
    parent, video = (id_text(cells.get(key)) for key in ("Parent Comment ID", "Video ID"))
    times = ("Live Chat Create Timestamp", "Comment Create Timestamp", "Comment Create Time")
    row = {
        "platform": Youtube.platform,
        "id": id_text(cells.get("Live Chat ID" if live else "Comment ID")),
        "author_id": id_text(cells.get("Channel ID")),
        "created_at": next((written_time(cells[key], context.order) for key in times if cells.get(key)), None),
        "text": text,
        "text_format": "plain",
        "is_repost": False,
        "is_reply": not live,
        "reply_to": None if live else parent or video or id_text(cells.get("Post ID")),
        "conversation_id": video,
    }
    return row, dict(cells)


def text_of_pieces(value: Any) -> str:
    r"""A comment of Takeout, whole.

    >>> text_of_pieces('{"text":"Fog, "},{"text":"again"}'), text_of_pieces("as it is")
    ('Fog, again', 'as it is')
    """
    if not isinstance(value, str) or not value.lstrip().startswith("{"):
        return value if isinstance(value, str) else ""
    try:
        pieces = as_records(json.loads(f"[{value}]"))
    except (ValueError, RecursionError):
        return value
    return "".join(string(piece.get("text")) or "" for piece in pieces) if pieces else value
