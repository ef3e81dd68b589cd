"""Widgets that follow the page's address: a link sets them, and a choice in them changes the address."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from curation.corpus.selection import Facet
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


def unfolded(label: str, key: str) -> DeltaGenerator | None:
    """A part of the page that is closed at first. Gives the place to draw it while it is open, else None.

    While it is closed, nothing is computed, sent or drawn.
    """
    place = st.expander(label, key=key, on_change="rerun")
    return place if place.open else None


def one_line(text: str) -> str:
    """A stranger's text as an option of a box, which is not Markdown."""
    return " ".join(show_unseen(text).split())


def choose_values(
    facet: Facet,
    view: View,
    options: list[str],
    *,
    key: str,
    counts: Mapping[str, int] | None = None,
    other: bool = False,
) -> tuple[str, ...]:
    """Draw the choice among `options` of a facet, with their `counts`; with `other`, values can be typed too."""
    requested = list(view.chosen.get(facet.name, ()))
    there = [*options, *(value for value in requested if value not in options)]

    def label(value: str) -> str:
        return one_line(value) if counts is None else f"{one_line(value)} · {counts.get(value, 0):,}"

    def draw() -> list[Any]:
        return st.multiselect(
            facet.label,
            there,
            key=key,
            format_func=label,
            placeholder="all",
            accept_new_options=other,
        )

    return tuple(following(key, requested, draw))


def follow(before: View, now: View) -> None:
    """Put the choice into the address."""
    if now.words() != before.words():
        session.show(now)
