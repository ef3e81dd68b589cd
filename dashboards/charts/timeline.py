"""Kept and removed posts over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt

from dashboards.charts.shares import colours, parts, tooltip

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboards.queries.overview import Account

#: Name of the selection, and its field: the number of the bar and "kept" or "removed", as `3:kept`.
SELECTION, FIELD = "period", "place"
HEIGHT = 320


def timeline(periods: Sequence[Account], by: str) -> alt.Chart:
    """The chart; `by` is `month` or `year`."""
    names = [period.label for period in periods]
    return (
        alt.Chart(alt.Data(values=parts(periods, names)))
        .mark_bar(cursor="pointer")
        .encode(
            x=alt.X("name:O", title=by, sort=names, axis=alt.Axis(labelOverlap=True, labelAngle=-45)),
            y=alt.Y("posts:Q", stack="zero", title="posts", axis=alt.Axis(format="~s", tickCount=4)),
            color=colours(),
            order="order:Q",
            tooltip=tooltip(by),
        )
        .add_params(alt.selection_point(name=SELECTION, fields=[FIELD], on="click", toggle="false"))
        .properties(height=HEIGHT)
    )


def described(periods: Sequence[Account], by: str) -> str:
    """The chart in words."""
    said = (f"{period.label}: {period.kept:,} of {period.downloaded:,} kept" for period in periods)
    return f"Kept and removed posts by {by}. " + "; ".join(said) + "."
