"""How measured values lie, with the cuts that two recipes make."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt

from dashboards.charts.style import INK, NEUTRAL, REMOVED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboards.queries.thresholds import Bin

HEIGHT = 200


def histogram(bins: Sequence[Bin], unit: str, a: float | None, b: float | None) -> alt.LayerChart:
    """The chart; the cut of A is a dashed line, that of B a solid one, None for no cut."""
    rows = [{"low": each.low, "high": each.high, "posts": each.posts} for each in bins]
    bars = (
        alt.Chart(alt.Data(values=rows))
        .mark_bar(color=NEUTRAL)
        .encode(
            x=alt.X("low:Q", bin="binned", title=unit, scale=alt.Scale(nice=False), axis=alt.Axis(grid=False)),
            x2="high:Q",
            y=alt.Y("posts:Q", title="posts", axis=alt.Axis(format="~s", tickCount=4)),
            tooltip=[
                alt.Tooltip("low:Q", title="from", format=",.4~g"),
                alt.Tooltip("high:Q", title="below", format=",.4~g"),
                alt.Tooltip("posts:Q", title="posts", format=","),
            ],
        )
    )
    layers: list[alt.Chart] = [bars]
    right = "A" if a is not None and b is not None and b < a else "B"
    for cut, name, dash, colour in ((a, "A", [6, 4], INK), (b, "B", [1, 0], REMOVED)):
        if cut is None:
            continue
        align, away = ("left", 3) if name == right else ("right", -3)
        line = alt.Chart(alt.Data(values=[{"cut": cut, "name": f"{name}: {cut:g}"}])).encode(x="cut:Q")
        layers.append(line.mark_rule(color=colour, strokeDash=dash, strokeWidth=2))
        # Above the bars, where nothing is behind it.
        layers.append(
            line.mark_text(align=align, dx=away, color=INK, fontSize=13, fontWeight="bold").encode(
                y=alt.value(-8), text="name:N"
            )
        )
    return alt.layer(*layers).properties(height=HEIGHT)


def described(bins: Sequence[Bin], unit: str, a: float | None, b: float | None) -> str:
    """The chart in words."""
    cuts = [f"{name} cuts at {cut:g}" for name, cut in (("A", a), ("B", b)) if cut is not None]
    most = max(bins, key=lambda each: each.posts, default=None)
    peak = f"; most posts lie from {most.low:g} to {most.high:g}" if most else ""
    return f"How many posts have so many {unit}{peak}. {'; '.join(cuts)}."
