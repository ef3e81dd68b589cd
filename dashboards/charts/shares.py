"""Kept and removed of each author: bars of equal length by share, or by number of posts."""

from __future__ import annotations

from collections.abc import Sequence

from curation.writing.colours import KEPT, REMOVED
from dashboards.charts import vega
from dashboards.charts.style import Spec, distinct_labels
from dashboards.charts.vega import field
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


def colours() -> Spec:
    """Of the two parts, with a legend above."""
    return vega.two_colours("part:N", ("kept", KEPT), ("removed", REMOVED))


def tooltip(what: str) -> list[Spec]:
    """What is said of a part under the pointer."""
    return vega.tooltip(
        ("name:N", what),
        ("part:N", "verdict"),
        ("posts:Q", "posts", ","),
        ("share:Q", "share", ".1%"),
        ("downloaded:Q", "downloaded", ","),
    )


def shares(accounts: Sequence[Account], *, count: bool) -> Spec:
    """The chart, by share or by `count`."""
    names = distinct_labels([account.label for account in accounts])
    widest = max((account.downloaded for account in accounts), default=0) or 1
    if count:
        axis = {"format": "~s", "tickCount": 4, "titleAnchor": "start"}
        along = field("posts:Q", title="posts", axis=axis, scale={"domain": [0, widest * 1.2]})
    else:
        axis = {"format": "%", "values": [0, 0.25, 0.5, 0.75, 1], "titleAnchor": "start"}
        along = field("share:Q", title="share of posts", axis=axis, scale={"domain": [0, 1.2]})
    bars = vega.layer(
        parts(accounts, names),
        "bar",
        {"cursor": "pointer"},
        y=vega.named_lines(names),
        x={**along, "stack": "zero"},
        color=colours(),
        order=field("order:Q"),
        tooltip=tooltip("author"),
    )
    ends = [
        {"name": name, "end": account.downloaded if count else 1, "figure": f"{account.downloaded:,}"}
        for account, name in zip(accounts, names, strict=True)
    ]
    figures = vega.beside(ends, y=field("name:N", sort=names), x=field("end:Q"), text=field("figure:N"))
    return vega.chart(bars, figures, click=(SELECTION, FIELD, 0))


def in_words(accounts: Sequence[Account]) -> str:
    """The chart in words."""
    words = (f"{account.label}: {account.kept:,} of {account.downloaded:,} kept" for account in accounts)
    return "Kept and removed posts by author. " + "; ".join(words) + "."
