"""From downloaded through each removing rule to kept: horizontal bars, each starting where the one before ended."""

from __future__ import annotations

from collections.abc import Sequence

from curation.writing.colours import KEPT, NEUTRAL, rule_colour
from dashboards.charts import vega
from dashboards.charts.vega import ROOM, STEP, Spec, field
from dashboards.queries.overview import Step

#: What a click on the first bar selects.
ALL = "all"


def waterfall(steps: Sequence[Step]) -> Spec:
    """The chart; a click anywhere in a bar's line selects `ALL` or the value of the facet `verdict`."""
    most = max((step.posts for step in steps), default=0) or 1
    names = vega.distinct_labels([step.label for step in steps])
    rows = [
        {
            "key": step.key or ALL,
            "name": name,
            "posts": step.posts,
            "begin": step.begin,
            "end": step.end,
            "from": 0,
            "to": most * ROOM,
            "colour": KEPT if step is steps[-1] else rule_colour(step.key) if step.key else NEUTRAL,
            "figure": f"{step.posts:,}" + (f" · {step.posts / most:.1%}" if step.key and steps[0].posts else ""),
        }
        for step, name in zip(steps, names, strict=True)
    ]
    line = vega.named_lines(names)
    bars = vega.layer(
        rows,
        "bar",
        {"cornerRadius": 2},
        y=line,
        x=field("begin:Q", title="posts", axis={**vega.POSTS, "grid": True}),
        x2={"field": "end"},
        color=field("colour:N", scale=None),
    )
    figures = vega.beside(rows, y=line, x=field("end:Q"), text=field("figure:N"))
    tooltip = vega.tooltip(("name:N", "step"), ("posts:Q", "posts", ","))
    touched = vega.click_layer(
        rows, size={"height": STEP}, y=line, x=field("from:Q"), x2={"field": "to"}, tooltip=tooltip
    )
    return vega.chart(bars, figures, touched, click=("step", "key", 2), resolve={"scale": {"color": "independent"}})


def in_words(steps: Sequence[Step]) -> str:
    """The chart in words."""
    return "Posts from downloaded to kept. " + "; ".join(f"{step.label}: {step.posts:,}" for step in steps) + "."
