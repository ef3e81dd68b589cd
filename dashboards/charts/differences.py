"""What a change loses and gains: bars to either side of nothing."""

from __future__ import annotations

from collections.abc import Sequence

from curation.asking.comparison.result import Row
from curation.writing.colours import KEPT, REMOVED
from dashboards.charts import vega
from dashboards.charts.style import INK, Spec, distinct_labels
from dashboards.charts.vega import field

#: Name of the selection, and its field: the number of the bar.
SELECTION, FIELD = "changed", "place"
HEIGHT = 240


def differences(rows: Sequence[Row], by: str) -> Spec:
    """A line for each row: what only A keeps to the left, what only B keeps to the right; a click selects a row."""
    names = distinct_labels([row.key for row in rows])
    values = [
        value for place, (row, name) in enumerate(zip(rows, names, strict=True)) for value in _parts(place, row, name)
    ]
    most = max((max(row.only_a, row.only_b) for row in rows), default=0) or 1
    wide = 1.35 * most
    line = vega.named_lines(names)
    along = field(
        "change:Q",
        title="posts lost and gained",
        scale={"domain": [-wide, wide]},
        axis={"format": "~s", "tickCount": 4, "titleAnchor": "start"},
    )
    layers = [vega.layer(values, "bar", {}, y=line, x=along, color=_colour())]
    for part, align, away in (("lost", "right", -4), ("gained", "left", 4)):
        there = [value for value in values if value["part"] == part and value["posts"]]
        word = {"align": align, "dx": away, "color": INK, "fontSize": 12}
        layers.append(vega.layer(there, "text", word, y=line, x=along, text=field("figure:N")))
    # Over the whole line, so that a small bar can be hit too.
    touched = vega.layer(
        [{**value, "from": -wide, "to": wide} for value in values if value["part"] == "lost"],
        "bar",
        {"opacity": 0.001, "cursor": "pointer", "color": INK},
        y=line,
        x=field("from:Q"),
        x2={"field": "to"},
        tooltip=_tooltip(by),
        description=field("name:N"),
    )
    return vega.chart(*layers, touched, click=(SELECTION, FIELD, len(layers)))


def over(rows: Sequence[Row], title: str) -> Spec:
    """A column for each row, in the order given: gained above nothing, lost below."""
    names = [row.key for row in rows]
    columns = vega.layer(
        [value for place, row in enumerate(rows) for value in _parts(place, row, row.key)],
        "bar",
        {},
        x=field("name:O", sort=names, title=title, axis={"labelOverlap": True, "labelAngle": -45}),
        y=field("change:Q", title="posts", axis={"format": "~s", "tickCount": 4}),
        color=_colour(),
        tooltip=_tooltip(title),
    )
    return vega.chart(columns, height=HEIGHT)


def in_words(rows: Sequence[Row], by: str) -> str:
    """The chart in words."""
    words = (f"{row.key}: {row.only_a:,} lost, {row.only_b:,} gained" for row in rows)
    return f"Posts lost and gained by {by}. " + "; ".join(words) + "."


def _parts(place: int, row: Row, name: str) -> list[dict[str, object]]:
    return [
        {
            "place": str(place),
            "name": name,
            "part": part,
            "posts": posts,
            "lost": row.only_a,
            "gained": row.only_b,
            "change": sign * posts,
            "figure": f"{'−' if sign < 0 else '+'}{posts:,}",
            "both": row.both,
        }
        for part, sign, posts in (("lost", -1, row.only_a), ("gained", 1, row.only_b))
    ]


def _colour() -> Spec:
    return vega.two_colours("part:N", ("lost", REMOVED), ("gained", KEPT))


def _tooltip(what: str) -> list[Spec]:
    return vega.tooltip(
        ("name:N", what), ("lost:Q", "lost", ","), ("gained:Q", "gained", ","), ("both:Q", "kept by both", ",")
    )
