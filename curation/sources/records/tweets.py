"""One tweet as X's own exports and API v1.1 write it, as a row of the raw schema.

Three forms share these names and differ in what they leave out:

- *API v1.1* says everything: `user`, `retweeted_status`, `is_quote_status`, counts as numbers;
- *monthly archives* (until 2018) have `user` and `retweeted_status`, and no counts in their older half;
- *archives since 2019* have neither: `retweeted` is always false, a retweet shows only by its text's
  beginning, and numbers are strings.

What a form cannot say is None, never a guess: a flag is False only where the form would have said True.

An id comes from `id_str` and only in its absence from `id`: in real archives tens of thousands of numeric ids
went through a float on the way and name another tweet, or none.

>>> tweet = {"id": 1580000000000000000, "id_str": "1580000000000000001", "full_text": "A &amp; B"}
>>> post = post_from_tweet(tweet)
>>> post["id"], post["text"], post["text_format"], post["is_repost"]
('1580000000000000001', 'A &amp; B', 'escaped', None)
"""

from __future__ import annotations

import html
import math
import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from curation.sources.records.edits import first_version
from curation.sources.records.moments import WallClock, plausible, read_moment

PLATFORM = "x"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LARGEST_COUNT = 2**63 - 1
_MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS = {m: n for n, m in enumerate(_MONTH_NAMES, start=1)}

# "Wed Oct 19 20:07:25 +0000 2022"; not strptime, whose names of months follow this machine's language.
_TWITTER_TIME = re.compile(
    r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) +(\d{1,2}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d):?(\d\d) (\d{4})", re.ASCII
)
# What ISO 8601 doesn't allow but people write: a blank before the offset, or the zone's name.
_OFFSET_APART = re.compile(r"\s+(?=[+-]\d\d:?(?:\d\d)?$)|\s*(?:UTC|GMT|Z)$", re.ASCII | re.IGNORECASE)
_NUMBER = re.compile(r"-?\d{9,20}(?:\.\d{0,12})?", re.ASCII)
_TAG = re.compile(r"<[^<>]*>")

# Smallest magnitude of an epoch time in each unit, and units in a second; the largest is forty-one times that
# (2099). Below the last is no time of a post (1973), but more likely a year or a spreadsheet's day number.
_EPOCH_UNITS = ((1e17, 1_000_000_000), (1e14, 1_000_000), (1e11, 1_000), (1e8, 1))
_EPOCH_SPAN = 41
#: 202103050300 is no time of 1976.
_MINUTES_RUN_TOGETHER = (199_000_000_000, 210_000_000_000)
# What Windows and WebKit count since 1601, in 100 ns and in µs, between 2000 and 2030: as times since 1970 these
# would lie in 1974 and 2370. What lies between 1989 and 1991 in ns may be .NET's or Apple's count of now.
_SINCE_1601 = (
    (125_911_584_000_000_000, 135_379_296_000_000_000, 10),
    (12_591_158_400_000_000, 13_537_929_600_000_000, 1),
)
_UNSURE_NS = (620_000_000_000_000_000, 670_000_000_000_000_000)
_FROM_1601 = timedelta(seconds=11_644_473_600)


