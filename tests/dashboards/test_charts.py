"""Charts: what they are drawn from, and what a click on them says."""

from __future__ import annotations

import altair
import pytest

from curation.asking.comparison.result import ComparedPosts
from curation.asking.credit import RuleCredit
from curation.asking.sweep import Point, Sweep
from curation.writing.colours import KEPT, NEUTRAL, rule_colour
from dashboards.charts import (
    accounts,
    counts,
    credit,
    differences,
    histogram,
    learning_curve,
    sweeps,
    upset,
    waterfall,
)
from dashboards.charts.vega import Spec, clicked, distinct_labels, on_axis
from dashboards.queries.overview import Account, Step
from dashboards.queries.rules import MeasureBar
from dashboards.queries.thresholds import Bin
from dashboards.queries.training import HELD_OUT, TRAINING, CurvePoint

HOSTILE = ["'; drop table posts; --", "<script>alert(1)</script>", "**bold** [a](b)", "two\nlines", "🦊‮abc", "x" * 90]
STEPS = [Step("", "Downloaded", 10, 0, 10), Step("retweet", "Retweets", 4, 6, 10), Step("kept", "Kept", 6, 0, 6)]
CURVE = [CurvePoint(TRAINING, 0.5, 5, 3.0), CurvePoint(HELD_OUT, 0.5, 5, 3.5), CurvePoint(HELD_OUT, 1.0, 10, 3.25)]
ACCOUNTS = [Account("mira", ("mira",), 5, 3, {"retweet": 2}), Account("3 others", (), 5, 5, {})]


def values(spec):
    """All rows that a chart was given, each once."""
    rows = [row for part in spec["layer"] for row in values(part)] if "layer" in spec else spec["data"]["values"]
    return [row for number, row in enumerate(rows) if row not in rows[:number]]


def charts() -> list[Spec]:
    """One of every kind."""
    rows = [ComparedPosts("mira", 4, 2, 1, 2), ComparedPosts("juno", 3, 0, 0, 0)]
    points = tuple(Point(value, value * 10, 5, "queried", value > 1) for value in (1, 2))
    swept = Sweep("baseline", "min_words.min", 2, 40, points)
    rules = [RuleCredit("min_words", "min_words", "Short tweets", 5, 4, 3, 2, True, "queried")]
    overlap = [(("retweet", "min_words"), 3), (("retweet",), 2)]
    return [
        waterfall.waterfall(STEPS),
        accounts.by_author(ACCOUNTS, count=True),
        accounts.by_author(ACCOUNTS, count=False),
        accounts.over_time(ACCOUNTS, "month"),
        differences.differences(rows, "author"),
        differences.over(rows, "month"),
        histogram.histogram([Bin(0, 1, 3), Bin(1, 2, 4)], "words", 1.0, 2.0),
        sweeps.curve(swept, [MeasureBar(0, 1, 0, 0, 5)], measure="words", far=True, whole=True),
        credit.chart(rules),
        learning_curve.learning_curve(CURVE, "loss"),
        learning_curve.learning_curve(CURVE[1:], "bits per character"),
        counts.counts([("en", 3), ("<b>ja</b>", 1)]),
        upset.upset(overlap, {"retweet": "Retweets", "min_words": "Short tweets"}),
    ]


@pytest.mark.parametrize("chart", charts())
def test_each_is_what_vega_lite_knows(chart):
    """Marks, fields and options are those of its schema; a click is told by the name that the page asks for."""
    altair.Chart.from_dict(chart, validate=True)


def test_a_bar_begins_where_the_one_before_ended():
    """The waterfall is drawn from the figures as they are, with a line for each step."""
    rows = values(waterfall.waterfall(STEPS))
    assert [(row["key"], row["posts"], row["begin"], row["end"], row["colour"]) for row in rows] == [
        ("all", 10, 0, 10, NEUTRAL),
        ("retweet", 4, 6, 10, rule_colour("retweet")),
        ("kept", 6, 0, 6, KEPT),
    ]


def test_both_parts_of_an_author_stand_in_the_chart():
    """Kept and removed add up to the bar, and each part has a place of its own to be clicked."""
    rows = accounts.parts(ACCOUNTS, ["mira", "3 others"])
    assert [(row["place"], row["posts"], row["share"]) for row in rows] == [
        ("0:kept", 3, 0.6),
        ("0:removed", 2, 0.4),
        ("1:kept", 5, 1.0),
        ("1:removed", 0, 0.0),
    ]


@pytest.mark.parametrize("count", [True, False])
def test_strangers_names_are_data(count):
    """A name is a value of the chart, on one line, shortened, and told apart from the others."""
    strangers = [Account(name, (name,), 1, 1, {}) for name in HOSTILE]
    names = {row["name"] for row in values(accounts.by_author(strangers, count=count))}
    assert len(names) == len(HOSTILE)
    assert all("\n" not in name and "‮" not in name and len(name) <= 40 for name in names)
    assert any(name.startswith("<script>") for name in names)


def test_charts_say_in_words_what_they_show():
    """A screen reader hears every figure of a chart."""
    assert waterfall.in_words(STEPS).endswith("Downloaded: 10; Retweets: 4; Kept: 6.")
    assert accounts.in_words(ACCOUNTS, "author").endswith("mira: 3 of 5 kept; 3 others: 5 of 5 kept.")
    assert learning_curve.in_words(CURVE, "loss") == (
        "loss over the epochs. training: 3.000 at epoch 0.50; held out: 3.500 at epoch 0.50, 3.250 at epoch 1.00."
    )
    assert counts.in_words([("en", 3), ("ja", 1)], "Posts") == "Posts. en: 3; ja: 1."
    assert "by year" in accounts.in_words(ACCOUNTS, "year")


def test_a_click_names_the_mark():
    """Of an event with a selection, the field of its mark; of none, nothing."""
    event = {"selection": {"step": [{"key": "retweet"}]}}
    assert clicked(event, "step", "key") == "retweet"
    assert clicked(event, "other", "key") is None
    assert clicked(None, "step", "key") is None
    assert clicked({"selection": {"step": []}}, "step", "key") is None


def test_names_that_begin_alike_stay_apart():
    """Cutting makes no two names one."""
    assert on_axis("abcdefgh", 5) == "abcd…"
    assert len(set(distinct_labels(["a" * 40, "a" * 41, "a" * 42]))) == 3
