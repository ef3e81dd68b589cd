"""The exports of the browser extension twitter-web-exporter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from curation.sources.dialects.base import CERTAIN, Context, OnePost
from curation.sources.dialects.plain import plain_post
from curation.sources.records.any_json import as_record
from curation.sources.records.fields import handle
from curation.sources.records.graphql import rows_of_dump
from curation.sources.records.not_a_post import NotAPost
from curation.sources.records.tweets import is_unescaped

_OWN = frozenset({"favorite_count", "favorited", "metadata", "profile_image_url", "views_count"})


class WebExporter(OnePost):
    """Tweets with flat names and, at the user's wish, the website's own object in `metadata`."""

    name: ClassVar[str] = "web-exporter"
    doc: ClassVar[str] = "the JSON export of twitter-web-exporter, with or without its metadata"
    origin: ClassVar[str] = "The browser extension twitter-web-exporter, *Export data → JSON*."
    plain_names: ClassVar[bool] = True

    @classmethod
    def score(cls, record: Mapping[str, Any], around: tuple[Mapping[str, Any], ...] = ()) -> float:
        """Its flat names together."""
        return CERTAIN if {"full_text", "screen_name"} <= record.keys() and _OWN & record.keys() else 0.0

    @classmethod
    def row(cls, record: dict[str, Any], context: Context) -> dict[str, Any]:
        for reading in rows_of_dump(as_record(record.get("metadata"))):
            if not isinstance(reading, NotAPost):
                return reading[0]
        row = plain_post(record, context, "x")
        text = row.get("text")
        row["text_format"] = "plain" if isinstance(text, str) and is_unescaped(text) else "escaped"
        if row.get("reply_to") and not row["reply_to"].isdecimal():  # some versions name the author there
            row["reply_to_author"], row["reply_to"] = row.get("reply_to_author") or handle(row["reply_to"]), None
        return row
