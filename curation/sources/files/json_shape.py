"""Where the posts of JSON documents lie: at the path where most objects are recognised, searched from outside in.

Other programs wrap posts: `{"records": […]}`, `{"data": {"posts": […]}}`, a map keyed by id, an object around each
post. Where a dialect or the plain names recognise the objects at a path, the search ends, since posts hold posts
(quotes, replies, reposts). One object with nothing of a post but a `message` doesn't end it.

Likes, bookmarks and drafts are read only if there is nothing else, and private messages never.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, Literal

from curation.sources.dialects import NO_POSTS, best_of
from curation.sources.dialects.plain import fields_by_key
from curation.sources.files.ids_only import is_id, objects_are_ids, text_share
from curation.sources.files.json_paths import ANY, CELL, DECODED, EACH, Around, Path, decoded_text, relative, value_of
from curation.sources.files.private import private_path, private_records
from curation.sources.records.field_names import recognise_fields

#: The values at a path: objects; texts by themselves; rows of cells, or one object of columns.
Kind = Literal["objects", "texts", "rows", "columns", "ids", "private"]

#: Values of one path that are looked at, levels that are entered, keys of an object, paths of a document.
_LOOKED_AT, _DEEPEST, _MOST_KEYS, _MOST_PATHS = 200, 10, 300, 2000
#: The share of the objects at a path that must be recognised.
_SHARE = 0.3

_FOREIGN = re.compile(
    r"like|favou?rit|bookmark|saved|mention|quoted|includes|draft|notification|search|trash|suggest|recommend|^ads?$",
    re.IGNORECASE,
)
#: A key whose list holds others' posts, or posts that were never sent.
_NOT_ONES_OWN = re.compile(
    r"(?:[Mm]y_?)?(?:[Ll]iked?s?|[Ff]avou?rit[a-z]*|[Bb]ookmark[a-z]*|[Ss]aved|[Dd]rafts?)(?![a-z])"
)
_OWN = re.compile(
    r"post|tweet|toot|status|repl|comment|thread|note|skeet|reel|update|record|item|data|result|row|entr", re.IGNORECASE
)
_INDEX = re.compile(r"\d{1,9}")
_ID_KEY = re.compile(r"(?=.*\d)[\w.:/@#+=-]{1,200}", re.ASCII)
#: Fields that distinguish a post from an object that only has a message.
_TELLING = frozenset({"id", "author", "author_id", "created_at"})
_WEAK_TEXTS = frozenset({"message", "body", "post"})

#: A value at a path, and the objects around it.
Placed = tuple[Any, Around]


@dataclass(frozen=True)
class Candidate:
    """A path at which something is recognised."""

    path: Path
    kind: Kind
    values: Sequence[Any]
    around: Sequence[Around] = ()
    scores: Mapping[str, float] = field(default_factory=dict)
    header: tuple[str, ...] = ()  # of rows, unless the first of them has the names

    @property
    def name(self) -> str | None:
        """The dialect, or one of `NO_POSTS`."""
        scores = {n: s for n, s in self.scores.items() if n not in NO_POSTS} or self.scores
        return max(scores, key=lambda n: scores[n]) if scores else None

    @property
    def has_posts(self) -> bool:
        """Whether there are posts to read."""
        return self.kind not in ("ids", "private") and self.name is not None and self.name not in NO_POSTS

    @property
    def foreign(self) -> bool:
        """Whether the path says that these are others' posts, or posts that were never sent."""
        return any(isinstance(step, str) and bool(_FOREIGN.search(step)) for step in self.path)

    @property
    def not_ones_own(self) -> str | None:
        """The key that says so; None for posts of one's own, as far as the path tells."""
        return next((key for key in _keys(self.path) if _NOT_ONES_OWN.match(key)), None)

    @property
    def score(self) -> float:
        """The sum of the scores of its records."""
        return sum(s for n, s in self.scores.items() if n not in NO_POSTS) * (0.05 if self.foreign else 1)


def ranked_candidates(documents: Sequence[Any], named: str | None = None) -> list[Candidate]:
    """Every path of `documents` at which something is recognised, the best first.

    If the user says which key or path holds the texts, it is `named`, and nothing else counts.
    """
    search = _Search(named)
    search.look((), [(document, ()) for document in documents[:_LOOKED_AT]])
    return sorted(search.results, key=lambda c: (c.has_posts, c.score), reverse=True)


