"""Answers of X's API v2."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from curation.sources.dialects.base import CERTAIN, LIKELY, POSSIBLE, Context, Dialect, RowOrReason
from curation.sources.records.any_json import as_record
from curation.sources.records.x_api_posts import other_object, rows_of_response

#: Names that posts have in X's API and nowhere else.
_OF_POSTS = frozenset(
    {"edit_history_tweet_ids", "public_metrics", "referenced_tweets", "context_annotations", "note_tweet",
     "reply_settings", "edit_controls", "non_public_metrics", "in_reply_to_user_id"}
)  # fmt: skip
#: Every name that a post has there; one with another name is somebody else's.
_FIELDS = _OF_POSTS | {
    "article", "attachments", "author_id", "card_uri", "community_id", "conversation_id", "created_at",
    "display_text_range", "entities", "geo", "id", "lang", "media_metadata", "organic_metrics", "paid_partnership",
    "possibly_sensitive", "promoted_metrics", "scopes", "source", "suggested_source_links", "text", "withheld",
}  # fmt: skip
_AROUND = frozenset({"includes", "__twarc", "matching_rules"})


class XApi(Dialect):
    """Pages of API v2, and the posts that twarc2 flattened out of them."""

    name: ClassVar[str] = "x-api"
    doc: ClassVar[str] = "answers of X's API v2, as pages or flattened, one a line (twarc2)"
    origin: ClassVar[str] = "twarc2, and anything else that keeps what X's API v2 answered."

    @classmethod
    def score(cls, record: Mapping[str, Any], around: tuple[Mapping[str, Any], ...] = ()) -> float:
        """By names that only X has: others put posts into `data` too."""
        if "data" not in record:
            return _score_of_flattened(record)
        if "text" in record:
            return 0.0
        data = record["data"]
        first = as_record(next(iter(data), None) if isinstance(data, list) else data)
        if isinstance(data, dict) and not {"id", "text"} & data.keys():
            return 0.0
        if {"rest_id", "legacy"} & first.keys():
            return 0.0  # of X's website, which uses some of the names
        if other_object(first) or not isinstance(first.get("id", ""), str):
            return 0.0
        if _OF_POSTS & first.keys() or (_AROUND & record.keys() and "text" in first):
            return CERTAIN
        if not data or not first:
            of_answers = _AROUND | {"errors"}
            return LIKELY if of_answers & record.keys() or "result_count" in as_record(record.get("meta")) else 0.0
        return LIKELY if str(first.get("id")).isdecimal() and first.keys() <= _FIELDS else 0.0

    @classmethod
    def posts(cls, record: dict[str, Any], context: Context) -> list[RowOrReason]:
        return rows_of_response(record)


def _score_of_flattened(record: Mapping[str, Any]) -> float:
    if "text" in record:
        return CERTAIN if {"edit_history_tweet_ids", "public_metrics", "referenced_tweets"} & record.keys() else 0.0
    # An answer without posts, or an error message in the place of one.
    empty = "result_count" in as_record(record.get("meta")) or isinstance(record.get("errors"), list)
    return POSSIBLE if empty else 0.0
