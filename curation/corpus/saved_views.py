"""Saved views: which posts somebody looks at, under a name.

::

    DIR/views.json
    {"schema": 1, "views": [{"name": "Harbour", "corpus": "baseline", "words": {"author": ["mira"], "q": ["harbour"]},
                             "platforms": ["x"]}]}

`words` are those of the address of Browse. `platforms` are the corpus's when the view was saved, so that forgetting can
tell whether the view names a forgotten post or author. The file is replaced in one step, under a lock.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from curation.corpus.search import parse
from curation.corpus.selection import OF_REMOVED
from curation.disk.whole_files import write_whole, writing
from curation.disk.workspace import Workspace
from curation.errors import InputError, NothingToDoError, UsageError, did_you_mean
from curation.writing.characters import is_whole, json_text

FILE = "views.json"
#: Most characters of a name, and most views.
LONGEST, MOST = 80, 1_000
#: Words of an address that are no part of a view.
APART = frozenset({"corpus", "post", "page"})


@dataclass(frozen=True)
class SavedView:
    """A view under a name."""

    name: str
    corpus: str  # a recipe's name
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    platforms: tuple[str, ...] = ()

    def selection(self) -> tuple[dict[str, tuple[str, ...]], str, tuple[str, ...]]:
        """Of the kept posts: values by facet, the search, and the conditions that only removed posts can meet."""
        left_out = tuple(name for name in OF_REMOVED if self.words.get(name))
        where = {
            name: values for name, values in self.words.items() if name not in ("q", "order", *OF_REMOVED) and values
        }
        return where, "".join(self.words.get("q", ())[:1]), left_out

    def named(self) -> Iterator[str]:
        """What may be the id of a post or the handle of an author in it."""
        yield from self.words.get("author", ())
        for text in self.words.get("posts", ()):
            yield from (name.partition(":")[2] for name in text.split(" "))
        for text in self.words.get("q", ())[:1]:
            try:
                search = parse(text)
            except UsageError:
                yield from text.split()
                continue
            yield from (name for value in search.values() for name in {value, value.lstrip("@＠")})

    def to_json(self) -> dict[str, Any]:
        """As in the file."""
        words = {name: list(values) for name, values in self.words.items()}
        return {"name": self.name, "corpus": self.corpus, "words": words, "platforms": list(self.platforms)}


@dataclass(frozen=True)
class SavedViews:
    """The views of a workspace, in the order in which they were saved; names differ in more than capitals."""

    views: tuple[SavedView, ...] = ()

    def of(self, name: str) -> SavedView:
        """The view of this name. Raises `NothingToDoError`."""
        for view in self.views:
            if view.name.casefold() == name.strip().casefold():
                return view
        names = [view.name for view in self.views]
        raise NothingToDoError(f"There is no saved view '{name}'.{did_you_mean(name, names)}")

    def save(self, view: SavedView) -> SavedViews:
        """These and one more, or with another one in the place of that of its name. Raises `UsageError`."""
        view = replace(view, name=usable(view.name))
        if any(one.name.casefold() == view.name.casefold() for one in self.views):
            return SavedViews(tuple(view if one.name.casefold() == view.name.casefold() else one for one in self.views))
        if len(self.views) >= MOST:
            raise UsageError(f"There are {MOST:,} saved views; delete one first.")
        return SavedViews((*self.views, view))

    def rename(self, name: str, new: str) -> SavedViews:
        """These with another name of one. Raises `UsageError` for a name that another view has."""
        old, new = self.of(name), usable(new)
        if any(one.name.casefold() == new.casefold() for one in self.views if one is not old):
            raise UsageError(f"There is a saved view '{new}' already.")
        return SavedViews(tuple(replace(one, name=new) if one is old else one for one in self.views))

    def without(self, name: str) -> SavedViews:
        """These without one."""
        gone = self.of(name)
        return SavedViews(tuple(one for one in self.views if one is not gone))


def usable(name: str) -> str:
    """The name as it is saved. Raises `UsageError` for one that can't be."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST or not name.isprintable() or not is_whole(name):
        raise UsageError(f"The name of a view has 1 to {LONGEST} characters, none of them invisible.")
    return name


def view_of(name: str, corpus: str, words: Mapping[str, Sequence[str]], platforms: Sequence[str] = ()) -> SavedView:
    """The view of an address."""
    kept = {key: tuple(map(str, values)) for key, values in words.items() if key not in APART and values}
    return SavedView(name, corpus, kept, tuple(platforms))


def saved_views(space: Workspace) -> SavedViews:
    """The views of a workspace. Raises `InputError` for a damaged file."""
    path = space.root / FILE
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        views = [
            view_of(_text(one["name"]), _text(one["corpus"]), one["words"], one.get("platforms", ()))
            for one in content["views"]
        ]
        return SavedViews(tuple(views))
    except FileNotFoundError:
        return SavedViews()
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(f"{path} can't be read as saved views: {error}. Mend it, or move it away.") from error


def change_views(
    space: Workspace, change: Callable[[SavedViews], SavedViews], waiting: Callable[[str], None] | None = None
) -> SavedViews:
    """Change the views of a workspace; gives the new ones. `change` gets the current ones, while nobody changes them.

    Raises `InputError` for a damaged file, `WorkspaceError`, and what `change` raises.
    """
    with space.lock("views", waiting):
        space.sweep()
        old = saved_views(space)
        new = change(old)
        if new != old:
            with space.staging("views") as folder, writing(space.root):
                content = {"schema": 1, "views": [view.to_json() for view in new.views]}
                write_whole(space.root / FILE, json_text(content, indent=2) + "\n", folder / FILE)
    return new


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value
