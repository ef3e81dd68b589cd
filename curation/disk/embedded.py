"""Posts that a record holds besides its own: the one that was passed on, quoted or answered.

A post's original record is kept as it came (the column `raw`), and many platforms put other people's whole posts
into it. Whoever wants one of those forgotten must find it there. Nothing here knows the dialects by name: a post in
a record is an object that has a text and says whose or which it is, wherever it stands. What stands under a key such as
`retweeted_status` or `reblog` was passed on unchanged.

>>> found = embedded('{"id": "2", "reblog": {"id": "1", "content": "<p>Fog</p>", "account": {"acct": "mira"}}}')
>>> found.ids, found.handles, found.passed_on
(['1'], ['mira'], ['mira'])
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson
import pyarrow as pa
from duckdb.func import ARROW as OVER_ARROW
from duckdb.func import SPECIAL

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

#: The word in SQL, and what it gives.
FUNCTION = "embedded_posts"
RETURNS = "STRUCT(ids VARCHAR[], handles VARCHAR[], passed_on VARCHAR[])"
ARROW = pa.struct([(name, pa.list_(pa.string())) for name in ("ids", "handles", "passed_on")])

#: Under these stands the post that was passed on.
PASSED_ON = frozenset({"retweeted_status", "retweeted_status_result", "retweetedTweet", "retweeted_tweet", "reblog"})
TEXTS = frozenset({"text", "full_text", "rawContent", "content", "legacy", "record", "value", "note_tweet"})
AUTHORS = ("user", "author", "account", "core")
#: Where the handle stands, and what it may be wrapped in.
HANDLES = ("screen_name", "username", "userName", "acct", "handle")
WRAPPED_IN = ("user_results", "result", "legacy", "core", "user")
IDS = ("id_str", "rest_id", "id", "uri")

#: A pattern for Python and SQL. A record without any of these holds no other post; most are never taken apart.
HINT = (
    '"(?:retweeted_status|retweetedTweet|retweeted_tweet|quoted|quote"|reblog"|reason"|reply"|inReplyTo|includes"'
    '|referenced_tweets"|record"|embed"|parent"|root"|Announce")'
)
ACTOR = re.compile(r"https?://([^/\s]+)/(?:users/|@)([^/\s@]+)")
#: Objects and lists of one record that are looked at: what holds more is no post.
MOST = 20_000


@dataclass
class Embedded:
    """What was found in a record, its own post among it."""

    ids: list[str] = field(default_factory=list)
    handles: list[str] = field(default_factory=list)  # of the authors of all posts in it
    passed_on: list[str] = field(default_factory=list)  # of the authors of those that were passed on


def embedded(raw: str) -> Embedded:
    """The posts in a record. Never raises: what can't be read holds none that can be told."""
    posts = Embedded()
    if not re.search(HINT, raw):
        return posts
    try:
        record = orjson.loads(raw)
    except ValueError:
        try:
            record = json.loads(raw)  # numbers beyond 64 bits, halves of surrogate pairs
        except (ValueError, RecursionError):
            return posts
    objects = list(_objects(record))
    names = dict(_users(objects))
    for post, passed_on in _posts(objects):
        posts.ids += [_text(post[key]) for key in IDS if isinstance(post.get(key), str | int)]
        handles = list(_handles(post, names))
        posts.handles += handles
        if passed_on:
            posts.passed_on += handles
    return posts


def register(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `embedded_posts(raw)` known to a connection."""
    # A lambda: DuckDB would evaluate annotations, and here their names are unknown.
    connection.create_function(
        FUNCTION,
        lambda records: pa.array([vars(embedded(raw or "")) for raw in records.to_pylist()], ARROW),
        ["VARCHAR"],
        RETURNS,
        type=OVER_ARROW,
        null_handling=SPECIAL,
    )


def _objects(record: Any) -> Iterator[tuple[dict[str, Any], bool]]:
    """Every object in a record, and whether it was passed on."""
    waiting: list[tuple[Any, bool]] = [(record, False)]
    for _ in range(MOST):
        if not waiting:
            return
        value, passed_on = waiting.pop()
        if isinstance(value, list):
            waiting += [(item, passed_on) for item in value if isinstance(item, dict | list)]
        elif isinstance(value, dict):
            yield value, passed_on or value.get("type") == "retweeted"
            reason = value.get("reason")
            reposted = isinstance(reason, dict) and "epost" in str(reason.get("$type"))
            for key, item in value.items():
                if isinstance(item, dict | list):
                    within = key in PASSED_ON or (reposted and key == "post") or (passed_on and _inner(key))
                    waiting.append((item, within))


def _inner(key: str) -> bool:
    """Whether what stands under `key` is part of the same post still: a quote within a repost is another's."""
    return key in WRAPPED_IN or key == "tweet"


def _posts(objects: list[tuple[dict[str, Any], bool]]) -> Iterator[tuple[dict[str, Any], bool]]:
    for value, passed_on in objects:
        announced = value.get("object") if value.get("type") == "Announce" else None
        if isinstance(announced, str):
            yield {"id": announced, "author": announced}, True
        elif TEXTS & value.keys() and any(key in value for key in (*IDS, "author_id", *AUTHORS)):
            yield value, passed_on


def _users(objects: list[tuple[dict[str, Any], bool]]) -> Iterator[tuple[str, str]]:
    """Handles by the ids of their users, for forms that list users apart from posts."""
    for value, _ in objects:
        handle, of = value.get("username"), value.get("id")
        if isinstance(handle, str) and isinstance(of, str | int):
            yield _text(of), _text(handle)


def _handles(post: dict[str, Any], names: dict[str, str]) -> Iterator[str]:
    by_id = post.get("author_id")
    if isinstance(by_id, str | int) and _text(by_id) in names:
        yield names[_text(by_id)]
    waiting = [post[key] for key in AUTHORS if key in post]
    for _ in range(12):
        if not waiting:
            return
        user = waiting.pop()
        if isinstance(user, str):
            yield _text(user.removeprefix("@"))
            waiting += [{"acct": f"{name}@{host}"} for host, name in ACTOR.findall(user)]
        elif isinstance(user, dict):
            yield from (_text(user[key].removeprefix("@")) for key in HANDLES if isinstance(user.get(key), str))
            waiting += [user[key] for key in WRAPPED_IN if isinstance(user.get(key), dict)]
            waiting += [user[key] for key in ("url", "uri") if isinstance(user.get(key), str)]


def _text(value: str | int) -> str:
    return str(value).encode("utf-8", "replace").decode()
