"""What each rule would remove: the posts that it alone would, and those that others would too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt

from dashboards.charts.style import INK, NEUTRAL, REMOVED, STEP, told_apart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from curation.what_if.credit import RuleCredit

#: Name of the selection, and its field: `only` or `matched` with the rule's name, as `only:min_words`.
SELECTION, FIELD = "credit", "key"
ALONE, SHARED = "it alone", "others too"
#: Room for the figure beside a bar, as a part of the widest bar.
ROOM = 1.3


def chart(rules: Sequence[RuleCredit]) -> alt.LayerChart:
    """The chart; a click on the part `it alone` selects `only:NAME`, elsewhere in the line `matched:NAME`."""
    names = told_apart([rule.label for rule in rules])
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
    line = alt.Y(
        "name:N",
        sort=names,
        title=None,
        axis=alt.Axis(labelOverlap=False, labelLimit=190, ticks=False, domain=False, labelPadding=6),
    )
    along = alt.X(
        "from:Q",
        title="posts",
        scale=alt.Scale(domain=[0, most * ROOM], nice=False),
        axis=alt.Axis(format="~s", tickCount=4, titleAnchor="start"),
    )
    base = alt.Chart(alt.Data(values=lines)).encode(y=line)
    chosen = alt.selection_point(name=SELECTION, fields=[FIELD], on="click", toggle="false")
    touched = base.mark_bar(opacity=0.001, cursor="pointer", color=INK).encode(
        x=along,
        x2="to:Q",
        description=alt.Text("name:N"),
        tooltip=[
            alt.Tooltip("name:N", title="rule"),
            alt.Tooltip("end:Q", title="would remove", format=","),
            alt.Tooltip("alone:Q", title=ALONE, format=","),
            alt.Tooltip("shared:Q", title=SHARED, format=","),
        ],
    )
    figures = base.mark_text(align="left", dx=5, color=INK, fontSize=12).encode(x="end:Q", text="figure:N")
    bars = (
        alt.Chart(alt.Data(values=rows))
        .mark_bar(cursor="pointer")
        .encode(
            y=alt.Y("name:N", sort=names),
            x="begin:Q",
            x2="end:Q",
            color=alt.Color(
                "part:N",
                title=None,
                scale=alt.Scale(domain=[ALONE, SHARED], range=[REMOVED, NEUTRAL]),
                legend=alt.Legend(orient="top"),
            ),
            tooltip=[
                alt.Tooltip("name:N", title="rule"),
                alt.Tooltip("part:N", title="removed by"),
                alt.Tooltip("posts:Q", title="posts", format=","),
            ],
        )
    )
    return alt.layer(touched, figures, bars).add_params(chosen).properties(height=alt.Step(STEP))


def described(rules: Sequence[RuleCredit]) -> str:
    """The chart in words."""
    said = (f"{rule.label}: {rule.matched:,}, {rule.only:,} of them by it alone" for rule in rules)
    return "Posts that each rule would remove. " + "; ".join(said) + "."
