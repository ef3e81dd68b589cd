"""Pins decide: what is applied, what it counts, and what it costs."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curation.collecting.land import land
from curation.corpus.corpus import Corpus
from curation.corpus.curate import curate
from curation.corpus.ledger import Ledger
from curation.corpus.pins import applying, deciding
from curation.corpus.pins.applying import pending
from curation.corpus.pins.deciding import apply_pins, counts_of, not_applied
from curation.corpus.pins.pin_file import KEPT, REMOVED, Pins, change_pins, pins_of
from curation.corpus.run_context import RunContext
from curation.disk.workspace import Workspace
from curation.engines.local import LocalEngine
from curation.errors import RefusedError, WorkspaceError
from curation.forgetting.forget import ForgetRequest, forget
from curation.recipes.recipe import Recipe
from tests import strategies
from tests.asking.judging import Posts, Rules, corpus_of, with_pins_of
from tests.collecting.test_landing import given_posts
from tests.corpora import rule, write_corpus
from tests.judge import recipe_of

RECIPE = Recipe.parse({"name": "words", "rule": [{"use": "min_words", "min": 2}, {"use": "exact_duplicate"}]})
TEXTS = ("one", "two words", "two words", "a few more words")
ONE = RunContext(LocalEngine(workers=1))


def rows_of(corpus: Corpus) -> list[dict[str, Any]]:
    """The posts of a corpus, by id."""
    files = [corpus.folder / name for name in corpus.manifest["files"]]
    posts = [post for path in files for post in pq.read_table(path).to_pylist()]
    return sorted(posts, key=lambda post: (post["platform"], post["id"], post["text"]))


@given(strategies.posts(), strategies.recipes(), st.data())
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_ledger_balances_with_any_pins(posts: Posts, rules: Rules, data: st.DataObject) -> None:
    """Counts follow from `matched` and the pin of each post; twice is once, and without pins all is as before."""
    pins = data.draw(strategies.pins(posts))
    wanted = {pin.post: pin.want for pin in pins.pins}
    with tempfile.TemporaryDirectory() as name:
        plain = corpus_of(Path(name), posts, recipe_of(*rules))
        corpus = with_pins_of(plain, pins)
        expected: Counter[str | None] = Counter()
        for post in rows_of(corpus):
            want, alone = wanted.get((post["platform"], post["id"])), (post["matched"] or [None])[0]
            by = None if want == KEPT else alone or ("by_hand" if want == REMOVED else None)
            assert (post["by_hand"], post["removed_by"]) == (want, by)
            expected[by] += 1
        ledger = Ledger.of(corpus)
        assert ledger.balances
        counts = counts_of(corpus)
        assert {None: counts["kept"], **counts["removed"]} == {
            None: 0, **dict.fromkeys(counts["removed"], 0), **expected,
        }  # fmt: skip
        assert pending([corpus.folder / each for each in corpus.manifest["files"]], pins) == {}
        if corpus is not plain:
            before = [{**post, "by_hand": None} for post in rows_of(plain)]
            assert rows_of(with_pins_of(corpus, Pins())) == before


@given(strategies.posts(), strategies.recipes(), st.data())
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
def test_pins_are_the_same_in_any_shards(posts: Posts, rules: Rules, data: st.DataObject) -> None:
    """A corpus in many small files and one in a few have the same verdicts."""
    pins = data.draw(strategies.pins(posts))
    with tempfile.TemporaryDirectory() as name:
        few, many = (with_pins_of(corpus_of(Path(name), posts, recipe_of(*rules), shard), pins) for shard in (1000, 2))
        assert rows_of(few) == rows_of(many)


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    """Four posts, curated: the first and the third are removed."""
    land(tmp_path, given_posts(*({"id": str(n), "author": "mira", "text": text} for n, text in enumerate(TEXTS))))
    curate(tmp_path, RECIPE, context=ONE)
    return Workspace(tmp_path)


def pin(space: Workspace, post_id: str, want: str | None) -> None:
    """Pin a post, or take its pin back."""
    change_pins(space, lambda pins: pins.pin("x", post_id, want) if want else pins.unpin("x", post_id))


def removed(corpus: Corpus) -> dict[str, str | None]:
    """What removes each post."""
    return dict(corpus.rows("SELECT id, removed_by FROM posts ORDER BY id"))


def test_a_change_of_pins_costs_no_run(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The corpus is taken as it is, says which pins it has, and is up to date then."""
    before = curate(space, RECIPE, context=ONE)
    assert (before.status, before.to_json()["pins"]) == ("unchanged", None)
    pin(space, "0", KEPT)
    pin(space, "3", REMOVED)
    assert not_applied(Corpus.open(space, "words"), pins_of(space)) == 2
    monkeypatch.setattr(LocalEngine, "run", None)
    run = curate(space, RECIPE, context=ONE)
    assert (run.status, run.rejudged, run.pins_only) == ("complete", False, True)
    assert run.to_json()["pins"] == {**run.corpus.manifest["pins"], "only": True}
    assert run.to_json()["counts"] == {
        "downloaded": 4, "removed": {"min_words": 0, "exact_duplicate": 1, "by_hand": 1}, "kept": 2, "kept_by_hand": 1,
    }  # fmt: skip
    assert removed(run.corpus) == {"0": None, "1": None, "2": "exact_duplicate", "3": "by_hand"}
    assert curate(space, RECIPE, context=ONE).status == "unchanged"
    change_pins(space, lambda pins: pins.pin("x", "0", KEPT, "a note"))
    assert curate(space, RECIPE, context=ONE).status == "unchanged"


