"""Many tweets of X's own exports as columns of the raw schema: what `post_from_tweet` says of each, many times as fast.

A file has thousands of tweets of one form. So a column is made at once, with a look at the types of its values: what is
plain passes as it is, and the functions for single values see only what isn't. A key that no tweet has costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from curation.posts import COUNT, FLAG, STRING, TIME
from curation.sources.records.any_json import as_count, as_flag, as_record, string
from curation.sources.records.edits import MARKS_OF_EDITS, first_version
from curation.sources.records.machine_times import iso_of_twitter
from curation.sources.records.moments import parse_time
from curation.sources.records.tweets import PLATFORM, SHARED_POST, client_name, id_of, shared_post, text_of

_Tweets = Sequence[dict[str, Any]]
_NOTHING = type(None)
_LARGEST = 2**63 - 1
#: Keys of what holds the whole text of a tweet, where `text` may be cut; as `text_of` knows them.
_WHOLE_TEXTS = frozenset({"full_text", "extended_tweet"})


def columns_of_tweets(
    tweets: _Tweets, *, author: str | None = None, author_name: str | None = None, author_id: str | None = None
) -> dict[str, pa.Array[Any]] | None:
    """Columns by name; see `post_from_tweet` for the arguments. A column that is missing is all NULL.

    None if one of the tweets has no text, or one that Arrow can't store.
    """
    keys = set[str]().union(*tweets)
    key = "text" if _WHOLE_TEXTS.isdisjoint(keys) else "full_text"
    texts = [tweet.get(key) for tweet in tweets]
    if {*map(type, texts)} != {str}:
        texts = [*map(text_of, tweets)]
        if None in texts:
            return None
    ids = _ids(tweets, keys, "id_str", "id") or [None] * len(tweets)
    authors = _authors(tweets, keys, author, author_name, author_id)
    reply_to = _ids(tweets, keys, "in_reply_to_status_id_str", "in_reply_to_status_id")
    answered = _ids(tweets, keys, "in_reply_to_user_id_str", "in_reply_to_user_id")
    columns: dict[str, list[Any] | pa.Array[Any] | None] = {
        "platform": [PLATFORM] * len(tweets),
        "id": ids,
        **authors,
        "created_at": _times(tweets, keys),
        "text": texts,
        "lang": _each(tweets, keys, "lang", string),
        **_shared_posts(tweets, keys),
        "is_reply": _any(reply_to, answered, len(tweets)),
        "reply_to": reply_to,
        "reply_to_author": _each(tweets, keys, "in_reply_to_screen_name", string),
        "conversation_id": _ids(tweets, keys, "conversation_id_str", "conversation_id"),
        "edit_of": [*map(first_version, tweets, ids)] if not MARKS_OF_EDITS.isdisjoint(keys) else None,
        "is_sensitive": _each(tweets, keys, "possibly_sensitive", as_flag),
        "community": _ids(tweets, keys, "community_id_str", "community_id"),
        "client": _each(tweets, keys, "source", client_name),
        "url": [
            f"https://x.com/{name}/status/{post_id}" if name and post_id else None
            for name, post_id in zip(authors["author"], ids, strict=True)
        ],
        "like_count": _each(tweets, keys, "favorite_count", as_count),
        "repost_count": _each(tweets, keys, "retweet_count", as_count),
        "reply_count": _each(tweets, keys, "reply_count", as_count),
        "quote_count": _each(tweets, keys, "quote_count", as_count),
        "view_count": _each(tweets, keys, "view_count", as_count),
    }
    try:
        return {name: _array(name, values) for name, values in columns.items() if values is not None}
    except (ValueError, TypeError, OverflowError):  # Arrow's own exceptions are of these kinds
        return None


def _any(one: list[Any] | None, other: list[Any] | None, rows: int) -> list[bool]:
    """For each row, whether one of the columns has a value."""
    if one and other:
        return [bool(a or b) for a, b in zip(one, other, strict=True)]
    return [*map(bool, one or other or [None] * rows)]


def _array(name: str, values: list[Any] | pa.Array[Any]) -> pa.Array[Any]:
    if isinstance(values, pa.Array):
        return values
    kind = FLAG if name.startswith("is_") else COUNT if name.endswith("_count") else STRING
    return pa.array(values, kind)


def _ids(tweets: _Tweets, keys: set[str], as_text: str, as_number: str) -> list[str | None] | None:
    if as_text not in keys and as_number not in keys:
        return None
    values: list[Any] = [tweet.get(as_text) for tweet in tweets]
    return [
        value
        if value.__class__ is str and value.isalnum()
        else None
        if value is None and as_number not in tweet
        else id_of(tweet, as_text, as_number)
        for value, tweet in zip(values, tweets, strict=True)
    ]


def _each(tweets: _Tweets, keys: set[str], key: str, read: Callable[[Any], Any]) -> list[Any] | None:
    """`read` of the value of each tweet under `key`; None if no tweet has it."""
    if key not in keys:
        return None
    values: list[Any] = [tweet.get(key) for tweet in tweets]
    types = {*map(type, values)}
    if types <= {str, _NOTHING}:  # few different ones; numbers don't qualify, since 1 equals True
        meanings = {value: read(value) for value in {*values}}
        return [meanings[value] for value in values]
    if read is as_flag and types <= {bool, _NOTHING}:
        return values
    if read is as_count and types == {int} and min(values) >= 0 and max(values) <= _LARGEST:
        return values
    return [*map(read, values)]


def _authors(
    tweets: _Tweets, keys: set[str], author: str | None, author_name: str | None, author_id: str | None
) -> dict[str, list[str | None]]:
    bare = author.removeprefix("@") if author else None
    if "user" not in keys:
        count = len(tweets)
        return {"author": [bare] * count, "author_name": [author_name] * count, "author_id": [author_id] * count}
    users = [as_record(tweet.get("user")) for tweet in tweets]
    user_keys = set[str]().union(*users)
    handles = _each(users, user_keys, "screen_name", string) or [None] * len(users)
    names = _each(users, user_keys, "name", string) or [None] * len(users)
    ids = _ids(users, user_keys, "id_str", "id") or [None] * len(users)
    if None not in handles:
        bare_handles = {handle: handle.removeprefix("@") for handle in {*handles}}
        return {"author": [bare_handles[handle] for handle in handles], "author_name": names, "author_id": ids}
    return {
        "author": [handle.removeprefix("@") if handle else bare for handle in handles],
        "author_name": [name if handle else author_name for name, handle in zip(names, handles, strict=True)],
        "author_id": [user_id if handle else author_id for user_id, handle in zip(ids, handles, strict=True)],
    }


def _shared_posts(tweets: _Tweets, keys: set[str]) -> dict[str, list[Any] | None]:
    telling = SHARED_POST & keys
    users = [bool(as_record(tweet.get("user"))) for tweet in tweets] if "user" in keys else [False] * len(tweets)
    if not telling:
        return {"is_repost": [False if has_user else None for has_user in users]}
    plain = ((None, None, None, None), (False, None, None, None))
    rows = [
        plain[has_user] if telling.isdisjoint(tweet) else tuple(shared_post(tweet, has_user=has_user).values())
        for tweet, has_user in zip(tweets, users, strict=True)
    ]
    names = ("is_repost", "repost_of", "is_quote", "quote_of")
    return dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))


def _times(tweets: _Tweets, keys: set[str]) -> pa.Array[Any] | None:
    if "created_at" not in keys:
        return None
    values: list[Any] = [tweet.get("created_at") for tweet in tweets]
    if {*map(type, values)} == {str}:
        written = [
            value[:19] if len(value) == 25 and value[19:] == " +0000" else iso_of_twitter(value) for value in values
        ]
        if None not in written and (times := _instants(written)) is not None:
            return times
    return pa.array([*map(parse_time, values)], TIME)


def _instants(written: list[Any]) -> pa.Array[Any] | None:
    """Texts like `2022-10-19 20:07:25` as times; None if one is in another form, or no time of a post."""
    try:
        times = pc.cast(pa.array(written), pa.timestamp("s"))
    except (ValueError, TypeError):
        return None
    numbers = times.cast(pa.int64())
    first, last = pc.min(numbers).as_py() or 0, pc.max(numbers).as_py() or 0
    # Years in which no time is another program's *never*, as `plausible` knows them; most posts are younger than X.
    return times.cast(pa.timestamp("us")).cast(TIME) if first > 0 and last < 7_258_118_400 else None
