"""What tables and plain JSON call the columns of the raw schema, in whichever spelling and language.

Names are compared without case, blanks, `_` and `-`, so that `Tweet_ID`, `tweetId` and `tweet id` are one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from unicodedata import normalize

from curation.errors import UsageError, did_you_mean
from curation.posts import POST_COLUMNS, PROVENANCE
from curation.sources.records.localised_names import LOCALISED
from curation.sources.records.time_names import TIME_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: Names of each field, the likeliest first; a file that has several gives the first to the field.
SYNONYMS: dict[str, tuple[str, ...]] = {
    "id": (
        "id", "id_str", "tweet_id", "tweet_id_str", "status_id", "comment_id", "post_id", "status_id_str",
        "post_id_str", "message_id", "tweet_rest_id", "rest_id", "推文id", "微博id", "投稿id", "ツイートid",
    ),
    "text": (
        "text", "full_text", "tweet", "tweet_text", "content", "raw_content", "body", "message",
        "original_tweet", "post", "post_text", "tweet_content",
        "text_original", "opening_text", "hit_sentence", "comment", "comment_text", "text_display",
    ),
    "author": (
        "author", "screen_name", "user_screen_name", "user.screen_name", "user.username", "author.username",
        "author.screen_name", "author.user_name", "author.handle", "user.handle", "author_handle", "user_handle",
        "handle", "username", "user_username", "author_username", "author_user_name", "account.acct",
        "account.username", "account_name", "owner_username", "from_user", "sender_screen_name",
        "twitter_screen_name", "sender_username", "channel_username", "author_unique_id", "unique_id", "influencer",
        "extra_author_attributes.short_name", "user", "sender",
    ),
    "author_name": (
        "author_name", "display_name", "user_display_name", "user.displayname", "user.name", "author.name",
        "author.displayname", "author.display_name", "user.display_name", "author_display_name",
        "account.display_name", "author.full_name", "user_full_name", "username", "user_name", "name",
    ),
    "author_id": (
        "author_id", "user_id", "user_id_str", "user.id_str", "user.id", "author.id_str", "author.id",
        "from_user_id", "from_user_id_str", "sender_user_id", "sender_id", "author_channel_id",
        "author_channel_id.value",
    ),
    "created_at": TIME_NAMES,
    "lang": ("lang", "language"),
    "is_repost": ("is_repost", "is_retweet", "retweet"),
    "repost_of": ("repost_of", "retweeted_status_id", "retweeted_status_id_str", "retweeted_tweet_id",
                  "referenced_tweets.retweeted.id", "retweeted_status", "repost_id", "retweet_id", "retweeted_id",
                  "reposted_id", "retweet_status_id"),
    "is_reply": ("is_reply",),
    "reply_to": (
        "reply_to", "in_reply_to_status_id", "in_reply_to_status_id_str", "in_reply_to_tweet_id",
        "in_reply_to_id", "reply_to_id", "referenced_tweets.replied_to.id",
        "in_reply_to", "reply_to_tweet_id", "reply_to_post_id", "in_reply_to_post_id", "replied_to_id",
        "reply_to_status_id", "reply_to_msg_id", "reply_to_message_id",
        "reply_parent", "reply_parent_uri", "parent_uri",
    ),
    "reply_to_author": ("reply_to_author", "in_reply_to_screen_name", "in_reply_to_username", "reply_to_username",
                        "reply_to_handle", "reply_to_user", "reply_to_screen_name"),
    "is_quote": ("is_quote", "is_quote_status"),
    "quote_of": ("quote_of", "quoted_status_id", "quoted_status_id_str", "quoted_tweet_id",
                 "referenced_tweets.quoted.id", "quoted_status", "quote_id", "quoted_id", "quoted_post_id"),
    "conversation_id": ("conversation_id", "conversation_id_str"),
    "is_deleted": ("is_deleted",),
    "is_sensitive": ("is_sensitive", "possibly_sensitive"),
    "community": ("community", "community_id"),
    "client": ("client", "source_label", "source"),
    "url": ("url", "tweet_url", "permalink", "link", "tweet_link", "post_url", "twitter_url", "post_link",
            "status_url"),
    "like_count": ("like_count", "likes", "likes_count", "favorite_count", "favourite_count", "favorites",
                   "favorite", "nlikes", "public_metrics.like_count", "favourites_count", "favorites_count",
                   "metrics.likes", "metrics.like_count", "stats.likes", "engagement.likes", "digg_count",
                   "stats_digg_count"),
    "repost_count": ("repost_count", "retweet_count", "retweets", "retweets_count", "reposts", "nretweets",
                     "public_metrics.retweet_count", "reposts_count", "reblogs_count", "metrics.reposts",
                     "metrics.retweets", "metrics.repost_count", "stats.retweets", "engagement.retweets",
                     "shares", "share_count", "shares_count", "stats_share_count"),
    "reply_count": ("reply_count", "replies", "replies_count", "nreplies", "public_metrics.reply_count",
                    "comments_count", "comment_count", "metrics.replies", "metrics.reply_count", "stats.replies",
                    "comments", "stats_comment_count"),
    "quote_count": ("quote_count", "quotes", "quotes_count", "public_metrics.quote_count", "metrics.quotes",
                    "metrics.quote_count"),
    "view_count": ("view_count", "views_count", "views", "impressions", "impression_count",
                   "public_metrics.impression_count", "metrics.views", "metrics.view_count", "stats.views"),
    "platform": ("platform",),
}  # fmt: skip

#: Not a column of the raw schema, but it tells that a post is a reply.
REPLY_TO_AUTHOR_ID = "reply_to_author_id"
_ALL_SYNONYMS = {
    **{name: names + LOCALISED.get(name, ()) for name, names in SYNONYMS.items()},
    REPLY_TO_AUTHOR_ID: ("in_reply_to_user_id", "in_reply_to_user_id_str", "reply_to_user_id"),
}

#: A column of one of these names speaks of tweets, so that the platform is X where nobody says.
_TWEET_NAMES = (
    "tweet", "tweet_id", "tweet_text", "tweet_created", "tweet_at", "tweet_url", "original_tweet",
    "is_retweet", "retweet_count", "retweets", "retweeted_status_id", "screen_name", "user_screen_name",
    "user.screen_name", "in_reply_to_status_id", "referenced_tweets.retweeted.id",
)  # fmt: skip

#: What `--map` may name: the raw schema's columns, and the old word for a repost.
MAPPABLE = frozenset({c.name for c in POST_COLUMNS} - PROVENANCE - {"text_format"} | {"is_retweet", REPLY_TO_AUTHOR_ID})

_BETWEEN = re.compile(r"[\s_\-\u200b\u2060\ufeff]+|(?<=[iİ])\u0307")  # also the dot that is left of a small İ


def plain_field_name(name: str) -> str:
    """A column's name as it is compared."""
    if not name.isascii():
        name = normalize("NFC", name)
    return _BETWEEN.sub("", name.casefold())


