"""The conditions of a view as widgets that change the address: facets with counts, and chips that remove one."""

from __future__ import annotations

import functools
from collections.abc import Mapping

import streamlit as st

from curation.corpus.selection import AGREED, CLUSTER, KEPT, KEPT_SO, REMOVED_SO, UNPINNED, stale
from curation.recipes.verdict import BY_HAND, KEPT_BY_HAND, LABELS
from curation.writing.characters import clipped
from curation.writing.terminal import count
from dashboards import session
from dashboards.markup import plain
from dashboards.parts import facets
from dashboards.parts.facets import Layout, ShownFacet
from dashboards.queries import browse
from dashboards.queries.browse import Counts
from dashboards.session import PageContext
from dashboards.view import View

#: Characters of a value that a label shows.
LABEL = 60
#: Labels of the conditions that are not facets.
WORDS = {
    "q": "Search",
    "found": "Found",
    "rewritten": "Changed by",
    "matched": "Matches",
    "only": "Matches only",
    "posts": "Posts",
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
    if facet == "posts":
        return f"{len(value.split()):,} chosen"
    if facet == BY_HAND:
        return HAND.get(value, value)
    if facet in ("verdict", "rewritten", "matched"):
        return context.labels.get(value, "kept" if value == KEPT else value)
    if facet == "found":
        rule, _, words = value.partition(":")
        return f"{words} ({context.labels.get(rule, rule)})"
    return value


def choose(
    context: PageContext,
    counts: Counts,
    *,
    key: str = "facets",
    layout: Layout = Layout(),  # noqa: B008 - it is frozen
    of: View | None = None,
) -> None:
    """Draw the facets that divide the posts, with counts under all other conditions; a choice changes the view.

    `of` is the view of the counted posts, if it is not the page's; its conditions are no choice.
    """
    view, counted = context.view, of or context.view
    by_name = {facet.name: facet for facet in context.facets if of is None or facet.name != "verdict"}
    shown = [
        ShownFacet(
            name,
            facet.label,
            facet.doc,
            counts.facets[name].counts,
            counts.facets[name].number,
            view.chosen.get(name, ()),
            functools.partial(says, context, name),
        )
        for name, facet in by_name.items()
        if counts.facets[name].number > 1 or view.chosen.get(name)
    ]

    def find(name: str, text: str) -> tuple[Mapping[str, int], int]:
        values = browse.search_values(context.snapshot, counted, context.facets, by_name[name], text)
        return values.counts, values.number

    def on_choose(name: str, values: tuple[str, ...]) -> None:
        session.show(view.choosing(name, *values))

    facets.draw(shown, on_choose, find, key=key, layout=layout)


def chips(context: PageContext) -> None:
    """Draw a button that removes each condition, and one that removes all; and what is to be known of the map."""
    view, labels = context.view, {facet.name: facet.label for facet in context.facets} | WORDS
    if CLUSTER in st.query_params and CLUSTER not in labels:
        st.warning("This corpus has no map now, so the cluster is left out. Draw the map on the page Map.")
    if not view.limits:
        return
    for sentence in stale(context.corpus, view.chosen):
        st.caption(sentence)
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
            f"Without the condition “{labels[name]}”: {count(posts, 'post')}",
            key=f"loosen:{name}",
            on_click=session.show,
            args=(context.view.without(name),),
        )
