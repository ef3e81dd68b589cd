"""Charts: what they are drawn from, and what a click on them says."""

from __future__ import annotations

import pytest

from dashboards.charts import shares, timeline, waterfall
from dashboards.charts.style import clicked, on_axis, told_apart
from dashboards.queries.overview import Account, Step

HOSTILE = ["'; drop table posts; --", "<script>alert(1)</script>", "**bold** [a](b)", "two\nlines", "🦊‮abc", "x" * 90]
STEPS = [Step("", "Downloaded", 10, 0, 10), Step("retweet", "Retweets", 4, 6, 10), Step("kept", "Kept", 6, 0, 6)]
ACCOUNTS = [Account("mira", ("mira",), 5, 3, {"retweet": 2}), Account("3 others", (), 5, 5, {})]


def values(spec):
    """All rows that a chart was given."""
    return [row for part in (spec, *spec.get("layer", ())) for row in part.get("data", {}).get("values", ())]


def test_a_bar_begins_where_the_one_before_ended():
    """The waterfall is drawn from the figures as they are, with a line for each step."""
    rows = values(waterfall.waterfall(STEPS).to_dict(validate=False))
    assert [(row["key"], row["posts"], row["begin"], row["end"], row["kind"]) for row in rows] == [
        ("all", 10, 0, 10, "downloaded"),
        ("retweet", 4, 6, 10, "removed"),
        ("kept", 6, 0, 6, "kept"),
    ]


def test_both_parts_of_an_author_stand_in_the_chart():
    """Kept and removed add up to the bar, and each part has a place of its own to be clicked."""
    rows = shares.parts(ACCOUNTS, ["mira", "3 others"])
    assert [(row["place"], row["posts"], row["share"]) for row in rows] == [
        ("0:kept", 3, 0.6),
        ("0:removed", 2, 0.4),
        ("1:kept", 5, 1.0),
        ("1:removed", 0, 0.0),
    ]


@pytest.mark.parametrize("count", [True, False])
def test_strangers_names_are_data(count):
    """A name is a value of the chart, on one line, shortened, and told apart from the others."""
    accounts = [Account(name, (name,), 1, 1, {}) for name in HOSTILE]
    names = {row["name"] for row in values(shares.shares(accounts, count=count).to_dict(validate=False))}
    assert len(names) == len(HOSTILE)
    assert all("\n" not in name and "‮" not in name and len(name) <= 40 for name in names)
    assert any(name.startswith("<script>") for name in names)


def test_charts_say_in_words_what_they_show():
    """A screen reader hears every figure of a chart."""
    assert waterfall.described(STEPS).endswith("Downloaded: 10; Retweets: 4; Kept: 6.")
    assert shares.described(ACCOUNTS).endswith("mira: 3 of 5 kept; 3 others: 5 of 5 kept.")
    assert "by year" in timeline.described(ACCOUNTS, "year")


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
    assert len(set(told_apart(["a" * 40, "a" * 41, "a" * 42]))) == 3
