"""One tweet as X's own exports and API v1.1 write it, as a row of the raw schema.

Three forms share these names and differ in what they leave out:

- *API v1.1* says everything: `user`, `retweeted_status`, `is_quote_status`, counts as numbers;
- *monthly archives* (until 2018) have `user` and `retweeted_status`, and no counts in their older half;
- *archives since 2019* have neither: `retweeted` is always false, only the beginning of the text shows a retweet, and
  numbers are strings.

What a form cannot say is None, never a guess: a flag is False only where the form would have said True.

An id comes from `id_str`, and from `id` only without that: in real archives tens of thousands of numeric ids
went through a float on the way and name another tweet, or none.

>>> tweet = {"id": 1580000000000000000, "id_str": "1580000000000000001", "full_text": "A &amp; B"}
>>> post = post_from_tweet(tweet)
>>> post["id"], post["text"], post["text_format"], post["is_repost"]
('1580000000000000001', 'A &amp; B', 'escaped', None)
"""

from __future__ import annotations

import html
import re
from functools import lru_cache
from typing import Any

from curation.sources.records.any_json import as_count, as_flag, as_record, string
from curation.sources.records.edits import first_version
from curation.sources.records.moments import parse_time

PLATFORM = "x"

_TAG = re.compile(r"<[^<>]*>")
#: Characters that escaping replaces.
_BARE = re.compile(r"[<>]|&(?!amp;|lt;|gt;)")
_REPOST = re.compile(r"RT @\w{1,30}: ", re.ASCII)
#: A sentence of X in the place of the text of an account that is withheld or suspended.
NOTICE = re.compile(
    r"(?:@\w{1,30}['’]s account (?:is temporarily unavailable|has been withheld)"
    r"|This (?:Tweet|Post) from @\w{1,30} has been withheld)\b.{0,400} Learn more\.?"
)


def post_from_tweet(
    tweet: dict[str, Any],
    *,
    author: str | None = None,
    author_name: str | None = None,
    author_id: str | None = None,
) -> dict[str, Any]:
    """The row of a tweet; keys are columns of `curation.posts.POST_COLUMNS`.

    `author` (a handle), `author_name` and `author_id` are for a tweet without a `user`. `text` is None for a tweet
    without a text, `id` for one without an id, `created_at` for a time that can't be understood: the caller decides
    what becomes of them. The caller adds `source`, `source_file`, `source_line`, `raw` and `is_deleted`. Never raises,
    whatever types are in `tweet`.
    """
    user = as_record(tweet.get("user"))
    handle = string(user.get("screen_name"))
    if handle:
        author, author_name, author_id = handle, string(user.get("name")), id_of(user, "id_str", "id")
    author = author.removeprefix("@") if author else None
    post_id = id_of(tweet, "id_str", "id")
    reply_to = id_of(tweet, "in_reply_to_status_id_str", "in_reply_to_status_id")
    return {
        "platform": PLATFORM,
        "id": post_id,
        "author": author,
        "author_name": author_name,
        "author_id": author_id,
        "created_at": parse_time(tweet.get("created_at")),
        "text": text_of(tweet),
        "text_format": "escaped",
        "lang": string(tweet.get("lang")),
        **shared_post(tweet, has_user=bool(user)),
        "is_reply": bool(reply_to or id_of(tweet, "in_reply_to_user_id_str", "in_reply_to_user_id")),
        "reply_to": reply_to,
        "reply_to_author": string(tweet.get("in_reply_to_screen_name")),
        "conversation_id": id_of(tweet, "conversation_id_str", "conversation_id"),
        "edit_of": first_version(tweet, post_id),
        "is_sensitive": as_flag(tweet.get("possibly_sensitive")),
        "community": id_of(tweet, "community_id_str", "community_id"),
        "client": client_name(tweet.get("source")),
        "url": f"https://x.com/{author}/status/{post_id}" if author and post_id else None,
        "like_count": as_count(tweet.get("favorite_count")),
        "repost_count": as_count(tweet.get("retweet_count")),
        "reply_count": as_count(tweet.get("reply_count")),
        "quote_count": as_count(tweet.get("quote_count")),
        "view_count": as_count(tweet.get("view_count")),
    }