def chosen_candidates(ranked: Sequence[Candidate]) -> list[Candidate]:
    """The candidates to read together: the best, and its neighbours in the same dialect with one's own posts."""
    if not ranked or not ranked[0].has_posts:
        return []
    best = ranked[0]
    if best.foreign and any(other.name in NO_POSTS and len(other.path) < len(best.path) for other in ranked):
        return []  # profiles with their pinned posts, lists with one post of each person
    if best.kind != "objects" or best.foreign or len(best.path) < 2:
        return [best]
    together = [best]
    for other in ranked[1:]:
        alike = other.kind == "objects" and other.name == best.name and not other.foreign
        own = best.name != "posts" or all(map(_OWN.search, _keys(other.path)))
        if alike and own and not any(_within(other.path, c.path) or _within(c.path, other.path) for c in together):
            together.append(other)
    return together


def _within(inner: Path, outer: Path) -> bool:
    return inner[: len(outer)] == outer


def _keys(path: Path) -> list[str]:
    return [step for step in path if isinstance(step, str) and "\0" not in step]


class _Search:
    def __init__(self, named: str | None) -> None:
        self.results: list[Candidate] = []
        self._named = named
        self._paths = 0

    def look(self, path: Path, placed: list[Placed]) -> None:
        """Look at the values of a path, and inside them unless they are posts."""
        self._paths += 1
        if len(path) > _DEEPEST or self._paths > _MOST_PATHS:
            return
        objects = [(value, around) for value, around in placed if isinstance(value, dict) and value]
        lists = [(value, around) for value, around in placed if isinstance(value, list)]
        texts = [value for value, _ in placed if isinstance(value, str)]
        if objects and not self._objects(path, objects):
            self._inside_objects(path, objects)
        if lists:
            self._inside_lists(path, lists)
        if texts and not objects and not lists:
            self._scalars(path, placed, texts)
        elif path and not objects and not lists:
            self._ids(path, [value for value, _ in placed])

    def _objects(self, path: Path, objects: list[Placed]) -> bool:
        """Whether these objects end the search at this path."""
        values, around = [value for value, _ in objects], [a for _, a in objects]
        if private := private_path(path) or private_records(values):
            self.results.append(Candidate(path, "private", [private]))
            return True
        single = len(values) == 1 and EACH not in path and ANY not in path
        if self._named is not None:
            text = relative(self._named, path)
            holding = [isinstance(value_of(value, text), str) for value in values]
            deeper = single and "[]" in text
            if sum(holding) >= _SHARE * len(values) and not deeper:
                self.results.append(Candidate(path, "objects", values, around, {"posts": 0.3 * sum(holding)}))
                return True
            return False
        if columns := self._columns(path, values):
            self.results.append(columns)
            return True
        scores: dict[str, float] = {}
        recognised = 0
        for value, outer in objects:
            name, score = best_of(value, outer)
            if name:
                scores[name] = scores.get(name, 0.0) + score
                recognised += 1
        if recognised and (recognised >= _SHARE * len(values) or len(values) >= _LOOKED_AT / 2):
            candidate = Candidate(path, "objects", values, around, scores)
            weak = candidate.name == "posts" and single and _is_weak(values[0])
            if weak:  # the values in it are asked first, and win when they are as good
                candidate = replace(candidate, scores={name: score / 2 for name, score in scores.items()})
            self.results.append(candidate)
            return candidate.name == "x-messages" or (candidate.has_posts and not weak)
        if len(values) > 1 and objects_are_ids(values):
            self.results.append(Candidate(path, "ids", values))
        return False

    def _inside_objects(self, path: Path, objects: list[Placed]) -> None:
        if all(_is_map(value) for value, _ in objects):
            inside = ((inner, around) for value, around in objects for inner in value.values())
            self.look((*path, ANY), list(islice(inside, _LOOKED_AT)))
            return
        keys = dict.fromkeys(key for value, _ in objects for key in islice(value, _MOST_KEYS))
        for key in islice(keys, _MOST_KEYS):
            held = [
                (value[key], (*around, {k: v for k, v in value.items() if k != key}))
                for value, around in objects
                if key in value
            ]
            if any(isinstance(inner, dict | list) for inner, _ in held):
                self.look((*path, key), held)
            elif all(isinstance(inner, str) and inner.lstrip()[:1] in ("{", "[") for inner, _ in held):
                decoded = [(decoded_text(inner), around) for inner, around in held]
                self.look((*path, key, DECODED), [(inner, around) for inner, around in decoded if inner is not None])

    def _inside_lists(self, path: Path, lists: list[Placed]) -> None:
        elements = list(islice(((inner, around) for value, around in lists for inner in value), _LOOKED_AT))
        if not self._rows(path, elements, lists):
            self.look((*path, EACH), elements)

    def _rows(self, path: Path, elements: list[Placed], lists: list[Placed]) -> bool:
        """Whether the elements are rows of cells. A row with one object in it counts as that object."""
        rows = [inner for inner, _ in elements if isinstance(inner, list)]
        if not rows or len(rows) < len(elements):
            return False
        if any(isinstance(cell, dict | list) for row in rows for cell in row):
            if all(sum(isinstance(cell, dict | list) for cell in row) == 1 for row in rows):
                held = [(cell, a) for row, a in elements for cell in row if isinstance(cell, dict | list)]
                self.look((*path, EACH, CELL), held)
                return True
            return False
        around = lists[0][1]
        header = _names((around[-1] if around else {}).get("columns"))
        names = header or _names(rows[0])
        fields = recognise_fields(names)
        if names and ("text" in fields or self._named in names):
            self.results.append(Candidate((*path, EACH), "rows", rows, (), {"posts": 0.3 * len(rows)}, header))
        elif not self._named and any(text_share(row) for row in rows):
            self.results.append(Candidate((*path, EACH), "rows", rows, (), {}, header))
        return True

    def _columns(self, path: Path, values: list[dict[str, Any]]) -> Candidate | None:
        """One object in which each key holds a whole column: a map by index, or a list."""
        if len(values) != 1 or len(path) > 2:
            return None
        columns = values[0]
        if "text" not in recognise_fields(columns):
            return None
        held = list(columns.values())
        if not all(isinstance(c, dict | list) and c for c in held):
            return None
        cells = (v for c in held for v in (c.values() if isinstance(c, dict) else c))
        shapes = {tuple(c)[:50] if isinstance(c, dict) else len(c) for c in held}
        if len(shapes) != 1 or any(isinstance(cell, dict | list) for cell in cells):
            return None
        if isinstance(held[0], dict) and not all(map(_ID_KEY.fullmatch, list(held[0])[:50])):
            return None
        return Candidate(path, "columns", values, (), {"posts": 0.3 * len(held[0])})

    def _scalars(self, path: Path, placed: list[Placed], texts: list[str]) -> None:
        if self._named is not None or not path:
            return
        top = path in ((EACH,), (ANY,)) or (len(path) == 2 and _OWN.search(str(path[0])) and path[1] in (EACH, ANY))
        if top and len(texts) >= 0.5 * len(placed) and text_share(texts) >= 0.5:
            self.results.append(Candidate(path, "texts", texts, (), {"posts": 0.3 * len(texts)}))
        else:
            self._ids(path, [value for value, _ in placed])

    def _ids(self, path: Path, values: list[Any]) -> None:
        if path[-1] == EACH and len(path) <= 2 and len(values) > 1 and all(map(is_id, values)):
            self.results.append(Candidate(path, "ids", values))


