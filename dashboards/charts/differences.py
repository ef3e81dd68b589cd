"""What a change loses and gains: bars to either side of zero."""

from __future__ import annotations

from collections.abc import Sequence

from curation.asking.comparison.result import ComparedPosts
from curation.writing.colours import KEPT, REMOVED
from dashboards.charts import vega
from dashboards.charts.vega import INK, SHORT, Spec, field

HEIGHT = 240
COLOURS = vega.two_colours("part:N", ("lost", REMOVED), ("gained", KEPT))


def differences(rows: Sequence[ComparedPosts], by: str) -> Spec:
    """A line for each row: lost posts to the left, gained ones to the right; a click selects the number of a row."""
    names = vega.distinct_labels([row.key for row in rows])
    values = [
        value for place, (row, name) in enumerate(zip(rows, names, strict=True)) for value in _parts(place, row, name)
    ]
    wide = 1.35 * (max((max(row.only_a, row.only_b) for row in rows), default=0) or 1)
    line = vega.named_lines(names)
    along = field("change:Q", title="posts lost and gained", scale={"domain": [-wide, wide]}, axis=vega.POSTS)
    layers = [vega.layer(values, "bar", {}, y=line, x=along, color=COLOURS)]
    for part, align, away in (("lost", "right", -4), ("gained", "left", 4)):
        there = [value for value in values if value["part"] == part and value["posts"]]
        word = {"align": align, "dx": away, "color": INK, "fontSize": 12}
        layers.append(vega.layer(there, "text", word, y=line, x=along, text=field("figure:N")))
    whole = [{**value, "from": -wide, "to": wide} for value in values if value["part"] == "lost"]
    touched = vega.click_layer(whole, y=line, x=field("from:Q"), x2={"field": "to"}, tooltip=_tooltip(by))
    return vega.chart(*layers, touched, click=("changed", "place", len(layers)))


def over(rows: Sequence[ComparedPosts], title: str) -> Spec:
    """A column for each row, in this order: gained posts above zero, lost ones below."""
    names = [row.key for row in rows]
    columns = vega.layer(
        [value for place, row in enumerate(rows) for value in _parts(place, row, row.key)],
        "bar",
        {},
        x=field("name:O", sort=names, title=title, axis={"labelOverlap": True, "labelAngle": -45}),
        y=field("change:Q", title="posts", axis={"labelExpr": SHORT, "tickCount": 4, "tickMinStep": 1}),
        color=COLOURS,
        tooltip=_tooltip(title),
    )
    return vega.chart(columns, height=HEIGHT)


def in_words(rows: Sequence[ComparedPosts], by: str) -> str:
    """The chart in words."""
    words = (f"{row.key}: {row.only_a:,} lost, {row.only_b:,} gained" for row in rows)
    return f"Posts lost and gained by {by}. " + "; ".join(words) + "."


def _parts(place: int, row: ComparedPosts, name: str) -> list[dict[str, object]]:
    common = {"place": str(place), "name": name, "lost": row.only_a, "gained": row.only_b, "both": row.both}
    return [
        {**common, "part": part, "posts": abs(change), "change": change, "figure": f"{sign}{abs(change):,}"}
        for part, sign, change in (("lost", "−", -row.only_a), ("gained", "+", row.only_b))
    ]


def _tooltip(what: str) -> list[Spec]:
    return vega.tooltip(
        ("name:N", what), ("lost:Q", "lost", ","), ("gained:Q", "gained", ","), ("both:Q", "kept by both", ",")
    )
