"""What is judged of a corpus is what a run would say, whichever way it is evaluated."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curation.asking.approach import Way, approach
from curation.asking.judge import judge, judge_nearest
from curation.asking.variants import recipe_of, with_value, without
from curation.asking.verdict_cache import VerdictCache
from curation.collecting.land import land
from curation.corpus.corpus import Corpus
from curation.corpus.curate import curate
from curation.corpus.run_context import RunContext
from curation.disk.workspace import Workspace
from curation.engines.local import LocalEngine
from curation.errors import NothingToDoError, RecipeError, UsageError, WorkspaceError
from curation.recipes.recipe import Recipe
from tests import judge as judging_rules
from tests import strategies
from tests.asking.judging import BASE, POSTS, Posts, Rules, hold_against_run
from tests.collecting.test_landing import given_posts
from tests.corpus.test_rejudging import THRESHOLDS

#: Parameters that may be changed, and values for them: thresholds, and what a dedup prefers.
VALUES: dict[str, tuple[str, st.SearchStrategy[Any]]] = {
    **THRESHOLDS,
    "engagement": ("min", st.integers(0, 3)),
    "exact_duplicate": ("keep", st.sampled_from(("latest", "longest", "most_engaged"))),
    "canonical_duplicate": ("keep", st.sampled_from(("latest", "longest"))),
}


@st.composite
def changed(draw: st.DrawFn, rules: Rules) -> Rules:
    """The rules with other values here and there, and perhaps one less."""
    new = []
    for rule in rules:
        removes = judging_rules.recipe_of(rule).rules[0].kind != "transform"
        if removes and draw(st.integers(0, 7)) == 0:
            continue
        if rule["use"] in VALUES and draw(st.booleans()):
            name, values = VALUES[rule["use"]]
            rule = {**rule, name: draw(values)}
        new.append(rule)
    return new


@given(strategies.posts(), strategies.recipes(), st.data())
@settings(max_examples=16, deadline=None, suppress_health_check=list(HealthCheck))
def test_verdicts_are_those_of_a_run(posts: Posts, rules: Rules, data: st.DataObject) -> None:
    """For pairs of recipes, at the second question too: every verdict, original and count, and every exact estimate.

    Pins that the corpus has are applied to what is judged, as a run applies them.
    """
    with tempfile.TemporaryDirectory() as name:
        news = (data.draw(changed(rules)) for _ in range(2))
        hold_against_run(Path(name), posts, rules, rules, *news, pins=data.draw(strategies.pins(posts)))


@pytest.mark.parametrize(
    ("change", "way", "recalculated", "kept"),
    [
        ({}, Way.CURRENT, (), 1),
        ({1: {"min": 2}}, Way.RECALCULATED, ("exact_duplicate",), 2),
        ({1: {"min": 1}}, Way.RECALCULATED, ("exact_duplicate",), 3),
        ({2: None}, Way.QUERIED, (), 2),
    ],
)
def test_the_cheapest_exact_way(
    tmp_path: Path, change: dict[int, Any], way: Way, recalculated: tuple[str, ...], kept: int
) -> None:
    """A rule that compares posts is recalculated only where other posts may be alive before it."""
    new = [{**rule, **(change.get(n) or {})} for n, rule in enumerate(BASE) if change.get(n, {}) is not None]
    [verdicts] = hold_against_run(tmp_path, POSTS, BASE, new)
    assert verdicts is not None
    assert (verdicts.way, verdicts.recalculated, verdicts.counts[None]) == (way, recalculated, kept)


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
    assert None not in hold_against_run(tmp_path, posts, rules, other, rules[:1] + rules[2:])


@pytest.mark.parametrize("scope", ["author", "global"])
def test_of_copies_the_shorter_id_is_kept(tmp_path: Path, scope: str) -> None:
    """Numbers are told apart by their length first, as a run does: 9 comes before 10 and 100."""
    posts: Posts = [{**POSTS[0], "id": number, "text": "the fog came"} for number in ("100", "9", "10")]
    rules: Rules = [{"use": "min_words", "min": 1}, {"use": "exact_duplicate", "scope": scope}]
    [verdicts] = hold_against_run(tmp_path, posts, rules, [{**rules[0], "min": 2}, rules[1]])
    assert verdicts is not None
    assert verdicts.counts[None] == 1


def test_a_copy_whose_original_goes_is_no_copy(tmp_path: Path) -> None:
    """Though a later rule still removes it, no post is kept instead of it."""
    posts: Posts = [{**post, "id": str(n), "text": "the fog came", "like_count": n} for n, post in enumerate(POSTS[:3])]
    rules: Rules = [
        {"use": "where", "name": "unloved", "removes": "like_count < 0"},
        {"use": "exact_duplicate"},
        {"use": "min_chars", "min": 20},
    ]
    assert None not in hold_against_run(tmp_path, posts, rules, [{**rules[0], "removes": "like_count < 2"}, *rules[1:]])


def test_rules_that_compare_in_their_own_way(tmp_path: Path) -> None:
    """They are recalculated by their statements, two recipes in one folder."""
    rules: Rules = [*BASE, {"use": "near_duplicate"}, {"use": "template", "posts": 2, "words": 1}]
    news = [[{**rule, "min": n} if rule["use"] == "min_words" else rule for rule in rules] for n in (1, 2)]
    for verdicts in hold_against_run(tmp_path, POSTS, rules, *news):
        assert verdicts is not None
        assert verdicts.recalculated == ("exact_duplicate", "near_duplicate", "template")


@pytest.mark.parametrize("last", [[], [{"use": "near_duplicate"}]], ids=["by key", "by likeness"])
def test_a_measure_may_be_called_like_a_place(tmp_path: Path, last: Rules) -> None:
    """Rules called `row`, `part`, `a` and `b` are judged like any other, and their measures stay theirs."""
    named = [{"use": "min_words", "name": name, "min": 1} for name in ("row", "part", "a", "b")]
    rules = [*named, {"use": "where", "name": "short", "removes": "row < 3 AND part < 3"}, *BASE[2:], *last]
    [verdicts] = hold_against_run(tmp_path, POSTS, rules, [{**named[0], "min": 2}, *rules[1:]])
    assert verdicts is not None
    assert verdicts.counts[None] == 1


def test_another_transform_takes_a_run(tmp_path: Path) -> None:
    """The corpus has no text without the transform."""
    assert hold_against_run(tmp_path, POSTS, [{"use": "strip_urls"}, *BASE], BASE) == [None]


def test_a_condition_reaches_no_file(tmp_path: Path) -> None:
    """What a user's SQL may read is the post, whoever evaluates it."""
    (tmp_path / "secret.csv").write_text("a\n")
    with pytest.raises(Exception, match="subquery"):
        judging_rules.recipe_of(
            {"use": "where", "name": "mine", "removes": f"(SELECT count(*) FROM '{tmp_path}/secret.csv') > 0"}
        )


