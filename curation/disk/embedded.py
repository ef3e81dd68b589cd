"""Posts that a record holds besides its own: a post that was reposted, quoted or answered.

The column `raw` keeps a post's original record, and many platforms put other people's whole posts into it. Forgetting
must find them there. No dialect is known by name here: a post in a record is an object with a text and an author or id,
wherever it stands. An object under a key such as `retweeted_status` or `reblog` was passed on unchanged.

>>> found = embedded('{"id": "2", "reblog": {"id": "1", "content": "<p>Fog</p>", "account": {"acct": "mira"}}}')
>>> found.ids, found.handles, found.passed_on
(['1'], ['mira'], ['mira'])
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import duckdb
import orjson
import pyarrow as pa
from duckdb.func import ARROW as OVER_ARROW
from duckdb.func import SPECIAL

#: The function in SQL, and its type.
FUNCTION = "embedded_posts"
RETURNS = "STRUCT(ids VARCHAR[], handles VARCHAR[], passed_on VARCHAR[])"
ARROW = pa.struct([(name, pa.list_(pa.string())) for name in ("ids", "handles", "passed_on")])

#: Keys of a post that was passed on.
PASSED_ON = frozenset({"retweeted_status", "retweeted_status_result", "retweetedTweet", "retweeted_tweet", "reblog"})
TEXTS = frozenset({"text", "full_text", "rawContent", "content", "legacy", "record", "value", "note_tweet"})
AUTHORS = ("user", "author", "account", "core")
#: Keys of the handle, and of objects around it.
HANDLES = ("screen_name", "username", "userName", "acct", "handle")
WRAPPED_IN = ("user_results", "result", "legacy", "core", "user")
IDS = ("id_str", "rest_id", "id", "uri")

#: A pattern for Python and SQL. A record without any of these holds no other post, so most records are never parsed.
HINT = (
    '"(?:retweeted_status|retweetedTweet|retweeted_tweet|quoted|quote"|reblog"|reason"|reply"|inReplyTo|includes"'
    '|referenced_tweets"|record"|embed"|parent"|root"|Announce")'
)
ACTOR = re.compile(r"https?://([^/\s]+)/(?:users/|@)([^/\s@]+)")
#: What holds values of a record.
NESTED = (dict, list)
#: Most objects and lists of one record that are read; a record with more is no post.
MOST = 20_000


@dataclass
class Embedded:
    """The posts in a record, its own among them."""

    ids: list[str] = field(default_factory=list)
    handles: list[str] = field(default_factory=list)  # of the authors of all posts in it
    passed_on: list[str] = field(default_factory=list)  # of the authors of those that were passed on


def embedded(raw: str) -> Embedded:
    """The posts in a record; none in a record that can't be read."""
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
    """Register `embedded_posts(raw)` with a connection."""
    # A lambda: DuckDB would evaluate annotations, whose names are unknown there.
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
            waiting += [(item, passed_on) for item in value if isinstance(item, NESTED)]
        elif isinstance(value, dict):
            yield value, passed_on or value.get("type") == "retweeted"
            reason = value.get("reason")
            reposted = isinstance(reason, dict) and "epost" in str(reason.get("$type"))
            for key, item in value.items():
                if isinstance(item, NESTED):
                    inner = key in WRAPPED_IN or key == "tweet"  # the same post; a quote in a repost is another one
                    within = key in PASSED_ON or (reposted and key == "post") or (passed_on and inner)
                    waiting.append((item, within))


def _posts(objects: list[tuple[dict[str, Any], bool]]) -> Iterator[tuple[dict[str, Any], bool]]:
    for value, passed_on in objects:
        announced = value.get("object") if value.get("type") == "Announce" else None
        if isinstance(announced, str):
            yield {"id": announced, "author": announced}, True
        elif TEXTS & value.keys() and any(key in value for key in (*IDS, "author_id", *AUTHORS)):
            yield value, passed_on


def _users(objects: list[tuple[dict[str, Any], bool]]) -> Iterator[tuple[str, str]]:
    """Handles by user id, for forms that list users apart from posts."""
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
