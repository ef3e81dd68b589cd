"""What a bench says is what the statements say, whatever it was asked before."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curation.asking.bench import Bench
from curation.asking.trial import COLUMNS, try_recipe
from tests import strategies
from tests.asking.test_trial import BASE, POSTS, VERDICT, corpus_of
from tests.corpus.test_rejudging import Posts, Rules, changed, read
from tests.judge import recipe_of


def patched(folder: Path, posts: Posts, rules: Rules, asked: list[Rules]) -> None:
    """One bench is asked of several recipes; each time the corpus with its changes is what a run gives."""
    corpus = corpus_of(folder, posts, recipe_of(*rules))
    stood = read([corpus.folder / name for name in corpus.manifest["files"]])
    bench = Bench()
    for number, new in enumerate(asked):
        trial = try_recipe(corpus, recipe_of(*new), bench=bench, only_changed=True)
        if trial is None:
            continue
        whole = try_recipe(corpus, recipe_of(*new), bench=bench)
        assert whole is not None
        assert whole.verdicts.column_names == list(COLUMNS)
        places = [(row["part"], row["row"]) for row in whole.verdicts.to_pylist()]
        said = [{key: row[key] for key in VERDICT} for row in stood]
        for row in trial.verdicts.to_pylist():
            verdict = {key: row[key] for key in VERDICT}
            assert said[places.index((row["part"], row["row"]))] != verdict, "it has changed"
            said[places.index((row["part"], row["row"]))] = verdict
        assert said == [{key: row[key] for key in VERDICT} for row in whole.verdicts.to_pylist()]
        place = folder / str(number)
        place.mkdir()
        run = corpus_of(place, posts, recipe_of(*new))
        assert said == [
            {key: row[key] for key in VERDICT} for row in read([run.folder / name for name in run.manifest["files"]])
        ]


@given(strategies.posts(), strategies.recipes(), st.data())
@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
def test_changes_are_those_of_a_run(posts: Posts, rules: Rules, data: st.DataObject) -> None:
    """The corpus with what a bench says changes is a run's corpus, at the second question too."""
    with tempfile.TemporaryDirectory() as name:
        patched(Path(name), posts, rules, [data.draw(changed(rules)) for _ in range(2)])


@pytest.mark.parametrize("keep", ["latest", "most_engaged"])
def test_whichever_copy_is_kept(tmp_path: Path, keep: str) -> None:
    """Every preference gives the kept posts of a run, with a dedup before and one after the change."""
    posts: Posts = [
        {**post, "id": f"{scale}{post['id']}", "like_count": scale, "is_repost": scale == 2, "author": "霧子"}
        for scale in (1, 2, 3)
        for post in POSTS
    ]
    rules: Rules = [
        {"use": "exact_duplicate", "name": "first", "scope": "global"},
        {"use": "min_words", "min": 2},
        {"use": "exact_duplicate", "name": "second", "keep": keep},
        {"use": "canonical_duplicate", "keep": keep},
        {"use": "min_chars", "min": 6},
    ]
    other: Rules = [{**rule, "min": 3} if rule["use"] == "min_words" else rule for rule in rules]
    patched(tmp_path, posts, rules, [other, rules[:1] + rules[2:]])


def test_a_copy_whose_original_goes_is_no_copy(tmp_path: Path) -> None:
    """Though a later rule still removes it, nothing is said to be kept instead of it."""
    posts: Posts = [{**post, "id": str(n), "text": "the fog came", "like_count": n} for n, post in enumerate(POSTS[:3])]
    rules: Rules = [
        {"use": "where", "name": "unloved", "removes": "like_count < 0"},
        {"use": "exact_duplicate"},
        {"use": "min_chars", "min": 20},
    ]
    patched(tmp_path, posts, rules, [[{**rules[0], "removes": "like_count < 2"}, *rules[1:]]])


def test_what_a_bench_can_not_tell_is_told_all_the_same(tmp_path: Path) -> None:
    """A rule that compares in its own way is done by the statements, with the same changes."""
    rules: Rules = [*BASE, {"use": "near_duplicate"}, {"use": "template", "posts": 2, "words": 1}]
    patched(tmp_path, POSTS, rules, [[{**rule, "min": 1} if rule["use"] == "min_words" else rule for rule in rules]])


def test_a_bench_follows_a_new_state_of_a_corpus(tmp_path: Path) -> None:
    """After a run it knows the new posts and not the old ones."""
    bench, new = Bench(), recipe_of(*[{**rule, "min": 1} if rule["use"] == "min_words" else rule for rule in BASE])
    for number in (5, 2):
        folder = tmp_path / str(number)
        folder.mkdir()
        trial = try_recipe(corpus_of(folder, POSTS[:number], recipe_of(*BASE)), new, bench=bench)
        assert trial is not None
        assert trial.verdicts.num_rows == number
        assert bench.nbytes > 0
