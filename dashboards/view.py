"""The view: which posts a page shows, as its address, as SQL, and as a command line.

    ?corpus=baseline&author=mira&verdict=min_words&q=harbour

The facets and the other conditions are those of `curation.corpus.selection`.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from curation.corpus.selection import WORDS, Condition, Facet, conditions, joined
from curation.sql.order import drawn

#: The orders of posts: SQL, and words for people. Ties go by place in the corpus, so that pages never overlap.
ORDERS = {
    "newest": ("created_at DESC NULLS LAST", "newest first"),
    "oldest": ("created_at NULLS LAST", "oldest first"),
    "longest": ("length(text) DESC", "longest first"),
    "shortest": ("length(text)", "shortest first"),
    "mixed": (drawn(7, "mixed"), "random (fixed seed)"),
}

#: Words of the address besides the facets.
SINGLE = ("corpus", "q", "post", "order", "rewritten", "found", "matched", "only", "posts")


@dataclass(frozen=True)
class View:
    """Which posts a page shows. An empty field is no condition."""

    corpus: str = ""
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by facet; of one facet any of the values
    q: str = ""  # a search (`curation.corpus.search`)
    rewritten: str = ""  # a transform that changed the text
    found: str = ""  # what a transform found in the text, as rule:words
    matched: str = ""  # a rule that would remove the post, first or not
    only: str = ""  # a rule that would remove the post, and no other one would; or several, as rule,rule
    posts: str = ""  # some posts: platform:id, with blanks between them
    order: str = "newest"
    post: str = ""  # the post that is shown in full: platform:id
    page: int = 1  # of the posts in view

    @classmethod
    def parse(cls, words: Mapping[str, Sequence[str]], names: Iterable[str], recording: Iterable[str] = ()) -> View:
        """The view that an address names, without words that are unknown.

        `names` are those of the facets, `recording` those of the transforms with a column of what they found.
        """
        single = {name: words[name][0] for name in SINGLE if words.get(name)}
        if single.get("order") not in ORDERS:
            single.pop("order", None)
        if single.get("found", "").partition(":")[0] not in recording:
            single.pop("found", None)
        chosen = {name: tuple(dict.fromkeys(words[name])) for name in names if words.get(name)}
        page = (words.get("page") or ["1"])[0]
        return cls(chosen=chosen, page=int(page) if re.fullmatch("[1-9][0-9]{0,8}", page) else 1, **single)

    def words(self) -> dict[str, list[str]]:
        """The words of the address, without defaults."""
        single = {name: [getattr(self, name)] for name in SINGLE if getattr(self, name)}
        if self.order == "newest":
            single.pop("order")
        if self.page > 1:
            single["page"] = [str(self.page)]
        return single | {name: list(values) for name, values in self.chosen.items() if values}

    def choosing(self, facet: str, *values: str) -> View:
        """This view with other values of a facet."""
        chosen = {name: kept for name, kept in self.chosen.items() if name != facet}
        return self.changed(chosen=chosen | ({facet: values} if values else {}), post="")

    def changed(self, **changes: Any) -> View:
        """This view with other words. Another choice of posts begins on its first page."""
        if changes.keys() - {"post", "page", "corpus"}:
            changes = {"page": 1, **changes}
        return dataclasses.replace(self, **changes)

    def without(self, name: str, value: str | None = None) -> View:
        """This view without a condition, or without one `value` of a facet."""
        if name in self.chosen:
            left = [other for other in self.chosen[name] if value is not None and other != value]
            return self.choosing(name, *left)
        return self.changed(**{name: "", "post": ""})

    @property
    def cleared(self) -> View:
        """All posts of the corpus, in the same order."""
        return View(corpus=self.corpus, order=self.order)

    @property
    def limits(self) -> bool:
        """Whether the view leaves posts out."""
        return any(getattr(self, name) for name in WORDS) or any(self.chosen.values())

    def conditions(self, facets: Sequence[Facet]) -> list[Condition]:
        """The conditions of the view, one by one; `facets` are those of the corpus.

        Raises `UsageError` for a search that can't be read.
        """
        return conditions(facets, self.chosen, {name: getattr(self, name) for name in WORDS})

    def where(self, facets: Sequence[Facet], *, but: str = "") -> tuple[str, list[Any]]:
        """SQL: whether a post is in view, and its parameters; `but` is a facet to leave out."""
        return joined(condition for condition in self.conditions(facets) if condition.name != but)
