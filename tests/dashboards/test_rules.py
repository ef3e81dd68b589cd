"""Thresholds and rules: the figures are those of the library, and the page says them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

import dashboards
from curation.asking.credit import Credit
from curation.asking.judge import judge_nearest
from curation.asking.sweep import sweep
from curation.corpus.corpus import Corpus
from curation.corpus.ledger import Ledger
from curation.corpus.pins.pin_file import Pins
from curation.corpus.selection import facets
from curation.disk.workspace import Workspace
from curation.rules import RuleBook
from dashboards import jobs, session
from dashboards.charts import credit as credit_chart
from dashboards.charts import sweeps, upset
from dashboards.queries import browse, rules
from dashboards.queries.rules import Measures
from dashboards.snapshot import Answers, Snapshot
from dashboards.view import View
from tests.asking.judging import corpus_of
from tests.corpora import rule, write_corpus
from tests.judge import recipe_of

APP = str(Path(dashboards.__file__).with_name("app.py"))
BOOK = RuleBook.load()
HOSTILE = "<script>__hit=1</script> *short* | `x` שלום"
RULES = [
    {"use": "retweet"},
    {"use": "strip_urls"},
    {"use": "hashtag_ratio", "max": 0.6},
    {"use": "min_words", "label": HOSTILE},
    {"use": "max_words", "max": 9},
    {"use": "exact_duplicate"},
    {"use": "near_duplicate", "threshold": 0.99},
]
TEXTS = [
    "霧が深い",
    "RT @mira: the harbour",
    "RT @mira: no",
    "three of them",
    "Three of  them",
    "#fog #late #חמש",
    "#fog today",
    "two words",
    "two words https://example.org/1",
    "ฝนตกทั้งวัน 🌧️",
    "ten words are one too many for this small corpus here",
    "RT @nils: ten words are one too many for this corpus of ours",
    "a walk by the harbour",
    "nobody knows why the ferry is late",
    *(f"{'very ' * number}late again" for number in range(6)),
]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """Twenty posts in a workspace, judged by rules of which some overlap."""
    root = tmp_path_factory.mktemp("rules")
    posts = [{"id": str(number), "text": text} for number, text in enumerate(TEXTS, 1)]
    made = corpus_of(root, posts, recipe_of(*RULES))
    folder = root / "data" / "curated" / "judged"
    folder.parent.mkdir(parents=True)
    made.folder.rename(folder)
    kept = Ledger.of(Corpus(folder, made.manifest)).total.kept
    manifest = {"schema": 1, **made.manifest, "counts": {"downloaded": len(posts), "kept": kept}}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return Corpus.open(root / "data", "judged")


@pytest.fixture
def snapshot(corpus: Corpus) -> Snapshot:
    """The corpus, of which nothing was asked yet."""
    return Snapshot(corpus, Answers())


def silent(done: int, of: int) -> None:
    """Tells nobody."""


def test_credit_is_the_librarys_and_becomes_exact(snapshot: Snapshot) -> None:
    """First what the columns say; once trials were asked for, what they found, from then on."""
    assert rules.credit(snapshot, BOOK) == Credit.of(snapshot.corpus)
    assert {each.name: each.first for each in rules.credit(snapshot, BOOK).rules} == Ledger.of(
        snapshot.corpus
    ).total.removed
    exact = rules.credit(snapshot, BOOK, silent)
    assert exact == rules.credit(snapshot, BOOK) == Credit.of(snapshot.corpus, exact=True)
    assert all(each.exact for each in exact.rules)


def test_a_line_of_the_overlap_leads_to_its_posts(snapshot: Snapshot) -> None:
    """Each set of rules, as the address's `only`, is as many posts as the plot says, and all sets are all removed."""
    overlap = rules.credit(snapshot, BOOK).overlap
    assert any(len(names) > 1 for names, _ in overlap)
    known = facets(snapshot.manifest)
    found = {names: browse.counts(snapshot, View(only=",".join(names)), known).posts for names, _ in overlap}
    assert found == dict(overlap)
    assert sum(found.values()) == Ledger.of(snapshot.corpus).total.downloaded - Ledger.of(snapshot.corpus).total.kept


@pytest.mark.parametrize("parameter", ["hashtag_ratio.max", "min_words.min", "max_words.max"])
def test_a_curve_is_the_librarys_sweep(snapshot: Snapshot, parameter: str) -> None:
    """Each point is the sweep's, and today's value is one of them, exact."""
    [threshold] = [t for t in rules.measured_thresholds(snapshot, BOOK) if t.parameter == parameter]
    found = rules.swept(snapshot, threshold, BOOK)
    tried = [point.value for point in found.points]
    assert tried == sorted(set(tried))
    assert found == sweep(snapshot.corpus, parameter, tried, exact=False)
    [now] = [point for point in found.points if point.value == threshold.now]
    assert (now.kept, now.exact) == (Ledger.of(snapshot.corpus).total.kept, True)


