"""The page Decide without a browser."""

from __future__ import annotations

from curation.asking.review.queues import QUEUES
from curation.asking.review.record import FILE, reviews_of
from curation.corpus.pins.pin_file import change_pins
from curation.disk.workspace import Workspace
from dashboards.queries import review
from tests.asking.review.test_review import RULES, rows
from tests.corpora import write_corpus
from tests.dashboards.test_browse import html_of, list_of, opened


def test_every_queue_is_drawn(monkeypatch, tmp_path):
    """Each one has its posts, and goes on where the first undecided post is; one without posts says so."""
    corpus = write_corpus(tmp_path, rows(), recipe="baseline", rules=RULES)
    for kind in QUEUES:
        at = opened(monkeypatch, tmp_path, "decide", queue=kind)
        shown = list_of(at)
        assert (len(shown["rows"]), shown["page"]) == (review.PAGE, 1)
    first = [tuple(row["post"].split(":")) for row in list_of(opened(monkeypatch, tmp_path, "decide"))["rows"]]

    def pin_all(pins):
        for post in first:
            pins = pins.pin(*post, "kept")
        return pins

    change_pins(Workspace(tmp_path), pin_all)
    assert list_of(opened(monkeypatch, tmp_path, "decide"))["page"] == 2
    assert not reviews_of(Workspace(tmp_path)).draws
    assert corpus.recipe == "baseline"


def test_an_empty_corpus_and_a_damaged_record_are_said(monkeypatch, tmp_path):
    """Neither is an error page."""
    write_corpus(tmp_path / "empty", [], recipe="baseline")
    assert opened(monkeypatch, tmp_path / "empty", "decide").info
    write_corpus(tmp_path / "full", rows(), recipe="baseline", rules=RULES)
    (tmp_path / "full" / FILE).write_text("{", encoding="utf-8")
    at = opened(monkeypatch, tmp_path / "full", "decide")
    assert "damaged" in at.warning[0].value
    assert "<table>" not in html_of(at)
