"""How rules overlap: a line for each set of rules that match the same posts, with a dot for each rule, and a bar.

Such a plot is called UpSet. Dots and bars are layers of one chart, with places in units of a line's height.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from curation.writing.colours import NEUTRAL, REMOVED, rule_colour
from dashboards.charts import vega
from dashboards.charts.vega import INK, STEP, Spec, field

#: About how many pixels a letter above the dots takes; names run upwards.
LETTER = 6.6
#: Characters of a rule's label above the dots.
NAMED = 20


def upset(sets: Sequence[tuple[tuple[str, ...], int]], labels: Mapping[str, str]) -> Spec:
    """The chart of sets of rules with their posts; `labels` are those of all rules, in recipe order.

    A click selects the names of the rules, as the address has them in `only`.
    """
    rules = [name for name in labels if any(name in names for names, _ in sets)]
    called = dict(zip(rules, vega.distinct_labels([labels[name] for name in rules], NAMED), strict=True))
    head = math.ceil(LETTER * max((len(name) for name in called.values()), default=0) / STEP) + 0.3
    most = max((posts for _, posts in sets), default=0) or 1
    width, wide = len(rules), max(6, len(rules))  # of the dots, and of the widest bar
    end = width + wide * 1.45  # leaves room for the figure of the widest bar
    lines, dots, links = [], [], []
    for number, (names, posts) in enumerate(sets):
        middle, places = number + 0.5, [rules.index(name) + 0.5 for name in names]
        lines.append(
            {"key": ",".join(names), "name": " + ".join(called[name] for name in names), "posts": posts}
            | {"top": number, "bottom": number + 1, "middle": middle, "from": 0, "to": end, "figure": f"{posts:,}"}
            | {"colour": rule_colour(names[0]) if len(names) == 1 else REMOVED}
            | {
                "bar": width + 0.3,
                "over": width + 0.3 + wide * posts / most,
                "high": number + 0.18,
                "low": number + 0.82,
            }
        )
        links.append({"first": min(places), "last": max(places), "middle": middle})
        dots += [
            {"place": at + 0.5, "middle": middle, "there": name in names, "colour": rule_colour(name)}
            for at, name in enumerate(rules)
        ]

    def axes(x: str, y: str) -> Spec:
        across = field(f"{x}:Q", axis=None, scale={"domain": [0, end], "nice": False})
        return {
            "x": across,
            "y": field(f"{y}:Q", axis=None, scale={"domain": [-head, len(sets)], "reverse": True, "nice": False}),
        }

    def layer(rows: Sequence[Mapping[str, object]], mark: str, x: str, y: str, options: Spec, **encoding: Any) -> Spec:
        return vega.layer(rows, mark, options, **axes(x, y), **encoding)

    whole: Spec = {"x2": {"field": "to"}, "y2": {"field": "bottom"}}
    bar = {"x2": {"field": "over"}, "y2": {"field": "low"}}
    absent, there = ([dot for dot in dots if dot["there"] is is_there] for is_there in (False, True))
    heads = [{"place": at + 0.5, "at": -0.2, "name": called[name]} for at, name in enumerate(rules)]
    name_above = {"angle": 270, "align": "left", "baseline": "middle", "color": INK, "fontSize": 12}
    figure = {"align": "left", "dx": 5, "color": INK, "fontSize": 12}
    own = field("colour:N", scale=None)
    layers = [
        layer(lines[::2], "rect", "from", "top", {"color": NEUTRAL, "opacity": 0.09}, **whole),
        layer(absent, "point", "place", "middle", {"filled": True, "size": 28, "color": NEUTRAL, "opacity": 0.3}),
        layer(links, "rule", "first", "middle", {"color": NEUTRAL, "strokeWidth": 2.5}, x2={"field": "last"}),
        layer(there, "point", "place", "middle", {"filled": True, "size": 95, "opacity": 1}, color=own),
        layer(lines, "rect", "bar", "high", {"cornerRadius": 2}, **bar, color=own),
        layer(lines, "text", "over", "middle", figure, text=field("figure:N")),
        layer(heads, "text", "place", "at", name_above, text=field("name:N")),
    ]
    tooltip = vega.tooltip(("name:N", "matched by just"), ("posts:Q", "posts", ","))
    touched = vega.click_layer(lines, "rect", **axes("from", "top"), **whole, tooltip=tooltip)
    return vega.chart(*layers, touched, height=round((len(sets) + head) * STEP), click=("overlap", "key", len(layers)))


def in_words(sets: Sequence[tuple[tuple[str, ...], int]], labels: Mapping[str, str]) -> str:
    """The chart in words."""
    words = (f"{' and '.join(labels.get(name, name) for name in names)}: {posts:,}" for names, posts in sets)
    return "Removed posts by the rules that match them, all of them and no others. " + "; ".join(words) + "."
