"""JSON of Mastodon, and of servers that speak its API: statuses, and the activities of an archive's outbox.

What is private is left out and counted; not a word of it is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from curation.sources.dialects.base import CERTAIN, Context, Dialect, Found
from curation.sources.records.mastodon_posts import is_public, row_of_status
from curation.sources.records.not_a_post import LeftOut
from curation.sources.records.outbox_posts import is_posting, row_of_activity

_PRIVATE = "only what anybody may read is read, and the rest is private"
_NO_POST = "an activity of another kind than a post or a boost"


class Mastodon(Dialect):
    """Statuses of Mastodon's API."""

    name: ClassVar[str] = "mastodon"
    doc: ClassVar[str] = "statuses as Mastodon's API gives them, one a line or in a list; public ones only"
    origin: ClassVar[str] = "Whatever keeps what `/api/v1/accounts/:id/statuses` or a timeline answered."

    @classmethod
    def score(cls, record: Mapping[str, Any], around: tuple[Mapping[str, Any], ...] = ()) -> float:
        """An account, a content and for whom it is."""
        return (
            CERTAIN if isinstance(record.get("account"), dict) and {"content", "visibility"} <= record.keys() else 0.0
        )

    @classmethod
    def posts(cls, record: dict[str, Any], context: Context) -> list[Found]:
        """The status."""
        return [(row_of_status(record), record)] if is_public(record) else [LeftOut(_PRIVATE)]


class MastodonArchive(Dialect):
    """Activities of a Mastodon outbox."""

    name: ClassVar[str] = "mastodon-archive"
    doc: ClassVar[str] = (
        "the archive that Mastodon sends (.zip or .tar.gz), or the outbox.json out of it; public posts only"
    )
    origin: ClassVar[str] = "Mastodon, *Preferences → Import and export → Request your archive*."

    @classmethod
    def score(cls, record: Mapping[str, Any], around: tuple[Mapping[str, Any], ...] = ()) -> float:
        """An activity that posts something, by somebody or at some time."""
        return CERTAIN if is_posting(record) and "object" in record and {"actor", "published"} & record.keys() else 0.0

    @classmethod
    def posts(cls, record: dict[str, Any], context: Context) -> list[Found]:
        """The post or boost; the context's owner is the archive's `actor.json`."""
        if not is_posting(record):
            return [LeftOut(_NO_POST)]
        row = row_of_activity(record, context.owner if isinstance(context.owner, Mapping) else None)
        return [LeftOut(_PRIVATE) if row is None else (row, record)]
