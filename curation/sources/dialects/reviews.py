"""Reviews that people wrote: Goodreads' library, Letterboxd's reviews, Google Maps out of Takeout, and Steam's.

What is written for oneself (Goodreads' private notes) is not read. `--author` says whose they are, except for Steam's,
which everybody wrote.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from curation.sources.dialects.base import CERTAIN, Context, OnePost, text_under
from curation.sources.records.any_json import as_record
from curation.sources.records.dates import written_time
from curation.sources.records.fields import id_text, whole_number, word

_GOODREADS = frozenset({"Book Id", "My Review", "My Rating"})
_LETTERBOXD = frozenset({"Letterboxd URI", "Review"})


class Reviews(OnePost):
    """Reviews of books, films, places and games."""

    name: ClassVar[str] = "reviews"
    doc: ClassVar[str] = "reviews: Goodreads' and Letterboxd's CSV, Google Maps out of Takeout, Steam's API"
    not_kept: ClassVar[frozenset[str]] = frozenset({"Private Notes", "Owned Copies"})
    wordless: ClassVar[str] = "a rating without a review"
    origin: ClassVar[str] = (
        "Goodreads *My Books → Import and export*, Letterboxd *Settings → Data*, Takeout's *Maps (your places) → "
        "Reviews*, `store.steampowered.com/appreviews`."
    )

    @classmethod
    def score(cls, record: Mapping[str, Any], around: tuple[Mapping[str, Any], ...] = ()) -> float:
        """The names of one of the four."""
        if {"recommendationid", "review"} <= record.keys() or "review_text_published" in _place(record):
            return CERTAIN
        return cls.columns_score(record.keys())

    @classmethod
    def columns_score(cls, names: Iterable[str]) -> float:
        """The heads of Goodreads or Letterboxd."""
        heads = {str(name).strip() for name in names}
        return CERTAIN if heads >= _GOODREADS or heads >= _LETTERBOXD else 0.0

    @classmethod
    def row(cls, record: dict[str, Any], context: Context) -> dict[str, Any]:
        if "recommendationid" in record:
            row = _of_steam(record)
        elif "review_text_published" in _place(record):
            place = _place(record)
            time = written_time(place.get("date"), context.order)
            row = {"platform": "google-maps", "created_at": time, "text": text_under(place, "review_text_published")}
        elif "Letterboxd URI" in record:
            row = {
                "platform": "letterboxd",
                "id": word(record.get("Letterboxd URI")),
                "created_at": written_time(record.get("Date"), context.order),
                "text": text_under(record, "Review"),
                "url": word(record.get("Letterboxd URI")),
                "text_format": "unknown",
            }
        else:
            row = {
                "platform": "goodreads",
                "id": id_text(record.get("Book Id")),
                "created_at": written_time(record.get("Date Read") or record.get("Date Added"), context.order),
                "text": text_under(record, "My Review"),
                "text_format": "html",
            }
        return {"is_repost": False, "is_reply": False, **row}


def _place(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """The properties of a place on a map, or the record itself."""
    return as_record(record.get("properties")) or record


def _of_steam(record: Mapping[str, Any]) -> dict[str, Any]:
    author = id_text(as_record(record.get("author")).get("steamid")) or id_text(record.get("steamid"))
    edited = record.get("timestamp_updated")
    return {
        "platform": "steam",
        "id": id_text(record.get("recommendationid")),
        "author": author,
        "author_id": author,
        "created_at": written_time(record.get("timestamp_created"), None),
        "text": text_under(record, "review"),
        "lang": word(record.get("language")),
        "edited_at": written_time(edited, None) if edited != record.get("timestamp_created") else None,
        "like_count": whole_number(record.get("votes_up")),
    }