_BY_FIELD = {f: tuple(plain_field_name(n) for n in names) for f, names in _ALL_SYNONYMS.items()}
#: What a column of times may be called, as it is compared.
TIMES = frozenset(_BY_FIELD["created_at"])
#: Every name of a field, as it is compared.
NAMES = frozenset(name for names in _BY_FIELD.values() for name in names)
_TWEET_PLAIN = frozenset(plain_field_name(n) for n in _TWEET_NAMES)


def recognise_fields(names: Iterable[str]) -> dict[str, str]:
    """Field → the name among `names` that stands for it; a name serves one field."""
    by_plain_name: dict[str, str] = {}
    for name in names:
        by_plain_name.setdefault(plain_field_name(name), name)
    taken: dict[str, str] = {}
    for field, candidates in _BY_FIELD.items():
        for candidate in candidates:
            column = by_plain_name.get(candidate)
            if column is not None and column not in taken.values():
                taken[field] = column
                break
    if "author_name" in taken and "author" not in taken and plain_field_name(taken["author_name"]) == "username":
        taken["author"] = taken.pop("author_name")
    if "author" not in taken and plain_field_name(taken.get("author_name", "")) == "name":
        del taken["author_name"]  # a lone `name` may be of anything
    return taken


def speaks_of_tweets(names: Iterable[str]) -> bool:
    """Whether columns of these names are about tweets."""
    return any(plain_field_name(name) in _TWEET_PLAIN for name in names)


def check_mapping(columns: Mapping[str, str]) -> dict[str, str]:
    """`--map` with `is_retweet` called `is_repost`. Raises `UsageError` for a field that doesn't exist."""
    checked = {}
    for field, column in columns.items():
        if field not in MAPPABLE:
            hint = did_you_mean(field, MAPPABLE)
            raise UsageError(f"--map {field}={column}: there is no field '{field}'.{hint}")
        checked["is_repost" if field == "is_retweet" else field] = column
    return checked
