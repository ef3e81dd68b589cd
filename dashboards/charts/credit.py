"""What each rule would remove: posts that only it would, and posts that others would too."""

from __future__ import annotations

from collections.abc import Sequence

from curation.asking.credit import RuleCredit
from curation.writing.colours import NEUTRAL, rule_colour
from dashboards.charts import vega
from dashboards.charts.vega import ROOM, Spec, field

ALONE, SHARED = "it alone", "others too"


def chart(rules: Sequence[RuleCredit]) -> Spec:
    """The chart; a click on the part `it alone` selects `only:NAME`, elsewhere in the line `matched:NAME`."""
    names = vega.distinct_labels([rule.label for rule in rules])
    wide = ROOM * (max((rule.matched for rule in rules), default=0) or 1)
    lines, rows = [], []
    for rule, name in zip(rules, names, strict=True):
        shared = rule.matched - rule.only
        lines.append({"key": f"matched:{rule.name}", "name": name, "end": rule.matched, "from": 0, "to": wide})
        lines[-1] |= {"figure": f"{rule.matched:,}", "alone": rule.only, "shared": shared}
        parts = ((ALONE, "only", 0, rule.only), (SHARED, "matched", rule.only, rule.matched))
        rows += [
            {"key": f"{key}:{rule.name}", "name": name, "part": part, "begin": begin, "end": end, "posts": end - begin}
            | {"colour": rule_colour(rule.name)}
            for part, key, begin, end in parts
        ]
    line = vega.named_lines(names)
    touched = vega.click_layer(
        lines,
        y=line,
        x=field("from:Q", title="posts", scale={"domain": [0, wide], "nice": False}, axis=vega.POSTS),
        x2={"field": "to"},
        tooltip=vega.tooltip(
            ("name:N", "rule"), ("end:Q", "would remove", ","), ("alone:Q", ALONE, ","), ("shared:Q", SHARED, ",")
        ),
    )
    figures = vega.beside(lines, y=line, x=field("end:Q"), text=field("figure:N"))
    bars = vega.layer(
        rows,
        "bar",
        {"cursor": "pointer"},
        y=field("name:N", sort=names),
        x=field("begin:Q"),
        x2={"field": "end"},
        color=field("colour:N", scale=None),
        opacity=field(
            "part:N",
            title=None,
            legend={"orient": "top", "symbolFillColor": NEUTRAL},
            scale={"domain": [ALONE, SHARED], "range": [1, 0.4]},
        ),
        tooltip=vega.tooltip(("name:N", "rule"), ("part:N", "removed by"), ("posts:Q", "posts", ",")),
    )
    return vega.chart(touched, figures, bars, click=("credit", "key", 0))


def in_words(rules: Sequence[RuleCredit]) -> str:
    """The chart in words."""
    words = (f"{rule.label}: {rule.matched:,}, {rule.only:,} of them by it alone" for rule in rules)
    return "Posts that each rule would remove. " + "; ".join(words) + "."
