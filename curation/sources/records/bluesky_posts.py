"""Posts of Bluesky, out of a feed of its API or out of an exported repository, as rows of the raw schema.

*Which id.* The record's `at://` address, which is the same everywhere. A repost has that of its own record; if a feed
doesn't name it (older servers), it is the original's with `#repost:` and the DID of whoever reposted.

*What is text.* `record.text` as it was posted, but with whole links: apps shorten long ones in it (`example.org/ab…`)
and keep the whole address in a facet beside it (see `bluesky_links`). The shortened text and the facets stay in `raw`.
A repost in a feed has the original's text; a repository holds only the original's address, so a repost from there has
an empty one.

*When.* `createdAt`, which the author's app sets: freely, for posts from elsewhere, and sometimes wrong. A time before
1990, or more than a day after the servers saw the post, is a mistake; then the servers' time counts (`indexedAt`), or
the time in the record's key.

*Whose.* The handle, and the DID without a valid handle.

Nothing here raises, whatever types are in a record.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from curation.sources.records.any_json import as_count, as_record, as_records, string
from curation.sources.records.bluesky_links import whole_links
from curation.sources.records.moments import parse_time

PLATFORM = "bluesky"
POST = "app.bsky.feed.post"
REPOST = "app.bsky.feed.repost"

#: Labels that warn of a post or of its author, by platform, labelling service or author; `!no-unauthenticated` is
#: the wish of an account to be shown to members only.
WARNINGS = frozenset(
    (
        "porn", "sexual", "sexual-figurative", "nudity", "graphic-media", "gore", "nsfl", "corpse", "self-harm",
        "intolerant", "threat", "extremist", "rude", "illicit", "sensitive",
        "!hide", "!warn", "!no-unauthenticated",
    )
)  # fmt: skip

_ADDRESS = re.compile(r"at://([^/?#\s]+)/([A-Za-z0-9.-]+)/([^/?#\s]+)")
_NO_HANDLE = "handle.invalid"
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_A_DAY = timedelta(days=1)
_KEY_LETTERS = {letter: value for value, letter in enumerate("234567abcdefghijklmnopqrstuvwxyz")}
_KEY_LENGTH = 13
_CLOCK_BITS = 10


def row_of_feed_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """The row of an item of a feed (`app.bsky.feed.defs#feedViewPost`), or of a post by itself (`#postView`).

    Keys are columns of `curation.posts.POST_COLUMNS`. A pinned post is a post like any other. `text` and `id` are None
    for an item without. The caller adds `source`, `source_file`, `source_line` and `raw`.
    """
    item = as_record(item)
    view = as_record(item.get("post")) or item
    post, uri = as_record(view.get("record")), string(view.get("uri"))
    seen = parse_time(view.get("indexedAt"))
    whose = as_record(view.get("author"))
    row = _row_of_post(uri, post, whose, seen)
    labels = (view.get("labels"), whose.get("labels"), as_record(post.get("labels")).get("values"))
    row["is_sensitive"] = any(map(_is_warned_of, labels))
    row["like_count"] = as_count(view.get("likeCount"))
    row["repost_count"] = as_count(view.get("repostCount"))
    row["reply_count"] = as_count(view.get("replyCount"))
    row["quote_count"] = as_count(view.get("quoteCount"))
    if row["is_reply"]:
        parent = as_record(as_record(item.get("reply")).get("parent"))
        if string(parent.get("uri")) in (None, row["reply_to"]):
            row["reply_to_author"] = _author(as_record(parent.get("author"))) or row["reply_to_author"]
    reason = as_record(item.get("reason"))
    if as_record(reason.get("by")):
        return row | _of_repost(reason, uri)
    return row


def row_of_record(uri: str, content: Mapping[str, Any], did: str | None, handle: str | None = None) -> dict[str, Any]:
    """The row of a record of a repository: of a post, or of a repost, which has an empty text.

    `uri` is the record's address (`at://did/collection/key`), `did` its author, `handle` their handle if it is known.
    `text` is None for a record of any other kind.
    """
    content = as_record(content)
    whose = {"did": did, "handle": handle}
    address = post_address(uri)
    if address and address[1] == REPOST:
        subject = string(as_record(content.get("subject")).get("uri"))
        return _row_of_post(uri, content, whose, None) | {
            "text": "" if subject else None,
            "is_repost": True,
            "repost_of": subject,
            "conversation_id": None,
            "url": _page(subject, None),
        }
    row = _row_of_post(uri, content, whose, None)
    row["is_sensitive"] = _is_warned_of(as_record(content.get("labels")).get("values"))
    return row


def post_address(uri: object) -> tuple[str, str, str] | None:
    """DID or handle, collection and key of an `at://` address."""
    address = _ADDRESS.fullmatch(uri) if isinstance(uri, str) else None
    return (address[1], address[2], address[3]) if address else None


def time_of_key(key: str) -> datetime | None:
    """When a record was made, as its key tells: 13 letters of base 32 with the microseconds since 1970.

    >>> time_of_key("3jzfcijpj2z2a").isoformat(timespec="seconds")
    '2023-06-30T15:03:01+00:00'
    """
    if len(key) != _KEY_LENGTH or not all(letter in _KEY_LETTERS for letter in key):
        return None
    number = 0
    for letter in key:
        number = number * 32 + _KEY_LETTERS[letter]
    try:
        return _EPOCH + timedelta(microseconds=number >> _CLOCK_BITS)
    except OverflowError:
        return None


def _row_of_post(
    uri: str | None, post: Mapping[str, Any], whose: Mapping[str, Any], seen: datetime | None
) -> dict[str, Any]:
    reply, author = as_record(post.get("reply")), _author(whose)
    reply_to = string(as_record(reply.get("parent")).get("uri"))
    root = string(as_record(reply.get("root")).get("uri"))
    answered, quote_of = post_address(reply_to), _quoted(post)
    text, languages = post.get("text"), post.get("langs")
    whom = answered[0] if answered else None
    return {
        "platform": PLATFORM,
        "id": string(uri),
        "author": author,
        "author_name": string(whose.get("displayName")) or author,
        "author_id": string(whose.get("did")),
        "created_at": _time(post.get("createdAt"), seen, uri),
        "text": whole_links(text, post) if isinstance(text, str) else None,
        "text_format": "plain",
        "lang": string(languages[0]) if isinstance(languages, list) and languages else None,
        "is_repost": False,
        "is_reply": bool(reply),
        "reply_to": reply_to,
        "reply_to_author": author if whom and whom == whose.get("did") else whom,
        "is_quote": quote_of is not None,
        "quote_of": quote_of,
        "conversation_id": root or string(uri),
        "url": _page(uri, author),
    }


def _of_repost(reason: Mapping[str, Any], uri: str | None) -> dict[str, Any]:
    """Where a repost differs from the post that it passes on."""
    by = as_record(reason.get("by"))
    author, did = _author(by), string(by.get("did"))
    own = string(reason.get("uri"))
    return {
        "id": own or (f"{uri}#repost:{did or author}" if uri and (did or author) else None),
        "author": author,
        "author_name": string(by.get("displayName")) or author,
        "author_id": did,
        "created_at": parse_time(reason.get("indexedAt")),
        "is_repost": True,
        "repost_of": uri,
        "is_reply": False,
        "reply_to": None,
        "reply_to_author": None,
        "is_quote": False,
        "quote_of": None,
    }


def _author(profile: Mapping[str, Any]) -> str | None:
    """The handle; the DID if there is none or if it doesn't lead back to its owner."""
    handle = string(profile.get("handle"))
    handle = handle.removeprefix("@") if handle else None
    return handle if handle and handle != _NO_HANDLE else string(profile.get("did"))


def _time(created: object, seen: datetime | None, uri: object) -> datetime | None:
    """When a post was made: `createdAt` unless it is absurd, else when the servers saw it."""
    address = post_address(uri)
    seen = seen or (time_of_key(address[2]) if address else None)
    stated = parse_time(created)
    absurd = stated is None or stated < _EARLIEST or (seen is not None and stated - seen > _A_DAY)
    return seen or stated if absurd else stated


def _quoted(post: Mapping[str, Any]) -> str | None:
    """The address of the embedded post; None for a list, a feed or a starter pack."""
    embed = as_record(post.get("embed"))
    held = as_record(embed.get("record"))
    uri = string(held.get("uri")) or string(as_record(held.get("record")).get("uri"))
    address = post_address(uri)
    return uri if address and address[1] == POST else None


def _is_warned_of(labels: object) -> bool:
    return any(string(label.get("val")) in WARNINGS and not label.get("neg") for label in as_records(labels))


def _page(uri: object, author: str | None) -> str | None:
    address = post_address(uri)
    if not address or address[1] != POST:
        return None
    return f"https://bsky.app/profile/{author or address[0]}/post/{address[2]}"
