"""Charts as Vega-Lite has them in JSON: a mark with its rows and what is drawn from each field, layer upon layer.

They are written as they are sent. A library that builds such charts from objects and checks each of them took more
time of a page than all its questions to the corpus. Numbers and texts of posts stand in rows only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashboards.charts.style import INK, STEP, Spec

#: What the letter after a field's colon means.
TYPES = {"Q": "quantitative", "N": "nominal", "O": "ordinal"}


def field(shorthand: str, **options: Any) -> Spec:
    """What is read of each row, as `posts:Q`: a number (Q), a name (N), or one in an order (O); with its options."""
    name, _, kind = shorthand.partition(":")
    return {"field": name, "type": TYPES[kind], **options}


def tooltip(*lines: tuple[str, ...]) -> list[Spec]:
    """What is said of a mark under the pointer: a field, its title, and for a number how it is written."""
    return [
        field(shorthand, title=title, **({"format": written[0]} if written else {}))
        for shorthand, title, *written in lines
    ]


def layer(rows: Sequence[Mapping[str, Any]], mark: str, options: Spec, **encoding: Any) -> Spec:
    """Marks of one kind, one for each row."""
    return {"data": {"values": [dict(row) for row in rows]}, "mark": {"type": mark, **options}, "encoding": encoding}


def named_lines(names: Sequence[str]) -> Spec:
    """The axis that has a line for each name, in the order given, from the top."""
    axis = {"labelOverlap": False, "labelLimit": 190, "ticks": False, "domain": False, "labelPadding": 6}
    return field("name:N", sort=list(names), title=None, axis=axis)


def two_colours(shorthand: str, first: tuple[str, str], second: tuple[str, str]) -> Spec:
    """The colour of two parts, each with its name; with a legend above."""
    scale = {"domain": [first[0], second[0]], "range": [first[1], second[1]]}
    return field(shorthand, title=None, scale=scale, legend={"orient": "top"})


def beside(rows: Sequence[Mapping[str, Any]], **encoding: Any) -> Spec:
    """Figures, right of where a bar ends."""
    return layer(rows, "text", {"align": "left", "dx": 5, "color": INK, "fontSize": 12}, **encoding)


def chart(*layers: Spec, height: Any = None, click: tuple[str, str, int] | None = None, **options: Any) -> Spec:
    """Layers, the first one at the bottom; the height is in pixels, or by lines where None is given.

    `click` makes a layer's marks answer a click: the selection's name, the field that it tells, and which layer.
    """
    spec: Spec = {"layer": list(layers), "height": {"step": STEP} if height is None else height, **options}
    if click:
        name, fact, number = click
        spec["layer"][number]["name"] = f"{name}_marks"
        select = {"type": "point", "fields": [fact], "on": "click", "toggle": "false"}
        spec["params"] = [{"name": name, "select": select, "views": [f"{name}_marks"]}]
    return spec
