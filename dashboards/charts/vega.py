"""Charts in the JSON of Vega-Lite, layer upon layer: a mark, its rows, and the fields that it draws.

The JSON is written directly. A library that builds and checks charts as objects took more time of a page than all its
queries. Numbers and texts of posts are in the rows only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from curation.writing.html import show_unseen

#: A chart, a layer, or a part of either, in the JSON of Vega-Lite.
Spec = dict[str, Any]

#: Text in a chart: dark enough on white, light enough on black.
INK = "#7d838c"
#: Pixels of a bar with its gap, in charts with a bar for each author or rule.
STEP = 26
#: Characters of a name on an axis; a phone is 390 pixels wide.
NAMED = 24
#: An invisible character. Vega takes the name `if` in an order of names for a word of its own language, and fails.
JOINER = "\u2060"
#: Width of a chart in widest bars: the rest is for the figure beside a bar.
ROOM = 1.3
#: Labels of an axis of posts. Its own format would give all labels the unit of the longest: `0k`.
SHORT = "format(datum.value, '~s')"
#: An axis of posts that starts at the left.
POSTS = {"labelExpr": SHORT, "tickCount": 4, "tickMinStep": 1, "titleAnchor": "start"}
#: The types of fields, by the letter after the colon.
TYPES = {"Q": "quantitative", "N": "nominal", "O": "ordinal"}


def field(shorthand: str, **options: Any) -> Spec:
    """A field of each row, as `posts:Q`: a number (Q), a name (N), or a name in an order (O); with its options."""
    name, _, kind = shorthand.partition(":")
    return {"field": name, "type": TYPES[kind], **options}


def tooltip(*lines: tuple[str, ...]) -> list[Spec]:
    """What a mark shows under the pointer: fields with their titles, and formats for numbers."""
    return [
        field(shorthand, title=title, **({"format": written[0]} if written else {}))
        for shorthand, title, *written in lines
    ]


def layer(rows: Sequence[Mapping[str, Any]], mark: str, options: Spec, **encoding: Any) -> Spec:
    """Marks of one kind, one for each row."""
    return {"data": {"values": [dict(row) for row in rows]}, "mark": {"type": mark, **options}, "encoding": encoding}


def click_layer(
    rows: Sequence[Mapping[str, Any]],
    mark: str = "bar",
    size: Spec | None = None,
    *,
    name: str = "name",
    **encoding: Any,
) -> Spec:
    """Invisible marks that answer a click, larger than what they cover, so that a small bar can be hit too.

    `name` is the field that a screen reader reads.
    """
    options = {"color": INK, "opacity": 0.001, "cursor": "pointer", **(size or {})}
    return layer(rows, mark, options, description=field(f"{name}:N"), **encoding)


def named_lines(names: Sequence[str]) -> Spec:
    """The axis with a line for each name, in this order, from the top."""
    axis = {"labelOverlap": False, "labelLimit": 190, "ticks": False, "domain": False, "labelPadding": 6}
    return field("name:N", sort=list(names), title=None, axis=axis)


def two_colours(shorthand: str, first: tuple[str, str], second: tuple[str, str]) -> Spec:
    """The colours of two parts, each with its name; with a legend above."""
    scale = {"domain": [first[0], second[0]], "range": [first[1], second[1]]}
    return field(shorthand, title=None, scale=scale, legend={"orient": "top"})


def beside(rows: Sequence[Mapping[str, Any]], **encoding: Any) -> Spec:
    """Figures to the right of the ends of bars."""
    return layer(rows, "text", {"align": "left", "dx": 5, "color": INK, "fontSize": 12}, **encoding)


def chart(*layers: Spec, height: Any = None, click: tuple[str, str, int] | None = None, **options: Any) -> Spec:
    """Layers, the first one at the bottom; the height is in pixels, or by lines for None.

    `click` makes the marks of a layer answer a click: a name for the selection, the field that it gives, and the
    number of the layer.
    """
    spec: Spec = {"layer": list(layers), "height": {"step": STEP} if height is None else height, **options}
    if click:
        name, fact, number = click
        spec["layer"][number]["name"] = f"{name}_marks"
        select = {"type": "point", "fields": [fact], "on": "click", "toggle": "false"}
        spec["params"] = [{"name": name, "select": select, "views": [f"{name}_marks"]}]
    return spec


def picked(chart: Spec, *, alt: str) -> Any | None:
    """Draw a chart with a `click`. Gives the field of the mark that was just clicked, once for each click; else None.

    `alt` is the chart in words. The selection's name keeps the charts of a page apart.
    """
    [selection] = chart["params"]
    name, [fact] = selection["name"], selection["select"]["fields"]
    # Another key for each click: coming back to the page must not find the old click and leave at once.
    count = st.session_state.get(f"clicks:{name}", 0)
    event = st.vega_lite_chart(spec=chart, key=f"{name}:{count}", on_select="rerun", alt=show_unseen(alt))
    value = clicked(event, name, fact)
    if value is not None:
        st.session_state[f"clicks:{name}"] = count + 1
    return value


def clicked(event: Any, selection: str, field: str) -> Any | None:
    """The value of `field` of the clicked mark, from an event of a chart with this selection; None without a click."""
    chosen: Mapping[str, Any] = (event or {}).get("selection", {}) if hasattr(event, "get") else {}
    points = chosen.get(selection) or []
    return points[0].get(field) if points else None


def on_axis(name: str, most: int = NAMED) -> str:
    """A stranger's name for an axis or a tooltip: on one line, shortened, with invisible characters shown."""
    line = " ".join(show_unseen(name).split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def distinct_labels(names: list[str], most: int = NAMED) -> list[str]:
    """The names for an axis, all different even where they begin alike."""
    labels: list[str] = []
    for name in names:
        short, number = on_axis(name, most), 2
        if short == "if":
            short += JOINER
        while short in labels:
            short, number = f"{on_axis(name, most - 4)} ({number})", number + 1
        labels.append(short)
    return labels
