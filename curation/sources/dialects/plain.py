"""Plain JSON, one object a post, by the usual names of its keys."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from curation.posts import NO_PLATFORM
from curation.sources.dialects.base import POSSIBLE, Context, Dialect, RowOrReason
from curation.sources.files.json_paths import value_of
from curation.sources.records.addresses import platform_of_address, platform_of_addresses
from curation.sources.records.dates import TimeColumn, written_time
from curation.sources.records.field_names import recognise_fields, speaks_of_tweets
from curation.sources.records.fields import id_text, row_of, something
from curation.sources.records.snowflakes import are_of_x

_USERS = ("user", "author", "account", "metrics", "public_metrics", "stats", "statistics", "engagement")
#: Names of columns that hold the addresses of records on Bluesky, which are ids.
ADDRESSES_AS_IDS = ("uri", "at_uri", "post_uri")
#: Keys of one word that says what a post is, and the words for each kind.
_KINDS = ("post_type", "postType", "tweet_type", "tweetType")
_KIND_WORDS = {
    "is_repost": frozenset({"repost", "retweet", "reblog", "share", "retweeted", "reposted", "boost"}),
    "is_reply": frozenset({"reply", "comment", "replied", "replied_to"}),
    "is_quote": frozenset({"quote", "quoted", "quote_tweet", "quotetweet", "quote_post"}),
}
_PLAIN_KINDS = frozenset({"post", "original", "tweet", "text", "photo", "image", "video", "status", "none"})
#: `text_format` in a corpus or an export of this program → that of a raw post.
_TEXT_FORMATS = {f: f for f in ("plain", "escaped", "html", "unknown")} | {"unescaped": "plain"}


class Plain(Dialect):
    """Objects whose keys have the usual names."""

    name: ClassVar[str] = "posts"
    doc: ClassVar[str] = (
        "plain JSON, one object a post: `id`, `author`, `author_name`, `created_at`, `text`, `lang`, `is_retweet` "
        "and their usual synonyms; also this program's own `jsonl` export"
    )
    origin: ClassVar[str] = "Scripts of one's own, data sets, and `curation export --format jsonl`."
    plain_names: ClassVar[bool] = True

    @classmethod
    def score(cls, record: Mapping[str, Any], around: tuple[Mapping[str, Any], ...] = ()) -> float:
        """Some key is known to hold texts."""
        return POSSIBLE if "text" in fields_by_key([record]) else 0.0

    @classmethod
    def posts(cls, record: dict[str, Any], context: Context) -> list[RowOrReason]:
        if isinstance(context.order, TimeColumn) and context.order.noting:  # only the column of times is wanted
            if "created_at" in context.keys:
                context.order.read(something(value_at(record, context.keys["created_at"])))
            return []
        return [(plain_post(record, context, context.platform), record)]


def names_in(record: Mapping[str, Any]) -> list[str]:
    """The keys of a record, those of its user's with a dot: `user.screen_name`."""
    names = list(record)
    for key in _USERS:
        if isinstance(record.get(key), dict):
            names += [f"{key}.{inner}" for inner in record[key]]
    return names


def value_at(record: Mapping[str, Any], name: str) -> Any:
    """The value under a key, or at a path (`user.screen_name`, `media[].title`); None if there is none."""
    return record[name] if name in record else value_of(record, name)


def fields_by_key(records: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Field → key, over the first records of a plain JSON file."""
    names: dict[str, None] = {}
    for record in records:
        # A user's dict is looked into; as a value of its own it would be taken for the handle.
        names.update(dict.fromkeys(n for n in names_in(record) if not isinstance(record.get(n), dict)))
    keys = recognise_fields(names)
    name = None if "id" in keys else next((name for name in ADDRESSES_AS_IDS if name in names), None)
    if name and any(platform_of_address(record.get(name)) == "bluesky" for record in records):
        keys["id"] = name
    return keys


def platform_of_records(records: Sequence[Mapping[str, Any]], keys: Mapping[str, str] | None = None) -> str:
    """Where posts of plain JSON are from: by their addresses (under `keys`), by names that speak of tweets, or by ids
    that are X's by their own times; `file` where nothing tells.
    """
    named = keys or {}
    for field in ("url", "id"):
        if field in named and (at := platform_of_addresses(value_at(record, named[field]) for record in records)):
            return at
    for record in records:
        if speaks_of_tweets(names_in(record)) or is_on_x(record.get("url")):
            return "x"
    if {"id", "created_at"} <= named.keys():
        pairs = ((value_at(r, named["id"]), value_at(r, named["created_at"])) for r in records)
        if are_of_x((id_text(post_id), written_time(time, None)) for post_id, time in pairs):
            return "x"
    return NO_PLATFORM


def is_on_x(url: Any) -> bool:
    """Whether this is an address on X."""
    return isinstance(url, str) and bool(re.match(r"https?://(?:www\.|mobile\.)?(?:twitter|x)\.com/", url))


def _flagged(values: dict[str, Any], record: Mapping[str, Any]) -> dict[str, Any]:
    """The values with the flags that a record's one word for what it is tells: `"post_type": "repost"`."""
    if not any(key in record for key in _KINDS):
        return values
    kind = next((record[key] for key in _KINDS if isinstance(record.get(key), str)), "").casefold()
    flagged = next((flag for flag, words in _KIND_WORDS.items() if kind in words), None)
    if kind and (flagged or kind in _PLAIN_KINDS):
        for flag in _KIND_WORDS:
            values.setdefault(flag, flag == flagged)
    return values


def plain_post(record: Mapping[str, Any], context: Context, platform: str) -> dict[str, Any]:
    """A row of plain JSON, by the keys that stand for each field."""
    values = {field: value_at(record, key) for field, key in context.keys.items()}
    row = row_of(_flagged(values, record), context.order)
    row["text_format"] = _TEXT_FORMATS.get(str(record.get("text_format")), "unknown")
    row["platform"] = row.get("platform") or platform
    return row
