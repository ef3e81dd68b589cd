"""What tables and plain JSON call the columns of the raw schema, and what may stand in them.

Names are compared without case, blanks, `_` and `-`, so that `Tweet_ID`, `tweetId` and `tweet id` are one.

Values that people's tools write for *nothing* (`nan`, `None`, `null`, an empty cell) are None everywhere but
in the text: somebody may well have posted the word "nan".
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any
from unicodedata import decimal, normalize

from curation.errors import UsageError, did_you_mean
from curation.posts import POST_COLUMNS, PROVENANCE
from curation.sources.records.dates import DateOrder, TimeColumn, written_time
from curation.sources.records.localised_names import LOCALISED
from curation.sources.records.time_names import TIME_NAMES
from curation.sources.records.tweets import client_name, count, flag

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

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

_NOTHING = frozenset({"", "nan", "none", "null", "<na>", "nat", "n/a", "#n/a"})
_YES_OR_NO = {"t": True, "yes": True, "y": True, "f": False, "no": False, "n": False}
# TRUE and FALSE as Excel writes them, and yes and no, in other languages.
_YES_OR_NO |= dict.fromkeys(
    (
        "wahr", "vrai", "verdadero", "verdadeiro", "vero", "waar", "prawda", "истина", "правда", "doğru",
        "pravda", "igaz", "sant", "sand", "sann", "tosi", "да", "ja", "oui", "sí", "sim", "sì", "evet", "はい",
        "是", "真", "예", "نعم",
    ),
    True,
)  # fmt: skip
_YES_OR_NO |= dict.fromkeys(
    (
        "falsch", "faux", "falso", "onwaar", "fałsz", "ложь", "yanlış", "nepravda", "hamis", "falskt", "falsk",
        "usann", "epätosi", "нет", "nein", "nee", "non", "não", "hayır", "いいえ", "否", "假", "아니요", "لا",
    ),
    False,
)  # fmt: skip
_FLAGS = ("is_repost", "is_reply", "is_quote", "is_deleted", "is_sensitive")
_COUNTS = ("like_count", "repost_count", "reply_count", "quote_count", "view_count")
#: Fields that hold counts, and fields that hold yes or no.
COUNTS, FLAGS = frozenset(_COUNTS), frozenset(_FLAGS)
_REFERENCES = ("repost_of", "reply_to", "quote_of", "conversation_id", "community", "author_id")
_FLOAT = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eE][+-]?\d+|[+-]?\d+\.\d+", re.ASCII)
_EXACT_FLOAT = 2**53
#: Types of what is no id and no name.
_NO_NAME = (bool, dict, list)
#: Byte order marks, zero-width blanks and marks of direction.
_UNSEEN = dict.fromkeys([*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF, 0xAD, 0xA0, 0])
_WRAPPED = re.compile(r"""=?["'`’‘“”]+\s*(\w[\w:./-]*?)\s*["'`’‘“”]*|=(\d+)""")
_NAMED = re.compile(
    r"(?:id|tweet|tweet_?id|status|status_?id|twitter|post_?id|x|t)[_:#/ -]{1,2}(\d{8,20})|#(\d{8,20})|(\d{15,20})[ln]"
    r"|x(\d{9,20})",  # as R's rtweet saves them
    re.ASCII | re.IGNORECASE,
)
_ON_X = re.compile(
    r"https?://(?:www\.|mobile\.|m\.)?(?:twitter|x)\.com/[^/\s]+(?:/web)?/status(?:es)?/(\d{1,20})(?!\d)", re.IGNORECASE
)
# A handle within its address, or behind a display name: `Ada (@ada)`.
_WRITTEN_HANDLE = re.compile(
    r"https?://(?:www\.|mobile\.|m\.)?(?:twitter|x)\.com/@?(\w{1,20})(?:[/?#].*)?|[^@()]*\(@(\w{1,20})\)",
    re.ASCII | re.IGNORECASE,
)
_GROUPED = re.compile(r"\d{1,3}([,.'’_  \u202f])\d{3}(?:\1\d{3}){3,}")


_BETWEEN = re.compile(r"[\s_\-\u200b\u2060\ufeff]+|(?<=[iİ])\u0307")  # also the dot that is left of a small İ


def plain_name(name: str) -> str:
    """A column's name as it is compared."""
    if not name.isascii():
        name = normalize("NFC", name)
    return _BETWEEN.sub("", name.casefold())


def of_address(url: str) -> tuple[str | None, str | None]:
    """The id of a post on X and the handle of its author, as its address says; None for what it doesn't say."""
    match = _ON_X.match(url)
    if not match:
        return None, None
    name = url[: match.start(1)].split("/")[3]
    return match[1], None if name.casefold() in ("i", "web", "statuses", "anyuser") else name


_BY_FIELD = {f: tuple(plain_name(n) for n in names) for f, names in _ALL_SYNONYMS.items()}
#: What a column of times may be called, as it is compared.
TIMES = frozenset(_BY_FIELD["created_at"])
#: Every name of a field, as it is compared.
NAMES = frozenset(name for names in _BY_FIELD.values() for name in names)
_TWEET_PLAIN = frozenset(plain_name(n) for n in _TWEET_NAMES)


def recognise(names: Iterable[str]) -> dict[str, str]:
    """Field → the name among `names` that stands for it; a name serves one field."""
    known: dict[str, str] = {}
    for name in names:
        known.setdefault(plain_name(name), name)
    taken: dict[str, str] = {}
    for field, candidates in _BY_FIELD.items():
        for candidate in candidates:
            name = known.get(candidate)
            if name is not None and name not in taken.values():
                taken[field] = name
                break
    if "author_name" in taken and "author" not in taken and plain_name(taken["author_name"]) == "username":
        taken["author"] = taken.pop("author_name")
    if "author" not in taken and plain_name(taken.get("author_name", "")) == "name":
        del taken["author_name"]  # a lone `name` may be of anything
    return taken


def speaks_of_tweets(names: Iterable[str]) -> bool:
    """Whether columns of these names are about tweets."""
    return any(plain_name(name) in _TWEET_PLAIN for name in names)


def check_mapping(columns: Mapping[str, str]) -> dict[str, str]:
    """`--map` with `is_retweet` called `is_repost`. Raises `UsageError` for a field that doesn't exist."""
    checked = {}
    for field, column in columns.items():
        if field not in MAPPABLE:
            hint = did_you_mean(field, MAPPABLE)
            raise UsageError(f"--map {field}={column}: there is no field '{field}'.{hint}")
        checked["is_repost" if field == "is_retweet" else field] = column
    return checked


def something(value: Any) -> Any:
    """The value, a text without blanks around it; None for what stands for nothing."""
    if value is None:  # most values of most records
        return None
    if isinstance(value, str):
        value = value.strip()
        return None if len(value) < 5 and (value.casefold() in _NOTHING or value == "NA") else value  # `NA` is R's
    if isinstance(value, float) and value != value:
        return None
    return value


def word(value: Any) -> str | None:
    """A short text without blanks around it; None for nothing and for what isn't text."""
    return something(value) if isinstance(value, str) else None


def identifier(value: Any) -> str | None:
    """An id as text. One that a spreadsheet made a number of stays as it stands: `5.70306E+17`."""
    if type(value) is str and value.isdecimal() and value.isascii():
        return value
    if type(value) is int and value >= 0:
        return str(value)
    value = something(value)
    if value is None or isinstance(value, _NO_NAME):
        return None
    text = str(value)
    return text if text.isdecimal() and text.isascii() else _bare_identifier(text)


def _bare_identifier(text: str) -> str | None:
    """An id without what was put around it to save it from a spreadsheet: `="176…"`, `'176…`, `ID_176…`, `176…n`."""
    if not (text.isascii() and text.isprintable()):
        text = text.translate(_UNSEEN)
    bare = text[:1].isdecimal() and text[-1:] not in "lnLN"  # nothing stands around it
    if not bare and (
        (match := _WRAPPED.fullmatch(text)) or (match := _NAMED.fullmatch(text)) or (match := _ON_X.match(text))
    ):
        text = next(filter(None, match.groups()))
    elif _GROUPED.fullmatch(text):
        text = re.sub(r"\D", "", text)
    if not text.isascii() and text.isdecimal():
        text = "".join(str(decimal(digit)) for digit in text)
    whole, _, fraction = text.partition(".")
    if fraction == "0" and whole.isdecimal() and len(whole) < 20 and int(whole) < _EXACT_FLOAT:
        return whole  # pandas writes a column of ids with gaps as floats; below 2⁵³ nothing was lost
    return text or None


def reference(value: Any) -> str | None:
    """The id of another post or account; None where it went through a float and names nobody."""
    text = None if value is None else identifier(value)
    if text is None or text in ("0", "-1"):
        return None
    return text if text.isdecimal() or not (text[0] in "[{" or _FLOAT.fullmatch(text)) else None


def whole_number(value: Any) -> int | None:
    """A count; also one that pandas wrote as a float (`12.0`)."""
    if type(value) is int or value is None:
        return count(value)
    if type(value) is str and len(value) < 16 and value.isdecimal() and value.isascii():
        return int(value)
    value = something(value)
    return count(value.removesuffix(".0") if isinstance(value, str) else value)


def yes_or_no(value: Any) -> bool | None:
    """A flag, also as `1.0`, `yes` or `t`."""
    if value is None or value is True or value is False:
        return value
    value = something(value)
    if isinstance(value, str):
        short = value.casefold().removesuffix(".0")
        value = _YES_OR_NO.get(short, short)
    if isinstance(value, float) and value in (0.0, 1.0):
        value = bool(value)
    return flag(value)


def handle(value: Any) -> str | None:
    """A handle without its `@`; also out of a user that pandas wrote as a Python dict."""
    text = something(value)
    if text is None or isinstance(text, _NO_NAME):
        return None
    if not isinstance(text, str):
        return str(text)
    if text[:1] in "{[":
        text = from_dict_text(text, "username") or from_dict_text(text, "screen_name") or text
        if text in ("[]", "{}"):
            return None
    if not text.isascii() or "/" in text or "(" in text:
        text = text.translate(_UNSEEN).strip()
        if written := _WRITTEN_HANDLE.fullmatch(text):
            text = next(filter(None, written.groups()))
    return text.removeprefix("@").removeprefix("＠") or None


def client(value: Any) -> str | None:
    """Name of an application, without markup."""
    return client_name(word(value))


_CLEAN: dict[str, Callable[[Any], Any]] = {
    "text": lambda value: value,
    "id": identifier,
    "author": handle,
    "reply_to_author": handle,
    "client": client,
    REPLY_TO_AUTHOR_ID: something,
    **dict.fromkeys(("author_name", "lang", "url", "platform"), word),
    **dict.fromkeys(_REFERENCES, reference),
    **dict.fromkeys(_COUNTS, whole_number),
    **dict.fromkeys(_FLAGS, yes_or_no),
}


def row_of(values: Mapping[str, Any], order: DateOrder | TimeColumn | None) -> dict[str, Any]:
    """Values by field, as a row of the raw schema; `text` is taken as it is, the rest is made to fit or None.

    `order` says whether the day or the month stands first in dates like `02-03-2020`.
    """
    row: dict[str, Any] = {}
    answered = values.get("reply_to")
    if isinstance(answered, str) and answered[:2] == "[{" and "reply_to_author" not in values:
        values = {**values, "reply_to_author": answered}  # Twint names those who are answered, as pandas writes it
    for name, value in values.items():
        if value is None or (value == "" and name != "text"):
            row[name] = None
        elif name == "created_at":
            row[name] = written_time(something(value), order)
        else:
            row[name] = _CLEAN[name](value)
    for flag_name, telling in _TELLING.items():
        for name in telling:
            value = values.get(name)
            if value is not None and value != "" and something(value) not in _TELLS_NOTHING:
                row[flag_name] = True  # whatever a flag says: it names the post that it answers or passes on
                break
        else:
            if telling[0] in values and row.get(flag_name) is None:
                row[flag_name] = False
    if row.get("is_repost"):
        row["is_quote"], row["quote_of"] = False, None  # what it names is what the reposted post quotes
    return row


#: Also a list of pandas without anything in it.
_TELLS_NOTHING = (None, "0", 0, "[]", "{}", [], {})
#: What tells of a flag. Where the first is a column of the file, an empty cell means that it is not so.
_TELLING = {
    "is_repost": ("repost_of",),
    "is_reply": ("reply_to", "reply_to_author", REPLY_TO_AUTHOR_ID),
    "is_quote": ("quote_of",),
}

_DICT_TEXT = r"""['"]{}['"]:\s*('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\d+)"""
_DICT_KEYS = {k: re.compile(_DICT_TEXT.format(k), re.DOTALL) for k in ("username", "screen_name", "displayname", "id")}


def from_dict_text(text: str, key: str) -> str | None:
    """The first `key` in a Python dict that pandas wrote as text, `"{'username': 'ada', …}"`.

    Only the value's own literal is read, so that nothing in the text (calls such as `datetime.datetime(…)`,
    nesting, mere length) can run or break anything. `key` is one of `username`, `screen_name`, `displayname`, `id`.
    """
    match = _DICT_KEYS[key].search(text[:65_536])
    if not match:
        return None
    literal = match[1]
    try:
        return str(ast.literal_eval(literal)) if literal[0] in "'\"" else literal
    except (ValueError, SyntaxError):
        return None
