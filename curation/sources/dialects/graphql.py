"""Raw answers of X's website."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from curation.sources.dialects.base import CERTAIN, LIKELY, Context, Dialect, RowOrReason
from curation.sources.records.graphql import holds_only_users, rows_of_dump


class Graphql(Dialect):
    """Answers of X's website, or parts of one: a timeline, an entry, a single tweet."""

    name: ClassVar[str] = "graphql"
    doc: ClassVar[str] = "raw answers of X's website (GraphQL), one a line or a file"
    origin: ClassVar[str] = "Scrapers and browser extensions that keep what the website got."

    @classmethod
    def score(cls, record: Mapping[str, Any], around: tuple[Mapping[str, Any], ...] = ()) -> float:
        """A tweet by its own keys, an entry, or an answer around them."""
        if {"rest_id", "legacy"} <= record.keys():
            return 0.0 if holds_only_users(record) else CERTAIN
        if "entryId" in record:  # of a list of users most are such, and some only lead on
            return CERTAIN if rows_of_dump(record) else 0.0
        data = record.get("data")
        if "text" in record or not isinstance(data, dict) or {"id", "text"} & data.keys():
            return 0.0
        return LIKELY if _speaks_of_x(data) and not holds_only_users(record) else 0.0

    @classmethod
    def posts(cls, record: dict[str, Any], context: Context) -> list[RowOrReason]:
        return rows_of_dump(record)


#: Keys that answers of X's website have somewhere, also those without a post.
_OF_ANSWERS = frozenset(
    {"tweet_results", "tweetResult", "user_results", "instructions", "timeline", "itemContent", "rest_id", "entryId",
     "tweet", "threaded_conversation_with_injections_v2", "tombstone"}
)  # fmt: skip
_LOOKED_AT = 400


def _speaks_of_x(data: Any) -> bool:
    """Whether one of these keys is among the first few hundred values; many sites answer with `data`."""
    waiting, looked = [data], 0
    while waiting and looked < _LOOKED_AT:
        node = waiting.pop(0)
        looked += 1
        if isinstance(node, dict):
            if _OF_ANSWERS & node.keys():
                return True
            waiting += list(node.values())[:50]
        elif isinstance(node, list):
            waiting += node[:20]
    return False
