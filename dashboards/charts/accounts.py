"""Kept and removed posts: of each author, by share or by number, and over time."""

from __future__ import annotations

from collections.abc import Sequence

from curation.writing.colours import KEPT, REMOVED
from dashboards.charts import vega
from dashboards.charts.vega import SHORT, Spec, field
from dashboards.queries.overview import Account

HEIGHT = 320


def by_author(accounts: Sequence[Account], *, count: bool) -> Spec:
    """A bar for each author: all of equal length, or with `count` as long as the number of posts.

    A click selects the number of the bar and "kept" or "removed", as `3:kept`.
    """
    names = vega.distinct_labels([account.label for account in accounts])
    widest = max((account.downloaded for account in accounts), default=0) or 1
    if count:
        along = field("posts:Q", title="posts", axis=vega.POSTS, scale={"domain": [0, widest * 1.2]})
    else:
        axis = {"format": "%", "values": [0, 0.25, 0.5, 0.75, 1], "titleAnchor": "start"}
        along = field("share:Q", title="share of posts", axis=axis, scale={"domain": [0, 1.2]})
    bars = _bars(accounts, names, "author", y=vega.named_lines(names), x={**along, "stack": "zero"})
    ends = [
        {"name": name, "end": account.downloaded if count else 1, "figure": f"{account.downloaded:,}"}
        for account, name in zip(accounts, names, strict=True)
    ]
    figures = vega.beside(ends, y=field("name:N", sort=names), x=field("end:Q"), text=field("figure:N"))
    return vega.chart(bars, figures, click=("account", "place", 0))


def over_time(periods: Sequence[Account], by: str) -> Spec:
    """A bar for each period; `by` is `month` or `year`. A click selects as in `by_author`."""
    names = [period.label for period in periods]
    x = field("name:O", title=by, sort=names, axis={"labelOverlap": True, "labelAngle": -45})
    y = field("posts:Q", stack="zero", title="posts", axis={"labelExpr": SHORT, "tickCount": 4})
    return vega.chart(_bars(periods, names, by, x=x, y=y), height=HEIGHT, click=("period", "place", 0))


def _bars(accounts: Sequence[Account], names: Sequence[str], what: str, **axes: Spec) -> Spec:
    tooltip = vega.tooltip(
        ("name:N", what),
        ("part:N", "verdict"),
        ("posts:Q", "posts", ","),
        ("share:Q", "share", ".1%"),
        ("downloaded:Q", "downloaded", ","),
    )
    colour = vega.two_colours("part:N", ("kept", KEPT), ("removed", REMOVED))
    rows = parts(accounts, names)
    return vega.layer(rows, "bar", {"cursor": "pointer"}, **axes, color=colour, order=field("order:Q"), tooltip=tooltip)


def parts(accounts: Sequence[Account], names: Sequence[str]) -> list[dict[str, object]]:
    """A row for the kept posts of each account, and one for the removed ones."""
    return [
        {
            "place": f"{number}:{part}",
            "name": name,
            "part": part,
            "posts": posts,
            "downloaded": account.downloaded,
            "share": posts / account.downloaded if account.downloaded else 0.0,
            "order": order,
        }
        for number, (account, name) in enumerate(zip(accounts, names, strict=True))
        for order, (part, posts) in enumerate((("kept", account.kept), ("removed", account.removed_posts)))
    ]


def in_words(accounts: Sequence[Account], by: str) -> str:
    """The chart in words."""
    words = (f"{account.label}: {account.kept:,} of {account.downloaded:,} kept" for account in accounts)
    return f"Kept and removed posts by {by}. " + "; ".join(words) + "."
