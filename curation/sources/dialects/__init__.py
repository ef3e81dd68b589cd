"""The dialects: all recognised ways of writing posts, one file each.

`dialect_scores` sums each dialect's score over many records, so that no single record and no order decides. To add a
dialect, write its file and name it in `SHIPPED`; if two recognise a record equally well, the earlier one reads it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from typing import Any

from curation.sources.dialects.base import CERTAIN, Context, Dialect, RowOrReason
from curation.sources.dialects.plain import value_at
from curation.sources.records.dates import TimeColumn
from curation.sources.records.fields import row_of
from curation.sources.records.graphql import holds_only_users
from curation.sources.records.not_a_post import NotAPost
from curation.sources.records.unsettled import DateOrder
from curation.sources.records.x_api_posts import OTHER_OBJECTS, other_object

__all__ = ["FORMATS", "NO_POSTS", "Context", "JsonFormat", "best_of", "dialect_scores", "dialects", "find_dialect"]

#: Module and class of every dialect; the docs list them in this order.
SHIPPED: tuple[tuple[str, str], ...] = (
    ("snscrape", "Snscrape"),
    ("snscrape", "Twscrape"),
    ("snscrape_sites", "SnscrapeSites"),
    ("tweet", "Tweet"),
    ("x_api", "XApi"),
    ("graphql", "Graphql"),
    ("web_exporter", "WebExporter"),
    ("mastodon", "Mastodon"),
    ("mastodon", "MastodonArchive"),
    ("bluesky", "Bluesky"),
    ("bluesky", "BlueskyRepository"),
    ("telegram", "Telegram"),
    ("meta", "Meta"),
    ("reddit", "Reddit"),
    ("discord", "Discord"),
    ("whatsapp", "Whatsapp"),
    ("slack", "Slack"),
    ("matrix", "Matrix"),
    ("weibo", "Weibo"),
    ("zeeschuimer", "Zeeschuimer"),
    ("four_cat", "FourCat"),
    ("gallery_dl", "GalleryDl"),
    ("misskey", "Misskey"),
    ("lemmy", "Lemmy"),
    ("nostr", "Nostr"),
    ("farcaster", "Farcaster"),
    ("tumblr", "Tumblr"),
    ("vk", "Vk"),
    ("youtube", "Youtube"),
    ("tiktok", "Tiktok"),
    ("linkedin", "Linkedin"),
    ("meta_api", "MetaApi"),
    ("hacker_news", "HackerNews"),
    ("stack_exchange", "StackExchange"),
    ("blogs", "Blogs"),
    ("reviews", "Reviews"),
    ("plain", "Plain"),
)

#: Records without any posts: a name for them, and what they are.
NO_POSTS: dict[str, str] = {name: doc for name, doc, _ in OTHER_OBJECTS}

#: What X's streams send beside posts.
_STREAM = frozenset({"delete", "disconnect", "limit", "scrub_geo", "status_withheld", "user_withheld", "warning"})


@cache
def dialects() -> tuple[type[Dialect], ...]:
    """All dialects, in their order."""
    return tuple(getattr(import_module(f"{__name__}.{module}"), name) for module, name in SHIPPED)


@cache
def find_dialect(name: str) -> type[Dialect]:
    """The dialect of that name. Raises `KeyError`."""
    return {dialect.name: dialect for dialect in dialects()}[name]


#: What `--format` may name, and what it is.
FORMATS: dict[str, str] = {dialect.name: dialect.doc for dialect in dialects()} | {
    "csv": "a table with comma, semicolon, tab or bar between cells and a header with such names; also the "
    "tweets.csv of an X archive, and what pandas made of snscrape's posts",
    "lines": "one post a line, text only; never recognised by itself",
}


def best_of(record: Mapping[str, Any], around: tuple[Mapping[str, Any], ...] = ()) -> tuple[str | None, float]:
    """The dialect that fits a record best, or one of `NO_POSTS`, with its score; None if nothing fits."""
    scores = [(dialect.score(record, around), dialect) for dialect in dialects()]
    score, dialect = max(scores, key=lambda scored: scored[0])  # of equal ones the first
    if score < CERTAIN and (other := _other_of(record, is_post=score > 0)):
        return other, CERTAIN
    return (dialect.name, score) if score else (None, 0.0)


def _other_of(record: Mapping[str, Any], is_post: bool) -> str | None:
    """Which of `NO_POSTS` an answer holds, or a record is, unless it `is_post`."""
    data = record.get("data")
    if data is not None and "text" not in record:
        first = next(iter(data), None) if isinstance(data, list) else data
        if isinstance(first, dict) and (other := other_object(first)):
            return other
    nested = isinstance(data, dict) and not {"id", "text"} & data.keys()
    if nested or {"rest_id", "legacy"} <= record.keys() or "entryId" in record:
        return "x-users" if holds_only_users(record) else None
    return None if is_post and "id_str" not in record else other_object(record)


def dialect_scores(
    records: Sequence[Mapping[str, Any]], around: Sequence[tuple[Mapping[str, Any], ...]] = ()
) -> dict[str, float]:
    """The dialects of these records: each name, of `FORMATS` or of `NO_POSTS`, with the sum of its records' scores."""
    scores: defaultdict[str, float] = defaultdict(float)
    for number, record in enumerate(records):
        name, score = best_of(record, around[number] if around else ())
        if name:
            scores[name] += score
    return scores


@dataclass(frozen=True)
class JsonFormat:
    """A recognised dialect, with what it needs to make rows of the records of one file."""

    name: str
    context: Context = Context()
    mapped: frozenset[str] = frozenset()  # fields that `--map` named

    @property
    def order(self) -> DateOrder | TimeColumn | None:
        """What comes first in dates like 02-03-2020."""
        return self.context.order

    def posts(self, record: dict[str, Any], around: tuple[Mapping[str, Any], ...] = ()) -> Iterable[RowOrReason]:
        """The posts of a record, one for most dialects: each a row with its own record, or why it is none."""
        context = replace(self.context, around=around) if around else self.context
        try:
            posts = find_dialect(self.name).posts(record, context)
        except NotAPost as why:
            posts = [why]
        for post in posts:
            try:
                yield post if isinstance(post, NotAPost) else (self._complete(post[0], record), post[1])
            except NotAPost as why:
                yield why

    def _complete(self, row: dict[str, Any], record: dict[str, Any]) -> dict[str, Any]:
        """The row with what `--map` named. Raises `NotAPost`."""
        if self.mapped and self.name != "posts":
            keys = self.context.keys
            mapped = row_of({f: value_at(record, keys[f]) for f in self.mapped}, self.context.order)
            row |= {f: mapped[f] for f in self.mapped}
        text = row.get("text")
        if not isinstance(text, str):
            raise NotAPost(why_no_text(record) if text is None else "its text is not a text")
        if not text.strip() and not row.get("id"):
            raise NotAPost("it has neither text nor id")
        return row


def why_no_text(record: Mapping[str, Any]) -> str:
    """Why a record without a text gives no post; a clause."""
    if "errors" in record or "error" in record:
        return "it is an error message of the other side, not a post"
    if message := _STREAM & record.keys():
        return f"it is a message of the stream ('{min(message)}'), not a post"
    keys = ", ".join(list(map(str, record))[:6]) or "none"
    return f"it has no text (its keys: {keys})"