def row_of_v1_tweet(tweet: dict[str, Any]) -> dict[str, Any]:
    """The row of a tweet of API v1.1; that of a retweet has the whole text of `retweeted_status`.

    Never raises; see `post_from_tweet`.
    """
    row = post_from_tweet(tweet)
    original = tweet.get("retweeted_status")
    if isinstance(original, dict) and isinstance(row["text"], str):
        whole = post_from_tweet(original)
        row["text"], _ = whole_repost((row["text"], "escaped"), (whole["text"], "escaped"), whole["author"])
    return row


def whole_repost(own: tuple[str, str], original: tuple[Any, str], author: str | None) -> tuple[str, str]:
    """Text and form of a repost: `RT @handle: ` as in `own`, and the original's whole text.

    `own` and `original` are texts with their `text_format`. The repost keeps its own text if the original is unknown
    or shorter, or if nothing says whose it is.

    >>> whole_repost(("RT @ada: a long st…", "escaped"), ("a long story &lt;3", "escaped"), "ada")
    ('RT @ada: a long story &lt;3', 'escaped')
    """
    text, form = original
    begin = _REPOST.match(own[0])
    prefix = begin[0] if begin else f"RT @{author}: " if author else None
    if prefix is None or not isinstance(text, str) or NOTICE.fullmatch(text):
        return own
    if begin and len(prefix + text) < len(own[0].removesuffix("…")):
        return own
    return prefix + text, form


def is_unescaped(text: str) -> bool:
    """Whether a text has a character that escaping would have replaced."""
    return _BARE.search(text) is not None


#: Keys of a tweet that say something of another post, in `shared_post`.
SHARED_POST = frozenset({
    "retweeted_status", "quoted_status", "retweeted_status_id_str", "retweeted_status_id", "share",
    "quoted_status_id_str", "quoted_status_id", "is_quote_status",
})  # fmt: skip


def shared_post(tweet: dict[str, Any], *, has_user: bool) -> dict[str, Any]:
    """The columns about a post that the tweet passes on or quotes."""
    retweeted = as_record(tweet.get("retweeted_status"))
    quoted = as_record(tweet.get("quoted_status"))
    repost_of = id_of(tweet, "retweeted_status_id_str", "retweeted_status_id") or id_of(retweeted, "id_str", "id")
    if not repost_of and "share" in tweet:  # in archives' deleted-tweet.js
        repost_of = id_of(as_record(tweet["share"]), "source_status_id_str", "source_status_id")
    quote_of = id_of(tweet, "quoted_status_id_str", "quoted_status_id") or id_of(quoted, "id_str", "id")
    is_repost = True if retweeted or repost_of else (False if has_user else None)
    is_quote: bool | None
    if is_repost:
        # A retweet of a quote names the quoted tweet as its own, but adds no text to it.
        is_quote, quote_of = False, None
    else:
        is_quote = True if quoted or quote_of else as_flag(tweet.get("is_quote_status"))
    return {"is_repost": is_repost, "repost_of": repost_of, "is_quote": is_quote, "quote_of": quote_of}


def client_name(source_html: object) -> str | None:
    """Name of the application in a tweet's `source`, without its link and with entities decoded.

    >>> client_name('<a href="http://example.org" rel="nofollow">Salt &amp; Pepper</a>')
    'Salt & Pepper'
    """
    if not isinstance(source_html, str) or not source_html:
        return None
    return _client_name(source_html) if len(source_html) < 1000 else _client_name.__wrapped__(source_html)


@lru_cache(maxsize=512)  # millions of posts, a few dozen clients
def _client_name(source_html: str) -> str | None:
    return html.unescape(_TAG.sub("", source_html)).strip() or None


def text_of(tweet: dict[str, Any]) -> str | None:
    """The text of a tweet, the whole one where it is cut."""
    text = tweet.get("full_text")
    if not isinstance(text, str) and "extended_tweet" in tweet:  # where the streaming API keeps the whole text
        text = as_record(tweet["extended_tweet"]).get("full_text")
    if not isinstance(text, str):
        text = tweet.get("text")
    return text if isinstance(text, str) else None


def id_of(record: dict[str, Any], as_text: str, as_number: str) -> str | None:
    """`id_str` before `id`; a float as Python writes it, so that the check at landing sees the damage."""
    value = record.get(as_text)
    if value is None or value == "":
        value = record.get(as_number)
        if value is None:
            return None
    if isinstance(value, str):
        return value if value.isalnum() else value.strip() or None
    if isinstance(value, float) or (isinstance(value, int) and not isinstance(value, bool) and value > 0):
        return repr(value) if abs(value) < 1e100 else None
    return None
