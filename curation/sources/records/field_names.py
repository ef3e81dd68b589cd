"""What tables and plain JSON call the columns of the raw schema, in any spelling and language.

The names are in `field_names.toml`. They are compared without case, blanks, `_` and `-`, so that `Tweet_ID`,
`tweetId` and `tweet id` are one.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any
from unicodedata import normalize

from curation.errors import UsageError, did_you_mean
from curation.posts import POST_COLUMNS, PROVENANCE
from curation.writing.characters import INVISIBLE

#: Not a column of the raw schema, but it tells that a post is a reply.
REPLY_TO_AUTHOR_ID = "reply_to_author_id"
#: What `--map` may name: the raw schema's columns, and the old word for a repost.
MAPPABLE = frozenset({c.name for c in POST_COLUMNS} - PROVENANCE - {"text_format"} | {"is_retweet", REPLY_TO_AUTHOR_ID})

_BETWEEN = re.compile(rf"[\s_\-{INVISIBLE}]+|(?<=[iİ])\u0307")  # also the dot that is left of a small İ


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("field_names.toml").read_text("utf-8"))


def synonyms() -> dict[str, list[str]]:
    """Names of each field, the likeliest first, without those in other languages."""
    names: dict[str, list[str]] = _table()["synonyms"]
    return names


@cache
def yes_no_words() -> dict[str, bool]:
    """The words for yes and no in cells, in lower case."""
    return {word: meaning == "yes" for meaning, words in _table()["flags"].items() for word in words}


@cache
def names_by_field() -> dict[str, tuple[str, ...]]:
    """Every name of each field as `plain_field_name` writes it, the likeliest first."""
    all_names = {field: names + _table()["localised"].get(field, []) for field, names in synonyms().items()}
    all_names[REPLY_TO_AUTHOR_ID] = ["in_reply_to_user_id", "in_reply_to_user_id_str", "reply_to_user_id"]
    return {field: tuple(map(plain_field_name, names)) for field, names in all_names.items()}


def plain_field_name(name: str) -> str:
    """A column's name as it is compared."""
    if not name.isascii():
        name = normalize("NFC", name).replace("ı", "i")  # Turkish capitals lose the difference in most programs
    return _BETWEEN.sub("", name.casefold())


def recognise_fields(names: Iterable[str]) -> dict[str, str]:
    """Field → the name among `names` that stands for it; a name serves one field."""
    by_plain_name: dict[str, str] = {}
    for name in names:
        by_plain_name.setdefault(plain_field_name(name), name)
    taken: dict[str, str] = {}
    for field, candidates in names_by_field().items():
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
    return not _tweet_names().isdisjoint(map(plain_field_name, names))


@cache
def _tweet_names() -> frozenset[str]:
    return frozenset(map(plain_field_name, _table()["tweets"]))


def check_mapping(columns: Mapping[str, str]) -> dict[str, str]:
    """`--map` with `is_retweet` called `is_repost`. Raises `UsageError` for a field that doesn't exist."""
    checked = {}
    for field, column in columns.items():
        if field not in MAPPABLE:
            hint = did_you_mean(field, MAPPABLE)
            raise UsageError(f"--map {field}={column}: there is no field '{field}'.{hint}")
        checked["is_repost" if field == "is_retweet" else field] = column
    return checked
