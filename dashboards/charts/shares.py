"""Kept and removed of each author: bars of equal length by share, or by number of posts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt

from dashboards.charts.style import INK, KEPT, REMOVED, STEP, told_apart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboards.queries.overview import Account

#: Name of the selection, and its field: the number of the bar and "kept" or "removed", as `3:kept`.
SELECTION, FIELD = "account", "place"


def parts(accounts: Sequence[Account], names: Sequence[str]) -> list[dict[str, object]]:
    """A row for each account's kept posts and for its removed ones."""
    return [
        {
            "place": f"{number}:{part}",
            "name": name,
            "part": part,
            "posts": posts,
            "downloaded": account.downloaded,
            "share": posts / account.downloaded if account.downloaded else 0.0,
            "order": order,
            "clickable": bool(account.keys),
        }
        for number, (account, name) in enumerate(zip(accounts, names, strict=True))
        for order, (part, posts) in enumerate((("kept", account.kept), ("removed", account.removed_posts)))
    ]


def colours(**options: object) -> alt.Color:
    """Of the two parts, with a legend above."""
    return alt.Color(
        "part:N",
        title=None,
        scale=alt.Scale(domain=["kept", "removed"], range=[KEPT, REMOVED]),
        legend=alt.Legend(orient="top", **options),
    )


def tooltip(what: str) -> list[alt.Tooltip]:
    """What is said of a part under the pointer."""
    return [
        alt.Tooltip("name:N", title=what),
        alt.Tooltip("part:N", title="verdict"),
        alt.Tooltip("posts:Q", title="posts", format=","),
        alt.Tooltip("share:Q", title="share", format=".1%"),
        alt.Tooltip("downloaded:Q", title="downloaded", format=","),
    ]


def shares(accounts: Sequence[Account], *, count: bool) -> alt.LayerChart:
    """The chart, by share or by `count`."""
    names = told_apart([account.label for account in accounts])
    rows = parts(accounts, names)
    base = alt.Chart(alt.Data(values=rows)).encode(
        y=alt.Y(
            "name:N",
            sort=names,
            title=None,
            axis=alt.Axis(labelOverlap=False, labelLimit=190, ticks=False, domain=False, labelPadding=6),
        )
    )
    along = alt.Axis(format="~s", tickCount=4, titleAnchor="start")
    if not count:
        along = alt.Axis(format="%", values=[0, 0.25, 0.5, 0.75, 1], titleAnchor="start")
    widest = max((account.downloaded for account in accounts), default=0) or 1
    bars = (
        base.mark_bar(cursor="pointer")
        .encode(
            x=alt.X(
                "posts:Q" if count else "share:Q",
                stack="zero",
                title="posts" if count else "share of posts",
                axis=along,
                scale=alt.Scale(domain=[0, widest * 1.2] if count else [0, 1.2]),
            ),
            color=colours(),
            order="order:Q",
            tooltip=tooltip("author"),
        )
        .add_params(alt.selection_point(name=SELECTION, fields=[FIELD], on="click", toggle="false"))
    )
    ends = [
        {"name": name, "end": account.downloaded if count else 1, "figure": f"{account.downloaded:,}"}
        for account, name in zip(accounts, names, strict=True)
    ]
    figures = (
        alt.Chart(alt.Data(values=ends))
        .mark_text(align="left", dx=5, color=INK, fontSize=12)
        .encode(y=alt.Y("name:N", sort=names), x="end:Q", text="figure:N")
    )
    return alt.layer(bars, figures).properties(height=alt.Step(STEP))


def described(accounts: Sequence[Account]) -> str:
    """The chart in words."""
    said = (f"{account.label}: {account.kept:,} of {account.downloaded:,} kept" for account in accounts)
    return "Kept and removed posts by author. " + "; ".join(said) + "."
