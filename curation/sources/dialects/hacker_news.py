"""Stories and comments of Hacker News: Algolia's search, the Firebase API, and tables of the latter.

Texts are HTML; a title is not. A story that only has a title and a link is its title.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any, ClassVar

from curation.sources.dialects.base import CERTAIN, Context, OnePost, text_under
from curation.sources.records.dates import written_time
from curation.sources.records.fields import id_text, reference, whole_number, word, yes_or_no
from curation.sources.records.not_a_post import LeftOutRecord

_KINDS = frozenset({"story", "comment", "poll", "pollopt", "job"})


class HackerNews(OnePost):
    """Items of Hacker News."""

    name: ClassVar[str] = "hacker-news"
    doc: ClassVar[str] = "stories and comments of Hacker News: Algolia's search, the Firebase API, BigQuery's table"
    platform: ClassVar[str] = "hackernews"
    wordless: ClassVar[str] = "an item without title and text"
    origin: ClassVar[str] = "`hn.algolia.com/api/v1/search`, `hacker-news.firebaseio.com`, and data sets made of them."

    @classmethod
    def score(cls, record: Mapping[str, Any], around: tuple[Mapping[str, Any], ...] = ()) -> float:
        """A hit of Algolia's, or an item that says what it is."""
        if {"objectID", "author", "created_at_i"} <= record.keys() and _words(record):
            return CERTAIN
        named = {"id", "type", "time"} <= record.keys() and word(record.get("type")) in _KINDS
        return CERTAIN if named and {"by", "deleted", "dead"} & record.keys() else 0.0

    @classmethod
    def columns_score(cls, names: Iterable[str]) -> float:
        """The heads of BigQuery's table."""
        return CERTAIN if {"by", "id", "text", "time", "type", "parent"} <= {str(n).strip() for n in names} else 0.0

    @classmethod
    def row(cls, record: dict[str, Any], context: Context) -> dict[str, Any]:
        if yes_or_no(record.get("deleted")) or yes_or_no(record.get("dead")):
            raise LeftOutRecord("the item was deleted, or killed by moderators")
        title = text_under(record, "title")
        body = next(filter(None, (text_under(record, key) for key in _words(record))), None)
        number = id_text(record.get("objectID")) or id_text(record.get("id"))
        parent = reference(record.get("parent_id")) or reference(record.get("parent"))
        story = reference(record.get("story_id")) or (None if parent else number)
        times = ("created_at_i", "created_at", "time", "timestamp")
        return {
            "id": number,
            "author": word(record.get("author")) or word(record.get("by")),
            "created_at": next((written_time(record[k], context.order) for k in times if record.get(k)), None),
            "text": (f"{escape(title, quote=False)}<p>{body}" if title else body) if body else title,
            "text_format": "html" if body else "plain",
            "is_repost": False,
            "is_reply": bool(parent),
            "reply_to": parent,
            "is_quote": False,
            "conversation_id": story,
            "url": f"https://news.ycombinator.com/item?id={number}" if number else None,
            "like_count": whole_number(record.get("points", record.get("score"))),
            "reply_count": whole_number(record.get("num_comments", record.get("descendants"))),
        }


def _words(record: Mapping[str, Any]) -> list[str]:
    return [key for key in ("comment_text", "story_text", "text") if key in record]
