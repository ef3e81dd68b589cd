"""The evaluation on the page Compare is the library's, and nothing is evaluated before somebody asks."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from curation.corpus.corpus import Corpus
from curation.disk.workspace import Workspace
from curation.rules import RuleBook
from curation.training.evaluation import evaluate, variants
from dashboards.queries import compare
from dashboards.queries.compare import Request
from dashboards.snapshot import Answers, Snapshot
from tests.cli.shell import inside, made_once
from tests.dashboards.test_compare import visit
from tests.training.accounts import account, landed

REQUEST = Request(without=("exact_duplicate",))


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """An account that repeats itself, curated with `baseline`; only read here."""

    def make(folder: Path) -> None:
        assert inside("run", data=landed(folder, account(repeats=600)).root).rc == 0

    return Workspace(made_once(tmp_path_factory.mktemp("evaluate") / "made", make) / "data")


def test_it_is_the_librarys(space: Workspace) -> None:
    """The same figures as `curation evaluate`, by the command line that the page shows; then they are kept."""
    snapshot, book = Snapshot(Corpus.open(space, "baseline"), Answers()), RuleBook.load()
    assert compare.evaluation(snapshot, space, REQUEST, book, kept_only=True) is None
    result = compare.evaluation(snapshot, space, REQUEST, book)
    assert result is not None
    assert result.to_json() == evaluate(space, variants(space, ["baseline"], without=["exact_duplicate"])).to_json()
    assert compare.evaluation(snapshot, space, REQUEST, book, kept_only=True) is result
    words = shlex.split(compare.command("baseline", REQUEST, ["--data", str(space.root)], verb="evaluate"))
    assert inside(*words[1:], "--json").json == json.loads(json.dumps(result.to_json()))


def test_the_page_evaluates_when_it_is_clicked(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the click there is a button and no figure; after it the headline, the interval and the limit."""
    monkeypatch.setenv("CURATION_WRITES", "local")
    app = visit(space.root, monkeypatch, corpus="baseline", without=["exact_duplicate"])
    assert not any("measurabl" in each.value for each in app.markdown)
    app.button(key="compare:evaluate").click().run()
    assert not app.exception
    [headline] = [each.value for each in app.markdown if "measurabl" in each.value]
    assert "is measurably worse than" in headline
    assert any("95% interval" in block.proto.body for block in app.get("html"))
    assert any("do not measure voice" in each.value for each in app.caption)
    assert any(code.value.startswith("curation evaluate baseline --without exact_duplicate") for code in app.code)


def test_too_little_text_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the page stands."""
    few = landed(tmp_path, account(30))
    assert inside("run", data=few.root).rc == 0
    monkeypatch.setenv("CURATION_WRITES", "local")
    app = visit(few.root, monkeypatch, corpus="baseline", without=["exact_duplicate"])
    app.button(key="compare:evaluate").click().run()
    assert not app.exception
    assert any("can be held out" in each.value for each in app.info)
