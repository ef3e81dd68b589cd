"""Queries of the page Browse: counts of every facet, the posts of a page, and which conditions to drop."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from curation.corpus.selection import KEPT, Facet, length_classes
from dashboards.queries.index import holds, index, ordered
from dashboards.snapshot import Snapshot
from dashboards.view import View

#: Posts of a page.
PAGE = 100
#: Values of a facet that the page offers; others are found by search.
OFFERED = 200


@dataclass(frozen=True)
class Values:
    """The values of a facet among the posts under the view's other conditions."""

    counts: Mapping[str, int]  # posts by value, in the order in which they are shown
    number: int  # of all values, offered or not

    @property
    def truncated(self) -> bool:
        """Whether there are values that are not offered."""
        return self.number > len(self.counts)


@dataclass(frozen=True)
class Counts:
    """How many posts are in view, and the values of every facet."""

    kept: int
    removed: int
    facets: Mapping[str, Values]  # by the facet's name

    @property
    def posts(self) -> int:
        """Posts in view."""
        return self.kept + self.removed


def counts(snapshot: Snapshot, view: View, facets: Sequence[Facet]) -> Counts:
    """Count the posts in view, and the posts of each facet value under all other conditions."""
    facet_index = index(snapshot, facets)
    selected = _selected(snapshot, view, facets)
    verdicts = facet_index.facets["verdict"].counts(selected.all())
    kept = verdicts.get(KEPT, 0)
    values = {
        facet.name: _values(facet_index.facets[facet.name].counts(selected.all(facet.name)), facet, snapshot, view)
        for facet in facets
    }
    return Counts(kept, sum(verdicts.values()) - kept, values)


@dataclass(frozen=True)
class _Selected:
    """Which posts meet each condition of a view; None stands for all posts."""

    others: np.ndarray | None  # by the conditions that are not facets
    chosen: Mapping[str, np.ndarray]  # by the facet's name

    def all(self, but: str = "") -> np.ndarray | None:
        """The posts under all conditions, or under all but one facet's."""
        left = self.others
        for name, holding in self.chosen.items():
            if name != but:
                left = holding if left is None else left & holding
        return left


def _selected(snapshot: Snapshot, view: View, facets: Sequence[Facet]) -> _Selected:
    facet_index = index(snapshot, facets)
    chosen, others = {}, None
    for condition in view.conditions(facets):
        if condition.name in facet_index.facets:
            chosen[condition.name] = facet_index.facets[condition.name].among(condition.values)
        else:
            holding = holds(snapshot, condition)
            others = holding if others is None else others & holding
    return _Selected(others, chosen)


def _values(posts: Mapping[str, int], facet: Facet, snapshot: Snapshot, view: View) -> Values:
    """The most frequent values, and the chosen ones even without posts."""
    chosen = view.chosen.get(facet.name, ())
    most = sorted(posts, key=lambda value: (-posts[value], value))
    shown = dict.fromkeys([*most[:OFFERED], *chosen])
    counts = {value: posts.get(value, 0) for value in sorted(shown, key=_order(facet, snapshot, posts))}
    return Values(counts, len(posts.keys() | shown.keys()))


def _order(facet: Facet, snapshot: Snapshot, posts: Mapping[str, int]) -> Callable[[str], Any]:
    """The sort key of values: classes in their order, months latest first, others by number of posts."""
    if facet.name in ("verdict", "length"):
        classes = length_classes() if facet.name == "length" else [KEPT, *snapshot.corpus.removing_rules]
        places = {value: place for place, value in enumerate(classes)}
        return lambda value: places.get(value, len(places))
    if facet.name == "month":
        return lambda value: tuple(-ord(character) for character in value)
    return lambda value: (-posts.get(value, 0), value)


def search_values(snapshot: Snapshot, view: View, facets: Sequence[Facet], facet: Facet, text: str) -> Values:
    """The values of a facet that contain `text`, whatever the case, under all other conditions."""
    lowered = text.casefold()
    posts = index(snapshot, facets).facets[facet.name].counts(_selected(snapshot, view, facets).all(facet.name))
    return _values({value: n for value, n in posts.items() if lowered in value.casefold()}, facet, snapshot, view)


def page(snapshot: Snapshot, view: View, facets: Sequence[Facet], number: int) -> list[dict[str, Any]]:
    """The posts of a page, numbered from 1, with all columns of the corpus and `_part` and `_row`."""
    facet_index = index(snapshot, facets)
    selected = _selected(snapshot, view, facets).all()
    numbers = ordered(snapshot, facet_index, view.order)
    if selected is not None:
        numbers = numbers[selected[numbers]]
    return at_places(snapshot, facet_index.places(numbers[PAGE * (number - 1) : PAGE * number]))


def at_places(
    snapshot: Snapshot, places: Sequence[tuple[int, int]], *, only: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """The posts at these places, each a part and a row, in this order, with all columns of the corpus.

    `only` limits the columns, `raw_text` aside; it must include `text` and `rewritten_by`.
    """
    if not places:
        return []
    posts = snapshot.at(places, only=only, but=["raw_text"])
    # Reading two long columns takes most of the time, and they differ only where a rule rewrote the text.
    rewritten = [(post["_part"], post["_row"]) for post in posts if post["rewritten_by"]]
    raw = iter(snapshot.at(rewritten, only=["raw_text"]))
    return [{**post, "raw_text": next(raw)["raw_text"] if post["rewritten_by"] else post["text"]} for post in posts]


def loosened(snapshot: Snapshot, view: View, facets: Sequence[Facet]) -> dict[str, int]:
    """The number of posts without each condition of the view, by the condition's name."""
    facet_index = index(snapshot, facets)
    posts = {}
    for condition in view.conditions(facets):
        left = _selected(snapshot, view.without(condition.name), facets).all()
        posts[condition.name] = facet_index.posts if left is None else int(np.count_nonzero(left))
    return posts
