"""Kept and removed posts over time."""

from __future__ import annotations

from collections.abc import Sequence

from dashboards.charts import vega
from dashboards.charts.shares import colours, parts, tooltip
from dashboards.charts.style import Spec
from dashboards.charts.vega import field
from dashboards.queries.overview import Account

#: Name of the selection, and its field: the number of the bar and "kept" or "removed", as `3:kept`.
SELECTION, FIELD = "period", "place"
HEIGHT = 320


def timeline(periods: Sequence[Account], by: str) -> Spec:
    """The chart; `by` is `month` or `year`."""
    names = [period.label for period in periods]
    bars = vega.layer(
        parts(periods, names),
        "bar",
        {"cursor": "pointer"},
        x=field("name:O", title=by, sort=names, axis={"labelOverlap": True, "labelAngle": -45}),
        y=field("posts:Q", stack="zero", title="posts", axis={"format": "~s", "tickCount": 4}),
        color=colours(),
        order=field("order:Q"),
        tooltip=tooltip(by),
    )
    return vega.chart(bars, height=HEIGHT, click=(SELECTION, FIELD, 0))


def in_words(periods: Sequence[Account], by: str) -> str:
    """The chart in words."""
    words = (f"{period.label}: {period.kept:,} of {period.downloaded:,} kept" for period in periods)
    return f"Kept and removed posts by {by}. " + "; ".join(words) + "."