def _is_weak(value: Mapping[str, Any]) -> bool:
    """Whether an object has little of a post but a message, and holds lists or maps that may be the posts."""
    keys = fields_by_key([value])
    holds = any(isinstance(held, dict | list) and held for held in value.values())
    return holds and (not _TELLING & keys.keys() or keys["text"].casefold() in _WEAK_TEXTS)


def _is_map(value: dict[str, Any]) -> bool:
    """Whether an object's keys are ids, numbers or names, and not fields."""
    held, keys = list(value.values())[:_LOOKED_AT], list(value)[:_LOOKED_AT]
    if not all(isinstance(inner, dict | list) for inner in held) and not all(isinstance(inner, str) for inner in held):
        return False
    if all(map(_ID_KEY.fullmatch, keys)) and not any(map(recognise_fields, [[key] for key in keys])):
        return True
    if all(isinstance(inner, list) and inner and isinstance(inner[0], dict) for inner in held):
        if len(held) < 2 or any(_OWN.search(key) or _FOREIGN.search(key) for key in keys) or recognise_fields(keys):
            return False
        return len(set(held[0][0]).intersection(*(inner[0] for inner in held))) >= 2
    objects = [inner for inner in held if isinstance(inner, dict)]
    if len(objects) < 4 or len(objects) < len(held):
        return False
    common = set(objects[0]).intersection(*objects[1:])
    return len(common) >= 2 and not recognise_fields(keys)


def _names(row: Any) -> tuple[str, ...]:
    """The texts of a row as names of columns, if all of them differ."""
    if not isinstance(row, list) or not row or not all(isinstance(cell, str) for cell in row):
        return ()
    return tuple(row) if len(set(row)) == len(row) else ()


def is_index(key: str) -> bool:
    """Whether a key only counts (`0`, `1`, …), as pandas writes it, and so is no id."""
    return bool(_INDEX.fullmatch(key))
