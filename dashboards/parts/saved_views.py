"""Saved views on Browse: a list that opens them, and a name for the present one."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from curation.corpus.saved_views import SavedViews, change_views, saved_views, view_of
from curation.disk.workspace import Workspace
from curation.errors import CurationError
from dashboards import session
from dashboards.markup import plain
from dashboards.queries.index import index
from dashboards.session import PageContext

ERROR = "views:error"


def draw(context: PageContext) -> None:
    """Draw the list behind a button."""
    try:
        views = saved_views(context.space)
    except CurationError as error:
        st.warning(plain(str(error)))
        return
    number = f" · {len(views.views)}" if views.views else ""
    with st.popover(f"Saved views{number}", type="tertiary", width="content"):
        if message := st.session_state.pop(ERROR, ""):
            st.error(plain(message))
        _list(context, views)
        if not session.may_write():
            st.caption(session.READ_ONLY)
            return
        _save(context)
        if views.views:
            _change(context, views)


def _list(context: PageContext, views: SavedViews) -> None:
    if not views.views:
        st.caption("None yet. A view is what you see: the search, the facets and the order.")
    corpora = context.space.recipes_run()
    for view in views.views:
        there = view.corpus in corpora
        st.button(
            f"{plain(view.name)} · {plain(view.corpus)}",
            key=f"view:{view.name}",
            disabled=not there,
            type="tertiary",
            help=None if there else f"The corpus {plain(view.corpus)} is not here now.",
            on_click=_open,
            args=({"corpus": [view.corpus], **{name: list(values) for name, values in view.words.items()}},),
        )


def _open(words: dict[str, list[str]]) -> None:
    st.query_params.from_dict(words)


def _save(context: PageContext) -> None:
    def save() -> None:
        name = st.session_state["views:name"] or ""
        platforms = index(context.snapshot, context.facets).facets["platform"].values
        view = view_of(name, context.corpus.recipe, context.view.words(), platforms)
        _change_file(context.space, lambda views: views.save(view))
        if ERROR not in st.session_state:
            st.session_state["views:name"] = ""

    with st.form("views:save", border=False):
        st.text_input("Name of this view", key="views:name", max_chars=80)
        st.form_submit_button("Save this view", on_click=save)


def _change(context: PageContext, views: SavedViews) -> None:
    names = [view.name for view in views.views]
    with st.expander("Rename or delete"):
        chosen = st.selectbox("View", names, key="views:chosen")
        new = st.text_input("New name", key="views:new", max_chars=80)
        with st.container(horizontal=True):
            st.button(
                "Rename",
                key="views:rename",
                on_click=_change_file,
                args=(context.space, lambda all_views: all_views.rename(chosen, new)),
            )
            st.button(
                "Delete",
                key="views:delete",
                on_click=_change_file,
                args=(context.space, lambda all_views: all_views.without(chosen)),
            )


def _change_file(space: Workspace, change: Callable[[SavedViews], SavedViews]) -> None:
    try:
        session.require_write()
        change_views(space, change)
    except CurationError as error:
        st.session_state[ERROR] = str(error)
