"""What each rule would remove: the posts that it alone would, and those that others would too."""

from __future__ import annotations

from collections.abc import Sequence

from curation.asking.credit import RuleCredit
from curation.writing.colours import NEUTRAL, REMOVED
from dashboards.charts import vega
from dashboards.charts.style import INK, Spec, distinct_labels
from dashboards.charts.vega import field

#: Name of the selection, and its field: `only` or `matched` with the rule's name, as `only:min_words`.
SELECTION, FIELD = "credit", "key"
ALONE, SHARED = "it alone", "others too"
#: Room for the figure beside a bar, as a part of the widest bar.
ROOM = 1.3


def chart(rules: Sequence[RuleCredit]) -> Spec:
    """The chart; a click on the part `it alone` selects `only:NAME`, elsewhere in the line `matched:NAME`."""
    names = distinct_labels([rule.label for rule in rules])
    most = max((rule.matched for rule in rules), default=0) or 1
    lines, rows = [], []
    for rule, name in zip(rules, names, strict=True):
        shared = rule.matched - rule.only
        lines.append({"key": f"matched:{rule.name}", "name": name, "end": rule.matched, "from": 0, "to": most * ROOM})
        lines[-1] |= {"figure": f"{rule.matched:,}", "alone": rule.only, "shared": shared}
        parts = ((ALONE, "only", 0, rule.only), (SHARED, "matched", rule.only, rule.matched))
        rows += [
            {"key": f"{key}:{rule.name}", "name": name, "part": part, "begin": begin, "end": end, "posts": end - begin}
            for part, key, begin, end in parts
        ]
    line = vega.named_lines(names)
    touched = vega.layer(
        lines,
        "bar",
        {"opacity": 0.001, "cursor": "pointer", "color": INK},
        y=line,
        x=field(
            "from:Q",
            title="posts",
            scale={"domain": [0, most * ROOM], "nice": False},
            axis={"format": "~s", "tickCount": 4, "titleAnchor": "start"},
        ),
        x2={"field": "to"},
        description=field("name:N"),
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
        color=vega.two_colours("part:N", (ALONE, REMOVED), (SHARED, NEUTRAL)),
        tooltip=vega.tooltip(("name:N", "rule"), ("part:N", "removed by"), ("posts:Q", "posts", ",")),
    )
    return vega.chart(touched, figures, bars, click=(SELECTION, FIELD, 0))


def in_words(rules: Sequence[RuleCredit]) -> str:
    """The chart in words."""
    words = (f"{rule.label}: {rule.matched:,}, {rule.only:,} of them by it alone" for rule in rules)
    return "Posts that each rule would remove. " + "; ".join(words) + "."
