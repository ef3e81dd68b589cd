"""From downloaded through each removing rule to kept: horizontal bars, each beginning where the one before ended."""

from __future__ import annotations

from collections.abc import Sequence

from curation.writing.colours import KEPT, NEUTRAL, REMOVED
from dashboards.charts import vega
from dashboards.charts.style import INK, STEP, Spec, distinct_labels
from dashboards.charts.vega import field
from dashboards.queries.overview import Step

#: Name of the selection, and its field: "all" or the value of the facet `verdict`.
SELECTION, FIELD = "step", "key"
ALL = "all"

#: Room for the figure beside a bar, as a part of the widest bar.
ROOM = 1.3


def waterfall(steps: Sequence[Step]) -> Spec:
    """The chart; a click anywhere in a bar's line selects it, so that a small bar can be hit too."""
    most = max((step.posts for step in steps), default=0) or 1
    names = distinct_labels([step.label for step in steps])
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
    line = vega.named_lines(names)
    axis = {"format": "~s", "tickCount": 4, "grid": True, "titleAnchor": "start"}
    colours = {"domain": ["downloaded", "removed", "kept"], "range": [NEUTRAL, REMOVED, KEPT]}
    bars = vega.layer(
        rows,
        "bar",
        {"cornerRadius": 2},
        y=line,
        x=field("begin:Q", title="posts", axis=axis),
        x2={"field": "end"},
        color=field("kind:N", scale=colours, legend=None),
    )
    figures = vega.beside(rows, y=line, x=field("end:Q"), text=field("figure:N"))
    touched = vega.layer(
        rows,
        "bar",
        {"opacity": 0.001, "cursor": "pointer", "color": INK, "height": STEP},
        y=line,
        x=field("from:Q"),
        x2={"field": "to"},
        tooltip=vega.tooltip(("name:N", "step"), ("posts:Q", "posts", ",")),
        description=field("name:N"),
    )
    return vega.chart(bars, figures, touched, click=(SELECTION, FIELD, 2), resolve={"scale": {"color": "independent"}})


def in_words(steps: Sequence[Step]) -> str:
    """The chart in words."""
    return "Posts from downloaded to kept. " + "; ".join(f"{step.label}: {step.posts:,}" for step in steps) + "."
