"""The values of tables and plain JSON, made to fit the columns of the raw schema.

What people's tools write for *nothing* (`nan`, `None`, `null`, an empty cell) is None in every column but the text:
somebody may have posted the word "nan".
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from typing import Any
from unicodedata import decimal

from curation.sources.records.any_json import as_count, as_flag
from curation.sources.records.dates import TimeColumn, written_time
from curation.sources.records.field_names import REPLY_TO_AUTHOR_ID, yes_no_words
from curation.sources.records.tweets import client_name
from curation.sources.records.unsettled import DateOrder
from curation.writing.characters import INVISIBLE, without_invisible

_NOTHING = frozenset({"", "nan", "none", "null", "<na>", "nat", "n/a", "#n/a"})
#: Fields that hold counts, and fields that hold yes or no.
COUNTS = frozenset({"like_count", "repost_count", "reply_count", "quote_count", "view_count"})
FLAGS = frozenset({"is_repost", "is_reply", "is_quote", "is_deleted", "is_sensitive"})
_REFERENCES = ("repost_of", "reply_to", "quote_of", "conversation_id", "community", "author_id")
_FLOAT = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eE][+-]?\d+|[+-]?\d+\.\d+", re.ASCII)
_EXACT_FLOAT = 2**53
#: What a number too large for a double became.
_ENDLESS = (float("inf"), float("-inf"))
#: Types that are no id and no name.
_NO_NAME = (bool, dict, list)
#: What may stand unseen around or within an id, besides the invisible characters.
_BLANKS = dict.fromkeys((0xA0, 0))
#: Unseen characters around a handle; within one that isn't Latin they stay, since a name is what somebody wrote.
_AROUND_HANDLES = re.compile(rf"^[{INVISIBLE}\0\s]+|[{INVISIBLE}\0\s]+$")
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


def of_address(url: str) -> tuple[str | None, str | None]:
    """The id of a post on X and the handle of its author, out of its address; None for what it doesn't say."""
    match = _ON_X.match(url)
    if not match:
        return None, None
    name = url[: match.start(1)].split("/")[3]
    return match[1], None if name.casefold() in ("i", "web", "statuses", "anyuser") else name


def something(value: Any) -> Any:
    """The value, a text without blanks around it; None for what means nothing."""
    if value is None:  # most values of most records
        return None
    if isinstance(value, str):
        value = value.strip()
        return None if len(value) < 5 and (value.casefold() in _NOTHING or value == "NA") else value  # `NA` is R's
    if isinstance(value, float) and value != value:
        return None
    return value


def word(value: Any) -> str | None:
    """A short text without blanks around it; None for nothing and for anything but text."""
    return something(value) if isinstance(value, str) else None


def id_text(value: Any) -> str | None:
    """An id as text. One that a spreadsheet made a number of stays as it is: `5.70306E+17`."""
    if type(value) is str and value.isdecimal() and value.isascii():
        return value
    if type(value) is int and value >= 0:
        return str(value)
    value = something(value)
    if value is None or isinstance(value, _NO_NAME) or value in _ENDLESS:
        return None
    text = str(value)
    return text if text.isdecimal() and text.isascii() else _bare_identifier(text)


def _bare_identifier(text: str) -> str | None:
    """An id without what was put around it to save it from a spreadsheet: `="176…"`, `'176…`, `ID_176…`, `176…n`."""
    if not (text.isascii() and text.isprintable()):
        text = without_invisible(text).translate(_BLANKS)
    bare = text[:1].isdecimal() and text[-1:] not in "lnLN"  # nothing is around it
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
    """The id of another post or account; None if it went through a float and names nobody."""
    text = None if value is None else id_text(value)
    if text is None or text in ("0", "-1"):
        return None
    return text if text.isdecimal() or not (text[0] in "[{" or _FLOAT.fullmatch(text)) else None


def whole_number(value: Any) -> int | None:
    """A count; also one that pandas wrote as a float (`12.0`)."""
    if type(value) is int or value is None:
        return as_count(value)
    if type(value) is str and len(value) < 16 and value.isdecimal() and value.isascii():
        return int(value)
    value = something(value)
    return as_count(without_invisible(value).removesuffix(".0") if isinstance(value, str) else value)


def count_under(record: Mapping[str, Any], *keys: str) -> int | None:
    """The first count under one of these keys."""
    return next((count for key in keys if (count := whole_number(record.get(key))) is not None), None)


def yes_or_no(value: Any) -> bool | None:
    """A flag, also as `1.0`, `yes` or `t`."""
    if value is None or value is True or value is False:
        return value
    value = something(value)
    if isinstance(value, str):
        short = value.casefold().removesuffix(".0")
        value = yes_no_words().get(short, short)
    if isinstance(value, float) and value in (0.0, 1.0):
        value = bool(value)
    return as_flag(value)


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
        text = _AROUND_HANDLES.sub("", text)
        text = bare if (bare := without_invisible(text)).isascii() else text
        if written := _WRITTEN_HANDLE.fullmatch(text):
            text = next(filter(None, written.groups()))
    return text.removeprefix("@").removeprefix("＠") or None


_CLEAN: dict[str, Callable[[Any], Any]] = {
    "text": lambda value: value,
    "id": id_text,
    "author": handle,
    "reply_to_author": handle,
    "client": lambda value: client_name(word(value)),
    REPLY_TO_AUTHOR_ID: something,
    **dict.fromkeys(("author_name", "lang", "url", "platform"), word),
    **dict.fromkeys(_REFERENCES, reference),
    **dict.fromkeys(COUNTS, whole_number),
    **dict.fromkeys(FLAGS, yes_or_no),
}


def row_of(values: Mapping[str, Any], order: DateOrder | TimeColumn | None) -> dict[str, Any]:
    """Values by field, as a row of the raw schema; `text` stays as it is, the rest is made to fit or None.

    `order` is what comes first in dates like `02-03-2020`.
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
                row[flag_name] = True  # it names the post that it answers or passes on, whatever a flag says
                break
        else:
            if telling[0] in values and row.get(flag_name) is None:
                row[flag_name] = False
    if row.get("is_repost"):
        row["is_quote"], row["quote_of"] = False, None  # what it names is what the reposted post quotes
    return row


#: Also an empty list of pandas.
_TELLS_NOTHING: tuple[object, ...] = (None, "0", 0, "[]", "{}", [], {})
#: The fields that show a flag. If the first is a column of the file, an empty cell means no.
_TELLING = {
    "is_repost": ("repost_of",),
    "is_reply": ("reply_to", "reply_to_author", REPLY_TO_AUTHOR_ID),
    "is_quote": ("quote_of",),
}

_DICT_TEXT = r"""['"]{}['"]:\s*('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\d+)"""
_DICT_KEYS = {k: re.compile(_DICT_TEXT.format(k), re.DOTALL) for k in ("username", "screen_name", "displayname", "id")}


def from_dict_text(text: str, key: str) -> str | None:
    """The first `key` in a Python dict that pandas wrote as text, `"{'username': 'ada', …}"`.

    Only the value's own literal is read, so nothing in the text (calls such as `datetime.datetime(…)`, nesting, mere
    length) can run or break anything. `key` is one of `username`, `screen_name`, `displayname`, `id`.
    """
    match = _DICT_KEYS[key].search(text[:65_536])
    if not match:
        return None
    literal = match[1]
    try:
        return str(ast.literal_eval(literal)) if literal[0] in "'\"" else literal
    except (ValueError, SyntaxError):
        return None
