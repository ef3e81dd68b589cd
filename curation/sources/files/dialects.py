"""JSON objects as people's tools write posts: each dialect is recognised by its keys and made a row.

`FORMATS` is what `--format` may name; the docs list it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from curation.sources.files.social_dialects import SOCIAL_FORMATS, SOCIAL_READERS, social_format_of
from curation.sources.records.dates import DateOrder
from curation.sources.records.fields import (
    handle,
    identifier,
    recognise,
    reference,
    row_of,
    something,
    speaks_of_tweets,
    whole_number,
    word,
    yes_or_no,
)
from curation.sources.records.graphql import holds_only_users, rows_of_dump
from curation.sources.records.not_a_post import NotAPost
from curation.sources.records.tweets import client_name, parse_time
from curation.sources.records.x_api_posts import (
    OTHER_OBJECTS,
    Found,
    is_unescaped,
    other_object,
    row_of_v1_tweet,
    rows_of_response,
)

#: What `--format` may name, and what it is.
FORMATS: dict[str, str] = {
    "snscrape": "JSON lines of snscrape, old (`content`) and new (`rawContent`)",
    "twscrape": "JSON lines of twscrape",
    "tweet": "tweets as X's API v1.1 gives them (twarc v1, tweepy), one a line or in a list",
    "x-api": "answers of X's API v2, as pages or flattened, one a line (twarc2)",
    "graphql": "raw answers of X's website (GraphQL), one a line or a file",
    "web-exporter": "the JSON export of twitter-web-exporter, with or without its metadata",
    **SOCIAL_FORMATS,
    "posts": "plain JSON, one object a post: `id`, `author`, `author_name`, `created_at`, `text`, `lang`, "
    "`is_retweet` and their usual synonyms; also this program's own `jsonl` export",
    "csv": "a table with comma, semicolon, tab or bar between cells and a header with such names; also the "
    "tweets.csv of an X archive, and what pandas made of snscrape's posts",
    "lines": "one post a line, text only; never recognised by itself",
}

#: What holds no posts at all: a name for it, and what it is.
NO_POSTS: dict[str, str] = {name: doc for name, doc, _ in OTHER_OBJECTS}

_STATUS = re.compile(r"/status(?:es)?/(\d+)")
#: What a corpus or an export of this program says of its texts, as it is said of a raw one.
_TEXT_FORMATS = {f: f for f in ("plain", "escaped", "html", "unknown")} | {"unescaped": "plain"}
_USERS = ("user", "author", "account")
_WEB_EXPORTER = frozenset({"favorite_count", "favorited", "metadata", "profile_image_url", "views_count"})
#: What X's streams send beside posts.
_STREAM = frozenset({"delete", "disconnect", "limit", "scrub_geo", "status_withheld", "user_withheld", "warning"})


@dataclass(frozen=True)
class JsonFormat:
    """A dialect that has been recognised, with what it needs to make rows."""

    name: str
    keys: Mapping[str, str]  # field → key, for `posts` and for what `--map` names
    mapped: frozenset[str] = frozenset()  # fields that `--map` named
    order: DateOrder | None = None
    platform: str = "file"
    context: Any = None  # what a file says beside its records: an archive's owner

    def posts(self, record: dict[str, Any]) -> Iterator[Found]:
        """The posts of a record, one for most dialects: each a row with its own record, or why it is none."""
        for found in self._found(record):
            try:
                yield found if isinstance(found, NotAPost) else (self._finished(found[0], record), found[1])
            except NotAPost as why:
                yield why

    def _found(self, record: dict[str, Any]) -> list[Found]:
        if self.name in _READERS_OF_MANY:
            read = _READERS_OF_MANY[self.name]
            return read(record) if self.context is None else read(record, self.context)
        if self.name == "posts":
            return [(plain_post(record, self.keys, self.order, self.platform), record)]
        if self.name == "web-exporter":
            return [(web_exporter_post(record, self.keys, self.order), record)]
        return [(_READERS[self.name](record), record)]

    def _finished(self, row: dict[str, Any], record: dict[str, Any]) -> dict[str, Any]:
        """The row with what `--map` named. Raises `NotAPost`."""
        if self.mapped and self.name != "posts":
            mapped = row_of({f: value_at(record, self.keys[f]) for f in self.mapped}, self.order)
            row |= {f: mapped[f] for f in self.mapped}
        text = row.get("text")
        if not isinstance(text, str):
            raise NotAPost(_why_no_text(record) if text is None else "its text is not a text")
        if not text.strip() and not row.get("id"):
            raise NotAPost("it has neither text nor id")
        return row


def format_of(records: Sequence[dict[str, Any]]) -> str | None:
    """What most of these records are in, a name of `FORMATS`; of `NO_POSTS` if no record has posts."""
    votes = [name for name in map(_format_of_one, records) if name]
    votes = [name for name in votes if name not in NO_POSTS] or votes
    return max(votes, key=votes.count) if votes else None


def _format_of_one(record: dict[str, Any]) -> str | None:
    if social := social_format_of(record):
        return social
    if "data" in record and "text" not in record:
        data = record["data"]
        if isinstance(data, dict) and not {"id", "text"} & data.keys():
            return "x-users" if holds_only_users(data) else "graphql"
        first = _dict(next(iter(data), None) if isinstance(data, list) else data)
        if other := other_object(first):
            return other
        if {"includes", "meta", "__twarc", "matching_rules", "errors"} & record.keys() or "text" in first:
            return "x-api"
    if {"rest_id", "legacy"} <= record.keys() or "entryId" in record:
        return "x-users" if holds_only_users(record) else "graphql"
    if {"edit_history_tweet_ids", "public_metrics", "referenced_tweets"} & record.keys() and "text" in record:
        return "x-api"
    if {"full_text", "screen_name"} <= record.keys() and _WEB_EXPORTER & record.keys():
        return "web-exporter"
    if {"content", "rawContent"} & record.keys() and isinstance(record.get("user"), dict):
        return "twscrape" if "id_str" in record else "snscrape"
    if str(record.get("_type", "")).startswith("snscrape.modules.twitter"):
        return "snscrape"
    if "id_str" in record and {"full_text", "extended_tweet", "entities", "truncated"} & record.keys():
        return other_object(record) or "tweet"
    if "text" in keys_of([record]):
        return "posts"
    # An answer of the API without posts, or an error message in the place of one.
    empty = "result_count" in _dict(record.get("meta")) or isinstance(record.get("errors"), list)
    return "x-api" if empty else other_object(record)


def names_in(record: Mapping[str, Any]) -> list[str]:
    """The keys of a record, those of its user's with a dot: `user.screen_name`."""
    names = list(record)
    for key in _USERS:
        if isinstance(record.get(key), dict):
            names += [f"{key}.{inner}" for inner in record[key]]
    return names