def test_exact_points_stay_in_place_of_the_estimate(
    corpus: Corpus, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exact points are the sweep's, too; and Compare's address for one of them sets what judging keeps as many by."""
    few(monkeypatch)
    [threshold] = [t for t in rules.measured_thresholds(snapshot, BOOK) if t.parameter == "min_words.min"]
    assert not all(point.exact for point in rules.swept(snapshot, threshold, BOOK).points)
    exact = rules.swept(snapshot, threshold, BOOK, silent)
    assert exact == rules.swept(snapshot, threshold, BOOK)
    assert all(point.exact for point in exact.points)
    words = rules.comparing(snapshot, "min_words.min", 2)
    assert words == {"corpus": ["judged"], "set": ["min_words.min=2"]}
    verdicts = judge_nearest(Workspace(corpus.folder.parent.parent), "judged", words["set"], book=BOOK)
    assert [verdicts.counts[None]] == [point.kept for point in exact.points if point.value == 2]
    assert rules.comparison(snapshot, "min_words.min", 2) == "compare?corpus=judged&set=min_words.min%3D2"


def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have few values tried, since each takes its time."""
    monkeypatch.setattr(rules, "QUANTILES", (0.0, 0.995))
    monkeypatch.setattr(rules, "SPREAD", 2)


@pytest.mark.parametrize("parameter", ["hashtag_ratio.max", "min_words.min", "max_words.max"])
def test_a_histogram_counts_each_post_once_and_the_cut_is_an_edge(snapshot: Snapshot, parameter: str) -> None:
    """Bars hold all posts that were measured, and those on the far side of today's value are what the rule matches."""
    [threshold] = [t for t in rules.measured_thresholds(snapshot, BOOK) if t.parameter == parameter]
    found = rules.measured(snapshot, threshold)
    bars = rules.bars(threshold, found)
    assert (found.posts, found.unseen) == (len(TEXTS), 0)
    assert sum(bar.posts for bar in bars) == len(TEXTS)
    gone = [bar for bar in bars if (bar.end <= threshold.now if threshold.lower else bar.begin >= threshold.now)]
    [credited] = [each for each in rules.credit(snapshot, BOOK).rules if each.name == threshold.rule.name]
    assert sum(bar.posts for bar in gone) == credited.matched


@given(st.lists(st.integers(0, 40), min_size=1), st.floats(0.01, 1))
def test_a_quantile_is_a_measure_that_so_many_posts_reach(measures: list[int], share: float) -> None:
    """The smallest measure that, with all smaller ones, this share of the posts has."""
    counts = {float(value): measures.count(value) for value in sorted(set(measures))}
    found = Measures(counts, 0).quantile(share)
    assert sum(value <= found for value in measures) >= share * len(measures)
    assert sum(value < found for value in measures) < share * len(measures)


def test_what_was_not_measured_is_told_apart(corpus: Corpus) -> None:
    """A measure of NULL is no measure; an empty histogram offers values around today's all the same."""
    snapshot = Snapshot(corpus, Answers())
    [threshold] = [t for t in rules.measured_thresholds(snapshot, BOOK) if t.parameter == "min_words.min"]
    assert rules.values(threshold, Measures({}, 7)) == [1, 2, 3, 4, 5]
    assert rules.bars(threshold, Measures({}, 7)) == []


def test_charts_hold_the_figures(snapshot: Snapshot) -> None:
    """One bar per rule, a line for each set with a dot for each rule in it, and a point for each value."""
    found = rules.credit(snapshot, BOOK)
    rows = values_of(credit_chart.chart(found.rules))
    assert {row["key"]: row["posts"] for row in rows if row.get("part") == credit_chart.ALONE} == {
        f"only:{each.name}": each.only for each in found.rules
    }
    labels = {each.name: each.label for each in found.rules}
    rows = values_of(upset.upset(found.overlap, labels))
    assert {row["key"]: row["posts"] for row in rows if "posts" in row} == {
        ",".join(names): posts for names, posts in found.overlap
    }
    dots = {(row["place"], row["middle"]) for row in rows if row.get("there")}
    assert len(dots) == sum(len(names) for names, _ in found.overlap)
    [threshold] = [t for t in rules.measured_thresholds(snapshot, BOOK) if t.parameter == "min_words.min"]
    swept = rules.swept(snapshot, threshold, BOOK)
    bars = rules.bars(threshold, rules.measured(snapshot, threshold))
    rows = values_of(sweeps.curve(swept, bars, measure="words", far=True, whole=True))
    assert {(row["at"], row["kept"]) for row in rows if "kept" in row} == {(p.value, p.kept) for p in swept.points}
    assert "which is 3 now. 1: about 12; 2: about 11; 3: 7; " in sweeps.in_words(swept)


def values_of(chart: object) -> list[dict[str, object]]:
    """All rows of a chart, each once."""
    found: list[dict[str, object]] = []
    if isinstance(chart, dict):
        found += [row for row in chart.get("values", []) if isinstance(row, dict)]
        chart = list(chart.values())
    if isinstance(chart, list):
        found += [row for each in chart for row in values_of(each)]
    return [row for number, row in enumerate(found) if row not in found[:number]]


def test_pins_are_checked_anew_when_they_change(snapshot: Snapshot) -> None:
    """What is broken follows the pins, and so do the suggestions."""
    pins = Pins().pin("x", "8", "kept")
    assert [each.pin.id for each in rules.checked(snapshot, pins).broken] == ["8"]
    asked = {each.parameter: each.value for each in rules.suggestions(snapshot, pins, BOOK)}
    assert asked["min_words.min"] == 2
    other = pins.pin("x", "8", "removed")
    assert not rules.checked(snapshot, other).broken


def test_the_page_opens_on_the_threshold_that_removes_most(snapshot: Snapshot) -> None:
    """Not on the first one; and its next value is one with which the rule removes other posts."""
    manifest = {
        **snapshot.manifest,
        "counts": {"downloaded": 20, "kept": 7, "removed": {"min_words": 5, "max_words": 1}},
    }
    counted = Snapshot(Corpus(snapshot.corpus.folder, manifest), Answers())
    every = rules.measured_thresholds(counted, BOOK)
    assert every[0].parameter == "hashtag_ratio.max"
    telling = rules.most_telling(counted, every)
    assert telling.parameter == "min_words.min"
    assert rules.next_value(counted, telling) == 4
    by_name = {each.parameter: each for each in every}
    assert rules.next_value(counted, by_name["max_words.max"]) == 6
    assert [n for n in rules.measured(counted, by_name["max_words.max"]).counts if 6 < n <= 9] == [7]


def cells(page: AppTest) -> list[list[str]]:
    """The rows of all tables on a page."""
    rows = re.findall(r"<tr>(<th scope=\"row.*?)</tr>", "".join(element.proto.body for element in page.get("html")))
    return [[re.sub("<[^>]*>", "", cell) for cell in re.findall("<t[dh][^>]*>(.*?)</t[dh]>", row)] for row in rows]


def test_the_page_says_the_figures(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its tables are credit, overlap, the sweep and the pins; a button makes bounds exact; nothing acts."""
    few(monkeypatch)
    monkeypatch.setattr(session, "may_write", lambda: True)
    data = corpus.folder.parent.parent
    monkeypatch.setenv("CURATION_DATA", str(data))
    (data / "pins.toml").write_text(Pins().pin("x", "8", "kept", "*the best*").toml(), encoding="utf-8")
    page = AppTest.from_file(APP, default_timeout=60).run().switch_page("pages/rules.py")
    page.query_params["threshold"] = "min_words.min"
    page.run()
    assert not page.exception
    found, said = Credit.of(corpus), cells(page)
    for each in found.rules:
        counts = [str(each.matched), str(each.first), str(each.only), each.words(found.kept)]
        assert counts in [row[1:] for row in said]
    assert any(row[-1].startswith("at most ") for row in said if row)
    for names, posts in found.overlap:
        assert posts in [int(row[1]) for row in said if len(row) == 2 and row[0].count(" + ") == len(names) - 1]
    assert next(row for row in said if row[:2] == ["x 8", "kept"])[3] == "*the best*"
    assert "<script>" not in "".join(element.proto.body for element in page.get("html"))
    assert [metric.value for metric in page.metric][3:] == ["1", "0", "1"]

    assert page.selectbox(key="rules:threshold:judged").value == "min_words.min"
    points = sweep(corpus, "min_words.min", "1,2,3", exact=False).points
    assert {f"{'' if p.exact else '≈ '}{p.kept}" for p in points} <= {row[1] for row in cells(page) if len(row) == 3}

    assert page.button(key="rules:credit").label == "Compute exactly (some seconds)"
    page.button(key="rules:credit").click().run()
    [job] = [job for job in jobs.registry().all() if job.key.startswith("credit:")]
    assert job.wait(60)
    assert job.state == "done", job.error
    page.run()
    assert not page.exception
    assert not [
        job for job in jobs.registry().all() if job.key.startswith("credit:")
    ]  # what it printed is on the page now
    assert "at most" not in "".join(row[-1] for row in cells(page) if len(row) == 5)


def test_without_posts_and_with_a_rule_of_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The figures are noughts, no threshold can be tried, and the page says why."""
    write_corpus(tmp_path, [], rules=[rule("of_elsewhere", label=HOSTILE, measure="of_elsewhere", min=3)])
    monkeypatch.setenv("CURATION_DATA", str(tmp_path))
    page = AppTest.from_file(APP, default_timeout=60).run().switch_page("pages/rules.py").run()
    assert not page.exception
    assert ["0", "0", "0", "0 (+0)"] in [row[1:] for row in cells(page)]
    assert any("of\\_elsewhere" in info.value for info in page.info)
