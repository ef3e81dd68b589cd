"""Recipes that differ a little are answered by what stands, and by the corpus that needs least doing."""

from __future__ import annotations

from pathlib import Path

import pytest

from curation.asking.trial import DONE_AGAIN, QUERIED, STANDS, try_recipe
from curation.asking.variants import TAKES_A_RUN, answered, ask, how, recipe_of, with_value, without
from curation.collecting.land import land
from curation.corpus.corpus import Corpus
from curation.corpus.curate import curate
from curation.disk.workspace import Workspace
from curation.engines.local import LocalEngine
from curation.errors import NothingToDoError, RecipeError, UsageError, WorkspaceError
from curation.recipes.recipe import Recipe
from tests.collecting.test_landing import given_posts

RULES = [{"use": "quote"}, {"use": "min_words", "min": 2}, {"use": "exact_duplicate"}]
TEXTS = ("한 마디", "one", "two words", "two words", "a few more words")


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace with two corpora: one ends with a dedup, the other has none."""
    root = tmp_path_factory.mktemp("variants")
    land(root, given_posts(*({"id": str(n), "author": "mira", "text": text} for n, text in enumerate(TEXTS))))
    for name, rules in (("all", RULES), ("plain", RULES[:2])):
        curate(root, Recipe.parse({"name": name, "rule": rules}), engine=LocalEngine(workers=1))
    return Workspace(root)


def test_how_a_change_is_answered(space: Workspace) -> None:
    """As it stands, by a query, by doing rules again, or by a run."""
    corpus, plain = Corpus.open(space, "all"), Corpus.open(space, "plain")
    old = recipe_of(corpus)
    assert how(old, old) == STANDS
    assert how(old, without(old, "exact_duplicate")) == QUERIED
    assert how(old, with_value(corpus, "min_words", "min", 3)) == DONE_AGAIN
    assert how(old, with_value(corpus, "min_words", "count", "blanks")) == TAKES_A_RUN
    assert how(recipe_of(plain), with_value(plain, "min_words", "min", 3)) == QUERIED
    assert [rule.name for rule in without(old, "quote").rules] == ["min_words", "exact_duplicate"]


def test_a_corpus_by_its_name_is_taken_as_it_stands(space: Workspace) -> None:
    """No trial is made of what is there."""
    corpus, trial = answered(space, "plain")
    assert (corpus.recipe, trial) == ("plain", None)
    with pytest.raises(NothingToDoError, match=r"no corpus 'plane'.*Did you mean 'plain'"):
        answered(space, "plane")


def test_a_change_is_tried_where_least_is_to_do(space: Workspace, tmp_path: Path) -> None:
    """The recipe without its dedup stands already, under another name; so it is not tried on its own corpus."""
    corpus, trial = answered(space, "all", ["min_words.min=3"])
    assert (corpus.recipe, trial and trial.how) == ("all", DONE_AGAIN)
    file = tmp_path / "all.toml"
    file.write_text('[[rule]]\nuse = "quote"\n[[rule]]\nuse = "min_words"\nmin = 2\n')
    corpus, trial = answered(space, str(file))
    assert (corpus.recipe, trial and trial.how) == ("plain", STANDS)
    assert trial is not None
    assert ask(corpus, trial, "SELECT count(*) FROM posts WHERE removed_by IS NULL") == [(4,)]


def test_what_takes_a_run_says_which(space: Workspace, tmp_path: Path) -> None:
    """The command that makes the corpus, with the changes."""
    file = tmp_path / "other.toml"
    file.write_text('[[rule]]\nuse = "strip_urls"\n[[rule]]\nuse = "min_words"\n')
    with pytest.raises(NothingToDoError) as caught:
        answered(space, str(file), ["min_words.min=4"])
    assert f"curation run {file} --set 'min_words.min=4'" in str(caught.value)


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ("min_words.min", UsageError, "write it as rule.parameter=value"),
        ("min_word.min=2", RecipeError, "Did you mean 'min_words'"),
        ("min_words.min=two", RecipeError, "should be a whole number"),
    ],
)
def test_a_wrong_change_is_said(space: Workspace, change: str, error: type[Exception], said: str) -> None:
    """As a run says it."""
    with pytest.raises(error, match=said):
        answered(space, "plain", [change])


def test_a_trial_of_files_that_are_gone_is_not_asked(space: Workspace) -> None:
    """Verdicts by place are worth nothing beside other files."""
    corpus = Corpus.open(space, "plain")
    trial = try_recipe(corpus, recipe_of(corpus))
    assert trial is not None
    other = Corpus(corpus.folder, {**corpus.manifest, "files": corpus.manifest["files"] * 2})
    with pytest.raises(WorkspaceError, match="replaced the corpus 'plain'"):
        ask(other, trial, "SELECT 1")
