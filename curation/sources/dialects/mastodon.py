"""JSON of Mastodon, and of servers that speak its API: statuses, and the activities of an archive's outbox.

Private posts are left out and counted; not a word of them is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from curation.sources.dialects.base import CERTAIN, Context, OnePost
from curation.sources.records.any_json import as_record
from curation.sources.records.dates import written_time
from curation.sources.records.fediverse import host_of
from curation.sources.records.fields import id_text
from curation.sources.records.mastodon_posts import is_public, row_of_status
from curation.sources.records.not_a_post import LeftOutRecord
from curation.sources.records.outbox_posts import is_posting, row_of_activity

_ISLANDS = {"truthsocial.com": "truthsocial", "gab.com": "gab"}
_PRIVATE = "only what anybody may read is read, and the rest is private"


class Mastodon(OnePost):
    """Statuses of Mastodon's API."""

    name: ClassVar[str] = "mastodon"
    doc: ClassVar[str] = (
        "statuses as Mastodon's API gives them, one a line or in a list, also those of Truth Social and "
        "Gab; public ones only"
    )
    origin: ClassVar[str] = (
        "Whatever keeps what `/api/v1/accounts/:id/statuses` or a timeline answered; truthbrush for Truth Social."
    )

    @classmethod
    def score(cls, record: Mapping[str, Any], around: tuple[Mapping[str, Any], ...] = ()) -> float:
        """An account, a content and its visibility."""
        own = isinstance(record.get("account"), dict) and {"content", "visibility"} <= record.keys()
        return CERTAIN if own else 0.0

    @classmethod
    def row(cls, record: dict[str, Any], context: Context) -> dict[str, Any]:
        if not is_public(record):
            raise LeftOutRecord(_PRIVATE)
        row = row_of_status(record)
        if row["created_at"] is None:  # gallery-dl calls it so
            row["created_at"] = written_time(record.get("date"), context.order)
        island = _island_of(record)
        return _on_island(row, record, island) if island else row


def _island_of(status: Mapping[str, Any]) -> str | None:
    """The platform of a server that speaks Mastodon's API and federates with nobody."""
    account = as_record(status.get("account"))
    hosts = (host_of(status.get("url")), host_of(status.get("uri")), host_of(account.get("url")))
    return next((_ISLANDS[host] for host in hosts if host in _ISLANDS), None)


def _on_island(row: dict[str, Any], status: Mapping[str, Any], platform: str) -> dict[str, Any]:
    """The row of such a server: a number names a post, a bare handle a person."""
    boosted = as_record(status.get("reblog"))
    quotes = (status.get("quote_id"), status.get("quote_of_id"), as_record(status.get("quote")).get("id"))
    quoted = next(filter(None, map(id_text, quotes)), None)
    author = row["author"].partition("@")[0] if row["author"] else None
    answered = row["reply_to_author"]
    return row | {
        "platform": platform,
        "id": id_text(status.get("id")) or row["id"],
        "author": author,
        "author_id": id_text(as_record(status.get("account")).get("id")),
        "repost_of": id_text(boosted.get("id")) if boosted else None,
        "reply_to": None if boosted else id_text(status.get("in_reply_to_id")),
        "reply_to_author": answered.partition("@")[0] if answered else None,
        "is_quote": bool(quoted and not boosted) if row["is_quote"] is not None or quoted else None,
        "quote_of": None if boosted else quoted,
    }


class MastodonArchive(OnePost):
    """Activities of a Mastodon outbox."""

    name: ClassVar[str] = "mastodon-archive"
    doc: ClassVar[str] = "the archive that Mastodon sends (.zip or .tar.gz), or its outbox.json; public posts only"
    origin: ClassVar[str] = "Mastodon, *Preferences → Import and export → Request your archive*."

    @classmethod
    def score(cls, record: Mapping[str, Any], around: tuple[Mapping[str, Any], ...] = ()) -> float:
        """An activity that posts something, by somebody or at some time."""
        return CERTAIN if is_posting(record) and "object" in record and {"actor", "published"} & record.keys() else 0.0

    @classmethod
    def row(cls, record: dict[str, Any], context: Context) -> dict[str, Any]:
        if not is_posting(record):
            raise LeftOutRecord("an activity of another kind than a post or a boost")
        # The owner is the archive's `actor.json`.
        row = row_of_activity(record, context.owner if isinstance(context.owner, Mapping) else None)
        if row is None:
            raise LeftOutRecord(_PRIVATE)
        return row
