"""JSON of Bluesky's API, and records out of a repository."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from curation.sources.dialects.base import CERTAIN, Context, Dialect, RowOrReason
from curation.sources.records.any_json import as_record, as_records, string
from curation.sources.records.bluesky_posts import POST, REPOST, post_address, row_of_feed_item, row_of_record
from curation.sources.records.not_a_post import LeftOutRecord, NotAPost

#: Where a page of Bluesky's API has its posts.
_PAGES = ("feed", "posts", "records")


class Bluesky(Dialect):
    """Items, pages and records of Bluesky's API."""

    name: ClassVar[str] = "bluesky"
    doc: ClassVar[str] = (
        "posts as Bluesky's API gives them: items, pages, threads and records, one a line or in a list; events of "
        "Jetstream"
    )
    origin: ClassVar[str] = (
        "Whatever keeps what `getAuthorFeed`, `getPosts`, `getPostThread` or `listRecords` answered, or Jetstream sent."
    )

    @classmethod
    def score(cls, record: Mapping[str, Any], around: tuple[Mapping[str, Any], ...] = ()) -> float:
        """An address of Bluesky's with a post under it, or an event of Jetstream."""
        return CERTAIN if _is_event(record) or any(map(_is_of_bluesky, _items(record))) else 0.0

    @classmethod
    def posts(cls, record: dict[str, Any], context: Context) -> list[RowOrReason]:
        return [_of_event(record)] if _is_event(record) else [_on_bluesky(item) for item in _items(record)]


class BlueskyRepository(Dialect):
    """Posts and reposts in a repository. Its author's handle is not in it: use `--author HANDLE`."""

    name: ClassVar[str] = "bluesky-car"
    doc: ClassVar[str] = "a repository exported from Bluesky (.car); needs the extra `car`"
    origin: ClassVar[str] = "Bluesky, *Settings → Account → Export my data*."

    @classmethod
    def posts(cls, record: dict[str, Any], context: Context) -> list[RowOrReason]:
        """The post or repost. Its author stays open if a handle was given; the caller fills it in."""
        handle = context.owner if isinstance(context.owner, str) else None
        post = _on_bluesky(record, handle)
        if handle and not isinstance(post, NotAPost):
            post[0]["author"] = post[0]["author_name"] = None
        return [post]


def _items(record: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The items of a page, or the record itself."""
    for key in _PAGES:
        held = record.get(key)
        if isinstance(held, list) and "uri" not in record and not string(record.get("text")):
            return as_records(held)
    return _thread(record) if "replies" in record or "parent" in record else [record]


def _thread(view: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The posts of a thread, those above one first, those below it last."""
    items: list[Mapping[str, Any]] = []
    above = as_record(view.get("parent"))
    while above:
        items.insert(0, above)
        above = as_record(above.get("parent"))
    waiting = [view]
    while waiting:
        item = waiting.pop()
        items.append(item)
        waiting += reversed(as_records(item.get("replies")))
    return [{key: held for key, held in item.items() if key not in ("parent", "replies")} for item in items]


def _is_event(record: Mapping[str, Any]) -> bool:
    """Whether Jetstream sent this: something that was done to a repository, or to an account."""
    return "time_us" in record and isinstance(record.get("did"), str) and "kind" in record


def _of_event(event: Mapping[str, Any]) -> RowOrReason:
    commit = as_record(event.get("commit"))
    if commit.get("collection") not in (POST, REPOST) or not isinstance(commit.get("record"), Mapping):
        return LeftOutRecord("an event of another kind than a new post or repost")
    address = f"at://{event['did']}/{commit['collection']}/{commit.get('rkey')}"
    return row_of_record(address, commit["record"], event["did"]), event


def _is_of_bluesky(item: Mapping[str, Any]) -> bool:
    view = as_record(item.get("post")) or item
    uri = view.get("uri")
    held = isinstance(view.get("record"), dict) or isinstance(view.get("value"), dict) or view.get("notFound")
    return isinstance(uri, str) and uri.startswith("at://") and bool(held)


def _on_bluesky(item: Mapping[str, Any], handle: str | None = None) -> RowOrReason:
    view = as_record(item.get("post")) or item
    if view.get("notFound") or view.get("blocked"):
        return LeftOutRecord("the post was deleted, or one of the two has blocked the other")
    content = item.get("value")
    if not isinstance(content, dict):
        return row_of_feed_item(item), item
    address = post_address(item.get("uri"))
    if not address or address[1] not in (POST, REPOST):
        return LeftOutRecord("a record of another kind than a post or a repost")
    return row_of_record(item["uri"], content, address[0], handle), item
