"""People that a file keeps apart from the posts: `{"tweets": {…}, "users": {"12": {"username": …}}}`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from curation.sources.records.field_names import plain_field_name
from curation.sources.records.fields import handle, id_text, word

#: People that are kept, and levels that are searched for them.
MOST, _DEEPEST = 500_000, 4

_HANDLES = ("screen_name", "username", "handle", "acct", "login", "nick", "unique_id", "user_name")
_NAMES = ("display_name", "displayname", "full_name", "name", "nickname")
_IDS = ("id_str", "id", "user_id", "rest_id", "pk", "uid", "did", "_id")
#: Keys of a post that no profile has.
_OF_POSTS = frozenset(map(plain_field_name, ("text", "full_text", "content", "raw_content", "tweet_id")))


class People(dict[str, dict[str, Any]]):
    """Id → a person's `id`, `username` and `name`."""

    def add_beside(self, keys: tuple[Any, ...], value: Any) -> None:
        """Take a value beside the posts, if it is a person."""
        if isinstance(value, dict):
            self._add(keys[-1] if keys else None, value)

    def add_from(self, fields: Mapping[str, Any]) -> None:
        """Take the people out of lists and maps among these fields."""
        for value in fields.values():
            for key, person in _objects(value, 0):
                self._add(key, person)

    def author_of(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Columns about the author of a row that names only an id, as far as the file has them."""
        held = row.get("author")
        person = self.get(str(held)) if held else self.get(str(row.get("author_id")))
        if not person:
            return {}
        columns = {"author": person["username"], "author_name": row.get("author_name") or person["name"]}
        return columns | {"author_id": row.get("author_id") or person["id"]}

    def _add(self, key: Any, person: Mapping[str, Any]) -> None:
        names = {plain_field_name(name): value for name, value in list(person.items())[:200] if isinstance(name, str)}
        called = _first(names, _HANDLES) or (_first(names, _NAMES) if isinstance(key, str) else None)
        if not handle(called) or _OF_POSTS & names.keys() or len(self) >= MOST:
            return
        ids = {id_text(_first(names, (name,))) for name in _IDS} | ({key} if isinstance(key, str) else set())
        columns = {"username": handle(called), "name": word(_first(names, _NAMES)), "id": id_text(_first(names, _IDS))}
        for one in ids:
            if one is not None:
                self.setdefault(one, columns)


def _objects(value: Any, depth: int) -> Iterator[tuple[Any, Mapping[str, Any]]]:
    if depth > _DEEPEST:
        return
    held = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in held:
        if isinstance(inner, dict):
            yield key, inner
        if isinstance(inner, dict | list):
            yield from _objects(inner, depth + 1)


def _first(names: Mapping[str, Any], keys: tuple[str, ...]) -> Any:
    return next(
        (names[plain_field_name(n)] for n in keys if isinstance(names.get(plain_field_name(n)), str | int)), None
    )
