"""What all charts share: colours, words on axes, and how a click on one comes back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curation.writing.html import show_unseen

#: A chart, a layer of one, or a part of either, as Vega-Lite has it in JSON.
Spec = dict[str, Any]

#: Text in a chart: dark enough on white, light enough on black.
INK = "#7d838c"
#: Pixels of a bar with its gap, where there is one for each author or rule.
STEP = 26
#: Characters of a name on an axis; a phone is 390 pixels wide.
NAMED = 24


def clicked(event: Any, selection: str, field: str) -> Any | None:
    """The value of `field` of the mark that was clicked, of a chart whose selection has this name; None without."""
    chosen: Mapping[str, Any] = (event or {}).get("selection", {}) if hasattr(event, "get") else {}
    points = chosen.get(selection) or []
    return points[0].get(field) if points else None


def picked(chart: Spec, name: str, field: str, *, alt: str) -> Any | None:
    """Draw a chart; gives the value of `field` of the mark that was just clicked, once for each click.

    The chart has a point selection called `name`; `alt` says in words what it shows. Other `name`s on one page keep
    charts apart.
    """
    import streamlit as st

    # Another key for each click: coming back to the page must not find the old click and leave at once.
    count = st.session_state.get(f"clicks:{name}", 0)
    event = st.vega_lite_chart(spec=chart, key=f"{name}:{count}", on_select="rerun", alt=show_unseen(alt))
    value = clicked(event, name, field)
    if value is not None:
        st.session_state[f"clicks:{name}"] = count + 1
    return value


def on_axis(name: str, most: int = NAMED) -> str:
    """A stranger's name for an axis or a tooltip: on one line, nothing unseen in it, not too long."""
    line = " ".join(show_unseen(name).split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def distinct_labels(names: list[str], most: int = NAMED) -> list[str]:
    """The names for an axis, each another one, though they may begin alike."""
    labels: list[str] = []
    for name in names:
        short, number = on_axis(name, most), 2
        while short in labels:
            short, number = f"{on_axis(name, most - 4)} ({number})", number + 1
        labels.append(short)
    return labels
