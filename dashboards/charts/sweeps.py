"""How many posts are kept for each value of a threshold, with what was measured behind it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import altair as alt

from dashboards.charts.style import INK, KEPT, NEUTRAL, REMOVED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from curation.what_if.sweep import Sweep
    from dashboards.queries.rules import Bar

#: Name of the selection, and its field: the value, as JSON.
SELECTION, FIELD = "sweep", "value"
EXACT, ESTIMATE = "exact", "estimate"
#: Pixels; the histogram takes the lower third.
HEIGHT = 340


def curve(swept: Sweep, bars: Sequence[Bar], *, measure: str, far: bool) -> alt.LayerChart:
    """The chart. `measure` names what was measured; `far`: few measures lie many times as far as most others."""
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
    across = alt.X(
        "at:Q",
        title=measure,
        scale=alt.Scale(zero=False, nice=False, type="symlog" if far else "linear", padding=14),
        axis=alt.Axis(grid=False, titleAnchor="start", tickCount=8, labelOverlap=True),
    )
    most = max((bar.posts for bar in bars), default=0) or 1
    histogram = (
        alt.Chart(alt.Data(values=[vars(bar) for bar in bars]))
        .mark_rect(color=NEUTRAL, opacity=0.35)
        .encode(
            x=alt.X("begin:Q", title=measure),
            x2="end:Q",
            y=alt.Y("posts:Q", axis=None, scale=alt.Scale(domain=[0, 3 * most], nice=False)),
            y2=alt.datum(0),
            tooltip=[
                alt.Tooltip("first:Q", title="measured, from"),
                alt.Tooltip("last:Q", title="to"),
                alt.Tooltip("posts:Q", title="posts", format=","),
            ],
        )
    )
    up = alt.Y(
        "kept:Q",
        title=None,
        scale=alt.Scale(zero=False, padding=12),
        axis=alt.Axis(format="~s" if max(p.kept for p in swept.points) >= 10_000 else ",", tickCount=5),
    )
    base = alt.Chart(alt.Data(values=rows)).encode(x=across, y=up)
    line = base.mark_line(color=KEPT, strokeWidth=2)
    points = base.mark_point(size=70, opacity=1, strokeWidth=2).encode(
        shape=alt.Shape("sure:N", legend=None, scale=alt.Scale(domain=[EXACT, ESTIMATE], range=["circle", "diamond"])),
        stroke=alt.value(KEPT),
        fill=alt.value(KEPT),
        fillOpacity=alt.condition(f"datum.sure == '{EXACT}'", alt.value(1), alt.value(0)),
    )
    touched = (
        base.mark_point(color=KEPT, size=900, filled=True, opacity=0.001, cursor="pointer")
        .encode(
            tooltip=[
                alt.Tooltip("value:N", title=swept.parameter),
                alt.Tooltip("kept:Q", title="kept", format=","),
                alt.Tooltip("sure:N", title="which is"),
                alt.Tooltip("removed:Q", title="removed by this rule first", format=","),
            ],
            description=alt.Text("value:N"),
        )
        .add_params(alt.selection_point(name=SELECTION, fields=[FIELD], on="click", toggle="false"))
    )
    today = alt.Chart(alt.Data(values=[{"at": swept.now, "said": f"now {number(swept.now)}"}])).encode(x="at:Q")
    now = today.mark_rule(color=REMOVED, strokeDash=[5, 4], strokeWidth=2)
    word = today.mark_text(color=INK, align="left", dx=5, dy=6, fontSize=12).encode(y=alt.value(0), text="said:N")
    kept = alt.layer(line, now, word, points, touched)
    return alt.layer(histogram, kept).resolve_scale(y="independent").properties(height=HEIGHT)


def number(value: float) -> str:
    """A value of a threshold for people."""
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"


def described(swept: Sweep) -> str:
    """The chart in words."""
    said = (f"{number(point.value)}: {'' if point.exact else 'about '}{point.kept:,}" for point in swept.points)
    return f"Kept posts by {swept.parameter}, which is {number(swept.now)} now. " + "; ".join(said) + "."
