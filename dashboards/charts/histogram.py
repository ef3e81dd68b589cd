"""The distribution of a measure, with the cuts of two recipes."""

from __future__ import annotations

from collections.abc import Sequence

from curation.writing.colours import NEUTRAL, REMOVED
from dashboards.charts import vega
from dashboards.charts.vega import INK, SHORT, Spec, field
from dashboards.queries.thresholds import Bin

HEIGHT = 200


def histogram(bins: Sequence[Bin], unit: str, a: float | None, b: float | None, *, whole: bool = False) -> Spec:
    """The chart; the cut of A is a dashed line, that of B a solid one, None is none.

    With `whole`, there are no ticks between whole numbers.
    """
    rows = [{"low": each.low, "high": each.high, "posts": each.posts} for each in bins]
    axis = {"grid": False, **({"tickMinStep": 1} if whole else {})}
    bars = vega.layer(
        rows,
        "bar",
        {"color": NEUTRAL},
        x=field("low:Q", bin="binned", title=unit, scale={"nice": False}, axis=axis),
        x2={"field": "high"},
        y=field("posts:Q", title="posts", axis={"labelExpr": SHORT, "tickCount": 4, "tickMinStep": 1}),
        tooltip=vega.tooltip(("low:Q", "from", ",.4~g"), ("high:Q", "below", ",.4~g"), ("posts:Q", "posts", ",")),
    )
    layers = [bars]
    right = "A" if a is not None and b is not None and b < a else "B"
    for cut, name, dash, colour in ((a, "A", [6, 4], INK), (b, "B", [1, 0], REMOVED)):
        if cut is None:
            continue
        align, away = ("left", 3) if name == right else ("right", -3)
        label: list[Spec] = [{"cut": cut, "name": f"{name}: {cut:g}"}]
        at = field("cut:Q")
        layers.append(vega.layer(label, "rule", {"color": colour, "strokeDash": dash, "strokeWidth": 2}, x=at))
        # The label is above the bars, where nothing is behind it.
        word = {"align": align, "dx": away, "color": INK, "fontSize": 13, "fontWeight": "bold"}
        layers.append(vega.layer(label, "text", word, x=at, y={"value": -8}, text=field("name:N")))
    return vega.chart(*layers, height=HEIGHT)


def in_words(bins: Sequence[Bin], unit: str, a: float | None, b: float | None) -> str:
    """The chart in words."""
    cuts = [f"{name} cuts at {cut:g}" for name, cut in (("A", a), ("B", b)) if cut is not None]
    most = max(bins, key=lambda each: each.posts, default=None)
    peak = f"; most posts lie from {most.low:g} to {most.high:g}" if most else ""
    return f"How many posts have so many {unit}{peak}. {'; '.join(cuts)}."
