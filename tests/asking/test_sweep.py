"""Each value of a parameter is judged; that this is what a run gives, `test_judge.py` shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from curation.asking.approach import Way
from curation.asking.sweep import sweep, sweeps
from curation.asking.sweep_values import parse_values
from curation.corpus.corpus import Corpus
from curation.errors import RecipeError, UsageError
from tests.asking.judging import Posts, Rules, corpus_of
from tests.judge import recipe_of

POSTS: Posts = [
    {"id": "1", "text": "霧"},
    {"id": "2", "text": "霧 霧"},
    {"id": "3", "text": "霧 霧"},
    {"id": "4", "text": "ضباب على البحر"},
    {"id": "5", "text": "the ferry is late again 🛥️"},
    {"id": "6", "text": "RT @nils: the ferry"},
]
BASE: Rules = [{"use": "retweet"}, {"use": "min_words"}, {"use": "min_chars", "min": 2}, {"use": "exact_duplicate"}]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """Six posts after a recipe that ends with a dedup."""
    return corpus_of(tmp_path_factory.mktemp("swept"), POSTS, recipe_of(*BASE))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """The same without the dedup."""
    return corpus_of(tmp_path_factory.mktemp("plain"), POSTS, recipe_of(*BASE[:3]))


def points(swept: Any) -> list[tuple[Any, int, int, str, bool]]:
    """The points as tuples."""
    return [(p.value, p.kept, p.removed_by_rule, p.how, p.exact) for p in swept.points]


def test_before_a_dedup_only_what_changes_it_is_recalculated(corpus: Corpus) -> None:
    """The corpus's own value is current, one that lets no other post live is a query, others recalculate the dedup."""
    swept = sweep(corpus, "min_words.min", "1..4")
    assert points(swept) == [
        (1, 3, 0, Way.RECALCULATED, True),
        (2, 3, 1, Way.RECALCULATED, True),
        (3, 2, 3, Way.CURRENT, True),
        (4, 1, 4, Way.RECALCULATED, True),
    ]
    assert (swept.now, swept.posts, swept.recalculated) == (3, 6, ("exact_duplicate",))
    assert points(sweep(corpus, "min_chars.min", [3])) == [(3, 2, 0, Way.QUERIED, True)]


def test_an_estimate_says_that_it_is_one(corpus: Corpus) -> None:
    """Without recalculating, a point is not exact where a dedup would see other posts."""
    assert points(sweep(corpus, "min_words.min", [2, 3], exact=False)) == [
        (2, 4, 1, Way.QUERIED, False),
        (3, 2, 3, Way.CURRENT, True),
    ]
    with pytest.raises(UsageError, match="only a trial"):
        sweep(corpus, "exact_duplicate.keep", ["latest"], exact=False)


def test_several_parameters_are_asked_at_once(plain: Corpus) -> None:
    """Each is changed by itself, the others staying as they are."""
    one, other = sweeps(plain, {"min_words.min": "1,3", "min_chars.min": [2, 20]})
    assert points(one) == [(1, 4, 0, Way.QUERIED, True), (3, 2, 3, Way.CURRENT, True)]
    assert points(other) == [(2, 2, 0, Way.CURRENT, True), (20, 1, 1, Way.QUERIED, True)]
    assert one.to_json()["points"][0] == {
        "value": 1, "kept": 4, "removed_by_rule": 0, "how": "queried", "exact": True,
    }  # fmt: skip


def test_progress_counts_points(corpus: Corpus) -> None:
    """One call a point."""
    seen: list[tuple[int, int]] = []
    sweep(corpus, "min_words.min", [2, 3], progress=lambda done, of: seen.append((done, of)))
    assert seen == [(1, 2), (2, 2)]


@pytest.mark.parametrize(
    ("parameter", "values", "error", "said"),
    [
        ("min_words.min", [0], RecipeError, "min = 0 should be a number of at least 1"),
        ("min_words.min", [2.5], RecipeError, "min = 2.5 should be a whole number"),
        ("min_words.mni", [1], RecipeError, "Did you mean 'min'"),
        ("min_word.min", [1], RecipeError, "Did you mean 'min_words'"),
        ("min_words", [1], UsageError, "such as min_words.min"),
        ("min_words.count", ["blanks"], UsageError, "takes a run for each value"),
    ],
)
def test_what_cant_be_swept_is_said(
    plain: Corpus, parameter: str, values: list[Any], error: type[Exception], said: str
) -> None:
    """A wrong name, a wrong value, and a parameter that changes what is measured."""
    with pytest.raises(error, match=said):
        sweep(plain, parameter, values)


def test_a_condition_reaches_no_file(tmp_path: Path) -> None:
    """What a user's SQL may read is the post; values of a condition are swept like others."""
    corpus = corpus_of(tmp_path, POSTS, recipe_of({"use": "where", "name": "mine", "removes": "id = '1'"}))
    swept = sweep(corpus, "mine.removes", "id = '1'; id IN ('1', '2'); false")
    assert [point.kept for point in swept.points] == [5, 4, 6]
    (tmp_path / "secret.txt").write_text("a")
    with pytest.raises(RecipeError):
        sweep(corpus, "mine.removes", [f"(SELECT count(*) FROM read_text('{tmp_path}/secret.txt')) > 0"])


@pytest.mark.parametrize(
    ("text", "wanted", "values"),
    [
        ("1..4", int, [1, 2, 3, 4]),
        ("1..10:3", int, [1, 4, 7, 10]),
        ("5..3", int, [5, 4, 3]),
        ("1,3, 5..6,3", int, [1, 3, 5, 6]),
        ("0.1..0.9:0.2", float, [0.1, 0.3, 0.5, 0.7, 0.9]),
        ("0.5..0.7", float, [0.5, 0.6, 0.7]),
        ("1", float | None, [1.0]),
        ("1.5", int, [1.5]),
        ("true,false", bool, [True, False]),
        ("a,b; c", str, ["a,b", "c"]),
        ("en; en,de", tuple[str, ...], [["en"], ["en", "de"]]),
    ],
)
def test_values_as_people_write_them(text: str, wanted: Any, values: list[Any]) -> None:
    """Ranges with both ends, steps, lists, each value once; numbers are those that were written."""
    assert parse_values(text, wanted, place="rule.parameter") == values


def test_dates_go_by_days() -> None:
    """A date, and a range of dates with a step of days."""
    import datetime

    assert parse_values("2024-02-28..2024-03-02:2,2025-01-01", datetime.date | None, place="a.b") == [
        "2024-02-28", "2024-03-01", "2025-01-01",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "wanted", "said"),
    [
        ("1..x", int, "'1..x' is no number and no range"),
        ("1..9:0", int, "step of 1..9:0 is 0"),
        ("", int, "no value was given"),
        ("1..100000000000000", int, "at most 1,000"),
        ("yes", bool, "neither true nor false"),
    ],
)
def test_wrong_values_are_said(text: str, wanted: Any, said: str) -> None:
    """What was written, and what would be right."""
    with pytest.raises(UsageError, match=said):
        parse_values(text, wanted, place="rule.parameter")


def test_a_choice_is_parted_by_commas() -> None:
    """Words of a few may stand with commas."""
    assert parse_values("earliest,latest", str, place="a.b", of_choice=True) == ["earliest", "latest"]
