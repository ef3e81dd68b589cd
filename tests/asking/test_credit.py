"""What each rule is credited with is what the ledger and runs without it say."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curation.asking.approach import Way
from curation.asking.credit import Credit, Effort, credit_of_json
from curation.corpus.corpus import Corpus
from curation.corpus.ledger import Ledger
from curation.errors import NothingToDoError, RecipeError
from tests import strategies
from tests.asking.judging import Posts, Rules, corpus_of
from tests.corpora import rule, write_corpus
from tests.judge import recipe_of


@given(strategies.posts(10), strategies.recipes(4), st.data())
@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck))
def test_credit_is_that_of_runs(posts: Posts, rules: Rules, data: st.DataObject) -> None:
    """`first` is the ledger's; `without` of a rule is what a run without it keeps, unless only a run can tell;
    what is computed at once is that, or a bound of it.
    """
    with tempfile.TemporaryDirectory() as name:
        corpus = corpus_of(Path(name), posts, recipe_of(*rules))
        credit = Credit.of(corpus, exact=True)
        total = Ledger.of(corpus).total
        assert (credit.posts, credit.kept) == (total.downloaded, total.kept)
        assert {each.name: each.first for each in credit.rules} == total.removed
        for each in credit.rules:
            assert each.only <= each.first <= each.matched
            assert each.exact or each.how == Way.NEEDS_RUN
        for quick, each in zip(Credit.of(corpus).rules, credit.rules, strict=True):
            assert quick.without >= each.without if quick.at_most else not quick.exact or quick.without == each.without
        if found := [each for each in credit.rules if each.exact and each.first]:
            each = data.draw(st.sampled_from(found))
            folder = Path(name) / "without"
            folder.mkdir()
            run = corpus_of(folder, posts, recipe_of(*(rule for rule in rules if rule["name"] != each.name)))
            assert each.without == Ledger.of(run).total.kept


ROWS: list[dict[str, Any]] = [
    {"removed_by": "quote"},
    {"removed_by": "quote", "matched": ["quote", "min_words"], "author": "nils"},
    {"removed_by": "quote", "matched": ["quote", "min_words", "min_chars"]},
    {"removed_by": "min_words", "matched": ["min_words", "min_chars"]},
    {"removed_by": "min_words", "rewritten_by": ["strip_urls"]},
    {"author": "霧子", "rewritten_by": ["strip_urls"]},
    {},
    {},
]
RULES = [
    rule("quote"),
    rule("strip_urls", kind="transform", label="Links taken out", style="clean"),
    rule("min_words", label="Short tweets", measure="min_words", min=3),
    rule("min_chars", measure="min_chars", min=10),
    rule("sensitive"),
]


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    """Eight posts, of which five are removed."""
    rows = [{"min_words": 9, "min_chars": 40, **row} for row in ROWS]
    return write_corpus(tmp_path, rows, rules=RULES, parts=2)


def test_figures_of_a_rule(corpus: Corpus) -> None:
    """Matched by anyone, removed first, removed by nothing else, and kept without it."""
    credit = Credit.of(corpus)
    assert {r.name: (r.matched, r.first, r.only, r.without, r.exact) for r in credit.rules} == {
        "quote": (3, 3, 1, 4, True),
        "min_words": (4, 2, 1, 4, True),
        "min_chars": (2, 0, 0, 3, True),
        "sensitive": (0, 0, 0, 3, True),
    }
    assert [(t.name, t.label, t.rewrote) for t in credit.transforms] == [("strip_urls", "Links taken out", 2)]
    assert {r.how for r in credit.rules} == {Way.QUERIED}


def test_overlap(corpus: Corpus) -> None:
    """Distinct sets of rules that match together, most posts first, and how many posts each two share."""
    credit = Credit.of(corpus)
    assert credit.overlap == (
        (("min_words",), 1),
        (("min_words", "min_chars"), 1),
        (("quote",), 1),
        (("quote", "min_words"), 1),
        (("quote", "min_words", "min_chars"), 1),
    )
    assert credit.pairs == {("min_words", "min_chars"): 2, ("quote", "min_words"): 2, ("quote", "min_chars"): 1}
    assert len(credit.to_json(top=2)["overlap"]) == 2
    assert len(credit.to_json()["overlap"]) == 5


def test_warnings(corpus: Corpus) -> None:
    """A rule that finds nothing, one that finds nothing of its own, and one that removes much."""
    assert Credit.of(corpus, most=0.4).warnings == (
        "min_words would remove 50.0% of the posts (4 of 8), more than 40%.",
        "min_chars removes nothing that others don't: of the 2 posts that it matches, min_words matches 2.",
        "sensitive removes nothing: it matches none of the posts that it looks at.",
    )
    assert len(Credit.of(corpus, most=0.5).warnings) == 2


def test_of_some_authors(corpus: Corpus) -> None:
    """All figures are those of the authors' posts."""
    credit = Credit.of(corpus, authors=["nils", "霧子"])
    assert (credit.posts, credit.kept) == (2, 1)
    assert [r.matched for r in credit.rules] == [1, 1, 0, 0]
    with pytest.raises(NothingToDoError, match=r"no post by 'nil'.*'nils'"):
        Credit.of(corpus, authors=["nil"])