def post_from_tweet(
    tweet: dict[str, Any],
    *,
    author: str | None = None,
    author_name: str | None = None,
    author_id: str | None = None,
) -> dict[str, Any]:
    """The row of a tweet; keys are columns of `curation.posts.POST_COLUMNS`.

    `author` (a handle), `author_name` and `author_id` stand where the tweet has no `user` of its own. `text`
    is None for a tweet without a text, `id` for one without an id, `created_at` for a time that can't be
    understood: the caller decides what becomes of them. `source`, `source_file`, `source_line`, `raw` and
    `is_deleted` are the caller's too. Never raises, whatever types stand in `tweet`.
    """
    user = _record(tweet.get("user"))
    handle = _string(user.get("screen_name"))
    if handle:
        author, author_name, author_id = handle, _string(user.get("name")), _id(user, "id_str", "id")
    author = author.removeprefix("@") if author else None
    post_id = _id(tweet, "id_str", "id")
    retweeted = _record(tweet.get("retweeted_status"))
    quoted = _record(tweet.get("quoted_status"))
    repost_of = _id(tweet, "retweeted_status_id_str", "retweeted_status_id") or _id(retweeted, "id_str", "id")
    if not repost_of and "share" in tweet:  # in archives' deleted-tweet.js
        repost_of = _id(_record(tweet["share"]), "source_status_id_str", "source_status_id")
    quote_of = _id(tweet, "quoted_status_id_str", "quoted_status_id") or _id(quoted, "id_str", "id")
    reply_to = _id(tweet, "in_reply_to_status_id_str", "in_reply_to_status_id")
    is_repost = True if retweeted or repost_of else (False if user else None)
    if is_repost:
        # A retweet of a quote names the quoted tweet as its own, but adds no text to it.
        is_quote, quote_of = False, None
    else:
        is_quote = True if quoted or quote_of else flag(tweet.get("is_quote_status"))
    return {
        "platform": PLATFORM,
        "id": post_id,
        "author": author,
        "author_name": author_name,
        "author_id": author_id,
        "created_at": parse_time(tweet.get("created_at")),
        "text": _text(tweet),
        "text_format": "escaped",
        "lang": _string(tweet.get("lang")),
        "is_repost": is_repost,
        "repost_of": repost_of,
        "is_reply": bool(reply_to or _id(tweet, "in_reply_to_user_id_str", "in_reply_to_user_id")),
        "reply_to": reply_to,
        "reply_to_author": _string(tweet.get("in_reply_to_screen_name")),
        "is_quote": is_quote,
        "quote_of": quote_of,
        "conversation_id": _id(tweet, "conversation_id_str", "conversation_id"),
        "edit_of": first_version(tweet, post_id),
        "is_sensitive": flag(tweet.get("possibly_sensitive")),
        "community": _id(tweet, "community_id_str", "community_id"),
        "client": client_name(tweet.get("source")),
        "url": f"https://x.com/{author}/status/{post_id}" if author and post_id else None,
        "like_count": count(tweet.get("favorite_count")),
        "repost_count": count(tweet.get("retweet_count")),
        "reply_count": count(tweet.get("reply_count")),
        "quote_count": count(tweet.get("quote_count")),
        "view_count": count(tweet.get("view_count")),
    }


def parse_time(value: object) -> datetime | None:
    """A point in time, always UTC; None for what can't be understood. Never raises.

    Reads `Wed Oct 19 20:07:25 +0000 2022`, `2007-02-01 00:00:00 +0000`, ISO 8601 with or without a zone
    (none means UTC) and fraction, seconds, milli-, micro- or nanoseconds since 1970 as a number or as text, and
    what `moments` reads: RFC 2822, names of months, clocks of twelve hours. Days and months as numbers with
    slashes are not read: nobody can tell which is which.

    >>> parse_time("Wed Oct 19 20:07:25 +0000 2022").isoformat()
    '2022-10-19T20:07:25+00:00'
    """
    time = machine_time(value)
    if time is not None:
        return time
    if isinstance(value, str):
        moment = read_moment(value)
    elif isinstance(value, int) and not isinstance(value, bool) and 10**7 < value < 10**17:
        moment = read_moment(str(value))  # 20210305 in JSON
    else:
        return None
    if isinstance(moment, WallClock):
        return moment.as_utc
    return moment if isinstance(moment, datetime) else None


