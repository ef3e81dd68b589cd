"""The conditions of a view as widgets that change the address: facets with counts, and chips that remove one."""

from __future__ import annotations

from typing import Any

import streamlit as st

from curation.corpus.selection import AGREED, KEPT, KEPT_SO, REMOVED_SO, UNPINNED, Facet
from curation.recipes.verdict import BY_HAND, KEPT_BY_HAND, LABELS
from curation.writing.characters import clipped
from dashboards import session
from dashboards.markup import plain
from dashboards.parts.choosing import one_line
from dashboards.queries import browse
from dashboards.queries.browse import Counts, Values
from dashboards.session import PageContext
from dashboards.view import View

#: Values up to which a facet shows all of them at once.
AT_ONCE = 10
#: Characters of a value that a label shows.
LABEL = 60
#: Labels of the conditions that are not facets.
WORDS = {
    "q": "Search",
    "found": "Found",
    "rewritten": "Changed by",
    "matched": "Matches",
    "only": "Matches only",
}


#: Labels of the values of the facet `by_hand`.
HAND = {
    KEPT_SO: LABELS[KEPT_BY_HAND],
    REMOVED_SO: LABELS[BY_HAND],
    AGREED: "Pinned, and the recipe agrees",
    UNPINNED: "Not pinned",
}


def says(context: PageContext, facet: str, value: str) -> str:
    """The label of a value of a facet or of another condition; not escaped."""
    if facet == "only":
        return " + ".join(context.labels.get(rule, rule) for rule in value.split(","))
    if facet == BY_HAND:
        return HAND.get(value, value)
    if facet in ("verdict", "rewritten", "matched"):
        return context.labels.get(value, "kept" if value == KEPT else value)
    if facet == "found":
        rule, _, words = value.partition(":")
        return f"{words} ({context.labels.get(rule, rule)})"
    return value


def choose(context: PageContext, counts: Counts) -> None:
    """Draw a widget for each facet; its choice changes the view."""
    for facet in context.facets:
        values = counts.facets[facet.name]
        if not values.number:
            continue
        key = f"facet:{facet.name}"
        if values.truncated:
            search = st.text_input(
                f"Find: {facet.label}",
                key=f"{key}:find",
                placeholder=f"among {values.number:,}",
                help=f"The list below has the {browse.OFFERED} most frequent values. "
                "Type a part of another value to find it.",
            )
            if search:
                values = browse.search_values(context.snapshot, context.view, context.facets, facet, search)
        _widget(context, facet, values, key)


def _widget(context: PageContext, facet: Facet, values: Values, key: str) -> None:
    few, counts = values.number <= AT_ONCE, values.counts
    key = f"{key}:few" if few else f"{key}:many"
    # The address sets the choice, so that links and the browser's Back button work.
    st.session_state[key] = list(context.view.chosen.get(facet.name, ()))
    written = plain if few else one_line  # the words of pills are Markdown, those of a box are not

    def label(value: str) -> str:
        return f"{written(says(context, facet.name, value))} · {counts.get(value, 0):,}"

    common: dict[str, Any] = {"key": key, "format_func": label, "on_change": _chosen}
    common["help"] = f"{facet.doc} The numbers are posts under all other conditions."
    common["args"] = (context.view, facet.name, key)
    if few:
        st.pills(facet.label, list(counts), selection_mode="multi", **common)
    else:
        st.multiselect(facet.label, list(counts), placeholder=f"all {values.number:,}", **common)


def _chosen(view: View, facet: str, key: str) -> None:
    session.show(view.choosing(facet, *st.session_state[key]))


def chips(context: PageContext) -> None:
    """Draw a button that removes each condition, and one that removes all."""
    view, labels = context.view, {facet.name: facet.label for facet in context.facets} | WORDS
    if not view.limits:
        return
    with st.container(horizontal=True, gap="small", key="chips"):
        for condition in view.conditions(context.facets):
            for value in condition.values:
                st.button(
                    f"{labels[condition.name]}: {plain(clipped(says(context, condition.name, value), LABEL))} ✕",
                    key=f"chip:{condition.name}:{value}",
                    on_click=session.show,
                    args=(view.without(condition.name, value),),
                    help="Remove this condition.",
                )
        st.button(
            "Clear all",
            key="chip-all",
            type="tertiary",
            on_click=session.show,
            args=(view.cleared,),
            help="Remove all conditions.",
        )


def loosen(context: PageContext) -> None:
    """Say that no post matches, and draw a button for each condition whose removal would bring some."""
    labels = {facet.name: facet.label for facet in context.facets} | WORDS
    without = browse.loosened(context.snapshot, context.view, context.facets)
    st.info("No post meets all of these conditions." if without else "There are no posts in this corpus.")
    helping = {name: posts for name, posts in without.items() if posts}
    if without and not helping:
        st.write("Removing one of them is not enough. Clear all and choose again.")
    for name, posts in helping.items():
        st.button(
            f"Without the condition “{labels[name]}”: {posts:,} posts",
            key=f"loosen:{name}",
            on_click=session.show,
            args=(context.view.without(name),),
        )
