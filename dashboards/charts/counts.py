"""Posts by length or language: a bar with a figure for each."""

from __future__ import annotations

from collections.abc import Sequence

from curation.writing.colours import KEPT
from dashboards.charts import vega
from dashboards.charts.vega import ROOM, SHORT, Spec, field


def counts(rows: Sequence[tuple[str, int]]) -> Spec:
    """The chart of names and their posts, in this order."""
    names = vega.distinct_labels([name for name, _ in rows])
    most = max((posts for _, posts in rows), default=0) or 1
    total = sum(posts for _, posts in rows) or 1
    values = [
        {"name": name, "posts": posts, "figure": f"{posts:,} · {posts / total:.1%}"}
        for name, (_, posts) in zip(names, rows, strict=True)
    ]
    line = vega.named_lines(names)
    x = field(
        "posts:Q",
        title="posts",
        axis={"labelExpr": SHORT, "tickCount": 4, "tickMinStep": 1},
        scale={"domain": [0, most * ROOM]},
    )
    tooltip = vega.tooltip(("name:N", "of"), ("posts:Q", "posts", ","))
    bars = vega.layer(values, "bar", {"cornerRadius": 2, "color": KEPT}, y=line, x=x, tooltip=tooltip)
    return vega.chart(bars, vega.beside(values, y=line, x=x, text=field("figure:N")))


def in_words(rows: Sequence[tuple[str, int]], title: str) -> str:
    """The chart in words."""
    return f"{title}. " + "; ".join(f"{name}: {posts:,}" for name, posts in rows) + "."
