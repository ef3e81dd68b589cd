"""How rules overlap: a line for each set of rules that match the same posts, with a dot for each rule, and a bar.

Such a plot is called UpSet. Dots and bars are layers of one chart, with places in units of a line's height.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import altair as alt

from dashboards.charts.style import INK, NEUTRAL, REMOVED, STEP, told_apart

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Name of the selection, and its field: the names of the rules, as the address's `only` has them.
SELECTION, FIELD = "overlap", "key"
#: Pixels that a letter above the dots takes, about; they are written upwards.
LETTER = 6.6
#: Characters of a rule's label above the dots.
NAMED = 20


def upset(sets: Sequence[tuple[tuple[str, ...], int]], labels: Mapping[str, str]) -> alt.LayerChart:
    """The chart of sets of rules with their posts; `labels` are those of all rules, in recipe order."""
    rules = [name for name in labels if any(name in names for names, _ in sets)]
    called = dict(zip(rules, told_apart([labels[name] for name in rules], NAMED), strict=True))
    head = math.ceil(LETTER * max((len(name) for name in called.values()), default=0) / STEP) + 0.3
    most = max((posts for _, posts in sets), default=0) or 1
    width, wide = len(rules), max(6, len(rules))  # of the dots, and of the widest bar
    end = width + wide * 1.45  # the widest bar's figure has room, too
    lines, dots, links = [], [], []
    for number, (names, posts) in enumerate(sets):
        middle, places = number + 0.5, [rules.index(name) + 0.5 for name in names]
        lines.append(
            {"key": ",".join(names), "rules": " + ".join(called[name] for name in names), "posts": posts}
            | {"top": number, "bottom": number + 1, "middle": middle, "from": 0, "to": end, "figure": f"{posts:,}"}
            | {
                "bar": width + 0.3,
                "over": width + 0.3 + wide * posts / most,
                "high": number + 0.18,
                "low": number + 0.82,
            }
        )
        links.append({"first": min(places), "last": max(places), "middle": middle})
        dots += [{"place": at + 0.5, "middle": middle, "there": name in names} for at, name in enumerate(rules)]

    def layer(rows: Sequence[Mapping[str, object]], x: str, y: str) -> alt.Chart:
        return alt.Chart(alt.Data(values=rows)).encode(
            x=alt.X(f"{x}:Q", axis=None, scale=alt.Scale(domain=[0, end], nice=False)),
            y=alt.Y(f"{y}:Q", axis=None, scale=alt.Scale(domain=[-head, len(sets)], reverse=True, nice=False)),
        )

    whole = {"x2": "to:Q", "y2": "bottom:Q"}
    stripes = layer(lines[::2], "from", "top").mark_rect(color=NEUTRAL, opacity=0.09).encode(**whole)
    absent = layer([dot for dot in dots if not dot["there"]], "place", "middle").mark_point(
        filled=True, size=28, color=NEUTRAL, opacity=0.3
    )
    there = layer([dot for dot in dots if dot["there"]], "place", "middle").mark_point(
        filled=True, size=95, color=REMOVED, opacity=1
    )
    joined = layer(links, "first", "middle").mark_rule(color=REMOVED, strokeWidth=2.5).encode(x2="last:Q")
    bars = layer(lines, "bar", "high").mark_rect(color=REMOVED, cornerRadius=2).encode(x2="over:Q", y2="low:Q")
    figures = (
        layer(lines, "over", "middle").mark_text(align="left", dx=5, color=INK, fontSize=12).encode(text="figure:N")
    )
    heads = [{"place": at + 0.5, "at": -0.2, "name": called[name]} for at, name in enumerate(rules)]
    names_above = (
        layer(heads, "place", "at")
        .mark_text(angle=270, align="left", baseline="middle", color=INK, fontSize=12)
        .encode(text="name:N")
    )
    touched = (
        layer(lines, "from", "top")
        .mark_rect(color=INK, opacity=0.001, cursor="pointer")
        .encode(
            **whole,
            tooltip=[
                alt.Tooltip("rules:N", title="matched by just"),
                alt.Tooltip("posts:Q", title="posts", format=","),
            ],
            description=alt.Text("rules:N"),
        )
        .add_params(alt.selection_point(name=SELECTION, fields=[FIELD], on="click", toggle="false"))
    )
    # What can be clicked lies on top.
    layers = [stripes, absent, joined, there, bars, figures, names_above, touched]
    return alt.layer(*layers).properties(height=round((len(sets) + head) * STEP))


def described(sets: Sequence[tuple[tuple[str, ...], int]], labels: Mapping[str, str]) -> str:
    """The chart in words."""
    said = (f"{' and '.join(labels.get(name, name) for name in names)}: {posts:,}" for names, posts in sets)
    return "Removed posts by the rules that match them, all of them and no others. " + "; ".join(said) + "."
