"""Every post, kept or removed, with the reason: search, facets, pages of posts, and the details of one post."""

from __future__ import annotations

import math

import streamlit as st

from dashboards import session
from dashboards.parts import conditions, decisions, full_post, post_list, saved_views, search_box
from dashboards.parts.choosing import on_choice, unfolded
from dashboards.queries import browse
from dashboards.queries.browse import PAGE, Counts
from dashboards.session import PageContext
from dashboards.view import ORDERS


def main(context: PageContext) -> None:
    """Draw the page."""
    if context.view.post:
        st.title("Browse")
        full_post.draw(context)
        return
    head = st.container(horizontal=True, vertical_alignment="bottom", key="browse-head")
    head.title("Browse", width="stretch")
    search(context)
    if not search_box.can_be_read(context):
        return
    conditions.chips(context)
    decisions.draw(context, live=True)
    counts = browse.counts(context.snapshot, context.view, context.facets)
    for label, number in (("Posts in view", counts.posts), ("Kept", counts.kept), ("Removed", counts.removed)):
        head.metric(label, f"{number:,}", width="content")
    with st.sidebar:
        conditions.choose(context, counts)
    if not counts.posts:
        conditions.loosen(context)
        return
    posts(context, counts)


def search(context: PageContext) -> None:
    """Draw the search box and the order."""
    st.session_state["browse:order"] = context.view.order
    with st.container(horizontal=True, vertical_alignment="bottom"):
        search_box.draw(context)
        saved_views.draw(context)
        st.selectbox(
            "Order",
            list(ORDERS),
            key="browse:order",
            format_func=lambda order: ORDERS[order][1],
            on_change=on_choice("browse:order", lambda order: session.show(context.view.changed(order=order))),
            width=240,
        )


def posts(context: PageContext, counts: Counts) -> None:
    """Draw a page of posts."""
    pages = math.ceil(counts.posts / PAGE)
    number = min(context.view.page, pages)
    shown = browse.page(context.snapshot, context.view, context.facets, number)
    first = PAGE * (number - 1) + 1
    last = first + len(shown) - 1
    page = post_list.Page(
        caption=f"Posts {first:,} to {last:,} of {counts.posts:,}, {ORDERS[context.view.order][1]}. Times are UTC.",
        posts=counts.posts,
        number=number,
        pages=pages,
        first=first,
        on_turn=lambda to: session.show(context.view.changed(page=max(1, min(to, pages)))),
        on_open=lambda post: session.show(context.view.changed(post=post)),
    )
    post_list.draw(context, shown, page, key="browse:posts")
    if link := unfolded("Link to this view", "browse:link"):
        link.code(full_post.whole_address(context.view), language=None, wrap_lines=True)
        link.caption("It works on this machine while the dashboard runs.")


main(session.here(any_search=True))
