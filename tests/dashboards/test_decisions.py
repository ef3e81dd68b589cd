"""Decisions by hand on pages: how many are not applied yet, a button that applies them, and the figures afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import dashboards
from curation.corpus.corpus import Corpus
from curation.corpus.pins.pin_file import FILE, KEPT, REMOVED, change_pins
from curation.disk.workspace import Workspace
from dashboards import session
from dashboards.queries import decisions
from dashboards.snapshot import Answers, Snapshot
from tests.corpora import rule, write_corpus

APP = str(Path(dashboards.__file__).with_name("app.py"))


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    """Six posts, every second removed; the first two are decided otherwise by hand."""
    posts = [{"author": "mira", "removed_by": "short" if n % 2 else None} for n in range(6)]
    write_corpus(tmp_path, posts, rules=[rule("short", label="Short posts")])
    change_pins(Workspace(tmp_path), lambda pins: pins.pin("x", "1", REMOVED, "*no*").pin("x", "2", KEPT))
    return Workspace(tmp_path)


def opened(
    space: Workspace, monkeypatch: pytest.MonkeyPatch, page: str, writes: str = "local", **words: str
) -> AppTest:
    """A page of the dashboard."""
    monkeypatch.setenv(session.DATA, str(space.root))
    monkeypatch.setenv(session.WRITES, writes)
    app = AppTest.from_file(APP, default_timeout=60).run()
    app.query_params.update({"corpus": "invented", **words})
    app.switch_page(f"pages/{page}.py").run()
    assert not app.exception
    return app


def test_decisions_are_applied_by_a_click(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The corpus has them then, the page says the new figures, and the button is gone."""
    app = opened(space, monkeypatch, "overview")
    assert "2 decisions by hand are not applied to this corpus yet." in [each.value for each in app.markdown]
    app.button(key="decisions:apply").click().run()
    assert not app.exception
    assert ":material/check: Applied 2 decisions: 3 posts kept, as before." in [each.value for each in app.markdown]
    assert {each.label: each.value for each in app.metric}["By hand"] == "−1 +1"
    assert "decisions:apply" not in [each.key for each in app.button]
    assert Corpus.open(space, "invented").pins
    tables = "".join(each.value for each in app.get("html"))
    assert "Removed by hand" in tables
    assert "of these kept by hand" in tables


def test_only_who_may_write_applies_them(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Others see the number, and a button that can't be pressed."""
    assert opened(space, monkeypatch, "overview", writes="").button(key="decisions:apply").disabled


def test_the_number_follows_the_file(space: Workspace) -> None:
    """Whoever changes it, an editor too; a pin of a post that is not here is none."""
    snapshot = Snapshot(Corpus.open(space, "invented"), Answers())
    assert decisions.waiting(space, snapshot) == 2
    change_pins(space, lambda pins: pins.unpin("x", "1").pin("x", "elsewhere", KEPT))
    assert decisions.waiting(space, snapshot) == 1
    (space.root / FILE).unlink()
    assert decisions.waiting(space, snapshot) == 0


def test_browse_finds_decisions(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the facet of decisions, and a post says what the recipe alone would do."""
    opened(space, monkeypatch, "overview").button(key="decisions:apply").click().run()
    app = opened(space, monkeypatch, "browse", by_hand="kept")
    assert {each.label: each.value for each in app.metric} == {"Posts in view": "1", "Kept": "1", "Removed": "0"}
    app = opened(space, monkeypatch, "browse", verdict="by_hand")
    assert {each.label: each.value for each in app.metric}["Removed"] == "1"
    assert not opened(space, monkeypatch, "browse", post="x:1").exception
