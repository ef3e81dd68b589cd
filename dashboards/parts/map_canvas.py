"""The map itself as a part of a page: points on a canvas, drawn by a component of our own.

`st.pydeck_chart` sends each point as JSON, and draws on map tiles from outside unless it is told not to. This one sends
five bytes a point, once, and asks for nothing.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st

HTML = """<div class="map"><canvas role="img" tabindex="0"></canvas><div class="tip" hidden></div>
<div class="bar"><button name="in" aria-label="Zoom in">+</button><button name="out" aria-label="Zoom out">−</button>
<button name="home">Whole map</button><button name="select" aria-pressed="false">Select an area</button>
<span class="status" role="status"></span></div></div>"""


@dataclass(frozen=True)
class Canvas:
    """What a map shows."""

    map: str  # differs where points differ
    version: str  # differs where points or colours differ
    x: npt.NDArray[np.float32]
    y: npt.NDArray[np.float32]
    colour: npt.NDArray[np.uint8]  # a place in the palette
    palette: Sequence[tuple[int, int, int]]
    names: Sequence[Mapping[str, Any]]  # text, x, y; the most important first
    words: str  # for a screen reader


@dataclass(frozen=True)
class Answer:
    """What the visitor does on it."""

    area: tuple[float, float, float, float]  # in sight: x and y of two corners
    loaded: str  # the version that the browser has
    rows: tuple[int, ...]  # chosen
    number: int  # of chosen posts, which may be more than `rows`


def draw(canvas: Canvas, key: str, texts: Callable[[Answer], Mapping[int, str]], ringed: Sequence[int]) -> Answer:
    """Draw it. `texts` gives those to show for what is in sight, by row; `ringed` rows are marked, the first most."""
    before = answer_of(st.session_state.get(key), canvas)
    shown = texts(before)
    _component()(
        key=key,
        data=packed(canvas, shown, ringed, with_points=before.loaded != canvas.version),
        on_view_change=_nothing,
        on_picked_change=_nothing,
    )
    return before


def answer_of(state: Any, canvas: Canvas) -> Answer:
    """The state of the component as an answer; whatever a browser sends."""
    view, picked = (_mapping(state, name) for name in ("view", "picked"))
    corners = [view.get(name) for name in ("x0", "y0", "x1", "y1")]
    area = (0.0, 0.0, 1.0, 1.0)
    numbers = [float(corner) for corner in corners if isinstance(corner, int | float)]
    if len(numbers) == len(corners):
        area = (numbers[0], numbers[1], numbers[2], numbers[3])
    rows = picked.get("rows") if picked.get("map") == canvas.map else ()
    whole = [row for row in rows if isinstance(row, int) and 0 <= row < len(canvas.x)] if isinstance(rows, list) else []
    number = picked.get("number")
    return Answer(area, str(view.get("loaded", "")), tuple(whole), number if isinstance(number, int) else len(whole))


def packed(canvas: Canvas, texts: Mapping[int, str], ringed: Sequence[int], *, with_points: bool) -> bytes:
    """The block of bytes for the browser."""
    header = {
        "map": canvas.map, "version": canvas.version, "points": len(canvas.x) if with_points else 0,
        "palette": canvas.palette, "names": canvas.names, "words": canvas.words, "ringed": list(ringed),
        "rows": list(texts), "texts": list(texts.values()),
    }  # fmt: skip
    head = json.dumps(header).encode()
    head += b" " * (-len(head) % 4)
    block = struct.pack("<I", len(head)) + head
    if with_points:
        places = np.clip(np.concatenate([canvas.x, canvas.y]), 0, 1) * 65_535
        block += places.round().astype("<u2").tobytes() + canvas.colour.tobytes()
    return block


@st.cache_resource
def _component() -> Callable[..., Any]:
    css, js = (
        resources.files("dashboards.parts").joinpath(f"map_canvas.{kind}").read_text(encoding="utf-8")
        for kind in ("css", "js")
    )
    return st.components.v2.component("curation_map", html=HTML, css=css, js=js)


def _mapping(state: Any, name: str) -> Mapping[str, Any]:
    value = state.get(name) if isinstance(state, Mapping) else getattr(state, name, None)
    return value if isinstance(value, Mapping) else {}


def _nothing() -> None:
    """A state that a page reads needs a function that hears of its change."""
