"""JSON objects as people's tools write posts: each dialect is recognised by its keys and made a row.

`FORMATS` is what `--format` may name; the docs list it. A dialect that is known but not read yet stands in
`LATER`, so that its files are refused with their name instead of landing as nonsense.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from curation.sources.dates import DateOrder
from curation.sources.fields import (
    NotAPost,
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
from curation.sources.tweets import client_name, parse_time, post_from_tweet

#: What `--format` may name, and what it is.
FORMATS: dict[str, str] = {
    "snscrape": "JSON lines of snscrape, old (`content`) and new (`rawContent`)",
    "twscrape": "JSON lines of twscrape",
    "tweet": "tweets as X's API v1.1 gives them (twarc v1, tweepy), one a line or in a list",
    "posts": "plain JSON, one object a post: `id`, `author`, `author_name`, `created_at`, `text`, `lang`, "
    "`is_retweet` and their usual synonyms; also this program's own `jsonl` export",
    "csv": "a table with comma, semicolon, tab or bar between cells and a header with such names; also the "
    "tweets.csv of an X archive, and what pandas made of snscrape's posts",
    "lines": "one post a line, text only; never recognised by itself",
}

#: Dialects that are recognised and not read yet, and the way on.
LATER: dict[str, str] = {
    "twarc-v2": "answers of the X API v2 (twarc2). Make a CSV of them (`twarc2 csv FILE OUT.csv`) and collect that",
    "graphql": "raw answers of X's website (GraphQL). Have the tool that fetched them write parsed posts, "
    "as `twscrape` does without --raw",
    "mastodon": "statuses as Mastodon's API gives them, with texts in HTML",
}

_STATUS = re.compile(r"/status(?:es)?/(\d+)")
_BARE = re.compile(r"[<>]|&(?!amp;|lt;|gt;)")
#: What a corpus or an export of this program says of its texts, as it is said of a raw one.
_TEXT_FORMATS = {f: f for f in ("plain", "escaped", "html", "unknown")} | {"unescaped": "plain"}
_USERS = ("user", "author", "account")


@dataclass(frozen=True)
class JsonFormat:
    """A dialect that has been recognised, with what it needs to make rows."""

    name: str
    keys: Mapping[str, str]  # field → key, for `posts` and for what `--map` names
    mapped: frozenset[str] = frozenset()  # fields that `--map` named
    order: DateOrder | None = None
    platform: str = "file"

    def post(self, record: dict[str, Any]) -> dict[str, Any]:
        """The row of a record. Raises `NotAPost`."""
        if self.name == "posts":
            row = plain_post(record, self.keys, self.order, self.platform)
        else:
            row = _READERS[self.name](record)
            if self.mapped:
                mapped = row_of({f: value_at(record, self.keys[f]) for f in self.mapped}, self.order)
                row |= {f: mapped[f] for f in self.mapped}
        text = row.get("text")
        if not isinstance(text, str):
            raise NotAPost(_why_no_text(record) if text is None else "its text is not a text")
        if not text.strip() and not row.get("id"):
            raise NotAPost("it has neither text nor id")
        return row


def format_of(records: Sequence[dict[str, Any]]) -> str | None:
    """The dialect that most of these records are in, a name of `FORMATS` or `LATER`; None if none is."""
    votes = [name for name in map(_format_of_one, records) if name]
    return max(votes, key=votes.count) if votes else None


def _format_of_one(record: dict[str, Any]) -> str | None:
    if "data" in record and "text" not in record:
        v2 = {"includes", "meta", "__twarc", "matching_rules", "errors"} & record.keys()
        data = record["data"]
        plain = isinstance(data, list) or (isinstance(data, dict) and "text" in data)
        return "twarc-v2" if v2 or plain else "graphql"
    if {"rest_id", "legacy"} <= record.keys() or "entryId" in record:
        return "graphql"
    if {"edit_history_tweet_ids", "public_metrics", "referenced_tweets"} & record.keys() and "text" in record:
        return "twarc-v2"
    if {"content", "rawContent"} & record.keys() and isinstance(record.get("user"), dict):
        return "twscrape" if "id_str" in record else "snscrape"
    if str(record.get("_type", "")).startswith("snscrape.modules.twitter"):
        return "snscrape"
    if "id_str" in record and {"full_text", "extended_tweet", "entities", "truncated"} & record.keys():
        return "tweet"
    if isinstance(record.get("account"), dict) and {"content", "visibility"} <= record.keys():
        return "mastodon"
    return "posts" if "text" in keys_of([record]) else None


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
        "text_format": "escaped",
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
    # The text of a long post comes unescaped, and only characters that escaping leaves none of can tell.
    if isinstance(row["text"], str) and _BARE.search(row["text"]):
        row["text_format"] = "plain"
    return row


_READERS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "snscrape": snscrape_post,
    "twscrape": twscrape_post,
    "tweet": post_from_tweet,
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
    keys = ", ".join(list(map(str, record))[:6]) or "none"
    return f"it has no text (its keys: {keys})"
