"""snscrape's JSON of tweets, and twscrape's, with the same names and some more."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from curation.sources.dialects.base import CERTAIN, LIKELY, Context, OnePost
from curation.sources.records.any_json import as_record
from curation.sources.records.fields import handle, id_text, reference, something, whole_number, word, yes_or_no
from curation.sources.records.moments import parse_time
from curation.sources.records.tweets import client_name, is_unescaped

_STATUS = re.compile(r"/status(?:es)?/(\d+)")


class Snscrape(OnePost):
    """Tweets as snscrape writes them; a key that an old version lacks becomes NULL."""

    name: ClassVar[str] = "snscrape"
    doc: ClassVar[str] = "JSON lines of snscrape, old (`content`) and new (`rawContent`)"
    origin: ClassVar[str] = "snscrape's Twitter scrapers, until X closed its pages in 2023."

    @classmethod
    def score(cls, record: Mapping[str, Any], around: tuple[Mapping[str, Any], ...] = ()) -> float:
        """By its type, or by a text and a user with the names of either version."""
        named = str(record.get("_type", "")).startswith("snscrape.modules.twitter")
        if Twscrape.score(record):
            return 0.0
        return CERTAIN if named else _score_of_texts(record)

    @classmethod
    def row(cls, record: dict[str, Any], context: Context) -> dict[str, Any]:
        return snscrape_post(record)


class Twscrape(OnePost):
    """Tweets as twscrape writes them: snscrape's names, ids also as text, and the whole text of long posts."""

    name: ClassVar[str] = "twscrape"
    doc: ClassVar[str] = "JSON lines of twscrape"
    origin: ClassVar[str] = "`twscrape search …` and its Python objects' `.json()`."

    @classmethod
    def score(cls, record: Mapping[str, Any], around: tuple[Mapping[str, Any], ...] = ()) -> float:
        """Snscrape's text and user, and the id as text beside the number."""
        return _score_of_texts(record) if "id_str" in record else 0.0

    @classmethod
    def row(cls, record: dict[str, Any], context: Context) -> dict[str, Any]:
        row, user = snscrape_post(record), as_record(record.get("user"))
        row["id"] = id_text(record.get("id_str")) or row["id"]
        row["author_id"] = reference(user.get("id_str")) or row["author_id"]
        row["reply_to"] = reference(record.get("inReplyToTweetIdStr")) or row["reply_to"]
        row["conversation_id"] = reference(record.get("conversationIdStr")) or row["conversation_id"]
        row["reply_to_author"] = row["reply_to_author"] or handle(record.get("inReplyToScreenName"))
        row["is_sensitive"] = yes_or_no(record.get("possibly_sensitive"))
        if not row["is_repost"] and row["is_quote"] is False:
            row["is_quote"] = bool(yes_or_no(record.get("isQuoteStatus")))
        return row


def _score_of_texts(record: Mapping[str, Any]) -> float:
    """By a text and a user with its names; others call a text `content` too."""
    user = record.get("user")
    if not {"content", "rawContent"} & record.keys() or not isinstance(user, dict):
        return 0.0
    return CERTAIN if "username" in user else LIKELY


def snscrape_post(record: Mapping[str, Any]) -> dict[str, Any]:
    """A tweet as snscrape writes it; a key that an old version lacks becomes None."""
    user, replied = as_record(record.get("user")), as_record(record.get("inReplyToUser"))
    quoted, retweeted = something(record.get("quotedTweet")), something(record.get("retweetedTweet"))
    reply_to = reference(record.get("inReplyToTweetId"))
    reply = something(record.get("inReplyToTweetId")) or replied
    text = record.get("rawContent")
    return {
        "platform": "x",
        "id": id_text(record.get("id")),
        "author": handle(user.get("username")),
        "author_name": word(user.get("displayname")),
        "author_id": reference(user.get("id")),
        "created_at": parse_time(something(record.get("date"))),
        "text": record.get("content") if text is None else text,
        # The text of a long post comes unescaped; only a character that escaping removes can show it. The older
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


def _id_of(tweet: Any) -> str | None:
    """The id of a tweet that is held in another; of a Python dict written as text, from its address."""
    if isinstance(tweet, dict):
        return reference(tweet.get("id_str")) or reference(tweet.get("id"))
    match = _STATUS.search(tweet[:2000]) if isinstance(tweet, str) else None
    return match[1] if match else None
