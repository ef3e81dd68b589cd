"""JSON of Mastodon and Bluesky in files: which it is, and the posts in a record of it.

What is private is left out and counted; not a word of it is read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from curation.sources.records.any_json import record as as_record
from curation.sources.records.any_json import records as as_records
from curation.sources.records.any_json import string
from curation.sources.records.bluesky_posts import POST, REPOST, post_address, row_of_feed_item, row_of_record
from curation.sources.records.mastodon_posts import is_public, row_of_status
from curation.sources.records.not_a_post import LeftOut, NotAPost
from curation.sources.records.outbox_posts import is_posting, row_of_activity
from curation.sources.records.x_api_posts import Found

#: What `--format` may name, and what it is.
SOCIAL_FORMATS: dict[str, str] = {
    "mastodon": "statuses as Mastodon's API gives them, one a line or in a list; public ones only",
    "mastodon-archive": "the archive that Mastodon sends (.zip or .tar.gz), or the outbox.json out of it; public "
    "posts only",
    "bluesky": "posts as Bluesky's API gives them: items, pages and records, one a line or in a list",
    "bluesky-car": "a repository exported from Bluesky (.car); needs the extra `car`",
}

_PRIVATE = "only what anybody may read is read, and the rest is private"
_NO_POST = "an activity of another kind than a post or a boost"
_GONE = "the post was deleted, or one of the two has blocked the other"
#: Where a page of Bluesky's API has its posts.
_PAGES = ("feed", "posts", "records")


def social_format_of(record: Mapping[str, Any]) -> str | None:
    """The dialect of a record, a name of `SOCIAL_FORMATS`; None for any other."""
    if isinstance(record.get("account"), dict) and {"content", "visibility"} <= record.keys():
        return "mastodon"
    if is_posting(record) and "object" in record and {"actor", "published"} & record.keys():
        return "mastodon-archive"
    if any(_is_of_bluesky(item) for item in _items(record)):
        return "bluesky"
    return None


def found_in_status(status: Mapping[str, Any]) -> list[Found]:
    """A status of Mastodon's API."""
    return [(row_of_status(status), status)] if is_public(status) else [LeftOut(_PRIVATE)]


def found_in_activity(activity: Mapping[str, Any], actor: Mapping[str, Any] | None = None) -> list[Found]:
    """An activity of a Mastodon outbox; `actor` is the archive's `actor.json`."""
    if not is_posting(activity):
        return [LeftOut(_NO_POST)]
    row = row_of_activity(activity, actor)
    return [LeftOut(_PRIVATE) if row is None else (row, activity)]


def found_on_bluesky(record: Mapping[str, Any]) -> list[Found]:
    """An item, a page or a record of Bluesky's API."""
    return [_on_bluesky(item) for item in _items(record)]


def found_in_repository(record: Mapping[str, Any], handle: str | None = None) -> list[Found]:
    """A record of a repository, with the handle of its author if it was given.

    The row then has no author, since whoever gave the handle fills it in.
    """
    found = _on_bluesky(record, handle)
    if handle and not isinstance(found, NotAPost):
        found[0]["author"] = found[0]["author_name"] = None
    return [found]


#: Dialects of which a record may hold several posts, or one that is left out.
SOCIAL_READERS: dict[str, Callable[..., list[Found]]] = {
    "mastodon": found_in_status,
    "mastodon-archive": found_in_activity,
    "bluesky": found_on_bluesky,
    "bluesky-car": found_in_repository,
}


def _items(record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The items of a page, or the record itself."""
    for key in _PAGES:
        held = record.get(key)
        if isinstance(held, list) and "uri" not in record and not string(record.get("text")):
            return as_records(held)
    return [record]


def _is_of_bluesky(item: Mapping[str, Any]) -> bool:
    view = as_record(item.get("post")) or item
    uri = view.get("uri")
    held = isinstance(view.get("record"), dict) or isinstance(view.get("value"), dict) or view.get("notFound")
    return isinstance(uri, str) and uri.startswith("at://") and bool(held)


def _on_bluesky(item: Mapping[str, Any], handle: str | None = None) -> Found:
    view = as_record(item.get("post")) or item
    if view.get("notFound") or view.get("blocked"):
        return LeftOut(_GONE)
    content = item.get("value")
    if not isinstance(content, dict):
        return row_of_feed_item(item), item
    address = post_address(item.get("uri"))
    if not address or address[1] not in (POST, REPOST):
        return LeftOut("a record of another kind than a post or a repost")
    return row_of_record(item["uri"], content, address[0], handle), item
