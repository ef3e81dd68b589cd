"""Figures and command lines as pages draw them."""

from __future__ import annotations

import shlex
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator


def figure(value: float | None, places: int = 3) -> str:
    """A measured figure; a dash for none."""
    return "–" if value is None else f"{value:,.{places}f}"


def short(number: int) -> str:
    """A large number in few characters: `12.3 M`."""
    for size, unit in ((10**9, "G"), (10**6, "M"), (10**4, "k")):
        if number >= size:
            return f"{number / (10**3 if unit == 'k' else size):.{0 if unit == 'k' else 1}f} {unit}"
    return f"{number:,}"


def metric_row(*figures: tuple[str, str, str]) -> DeltaGenerator:
    """Draw figures side by side, each with its label and its help, "" for none. Gives the row."""
    row = st.container(horizontal=True, gap="medium")
    for label, value, doc in figures:
        metric(row, label, value, doc)
    return row


def figures_in_sight(name: str) -> DeltaGenerator:
    """A place for figures that stays at the top of the window while the page scrolls below it; `name` is the page's."""
    return st.container(key=f"in-sight-{name}", gap="xsmall")


def metric(row: DeltaGenerator, label: str, value: str, doc: str, **more: Any) -> None:
    """Draw one more figure in a row."""
    row.metric(label, value, width="content", help=doc or None, **more)


def terminal(words: list[str]) -> None:
    """Draw a command line to copy."""
    st.code(shlex.join(words), language=None, wrap_lines=True)
