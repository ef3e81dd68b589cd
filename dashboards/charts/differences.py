"""What a change loses and gains: bars to either side of nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt

from dashboards.charts.style import INK, KEPT, REMOVED, STEP, told_apart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from curation.comparison.record import Row

#: Name of the selection, and its field: the number of the bar.
SELECTION, FIELD = "changed", "place"
HEIGHT = 240
_COLOURS = alt.Scale(domain=["lost", "gained"], range=[REMOVED, KEPT])


def differences(rows: Sequence[Row], by: str) -> alt.LayerChart:
    """A line for each row: what only A keeps to the left, what only B keeps to the right; a click selects a row."""
    names = told_apart([row.key for row in rows])
    values = [
        value for place, (row, name) in enumerate(zip(rows, names, strict=True)) for value in _parts(place, row, name)
    ]
    most = max((max(row.only_a, row.only_b) for row in rows), default=0) or 1
    base = alt.Chart(alt.Data(values=values)).encode(
        y=alt.Y(
            "name:N",
            sort=names,
            title=None,
            axis=alt.Axis(labelOverlap=False, labelLimit=190, ticks=False, domain=False, labelPadding=6),
        ),
        x=alt.X(
            "change:Q",
            title="posts lost and gained",
            scale=alt.Scale(domain=[-1.35 * most, 1.35 * most]),
            axis=alt.Axis(format="~s", tickCount=4, titleAnchor="start"),
        ),
    )
    bars = base.mark_bar().encode(color=_colour())
    figures = [
        base.transform_filter(f"datum.part === '{part}' && datum.posts > 0")
        .mark_text(align=align, dx=dx, color=INK, fontSize=12)
        .encode(text="figure:N")
        for part, align, dx in (("lost", "right", -4), ("gained", "left", 4))
    ]
    # Over the whole line, so that a small bar can be hit too.
    touched = (
        base.mark_bar(opacity=0.001, cursor="pointer", color=INK)
        .encode(x=alt.X("from:Q"), x2="to:Q", tooltip=_tooltip(by), description=alt.Text("name:N"))
        .transform_calculate(**{"from": f"{-1.35 * most}", "to": f"{1.35 * most}"})
        .transform_filter("datum.part === 'lost'")
        .add_params(alt.selection_point(name=SELECTION, fields=[FIELD], on="click", toggle="false"))
    )
    return alt.layer(bars, *figures, touched).properties(height=alt.Step(STEP))


def over(rows: Sequence[Row], title: str) -> alt.Chart:
    """A column for each row, in the order given: gained above nothing, lost below."""
    values = [value for place, row in enumerate(rows) for value in _parts(place, row, row.key)]
    return (
        alt.Chart(alt.Data(values=values))
        .mark_bar()
        .encode(
            x=alt.X(
                "name:O", sort=[row.key for row in rows], title=title, axis=alt.Axis(labelOverlap=True, labelAngle=-45)
            ),
            y=alt.Y("change:Q", title="posts", axis=alt.Axis(format="~s", tickCount=4)),
            color=_colour(),
            tooltip=_tooltip(title),
        )
        .properties(height=HEIGHT)
    )


def described(rows: Sequence[Row], by: str) -> str:
    """The chart in words."""
    said = (f"{row.key}: {row.only_a:,} lost, {row.only_b:,} gained" for row in rows)
    return f"Posts lost and gained by {by}. " + "; ".join(said) + "."


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


def _colour() -> alt.Color:
    return alt.Color("part:N", title=None, scale=_COLOURS, legend=alt.Legend(orient="top"))


def _tooltip(what: str) -> list[alt.Tooltip]:
    return [
        alt.Tooltip("name:N", title=what),
        alt.Tooltip("lost:Q", title="lost", format=","),
        alt.Tooltip("gained:Q", title="gained", format=","),
        alt.Tooltip("both:Q", title="kept by both", format=","),
    ]
