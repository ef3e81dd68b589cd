"""The search box: what can be typed beside it, and what can't be read below it."""

from __future__ import annotations

import streamlit as st

from curation.corpus.search import FIELDS, SIGNS, parse
from curation.errors import UsageError
from dashboards import session
from dashboards.markup import plain, table
from dashboards.parts.choosing import on_choice
from dashboards.session import PageContext

KEY = "browse:q"


def draw(context: PageContext) -> None:
    """Draw the box; what is typed becomes the view's search."""
    st.session_state[KEY] = context.view.q
    st.text_input(
        "Search",
        key=KEY,
        type="search",
        placeholder='words, "a phrase", -without, author:name …',
        on_change=on_choice(KEY, lambda typed: session.show(context.view.changed(q=typed or "", post=""))),
    )
    with st.popover("How to search", type="tertiary", width="content"):
        operators()


def operators() -> None:
    """Draw what can be typed."""
    st.html(table(["Type", "to find"], SIGNS))
    st.html(table(["Or in a field", "to find"], [(field.example, field.doc) for field in FIELDS.values()]))


def can_be_read(context: PageContext) -> bool:
    """Whether the view's search can be read; if not, draw why."""
    try:
        parse(context.view.q)
    except UsageError as error:
        st.error(plain(str(error)))
        st.button("Clear the search", key="search:clear", on_click=session.show, args=(context.view.changed(q=""),))
        return False
    return True