def machine_time(value: object) -> datetime | None:
    """A point in time as programs write it, by the quick way."""
    try:
        if isinstance(value, str):
            time = _time_from_text(value)
        elif isinstance(value, datetime):
            time = _in_utc(value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            time = _time_from_number(value)
        else:
            return None
    except (ValueError, OverflowError):
        return None
    return plausible(time)


def client_name(source_html: object) -> str | None:
    """Name of the application in a tweet's `source`, without its link and with entities decoded.

    >>> client_name('<a href="http://example.org" rel="nofollow">Salt &amp; Pepper</a>')
    'Salt & Pepper'
    """
    if not isinstance(source_html, str) or not source_html:
        return None
    return _client_name(source_html) if len(source_html) < 1000 else _client_name.__wrapped__(source_html)


def count(value: object) -> int | None:
    """A count that may have been written as text; None when it is none."""
    if value is None:
        return None
    if type(value) is int:  # most of them
        return value if 0 <= value <= _LARGEST_COUNT else None
    if isinstance(value, str) and len(value) <= 20:
        try:
            value = int(value)
        except ValueError:
            return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LARGEST_COUNT:
        return value
    return None


def flag(value: object) -> bool | None:
    """True or False, also when written as text; None for anything else.

    >>> flag("True"), flag("false"), flag(1), flag("")
    (True, False, True, None)
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and value in (0, 1):
        return value == 1
    if isinstance(value, str):
        return {"true": True, "1": True, "false": False, "0": False}.get(value.lower())
    return None


@lru_cache(maxsize=512)  # millions of posts, a few dozen clients
def _client_name(source_html: str) -> str | None:
    return html.unescape(_TAG.sub("", source_html)).strip() or None


def _text(tweet: dict[str, Any]) -> str | None:
    text = tweet.get("full_text")
    if not isinstance(text, str) and "extended_tweet" in tweet:  # where the streaming API keeps the whole text
        text = _record(tweet["extended_tweet"]).get("full_text")
    if not isinstance(text, str):
        text = tweet.get("text")
    return text if isinstance(text, str) else None


def _id(record: dict[str, Any], as_text: str, as_number: str) -> str | None:
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


def _record(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _string(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _time_from_text(text: str) -> datetime | None:
    if len(text) > 64:
        return None
    if len(text) == 25 and text.endswith(" +0000"):  # every other post of the monthly archives
        return datetime.fromisoformat(text[:19]).replace(tzinfo=UTC)
    if plain := _plain_iso(text):
        return datetime.fromisoformat(plain).replace(tzinfo=UTC)
    text = text.strip()
    if match := _TWITTER_TIME.fullmatch(text):
        month, day, hour, minute, second, sign, off_hours, off_minutes, year = match.groups()
        if month not in _MONTHS:
            return None
        # a leap second is the last second of its minute
        time = datetime(int(year), _MONTHS[month], int(day), int(hour), int(minute), min(int(second), 59), tzinfo=UTC)
        offset = timedelta(hours=int(off_hours), minutes=int(off_minutes))
        return time - offset if sign == "+" else time + offset
    if _NUMBER.fullmatch(text):
        return _time_from_number(float(text) if "." in text else int(text))
    if "W" in text:  # a week of which Python would take the Monday
        return None
    return _in_utc(datetime.fromisoformat(_OFFSET_APART.sub("", text)))


def _plain_iso(text: str) -> str | None:
    """`2021-03-05T09:00:00` without the zone if that is UTC, as most programs write it; None for anything else."""
    if text[13:17:3] != "::" or text[4:8:3] != "--" or text[10] not in "T ":
        return None
    if len(text) == 19 or text[19:] in ("Z", "+00:00"):
        return text[:19]
    return text[:23] if len(text) == 24 and text[19] == "." and text[23] == "Z" else None


def _time_from_number(number: float) -> datetime | None:
    if not math.isfinite(number):
        return None
    size = abs(number)
    for smallest, in_a_second in _EPOCH_UNITS:
        if size >= smallest:
            if size > 1e11 and (size >= _EPOCH_SPAN * smallest or number < 0 or size < 1e12 or smallest == 1e17):
                return _unusual_epoch(number, size < _EPOCH_SPAN * smallest, in_a_second)
            return _since_1970(number, in_a_second)
    return None


def _since_1970(number: float, in_a_second: int) -> datetime:
    if isinstance(number, int):
        return _EPOCH + timedelta(microseconds=number * 1_000_000 // in_a_second)
    return _EPOCH + timedelta(seconds=number / in_a_second)


def _unusual_epoch(number: float, in_span: bool, in_a_second: int) -> datetime | None:
    """A count that may be of another era than 1970's."""
    for first, last, in_a_microsecond in _SINCE_1601:
        if first <= number < last:
            return _EPOCH + timedelta(microseconds=int(number) // in_a_microsecond) - _FROM_1601
    if _UNSURE_NS[0] <= number < _UNSURE_NS[1] or _MINUTES_RUN_TOGETHER[0] <= number < _MINUTES_RUN_TOGETHER[1]:
        return None
    return _since_1970(number, in_a_second) if in_span else None


def _in_utc(time: datetime) -> datetime:
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
