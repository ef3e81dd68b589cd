"""Tweets as X's API v1.1 writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from curation.sources.dialects.base import CERTAIN, Context, OnePost
from curation.sources.records.any_json import as_record, as_records
from curation.sources.records.fields import word
from curation.sources.records.tweets import row_of_v1_tweet
from curation.sources.records.x_api_posts import other_object

_OF_TWEETS = frozenset({"full_text", "extended_tweet", "entities", "truncated"})


class Tweet(OnePost):
    """Tweets of API v1.1; a retweet has the whole text of the original."""

    name: ClassVar[str] = "tweet"
    doc: ClassVar[str] = "tweets as X's API v1.1 gives them (twarc v1, tweepy), one a line or in a list"
    origin: ClassVar[str] = "twarc 1, tweepy, and data sets that were hydrated until 2023."

    @classmethod
    def score(cls, record: Mapping[str, Any], around: tuple[Mapping[str, Any], ...] = ()) -> float:
        """An id as text, and one of the names that only tweets have; archives put each tweet under `tweet`."""
        tweet = as_record(record.get("tweet")) or record
        fits = ("id_str" in tweet or tweet is not record) and _OF_TWEETS & tweet.keys()
        return CERTAIN if fits and not other_object(tweet) else 0.0

    @classmethod
    def row(cls, record: dict[str, Any], context: Context) -> dict[str, Any]:
        tweet = record["tweet"] if isinstance(record.get("tweet"), dict) else record
        row = row_of_v1_tweet(tweet)
        if not row["author"]:
            row |= _owner(context.around)
        return row


def _owner(around: tuple[Mapping[str, Any], ...]) -> dict[str, Any]:
    """Whose tweets they are, if an archive's account is beside them; nothing else of it is read."""
    for outer in reversed(around):
        for entry in as_records(outer.get("account")):
            account = as_record(entry.get("account")) or entry
            names = {"author": "username", "author_name": "accountDisplayName", "author_id": "accountId"}
            columns = {column: word(account.get(key)) for column, key in names.items()}
            if columns["author"]:
                return columns
    return {}
