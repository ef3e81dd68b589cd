"""Widgets that follow the page's address: a deep link sets them, and what is chosen in them can be linked to."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import streamlit as st

from curation.writing.html import show_unseen
from dashboards import session

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from dashboards.view import Facet, View

T = TypeVar("T")


def following(key: str, requested: T, draw: Callable[[], T]) -> T:
    """What is chosen in the widget that `draw` draws under this key; when the address asks another thing, that."""
    if key not in st.session_state or st.session_state.get(f"{key}:requested") != requested:
        st.session_state[key] = requested
    chosen = draw()
    st.session_state[f"{key}:requested"] = chosen
    return chosen


def unfolded(label: str, key: str) -> DeltaGenerator | None:
    """A part of the page that is closed at first: gives where to draw it while it is open.

    What is closed takes no time, neither to make nor to send nor to draw.
    """
    place = st.expander(label, key=key, on_change="rerun")
    return place if place.open else None


def one_line(text: str) -> str:
    """A stranger's text as the option of a box, which is no Markdown."""
    return " ".join(show_unseen(text).split())


def choose_values(
    facet: Facet,
    view: View,
    options: list[str],
    *,
    key: str,
    says: Callable[[str], str] | None = None,
    other: bool = False,
) -> tuple[str, ...]:
    """Values of a facet, of which there are `options`; `other` values can be typed where these are not all."""
    requested = list(view.chosen.get(facet.name, ()))
    there = [*options, *(value for value in requested if value not in options)]

    def draw() -> list[Any]:
        return st.multiselect(
            facet.label,
            there,
            key=key,
            format_func=says or one_line,
            help=facet.doc,
            placeholder="all",
            accept_new_options=other,
        )

    return tuple(following(key, requested, draw))


def follow(before: View, now: View) -> None:
    """Have the address name what was chosen."""
    if now.words() != before.words():
        session.show(now)
