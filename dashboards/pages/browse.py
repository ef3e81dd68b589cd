"""Every post, kept or removed, with the reason: search, facets, pages of posts, and the details of one post."""

from __future__ import annotations

import json
import math

import streamlit as st

from dashboards import session
from dashboards.markup import plain
from dashboards.parts import cards, conditions, full_post, search_box
from dashboards.parts.choosing import unfolded
from dashboards.parts.figures import metric_row
from dashboards.queries import browse
from dashboards.queries.browse import PAGE, Counts
from dashboards.session import PageContext
from dashboards.view import ORDERS


def main(context: PageContext) -> None:
    """Draw the page."""
    st.title("Browse")
    if context.view.post:
        full_post.draw(context)
        return
    search(context)
    if not search_box.can_be_read(context):
        return
    conditions.chips(context)
    counts = browse.counts(context.snapshot, context.view, context.facets)
    with st.sidebar:
        conditions.choose(context, counts)
    figures(counts)
    if not counts.posts:
        conditions.loosen(context)
        return
    posts(context, counts)


def search(context: PageContext) -> None:
    """Draw the search box and the order."""
    st.session_state["browse:order"] = context.view.order
    with st.container(horizontal=True, vertical_alignment="bottom"):
        search_box.draw(context)
        st.selectbox(
            "Order",
            list(ORDERS),
            key="browse:order",
            format_func=lambda order: ORDERS[order][1],
            help="The order of the posts.",
            on_change=lambda: session.show(context.view.changed(order=st.session_state["browse:order"])),
            width=240,
        )


def figures(counts: Counts) -> None:
    """Draw how many posts are in view."""
    metric_row(
        ("Posts in view", f"{counts.posts:,}", "Posts that meet all conditions. = kept + removed."),
        ("Kept", f"{counts.kept:,}", "Of the posts in view, those that no rule removes."),
        ("Removed", f"{counts.removed:,}", "Of the posts in view, those a rule removes."),
    )


def posts(context: PageContext, counts: Counts) -> None:
    """Draw a page of posts."""
    pages = math.ceil(counts.posts / PAGE)
    number = 1
    if pages > 1:
        # The key names the view, so that another view begins on its first page.
        number = min(st.pagination(pages, key=f"browse:page:{json.dumps(context.view.words(), sort_keys=True)}"), pages)
    shown = browse.page(context.snapshot, context.view, context.facets, number)
    first = PAGE * (number - 1) + 1
    st.caption(
        f"Posts {first:,} to {first + len(shown) - 1:,} of {counts.posts:,}, {plain(ORDERS[context.view.order][1])}."
    )
    pins = cards.read_pins(context.space)
    for post in shown:
        cards.draw(context, post, pins)
    if link := unfolded("Link to this view", "browse:link"):
        link.code(full_post.whole_address(context.view), language=None, wrap_lines=True)
        link.caption("It works on this machine while the dashboard runs.")


main(session.here())