def test_a_cache_follows_a_new_state_of_a_corpus(tmp_path: Path) -> None:
    """After a run it has the new posts and not the old ones."""
    cache, new = VerdictCache(), [{**rule, "min": 1} if rule["use"] == "min_words" else rule for rule in BASE]
    for number in (5, 2):
        [verdicts] = hold_against_run(tmp_path / str(number), POSTS[:number], BASE, new, cache=cache)
        assert verdicts is not None
        assert verdicts.counts.total() == number


# ---- which corpus of a workspace

RULES = [{"use": "quote"}, {"use": "min_words", "min": 2}, {"use": "exact_duplicate"}]
TEXTS = ("한 마디", "one", "two words", "two words", "a few more words")


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace with two corpora: one ends with a dedup, the other has none."""
    root = tmp_path_factory.mktemp("judged")
    land(root, given_posts(*({"id": str(n), "author": "mira", "text": text} for n, text in enumerate(TEXTS))))
    for name, rules in (("all", RULES), ("plain", RULES[:2])):
        curate(root, Recipe.parse({"name": name, "rule": rules}), context=RunContext(LocalEngine(workers=1)))
    return Workspace(root)


def test_the_way_of_a_change(space: Workspace) -> None:
    """The columns as they are, a query, rules recalculated, or a run."""
    corpus, plain = Corpus.open(space, "all"), Corpus.open(space, "plain")
    old = recipe_of(corpus)
    assert approach(old, old).way is Way.CURRENT
    assert approach(old, without(old, "exact_duplicate")).way is Way.QUERIED
    assert approach(old, with_value(corpus, "min_words", "min", 3)).way is Way.RECALCULATED
    assert approach(recipe_of(plain), with_value(plain, "min_words", "min", 3)).way is Way.QUERIED
    assert approach(old, with_value(corpus, "min_words", "count", "blanks")).way is Way.NEEDS_RUN


def test_a_corpus_by_its_name_is_taken_as_it_stands(space: Workspace) -> None:
    """Nothing is computed of what is there."""
    verdicts = judge_nearest(space, "plain")
    assert (verdicts.corpus.recipe, verdicts.recipe, verdicts.way) == ("plain", None, Way.CURRENT)
    with pytest.raises(NothingToDoError, match=r"no corpus 'plane'.*Did you mean 'plain'"):
        judge_nearest(space, "plane")


def test_the_corpus_that_needs_least_is_judged(space: Workspace, tmp_path: Path) -> None:
    """The recipe without its dedup stands already, under another name; so its own corpus is not judged."""
    verdicts = judge_nearest(space, "all", ["min_words.min=3"])
    assert (verdicts.corpus.recipe, verdicts.way) == ("all", Way.RECALCULATED)
    file = tmp_path / "all.toml"
    file.write_text('[[rule]]\nuse = "quote"\n[[rule]]\nuse = "min_words"\nmin = 2\n')
    verdicts = judge_nearest(space, str(file))
    assert (verdicts.corpus.recipe, verdicts.way) == ("plain", Way.CURRENT)
    assert verdicts.rows("SELECT count(*) FROM posts WHERE removed_by IS NULL") == [(4,)]


def test_what_takes_a_run_says_which(space: Workspace, tmp_path: Path) -> None:
    """The command that makes the corpus, with the changes."""
    file = tmp_path / "other.toml"
    file.write_text('[[rule]]\nuse = "strip_urls"\n[[rule]]\nuse = "min_words"\n')
    with pytest.raises(NothingToDoError) as caught:
        judge_nearest(space, str(file), ["min_words.min=4"])
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
        judge_nearest(space, "plain", [change])


def test_verdicts_of_files_that_are_gone_are_not_asked(space: Workspace, tmp_path: Path) -> None:
    """Verdicts by place are worth nothing beside other files."""
    shutil.copytree(space.root, tmp_path / "data")
    corpus = Corpus.open(tmp_path / "data", "plain")
    verdicts = judge(with_value(corpus, "min_words", "min", 3), corpus)
    assert verdicts is not None
    assert verdicts.rows("SELECT count(*) FROM posts") == [(5,)]
    curate(tmp_path / "data", recipe_of(corpus), context=RunContext(LocalEngine(workers=1)), again=True)
    with pytest.raises(WorkspaceError, match="replaced the corpus 'plain'"):
        verdicts.rows("SELECT 1")