def test_pins_can_be_left_out_and_taken_back(space: Workspace) -> None:
    """Both bring back the corpus without pins, which says nothing of them."""
    plain = Corpus.open(space, "words").manifest["counts"]
    pin(space, "3", REMOVED)
    assert curate(space, RECIPE, context=ONE).corpus.pins
    run = curate(space, RECIPE, context=ONE, pins=False)
    assert (run.corpus.pins, run.corpus.manifest["counts"]) == (None, plain)
    assert curate(space, RECIPE, context=ONE).corpus.pins
    pin(space, "3", None)
    assert curate(space, RECIPE, context=ONE).corpus.manifest["counts"] == plain


def test_every_way_of_running_applies_pins(space: Workspace) -> None:
    """A whole run, and one that is judged out of the corpus before."""
    pin(space, "0", REMOVED)
    pin(space, "2", KEPT)
    whole = curate(space, RECIPE, context=ONE, again=True)
    assert removed(whole.corpus) == {"0": "min_words", "1": None, "2": None, "3": None}
    less = Recipe.parse({"name": "words", "rule": [{"use": "min_words", "min": 1}, {"use": "exact_duplicate"}]})
    rejudged = curate(space, less, context=ONE)
    assert rejudged.rejudged
    assert removed(rejudged.corpus) == {"0": "by_hand", "1": None, "2": None, "3": None}
    assert rejudged.corpus.rows("SELECT matched FROM posts WHERE id = '2'") == [(["exact_duplicate"],)]


def test_only_parts_with_a_changed_pin_are_written(space: Workspace, tmp_path: Path) -> None:
    """The others are the same files; in a corpus from before the column every part gets it, once."""
    posts = [{"id": str(n), "removed_by": "short" if n % 2 else None} for n in range(8)]
    write_corpus(space.root, posts, recipe="old", rules=[rule("short")], parts=4)
    old = Corpus.open(space, "old")
    change_pins(space, lambda pins: pins.pin("x", "1", KEPT))
    new = apply_pins(space, "old").corpus
    assert not {*old.manifest["files"]} & {*new.manifest["files"]}
    change_pins(space, lambda pins: pins.pin("x", "2", REMOVED))
    applied = apply_pins(space, "old")
    assert (applied.changed, applied.kept_before) == (1, 5)
    assert len({*new.manifest["files"]} & {*applied.corpus.manifest["files"]}) == 3
    assert applied.corpus.manifest["counts"]["removed"] == {"short": 3, "by_hand": 1}


def test_a_run_that_goes_on_is_not_disturbed(space: Workspace) -> None:
    """Who can't wait for its lock is told."""
    pin(space, "3", REMOVED)
    with space.lock("run-words"), pytest.raises(RefusedError, match="A run of 'words' is going on"):
        apply_pins(space, "words", wait=False)
    assert apply_pins(space, "words", wait=False).changed == 1


@pytest.mark.parametrize("failing", ["take_along", "_write", "complete_manifest", "swap_in"])
def test_what_is_interrupted_leaves_the_corpus(space: Workspace, monkeypatch: pytest.MonkeyPatch, failing: str) -> None:
    """At every step: a full disk is a sentence, nothing is left behind, and the next try has it all."""
    write_corpus(space.root, [{"by_hand": None} for _ in range(4)], recipe="parts", parts=2)
    pin(space, "1", REMOVED)
    before = removed(Corpus.open(space, "parts"))

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(applying if hasattr(applying, failing) else deciding, failing, full)
        with pytest.raises(WorkspaceError, match="No space left"):
            apply_pins(space, "parts")
    assert removed(Corpus.open(space, "parts")) == before
    assert list(space.work.rglob("*.parquet")) == []
    assert apply_pins(space, "parts").changed == 1


def test_a_forgotten_post_leaves_no_trace_in_the_pins_of_a_corpus(space: Workspace) -> None:
    """The manifest counts the pins that are left, and its digest is of these."""
    pin(space, "3", REMOVED)
    alone = apply_pins(space, "words").corpus.pins
    pin(space, "0", KEPT)
    assert apply_pins(space, "words").corpus.pins != alone
    forget(space, ForgetRequest(ids=("0",)))
    assert Corpus.open(space, "words").pins == alone
    assert not_applied(Corpus.open(space, "words"), pins_of(space)) == 0


def test_exports_count_decisions(space: Workspace) -> None:
    """The record of an export has the counts, and no digest of names."""
    from curation.disk.export_manifest import of_corpus

    pin(space, "3", REMOVED)
    facts = of_corpus(apply_pins(space, "words").corpus.manifest)
    assert facts["pins"] == {"kept": 0, "removed": 1}
    assert facts["counts"]["removed"]["by_hand"] == 1
    assert "digest" not in json.dumps(facts)
