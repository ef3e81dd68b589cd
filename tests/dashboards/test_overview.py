"""The overview: its figures are the ledger's, and the page says them."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import dashboards
from curation.collecting.targets import Collected, Target
from curation.corpus.ledger import Ledger
from curation.corpus.tokens_estimate import estimated_tokens
from curation.disk.manifest import MANIFEST
from curation.disk.states import ReplacedError
from dashboards.queries import overview
from dashboards.snapshot import Answers, Snapshot
from tests.corpora import rule, write_corpus

APP = str(Path(dashboards.__file__).with_name("app.py"))
RULES = [rule("retweet", label="Retweets"), rule("strip_urls", kind="transform"), rule("min_words", label="Short")]
NAMES = ["mira", "'; drop table posts; --", "<b>Ümit</b>", "ไทย", "שלום‮", "东方_1"]


def posts():
    """Invented posts of several authors, years and verdicts."""
    for number in range(60):
        yield {
            "author": NAMES[number % len(NAMES)],
            "text": f"วันนี้อากาศดี {number}" if number % 3 else f"a walk by the harbour {number}",
            "created_at": None
            if number == 7
            else datetime.datetime(2019 + number // 30, 1 + number % 12, 3, tzinfo=datetime.UTC),
            "removed_by": [None, None, "retweet", None, "min_words"][number % 5],
        }


@pytest.fixture
def snapshot(tmp_path):
    """A corpus of these posts."""
    return Snapshot(write_corpus(tmp_path, posts(), rules=RULES), Answers())


def test_the_waterfall_goes_from_downloaded_to_kept(snapshot):
    """Each bar ends where the next begins, and the last is what the ledger counts as kept."""
    account = Ledger.of(snapshot.corpus)
    steps = overview.waterfall(overview.ledger(snapshot))
    assert [(step.key, step.posts) for step in steps] == [
        ("", account.total.downloaded), *account.total.removed.items(), ("kept", account.total.kept),
    ]  # fmt: skip
    assert [step.end for step in steps[1:-1]] == [60, steps[1].begin]
    assert steps[-2].begin == steps[-1].end == account.total.kept


def test_training_text_is_that_of_the_kept_posts(snapshot):
    """Characters are code points of kept texts; tokens follow from their bytes."""
    texts = [text for (text,) in snapshot.corpus.rows("SELECT text FROM posts WHERE removed_by IS NULL")]
    text = overview.training_text(snapshot)
    assert (text.posts, text.characters) == (len(texts), sum(map(len, texts)))
    assert text.tokens == estimated_tokens(sum(len(text.encode()) for text in texts))


def test_authors_beyond_the_first_are_one_bar_and_can_be_found(snapshot):
    """The bars add up to the ledger however many have one of their own; a part of a name finds its author."""
    account = overview.ledger(snapshot)
    found = overview.authors(account, most=2)
    assert [one.keys for one in found] == [(account.rows[0].key,), (account.rows[1].key,), ()]
    assert sum(one.downloaded for one in found) == account.total.downloaded
    assert sum(one.kept for one in found) == account.total.kept
    assert [one.label for one in overview.authors(account, "DROP TABLE")] == ["'; drop table posts; --"]
    assert overview.authors(account, "nobody") == []


@pytest.mark.parametrize("by", ["month", "year"])
def test_periods_add_up_to_the_posts_that_say_a_time(snapshot, by):
    """Months and years hold every dated post, without a gap between the first and the last."""
    account = overview.ledger(snapshot, "month")
    found = overview.periods(account, by)
    assert sum(one.downloaded for one in found) + overview.undated(account) == 60
    assert overview.undated(account) == 1
    assert len(found) == (24 if by == "month" else 2)
    assert {key for one in found for key in one.keys} >= {row.key for row in account.rows if row.key != "unknown"}


def test_a_long_span_is_shown_by_years(tmp_path):
    """More than four years of months would be a comb."""
    times = [datetime.datetime(year, 5, 1, tzinfo=datetime.UTC) for year in (2009, 2019)]
    corpus = write_corpus(tmp_path, [{"created_at": time} for time in times])
    account = Ledger.of(corpus, "month")
    assert overview.by_default(account) == "year"
    assert [one.downloaded for one in overview.periods(account, "year")] == [1, *[0] * 9, 1]


def test_a_library_call_never_answers_for_another_corpus(snapshot):
    """When a run has replaced the files, what the library is asked says so instead of mixing two corpora."""
    assert snapshot.ask(Ledger.of).total.downloaded == 60
    path = snapshot.corpus.folder / MANIFEST
    (snapshot.corpus.folder / "part-00000.parquet").rename(snapshot.corpus.folder / "part-new.parquet")
    path.write_text(path.read_text().replace("part-00000", "part-new"))
    with pytest.raises(ReplacedError):
        snapshot.ask(Ledger.of)
    with pytest.raises(ReplacedError):
        snapshot.ask(lambda corpus: 1)


def test_the_page_says_the_ledgers_figures(snapshot, monkeypatch):
    """Downloaded, kept and removed stand on the page as the ledger counts them; names are text."""
    monkeypatch.setenv("CURATION_DATA", str(snapshot.corpus.folder.parent.parent))
    page = AppTest.from_file(APP, default_timeout=60).run()
    assert not page.exception
    assert not page.error
    total = Ledger.of(snapshot.corpus).total
    shown = {metric.label: metric.value for metric in page.metric}
    assert shown["Downloaded"] == f"{total.downloaded:,}"
    assert shown["Kept"] == f"{total.kept:,}"
    assert shown["Removed"] == f"{sum(total.removed.values()):,}"
    assert all(metric.help for metric in page.metric if metric.label not in ("Downloaded", "Kept", "Removed"))
    page.text_input(key="overview:author").set_value("<b>").run()
    assert not page.exception
    page.text_input(key="overview:author").set_value("[x](y) nobody").run()
    assert [info.value for info in page.info if "No author" in info.value] == [
        "No author with “\\[x\\]\\(y\\) nobody” in the handle or name."
    ]


def test_empty_months_are_not_called_complete():
    """When every list was read to its end, months without a post are named in the same sentence."""

    def collected(*empty: str) -> Collected:
        at = "2024-01-01T00:00:00+00:00"
        target = Target("file", "a.csv", at, "complete", 3, None, 0, 0, "2016-01", "2016-12", empty)
        return Collected(target, 0)

    assert "no month in between is without a post" in overview.nothing_missing([collected(), collected()])
    assert "but a target has months without a post" in overview.nothing_missing([collected("2016-05"), collected()])
    assert "but 2 targets have months" in overview.nothing_missing([collected("2016-05"), collected("2016-07")])
