"""The learning curve of a model: a figure over the epochs, for training posts and for held-out posts."""

from __future__ import annotations

from collections.abc import Sequence

from curation.writing.colours import NEUTRAL
from dashboards.charts import vega
from dashboards.charts.vega import Spec, field
from dashboards.queries.training import HELD_OUT, TRAINING, CurvePoint

#: Neither the colour of kept nor that of removed posts; it reads on white and on black.
HELD = "#2f86c9"
HEIGHT = 260
#: Most points of a line whose dots are drawn.
DOTS = 60


def learning_curve(points: Sequence[CurvePoint], title: str) -> Spec:
    """The chart; `title` is the name of the figure, with its unit."""
    rows = [{"line": each.line, "epoch": each.epoch, "step": each.step, "value": each.value} for each in points]
    x = field("epoch:Q", title="epoch", axis={"tickCount": 6, "grid": False}, scale={"nice": False})
    y = field("value:Q", title=title, scale={"zero": False, "nice": True}, axis={"tickCount": 5})
    colour = vega.two_colours("line:N", (HELD_OUT, HELD), (TRAINING, NEUTRAL))
    if len({each.line for each in points}) < 2:
        colour["legend"] = None
    else:
        colour["legend"] |= {"symbolType": "stroke", "symbolOpacity": 1, "symbolStrokeWidth": 3}
    lines = vega.layer(rows, "line", {"strokeWidth": 2.5}, x=x, y=y, color=colour)
    few = max((sum(other.line == line for other in points) for line in (TRAINING, HELD_OUT)), default=0) <= DOTS
    dots = vega.layer(
        rows,
        "point",
        {"filled": True, "size": 45, "opacity": 1 if few else 0.001},
        x=x,
        y=y,
        color=colour,
        tooltip=vega.tooltip(
            ("line:N", "posts"), ("value:Q", title, ",.4f"), ("epoch:Q", "epoch", ",.2f"), ("step:Q", "step", ",")
        ),
    )
    return vega.chart(lines, dots, height=HEIGHT)


def in_words(points: Sequence[CurvePoint], title: str) -> str:
    """The chart in words."""
    parts = []
    for line in (TRAINING, HELD_OUT):
        ends = [f"{each.value:.3f} at epoch {each.epoch:.2f}" for each in points if each.line == line]
        parts += [f"{line}: {', '.join(ends[:: max(1, len(ends) - 1)])}"] if ends else []
    return f"{title} over the epochs. {'; '.join(parts)}."