def value_at(record: Mapping[str, Any], name: str) -> Any:
    """The value under a key, or under a key of a dict in it (`user.screen_name`); None if there is none."""
    if name in record:
        return record[name]
    outer, _, inner = name.partition(".")
    held = record.get(outer)
    return held.get(inner) if isinstance(held, dict) else None


def keys_of(records: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Field → key, over the first records of a plain JSON file."""
    names: dict[str, None] = {}
    for record in records:
        # A user's dict is looked into; as a value of its own it would be taken for the handle.
        names.update(dict.fromkeys(n for n in names_in(record) if not isinstance(record.get(n), dict)))
    return recognise(names)


def platform_of(records: Sequence[Mapping[str, Any]]) -> str:
    """`x` for plain JSON that speaks of tweets, else `file`."""
    for record in records:
        if speaks_of_tweets(names_in(record)) or is_on_x(record.get("url")):
            return "x"
    return "file"


def is_on_x(url: Any) -> bool:
    """Whether this is the address of a post on X."""
    if not isinstance(url, str):
        return False
    return bool(re.match(r"https?://(?:www\.|mobile\.)?(?:twitter|x)\.com/", url))


def plain_post(
    record: Mapping[str, Any], keys: Mapping[str, str], order: DateOrder | None, platform: str
) -> dict[str, Any]:
    """A row of plain JSON, by the keys that stand for each field."""
    values = {field: value_at(record, key) for field, key in keys.items()}
    row = row_of(values, order)
    row["text_format"] = _TEXT_FORMATS.get(str(record.get("text_format")), "unknown")
    row["platform"] = row.get("platform") or platform
    return row


def snscrape_post(record: Mapping[str, Any]) -> dict[str, Any]:
    """A tweet as snscrape writes it; a key that an old version lacks becomes None."""
    user, replied = _dict(record.get("user")), _dict(record.get("inReplyToUser"))
    quoted, retweeted = something(record.get("quotedTweet")), something(record.get("retweetedTweet"))
    reply_to = reference(record.get("inReplyToTweetId"))
    reply = something(record.get("inReplyToTweetId")) or replied
    text = record.get("rawContent")
    return {
        "platform": "x",
        "id": identifier(record.get("id")),
        "author": handle(user.get("username")),
        "author_name": word(user.get("displayname")),
        "author_id": reference(user.get("id")),
        "created_at": parse_time(something(record.get("date"))),
        "text": record.get("content") if text is None else text,
        # The text of a long post comes unescaped, and only characters that escaping leaves none of can tell. The older
        # `content` can't: it has whole addresses in it, with bare `&`.
        "text_format": "plain" if isinstance(text, str) and is_unescaped(text) else "escaped",
        "lang": word(record.get("lang")),
        "is_repost": bool(retweeted) if "retweetedTweet" in record else None,
        "repost_of": _id_of(retweeted),
        "is_reply": bool(reply) if {"inReplyToTweetId", "inReplyToUser"} & record.keys() else None,
        "reply_to": reply_to,
        "reply_to_author": handle(replied.get("username")),
        # A retweet of a quote names the quoted tweet as its own, but adds no text to it.
        "is_quote": bool(quoted and not retweeted) if "quotedTweet" in record else None,
        "quote_of": None if retweeted else _id_of(quoted),
        "conversation_id": reference(record.get("conversationId")),
        "is_sensitive": yes_or_no(record.get("possiblySensitive")),
        "client": word(record.get("sourceLabel")) or client_name(word(record.get("source"))),
        "url": word(record.get("url")),
        "like_count": whole_number(record.get("likeCount")),
        "repost_count": whole_number(record.get("retweetCount")),
        "reply_count": whole_number(record.get("replyCount")),
        "quote_count": whole_number(record.get("quoteCount")),
        "view_count": whole_number(record.get("viewCount")),
    }


def twscrape_post(record: Mapping[str, Any]) -> dict[str, Any]:
    """A tweet as twscrape writes it: snscrape's names, ids also as text, and the whole text of long posts."""
    row = snscrape_post(record)
    user = _dict(record.get("user"))
    row["id"] = identifier(record.get("id_str")) or row["id"]
    row["author_id"] = reference(user.get("id_str")) or row["author_id"]
    row["reply_to"] = reference(record.get("inReplyToTweetIdStr")) or row["reply_to"]
    row["conversation_id"] = reference(record.get("conversationIdStr")) or row["conversation_id"]
    row["reply_to_author"] = row["reply_to_author"] or handle(record.get("inReplyToScreenName"))
    row["is_sensitive"] = yes_or_no(record.get("possibly_sensitive"))
    if not row["is_repost"] and row["is_quote"] is False:
        row["is_quote"] = bool(yes_or_no(record.get("isQuoteStatus")))
    return row


def web_exporter_post(record: Mapping[str, Any], keys: Mapping[str, str], order: DateOrder | None) -> dict[str, Any]:
    """A tweet as twitter-web-exporter writes it: from the raw object in `metadata`, else from its flat keys."""
    for found in rows_of_dump(_dict(record.get("metadata"))):
        if not isinstance(found, NotAPost):
            return found[0]
    row = plain_post(record, keys, order, "x")
    text = row.get("text")
    row["text_format"] = "plain" if isinstance(text, str) and is_unescaped(text) else "escaped"
    if row.get("reply_to") and not row["reply_to"].isdecimal():  # some versions name the author there
        row["reply_to_author"], row["reply_to"] = row.get("reply_to_author") or handle(row["reply_to"]), None
    return row


_READERS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "snscrape": snscrape_post,
    "twscrape": twscrape_post,
    "tweet": row_of_v1_tweet,
}
#: Dialects of which one record may hold many posts.
_READERS_OF_MANY: dict[str, Callable[..., list[Found]]] = {
    **SOCIAL_READERS,
    "x-api": rows_of_response,
    "graphql": rows_of_dump,
}


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _id_of(tweet: Any) -> str | None:
    """The id of a tweet that is held in another; of a Python dict written as text, from its address."""
    if isinstance(tweet, dict):
        return reference(tweet.get("id_str")) or reference(tweet.get("id"))
    match = _STATUS.search(tweet[:2000]) if isinstance(tweet, str) else None
    return match[1] if match else None


def _why_no_text(record: Mapping[str, Any]) -> str:
    if "errors" in record or "error" in record:
        return "it is an error message of the other side, not a post"
    if message := _STREAM & record.keys():
        return f"it is a message of the stream ('{min(message)}'), not a post"
    keys = ", ".join(list(map(str, record))[:6]) or "none"
    return f"it has no text (its keys: {keys})"
