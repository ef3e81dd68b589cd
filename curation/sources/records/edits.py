"""Versions of an edited post on X: which one was the first.

X gives every version an id of its own. Each version's record lists the versions of the time of its download, oldest
first, under another name in each form: `edit_info` in archives, `edit_control` in GraphQL, `edit_history_tweet_ids` in
API v2. A post that was never edited lists itself alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

#: Names of the id of the first version, of the list of all, and of the objects that may hold them.
_FIRST = ("initialTweetId", "initial_tweet_id")
_LISTS = ("editTweetIds", "edit_tweet_ids", "edit_history_tweet_ids", "editHistoryTweetIds")
_AROUND = (
    "edit_info", "editInfo", "initial", "edit", "edit_control", "editControl", "editControlInitial",
    "edit_control_initial",
)  # fmt: skip
_DEEPEST = 4
#: Keys of tweets that say something of their versions.
MARKS_OF_EDITS = frozenset((*_FIRST, *_LISTS, *_AROUND))


def first_version(tweet: Mapping[str, Any], post_id: str | None) -> str | None:
    """The id of the first version of a post that was edited; None for one that was not. Never raises.

    >>> first_version({"edit_history_tweet_ids": ["41", "43"]}, "43"), first_version({"edit_control": {}}, "43")
    ('41', None)
    """
    if MARKS_OF_EDITS.isdisjoint(tweet):  # as of nearly all posts
        return None
    first, versions = None, []
    for name, value in _named(tweet, _DEEPEST):
        if name in _FIRST:
            first = first or _id(value)
        elif isinstance(value, list):
            versions += [one for one in map(_id, value) if one]
    first = first or min(versions, key=lambda one: (len(one), one), default=None)
    return first if first and (first != post_id or len({*versions}) > 1) else None


def _named(record: Any, depth: int) -> Iterator[tuple[str, Any]]:
    if not isinstance(record, dict):
        return
    for name in (*_FIRST, *_LISTS):
        if name in record:
            yield name, record[name]
    if depth:
        for name in _AROUND:
            if name in record:
                yield from _named(record[name], depth - 1)


def _id(value: Any) -> str | None:
    """An id; None for anything else, and for one that went through a float."""
    text = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return text if text.isascii() and text.isdigit() and text.strip("0") else None
