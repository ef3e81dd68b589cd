"""What a trial says is what a run would say."""

from __future__ import annotations

import datetime
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curation.asking.trial import DONE_AGAIN, QUERIED, STANDS, Trial, try_recipe
from curation.corpus.corpus import Corpus
from curation.engines.compiling import compile_recipe
from curation.engines.local import LocalEngine
from curation.recipes.recipe import Recipe
from tests import strategies
from tests.corpus.test_rejudging import Posts, Rules, changed, read
from tests.judge import recipe_of, write_raw

VERDICT = ("matched", "removed_by", "duplicate_of")


def corpus_of(folder: Path, posts: Posts, recipe: Recipe) -> Corpus:
    """A corpus of some posts in several small files."""
    raw = write_raw(folder / "raw.parquet", posts, [7, 7])
    made = folder / recipe.fingerprint
    made.mkdir()
    parts = LocalEngine(workers=1, shard_posts=7).run(compile_recipe(recipe), [raw], made)
    return Corpus(made, {"files": [part.name for part in parts], "recipe": recipe.to_json()})


def in_two_ways(posts: Posts, old: Recipe, new: Recipe) -> tuple[Trial | None, Posts, Posts]:
    """A trial on the corpus of `old`, what it says, and what a run of `new` says."""
    with tempfile.TemporaryDirectory() as name:
        corpus = corpus_of(Path(name), posts, old)
        trial = try_recipe(corpus, new)
        whole = corpus_of(Path(name), posts, new) if new != old else corpus
        run = read([whole.folder / file for file in whole.manifest["files"]])
        said = [{key: row[key] for key in VERDICT} for row in trial.verdicts.to_pylist()] if trial else []
        return trial, said, [{key: row[key] for key in VERDICT} for row in run]


@given(strategies.posts(), strategies.recipes(), st.data())
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_trial_is_a_run(posts: Posts, rules: Rules, data: st.DataObject) -> None:
    """Every verdict, and every post that is kept instead, is that of a run."""
    new = data.draw(changed(rules))
    trial, said, run = in_two_ways(posts, recipe_of(*rules), recipe_of(*new))
    if trial is not None:
        assert said == run


POSTS: Posts = [
    {
        "id": str(n),
        "author": "mira",
        "text": text,
        "created_at": datetime.datetime(2024, 1, 1, 0, n, tzinfo=datetime.UTC),
    }
    for n, text in enumerate(("one", "two words", "two words", "The ferry is late again", "the ferry is late again"))
]
BASE: Rules = [{"use": "retweet"}, {"use": "min_words", "min": 3}, {"use": "exact_duplicate"}]


@pytest.mark.parametrize(
    ("change", "how", "again", "kept"),
    [
        ({}, STANDS, (), 1),
        ({1: {"min": 2}}, DONE_AGAIN, ("exact_duplicate",), 2),
        ({1: {"min": 1}}, DONE_AGAIN, ("exact_duplicate",), 3),
        ({2: None}, QUERIED, (), 2),
    ],
)
def test_how_it_was_answered(change: dict, how: str, again: tuple[str, ...], kept: int) -> None:
    """A rule that compares posts is done again only where other posts may be alive before it."""
    changed_rules = [{**rule, **(change.get(n) or {})} for n, rule in enumerate(BASE) if change.get(n, {}) is not None]
    trial, said, run = in_two_ways(POSTS, recipe_of(*BASE), recipe_of(*changed_rules))
    assert trial is not None
    assert (trial.how, trial.again) == (how, again)
    assert said == run
    assert sum(not row["matched"] for row in said) == kept


@pytest.mark.parametrize("last", [[], [{"use": "near_duplicate"}]], ids=["by key", "by likeness"])
def test_a_measure_may_be_called_like_a_place(last: list[dict]) -> None:
    """Rules called `row`, `part`, `a` and `b` are tried like any other, and their measures stay theirs."""
    named = [{"use": "min_words", "name": name, "min": 1} for name in ("row", "part", "a", "b")]
    rules = [*named, {"use": "where", "name": "short", "removes": "row < 3 AND part < 3"}, *BASE[2:], *last]
    trial, said, run = in_two_ways(POSTS, recipe_of(*rules), recipe_of({**named[0], "min": 2}, *rules[1:]))
    assert trial is not None
    assert said == run
    assert sum(not row["matched"] for row in said) == 1


def test_another_transform_takes_a_run() -> None:
    """The corpus has no text without the transform."""
    trial, *_ = in_two_ways(POSTS, recipe_of({"use": "strip_urls"}, *BASE), recipe_of(*BASE))
    assert trial is None


def test_a_condition_reaches_no_file(tmp_path: Path) -> None:
    """What a user's SQL may read is the post, in a trial as in a run."""
    (tmp_path / "secret.csv").write_text("a\n")
    with pytest.raises(Exception, match="subquery"):
        recipe_of({"use": "where", "name": "mine", "removes": f"(SELECT count(*) FROM '{tmp_path}/secret.csv') > 0"})
