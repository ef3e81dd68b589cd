"""From downloaded through each removing rule to kept: horizontal bars, each beginning where the one before ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt

from dashboards.charts.style import INK, KEPT, NEUTRAL, REMOVED, STEP, told_apart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboards.queries.overview import Step

#: Name of the selection, and its field: "all" or the value of the facet `verdict`.
SELECTION, FIELD = "step", "key"
ALL = "all"

#: Room for the figure beside a bar, as a part of the widest bar.
ROOM = 1.3


def waterfall(steps: Sequence[Step]) -> alt.LayerChart:
    """The chart; a click anywhere in a bar's line selects it, so that a small bar can be hit too."""
    most = max((step.posts for step in steps), default=0) or 1
    names = told_apart([step.label for step in steps])
    rows = [
        {
            "key": step.key or ALL,
            "name": name,
            "posts": step.posts,
            "begin": step.begin,
            "end": step.end,
            "from": 0,
            "to": most * ROOM,
            "kind": "kept" if step is steps[-1] else "removed" if step.key else "downloaded",
            "figure": f"{step.posts:,}" + (f" · {step.posts / most:.1%}" if step.key and steps[0].posts else ""),
        }
        for step, name in zip(steps, names, strict=True)
    ]
    line = alt.Y(
        "name:N",
        sort=names,
        title=None,
        axis=alt.Axis(labelOverlap=False, labelLimit=190, ticks=False, domain=False, labelPadding=6),
    )
    across = alt.X("begin:Q", title="posts", axis=alt.Axis(format="~s", tickCount=4, grid=True, titleAnchor="start"))
    base = alt.Chart(alt.Data(values=rows)).encode(y=line)
    bars = base.mark_bar(cornerRadius=2).encode(
        x=across,
        x2="end:Q",
        color=alt.Color(
            "kind:N",
            scale=alt.Scale(domain=["downloaded", "removed", "kept"], range=[NEUTRAL, REMOVED, KEPT]),
            legend=None,
        ),
    )
    figures = base.mark_text(align="left", dx=5, color=INK, fontSize=12).encode(x="end:Q", text="figure:N")
    touched = (
        base.mark_bar(opacity=0.001, cursor="pointer", color=INK, height=STEP)
        .encode(
            x="from:Q",
            x2="to:Q",
            tooltip=[alt.Tooltip("name:N", title="step"), alt.Tooltip("posts:Q", title="posts", format=",")],
            description=alt.Text("name:N"),
        )
        .add_params(alt.selection_point(name=SELECTION, fields=[FIELD], on="click", toggle="false"))
    )
    return alt.layer(bars, figures, touched).properties(height=alt.Step(STEP)).resolve_scale(color="independent")


def described(steps: Sequence[Step]) -> str:
    """The chart in words."""
    return "Posts from downloaded to kept. " + "; ".join(f"{step.label}: {step.posts:,}" for step in steps) + "."
