"""Widgets that follow the page's address: a link sets them, and a choice in them changes the address."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from curation.writing.html import show_unseen
from dashboards import session
from dashboards.view import View

T = TypeVar("T")


def following(key: str, requested: T, draw: Callable[[], T]) -> T:
    """The choice in the widget that `draw` draws under this key. A new request in the address replaces the choice."""
    if key not in st.session_state or st.session_state.get(f"{key}:requested") != requested:
        st.session_state[key] = requested
    chosen = draw()
    st.session_state[f"{key}:requested"] = chosen
    return chosen


def on_choice(key: str, act: Callable[[Any], None]) -> Callable[[], None]:
    """The `on_change` of the widget with this key, which is about to be drawn: acts if its value is another one then.

    After a run that was cut off, Streamlit also reports the value that was drawn, once the widget is gone. Acting on
    that would bring back the page that the reader has left.
    """
    drawn = st.session_state.get(key)

    def changed() -> None:
        if (value := st.session_state.get(key)) != drawn:
            act(value)

    return changed


def unfolded(label: str, key: str) -> DeltaGenerator | None:
    """A part of the page that is closed at first. Gives the place to draw it while it is open, else None.

    While it is closed, nothing is computed, sent or drawn.
    """
    place = st.expander(label, key=key, on_change="rerun")
    return place if place.open else None


def one_line(text: str) -> str:
    """A stranger's text as an option of a box, which is not Markdown."""
    return " ".join(show_unseen(text).split())


def follow(before: View, now: View) -> None:
    """Put the choice into the address."""
    if now.words() != before.words():
        session.show(now)
