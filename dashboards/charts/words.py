"""Charts of the page Words: what is typical of two sides, hours of the week, lengths, languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from curation.asking.vocabulary.answer import Language
from curation.asking.vocabulary.keyness import KeyTerms
from curation.asking.vocabulary.rhythm import DAYS, Rhythm
from curation.writing.colours import KEPT, NEUTRAL, REMOVED
from curation.writing.terminal import count
from dashboards.charts import vega
from dashboards.charts.vega import INK, SHORT, Spec, field

#: Terms of each side in the chart.
SHOWN = 12
#: Pixels of a length chart, and of an hour's row.
HEIGHT, ROW = 180, 22


def times(log_ratio: float, others: int) -> str:
    """How many times as often, for people."""
    if not others:
        return "only here"
    ratio = 2**log_ratio
    return f"×{ratio:,.0f}" if ratio >= 10 else f"×{ratio:.1f}"


def keyness(terms: KeyTerms, title_a: str, title_b: str) -> Spec:
    """Bars to the right for terms typical of A, to the left for those of B; a click selects as `a:3`.

    A bar ends where the 95% interval of the effect begins, and the figure beside it is the effect.
    """
    rows: list[dict[str, Any]] = []
    names = vega.distinct_labels([term.text for side in (terms.a, terms.b) for term in side[:SHOWN]])
    for sign, side, own, title in ((1, "a", terms.a, title_a), (-1, "b", terms.b, title_b)):
        for place, term in enumerate(own[:SHOWN]):
            rows.append(
                {
                    "name": names[len(rows)], "place": f"{side}:{place}", "ratio": sign * term.interval_end,
                    "side": title,
                    "figure": times(term.log_ratio, term.others), "posts": term.posts, "others": term.others,
                    "evidence": term.log_likelihood, "spread": term.spread,
                }
            )  # fmt: skip
    wide = 1.45 * max((abs(row["ratio"]) for row in rows), default=1)
    line = vega.named_lines([row["name"] for row in rows])
    axis = {"labels": False, "ticks": False, "titleAnchor": "start", "values": [0]}
    along = field(
        "ratio:Q", title="times as often, at least (95%, logarithmic)", scale={"domain": [-wide, wide]}, axis=axis
    )
    colour = vega.two_colours("side:N", (title_a, REMOVED), (title_b, KEPT))
    layers = [vega.layer(rows, "bar", {}, y=line, x=along, color=colour)]
    for sign, align, away in ((1, "left", 4), (-1, "right", -4)):
        there = [row for row in rows if row["ratio"] * sign > 0]
        word = {"align": align, "dx": away, "color": INK, "fontSize": 12}
        layers.append(vega.layer(there, "text", word, y=line, x=along, text=field("figure:N")))
    whole = [{**row, "from": -wide, "to": wide} for row in rows]
    tips = vega.tooltip(
        ("name:N", "term"), ("side:N", "typical of"), ("posts:Q", "its posts", ","),
        ("others:Q", "the other side's", ","),
        ("evidence:Q", "G²", ",.0f"), ("spread:Q", "spread (DPnorm)", ".2f"),
    )  # fmt: skip
    touched = vega.click_layer(whole, y=line, x=field("from:Q"), x2={"field": "to"}, tooltip=tips)
    return vega.chart(*layers, touched, click=("keyness", "place", len(layers)))


def keyness_in_words(terms: KeyTerms, title_a: str, title_b: str) -> str:
    """The chart in words."""
    sides = []
    for title, own in ((title_a, terms.a), (title_b, terms.b)):
        named = ", ".join(f"{term.text} {times(term.log_ratio, term.others)}" for term in own[:SHOWN])
        sides.append(f"Typical of {title}: {named or 'nothing'}")
    return ". ".join(sides) + "."


def hours(found: Rhythm) -> Spec:
    """A square for each hour of the week, darker with more kept posts."""
    rows = [
        {"day": name, "hour": hour, "posts": posts}
        for name, day in zip(DAYS, found.hours, strict=True)
        for hour, posts in enumerate(day)
    ]
    squares = vega.layer(
        rows,
        "rect",
        {"stroke": None},
        x=field("hour:O", title="hour", axis={"labelAngle": 0, "labelOverlap": True, "ticks": False, "domain": False}),
        y=field("day:O", sort=list(DAYS), title=None, axis={"ticks": False, "domain": False}),
        color=field(
            "posts:Q",
            title="kept posts",
            scale={"range": ["#8a8f9822", KEPT], "type": "sqrt"},
            legend={"orient": "bottom", "format": "~s", "gradientLength": 160, "tickCount": 3},
        ),
        tooltip=vega.tooltip(("day:N", "day"), ("hour:O", "hour"), ("posts:Q", "kept posts", ",")),
    )
    return vega.chart(squares, height={"step": ROW})


def hours_in_words(found: Rhythm) -> str:
    """The chart in words."""
    return "Kept posts by weekday and hour. " + busiest(found)


def busiest(rhythm: Rhythm) -> str:
    """A sentence about the most frequent hour and the emptiest one."""
    by_hour = [sum(day[hour] for day in rhythm.hours) for hour in range(24)]
    if not any(by_hour):
        return "No kept post has a time."
    most, least = max(range(24), key=lambda h: by_hour[h]), min(range(24), key=lambda h: by_hour[h])
    without = (
        f" {count(rhythm.untimed, 'post with a day and no time is', 'posts with a day and no time are')} left out."
        if rhythm.untimed
        else ""
    )
    return (
        f"Most are written from {most}:00 to {(most + 1) % 24}:00 ({by_hour[most]:,}), fewest from {least}:00 to "
        f"{(least + 1) % 24}:00 ({by_hour[least]:,}).{without}"
    )


def lengths(found: Mapping[str, Any]) -> Spec:
    """Steps for kept posts by characters, as downloaded and after rewriting."""
    step, rows = found["step"], []
    for side, name in (("before", "as downloaded"), ("after", "after rewriting")):
        classes = dict(map(tuple, found[side]["classes"]))
        rows += [
            {"begin": begin, "posts": classes.get(begin, 0), "side": name}
            for begin in range(0, found["last"] + step, step)
        ]
    lines = vega.layer(
        rows,
        "line",
        {"interpolate": "step-after", "strokeWidth": 2},
        x=field("begin:Q", title=f"characters ({found['last']} and more at the end)", axis={"grid": False}),
        y=field("posts:Q", title="kept posts", axis={"labelExpr": SHORT, "tickCount": 4}),
        color=vega.two_colours("side:N", ("as downloaded", NEUTRAL), ("after rewriting", KEPT)),
        tooltip=vega.tooltip(("side:N", "text"), ("begin:Q", "from", ","), ("posts:Q", "posts", ",")),
    )
    return vega.chart(lines, height=HEIGHT)


def languages(rows: Sequence[Language]) -> Spec:
    """A bar for each language, with its interval if a sample was measured."""
    values: list[dict[str, Any]] = [
        {
            "name": row.code, "share": row.share, "figure": f"{row.share:.1%}", "posts": row.posts,
            "low": row.interval[0] if row.interval else row.share,
            "high": row.interval[1] if row.interval else row.share,
        }
        for row in rows
    ]  # fmt: skip
    line = vega.named_lines([row.code for row in rows])
    most = max((value["high"] for value in values), default=1)
    along = field(
        "share:Q", title="share of kept posts", scale={"domain": [0, most * vega.ROOM]},
        axis={"format": "%", "tickCount": 4, "titleAnchor": "start"},
    )  # fmt: skip
    tips = vega.tooltip(
        ("name:N", "language"), ("share:Q", "share", ".1%"), ("low:Q", "from", ".1%"), ("high:Q", "to", ".1%"),
        ("posts:Q", "posts", ","),
    )  # fmt: skip
    bars = vega.layer(values, "bar", {"color": NEUTRAL}, y=line, x=along, tooltip=tips)
    spans = vega.layer(values, "rule", {"color": INK, "strokeWidth": 2}, y=line, x=field("low:Q"), x2={"field": "high"})
    return vega.chart(bars, spans, vega.beside(values, y=line, x=field("high:Q"), text=field("figure:N")))


def languages_in_words(rows: Sequence[Language]) -> str:
    """The chart in words."""
    return "Languages of kept posts: " + ", ".join(f"{row.code} {row.share:.1%}" for row in rows) + "."
