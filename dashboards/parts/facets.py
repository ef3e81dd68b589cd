"""Facets: the values of a facet with their numbers of posts, to choose any of them; one control on every page.

The browser draws it (`facets.js`): the first values, more on demand, a box to find others, and a bar for each number.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from curation.corpus.selection import KEPT
from curation.writing.colours import rule_colour
from dashboards.parts.choosing import one_line
from dashboards.parts.component import component
from dashboards.parts.fragment import fragment

#: Most values that a choice can have, and most characters of a value that a label shows.
MOST, LABEL = 1_000, 80


_COMPONENT = component("facets", isolate_styles=False)


@dataclass(frozen=True)
class ShownFacet:
    """One facet as it is drawn."""

    name: str
    label: str  # for people
    doc: str
    counts: Mapping[str, int]  # posts by value, in their order: the offered ones, and the chosen ones
    number: int  # of all values, offered or not
    chosen: Sequence[str]
    label_of: Callable[[str], str]  # the label of a value


#: Finds values of a facet by a text: their counts, and how many there are.
Find = Callable[[str, str], tuple[Mapping[str, int], int]]


@dataclass(frozen=True)
class Layout:
    """Where facets stand: below each other, or in columns beside other settings."""

    wide: bool = False
    folded: Collection[str] = ()  # the names of facets that are closed until somebody opens them


def draw(
    facets: Sequence[ShownFacet],
    on_choose: Callable[[str, tuple[str, ...]], None],
    find: Find,
    *,
    key: str,
    layout: Layout = Layout(),
) -> None:
    """Draw the facets. `on_choose` gets the name of a facet and all values that are chosen now."""
    if facets:
        _fragment(facets, on_choose, find, key, layout)


@fragment
def _fragment(
    facets: Sequence[ShownFacet],
    on_choose: Callable[[str, tuple[str, ...]], None],
    find: Find,
    key: str,
    layout: Layout,
) -> None:
    """Finding a value draws only this again; a choice draws the whole page."""
    by_name = {facet.name: facet for facet in facets}

    def event(name: str) -> dict[str, Any]:
        given = (st.session_state.get(key) or {}).get(name)
        return given if isinstance(given, dict) and given.get("facet") in by_name else {}

    def chosen() -> None:
        given = event("chosen")
        values = given.get("values")
        if isinstance(values, list) and len(values) <= MOST and all(isinstance(value, str) for value in values):
            st.session_state[f"{key}:seen"] = given.get("number")
            st.session_state[f"{key}:leave"] = True
            on_choose(given["facet"], tuple(values))

    def searched() -> None:
        given = event("find")
        st.session_state[f"{key}:find"] = (given["facet"], str(given.get("text", ""))[:LABEL]) if given else None

    found = None
    if st.session_state.get(f"{key}:find") and (asked := st.session_state[f"{key}:find"])[0] in by_name:
        counts, number = find(*asked)
        facet = by_name[asked[0]]
        found = {"facet": asked[0], "text": asked[1], "values": _values(facet, counts), "number": number}
    _COMPONENT(
        key=key,
        data={
            "facets": [
                {
                    "name": facet.name,
                    "label": facet.label,
                    "doc": facet.doc,
                    "values": _values(facet, facet.counts),
                    "number": facet.number,
                    "chosen": list(facet.chosen),
                }
                for facet in facets
            ],
            "found": found,
            "wide": layout.wide,
            "folded": [facet.name for facet in facets if facet.name in layout.folded and not facet.chosen],
            "seen": st.session_state.get(f"{key}:seen"),
        },
        on_chosen_change=chosen,
        on_find_change=searched,
    )
    if st.session_state.pop(f"{key}:leave", False):
        st.rerun()


def _values(facet: ShownFacet, counts: Mapping[str, int]) -> list[list[Any]]:
    """Value, label, number of posts and colour, for the browser."""
    return [
        [value, one_line(facet.label_of(value))[:LABEL], posts, _colour(facet, value)]
        for value, posts in counts.items()
    ]


def _colour(facet: ShownFacet, value: str) -> str:
    return rule_colour(value) if facet.name == "verdict" and value != KEPT else ""
