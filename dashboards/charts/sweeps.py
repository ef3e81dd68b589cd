"""Kept posts for each value of a threshold, with the distribution of the measure behind them."""

from __future__ import annotations

import json
from collections.abc import Sequence

from curation.asking.sweep import Sweep
from curation.writing.colours import KEPT, NEUTRAL, REMOVED
from dashboards.charts import vega
from dashboards.charts.vega import Spec, field
from dashboards.queries.rules import MeasureBar

EXACT, ESTIMATE = "exact", "estimate"
#: Pixels; the distribution takes the lower third.
HEIGHT = 340


def curve(swept: Sweep, bars: Sequence[MeasureBar], *, measure: str, far: bool, whole: bool) -> Spec:
    """The chart; a click selects a value, as JSON.

    `measure` is the name of the measure. `far` means that a few measures are many times as large as most others,
    `whole` that it counts something.
    """
    scale = {"zero": False, "nice": False, "type": "symlog" if far else "linear", "padding": 14}
    axis = {"grid": False, "titleAnchor": "start", "tickCount": 8, "labelOverlap": True}
    # A bar below the smallest value and the padding reach below zero, where nothing is measured.
    axis["labelExpr"] = "datum.value < 0 ? '' : datum.label"
    if whole:
        axis |= {"tickMinStep": 1, "format": ",d"}
    across = field("at:Q", title=measure, scale=scale, axis=axis)
    # The measures and the kept posts have an axis each, so they are layers of layers.
    kept = _kept(swept, across)
    clicked = {"params": kept.pop("params")}
    del kept["height"]
    histogram = _histogram(bars, measure)
    return vega.chart(histogram, kept, height=HEIGHT, resolve={"scale": {"y": "independent"}}, **clicked)


def _histogram(bars: Sequence[MeasureBar], measure: str) -> Spec:
    most = max((bar.posts for bar in bars), default=0) or 1
    return vega.layer(
        [vars(bar) for bar in bars],
        "rect",
        {"color": NEUTRAL, "opacity": 0.35},
        x=field("begin:Q", title=measure),
        x2={"field": "end"},
        y=field("posts:Q", axis=None, scale={"domain": [0, 3 * most], "nice": False}),
        y2={"datum": 0},
        tooltip=vega.tooltip(("first:Q", "measured, from"), ("last:Q", "to"), ("posts:Q", "posts", ",")),
    )


def _kept(swept: Sweep, across: Spec) -> Spec:
    """The kept posts of each value: a line, points that answer a click, and the current threshold."""
    rows = [
        {
            "value": json.dumps(point.value),
            "at": point.value,
            "kept": point.kept,
            "removed": point.removed_by_rule,
            "sure": EXACT if point.exact else ESTIMATE,
        }
        for point in swept.points
    ]
    up = field(
        "kept:Q",
        title=None,
        scale={"zero": False, "padding": 12},
        axis={"format": ",d", "tickCount": 5, "tickMinStep": 1},
    )
    line = vega.layer(rows, "line", {"color": KEPT, "strokeWidth": 2}, x=across, y=up)
    points = vega.layer(
        rows,
        "point",
        {"size": 70, "opacity": 1, "strokeWidth": 2},
        x=across,
        y=up,
        shape=field("sure:N", legend=None, scale={"domain": [EXACT, ESTIMATE], "range": ["circle", "diamond"]}),
        stroke={"value": KEPT},
        fill={"value": KEPT},
        fillOpacity={"condition": {"test": f"datum.sure == '{EXACT}'", "value": 1}, "value": 0},
    )
    touched = vega.click_layer(
        rows,
        "point",
        {"color": KEPT, "size": 900, "filled": True},
        name="value",
        x=across,
        y=up,
        tooltip=vega.tooltip(
            ("value:N", swept.parameter),
            ("kept:Q", "kept", ","),
            ("sure:N", "which is"),
            ("removed:Q", "removed by this rule first", ","),
        ),
    )
    return vega.chart(line, *_today(swept), points, touched, height=HEIGHT, click=("sweep", "value", 4))


def _today(swept: Sweep) -> tuple[Spec, Spec]:
    """A dashed line at the current value, and its label."""
    today, at = [{"at": swept.now, "label": f"now {number(swept.now)}"}], field("at:Q")
    now = vega.layer(today, "rule", {"color": REMOVED, "strokeDash": [5, 4], "strokeWidth": 2}, x=at)
    label = vega.beside(today, x=at, y={"value": 0}, text=field("label:N"))
    label["mark"]["dy"] = 6
    return now, label


def number(value: float) -> str:
    """A value of a threshold, for people."""
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"


def in_words(swept: Sweep) -> str:
    """The chart in words."""
    words = (f"{number(point.value)}: {'' if point.exact else 'about '}{point.kept:,}" for point in swept.points)
    return f"Kept posts by {swept.parameter}, which is {number(swept.now)} now. " + "; ".join(words) + "."