def test_without_the_rules_it_is_an_estimate(tmp_path: Path) -> None:
    """Of a rule that nobody knows here the columns tell, but not whether a later one would look at more."""
    corpus = write_corpus(tmp_path, [{"removed_by": "mine"}, {}], rules=[rule("mine", use="unheard_of")])
    [credit] = Credit.of(corpus).rules
    assert (credit.without, credit.exact, credit.how) == (2, False, Way.ESTIMATED)
    with pytest.raises(RecipeError, match="--rules FILE"):
        Credit.of(corpus, exact=True)


POSTS: Posts = [
    {"id": "1", "text": "the ferry is late again", "is_quote": True},
    {"id": "2", "text": "the ferry is late again"},
    {"id": "3", "text": "the ferry is late again", "author": "nils", "is_quote": True},
    {"id": "4", "text": "หมอก"},
]


NEAR = {"use": "near_duplicate", "shortest": 1}


def test_before_a_dedup_it_is_recalculated(tmp_path: Path) -> None:
    """A query counts copies that a dedup would find among posts that are removed now; recalculating it does not."""
    corpus = corpus_of(tmp_path, POSTS, recipe_of({"use": "quote"}, NEAR))
    bound, dedup = Credit.of(corpus).rules
    assert (bound.without, bound.exact, bound.at_most, bound.how) == (4, False, True, Way.ESTIMATED)
    assert bound.words(2) == "at most 4 (+2)"
    assert (dedup.without, dedup.exact, dedup.how) == (2, True, Way.QUERIED)
    effort = Effort.of(corpus, Credit.of(corpus))
    assert (effort.tries, effort.words) == (1, "some seconds")
    assert Effort(13, 300.0).words == "about 5 minutes"
    tried = Credit.of(corpus, exact=True).rules[0]
    assert credit_of_json(Credit.of(corpus, exact=True).to_json()) == Credit.of(corpus, exact=True)
    assert (tried.without, tried.exact, tried.how) == (3, True, Way.RECALCULATED)
    by_nils = Credit.of(corpus, exact=True, authors=["nils"]).rules[0]
    assert (by_nils.without, by_nils.exact) == (1, True)


def test_what_memory_can_tell_is_exact_at_once(tmp_path: Path) -> None:
    """A dedup by key is recalculated in memory; a rule whose posts others remove too revives none."""
    corpus = corpus_of(tmp_path, POSTS, recipe_of({"use": "quote"}, {"use": "exact_duplicate"}))
    assert [(each.without, each.how) for each in Credit.of(corpus).rules] == [(3, Way.RECALCULATED), (2, Way.QUERIED)]
    folder = tmp_path / "both"
    folder.mkdir()
    both = corpus_of(folder, POSTS, recipe_of({"use": "quote"}, {"use": "quote", "name": "again"}, NEAR))
    assert [(each.without, each.exact) for each in Credit.of(both).rules] == [(2, True), (2, True), (2, True)]


def test_what_takes_a_run_is_said(tmp_path: Path) -> None:
    """Where a transform comes after the dedup, only a run can tell."""
    recipe = recipe_of({"use": "quote"}, {"use": "exact_duplicate"}, {"use": "strip_urls"})
    credit = Credit.of(corpus_of(tmp_path, POSTS, recipe), exact=True)
    assert [(r.exact, r.how) for r in credit.rules] == [(False, Way.NEEDS_RUN), (True, Way.QUERIED)]
