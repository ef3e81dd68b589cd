"""A user's own condition: what is refused before any data is touched, and what happens when it fails on a post."""

from __future__ import annotations

from pathlib import Path

import pytest

from curation.engines.compiling import compile_recipe
from curation.errors import RecipeError
from tests.judge import judge, recipe_of, run_files, write_raw


def refusal(condition: str) -> str:
    """What is said of a condition that is refused."""
    with pytest.raises(RecipeError) as refused:
        compile_recipe(recipe_of({"use": "min_words"}, {"use": "where", "name": "mine", "removes": condition}))
    return str(refused.value)


GOOD = (
    "text ILIKE '%fog%' AND like_count = 0",
    "length(text) > 280 OR text IS NULL",
    "created_at < TIMESTAMPTZ '2010-01-01'",
    "regexp_matches(text, '(?i)^good morning')",
    "min_words > 100",
    "lang NOT IN ('en', 'nl')",
    "CASE WHEN is_reply THEN length(text) < 5 ELSE false END",
    "len(list_filter(string_split(text, ' '), lambda word: word = 'fog')) > 2",
    "date_part('year', created_at) = 2012 -- the bad year",
    "nullif(client, '') IS NULL",
    "age(created_at, TIMESTAMPTZ '2020-01-01') > INTERVAL 1 YEAR",
    "NULL",
)


@pytest.mark.parametrize("condition", GOOD)
def test_conditions_over_one_post_are_accepted(condition: str) -> None:
    """An expression over the post's columns, raw ones and measures before it, compiles and runs."""
    judge([{"text": "soft fog"}], {"use": "min_words"}, {"use": "where", "removes": condition})


def test_an_unknown_column_names_the_rule_and_suggests() -> None:
    """A typo is answered with the rule, its place, the wrong name and those that come near."""
    said = refusal("like_cuont > 3")
    assert "rule 2 ('mine')" in said
    assert "like_cuont" in said
    assert "like_count" in said
    assert "LINE" not in said


def test_a_column_of_a_later_rule_is_unknown() -> None:
    """A measure exists from its rule on, not before."""
    with pytest.raises(RecipeError, match=r"rule 1 \('where'\).*min_words"):
        compile_recipe(recipe_of({"use": "where", "removes": "min_words < 9"}, {"use": "min_words"}))


@pytest.mark.parametrize(
    "condition",
    [
        "read_text('/etc/passwd') IS NULL",
        "read_csv('/etc/passwd') IS NULL",
        "read_blob('/etc/passwd') IS NULL",
        "(SELECT content FROM read_text('/etc/passwd')) IS NULL",
        "EXISTS (FROM '/etc/passwd')",
        "text IN (SELECT text FROM posts)",
        "getenv('HOME') = ''",
        "current_setting('threads') = '1'",
        "write_log('x') IS NULL",
        "pg_sleep(1) IS NULL",
    ],
)
def test_nothing_outside_the_post_can_be_reached(condition: str) -> None:
    """Files, tables, settings and the environment are refused by name."""
    assert "'mine'" in refusal(condition)


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ("length(text) > (SELECT 3)", "a subquery"),
        ("row_number() OVER () = 1", "a window function"),
        ("sum(like_count) OVER () > 3", "a window function"),
        ("* = 3", "a *"),
        ("COLUMNS('text') = 'x'", "a *"),
        ("text = ?", "a parameter"),
        ("text = $name", "a parameter"),
        ("#1 = 'x'", "a column's number"),
        ("sum(like_count) > 3", "sum()"),
        ("count(text) > 3", "count()"),
        ("weighted_avg(like_count, 1) > 3", "weighted_avg()"),
        ("random() > 0.5", "random()"),
        ("RANDOM() > 0.5", "random()"),
        ("main.random() > 0.5", "random()"),
        ("list_transform([1], lambda x: random())[1] > 0.5", "random()"),
        ("uuid() = text", "uuid()"),
        ("created_at > now()", "now()"),
        ("created_at > current_timestamp", "current_timestamp()"),
        ("created_at::DATE = current_date", "current_date()"),
        ("created_at::DATE = today()", "today()"),
        ("current_localtimestamp() > TIMESTAMP '2020-01-01'", "current_localtimestamp()"),
        ("created_at > ago(INTERVAL 1 DAY)", "ago()"),
        ("age(created_at::TIMESTAMP) > INTERVAL 1 DAY", "age()"),
        ("unnest([true, false])", "unnest()"),
        ("generate_subscripts([1, 2], 1) = 1", "generate_subscripts()"),
        ("nextval('s') = 1", "nextval()"),
        ("error('no')", "error()"),
        ("len(matched) = 0", "matched"),
        ("removed_by IS NULL", "removed_by"),
        ("duplicate_of IS NULL", "duplicate_of"),
        ('"removes:min_words"', "removes:min_words"),
    ],
)
def test_what_does_not_follow_from_the_post_alone_is_refused(condition: str, reason: str) -> None:
    """Subqueries, windows, aggregates, draws, clocks, row makers and other rules' verdicts are refused by name."""
    said = refusal(condition)
    assert reason in said
    assert "'mine'" in said


@pytest.mark.parametrize(
    "condition",
    [
        "1) FROM posts WHERE (1=1",
        "true; DROP TABLE posts",
        "true) AS x, (true",
        "true AS x",
        "true, false",
        "(",
        "'",
        "/*",
        "true;",
    ],
)
def test_it_must_be_one_expression(condition: str) -> None:
    """Whatever would end the expression or begin another statement is refused."""
    assert "SQL expression" in refusal(condition)


@pytest.mark.parametrize(
    ("condition", "type_"), [("text", "VARCHAR"), ("like_count", "BIGINT"), ("[true]", "BOOLEAN[]")]
)
def test_it_must_be_true_or_false(condition: str, type_: str) -> None:
    """A value of another type is refused, and its type is said."""
    said = refusal(condition)
    assert type_ in said
    assert "true or false" in said


@pytest.mark.parametrize("condition", ["", "  ", "\n"])
def test_it_must_say_something(condition: str) -> None:
    """An empty condition is refused with an example."""
    assert "like_count = 0" in refusal(condition)


FAILING = {"use": "where", "name": "mine", "removes": "CAST(text AS INTEGER) > 3"}


@pytest.mark.parametrize("workers", [1, 2])
def test_a_condition_that_fails_on_a_post_is_one_clear_error(workers: int, tmp_path: Path) -> None:
    """A failing cast names the rule and the value, in this process and in worker processes."""
    posts = [{"text": "7"}, {"text": "seven fogs"}] * 10
    raw = write_raw(tmp_path / "raw.parquet", posts, [5] * 4)
    recipe = recipe_of({"use": "min_words"}, FAILING, {"use": "exact_duplicate"})
    with pytest.raises(RecipeError) as failed:
        run_files([raw], recipe, tmp_path, workers=workers, shard_posts=5)
    said = str(failed.value)
    assert "'mine'" in said
    assert "seven fogs" in said
    assert "LINE" not in said
    assert "after_" not in said


def test_the_failing_rule_is_named_after_a_dedup_too(tmp_path: Path) -> None:
    """A condition in a later stage is blamed by its own name, not by that of the dedup."""
    raw = write_raw(tmp_path / "raw.parquet", [{"text": "seven fogs"}])
    with pytest.raises(RecipeError, match="'mine'"):
        run_files([raw], recipe_of({"use": "exact_duplicate"}, {"use": "min_chars"}, FAILING), tmp_path)


def test_a_cast_that_is_tried_keeps_what_it_cannot_decide() -> None:
    """With TRY_CAST a text that is no number is kept."""
    judged = judge([{"text": "7"}, {"text": "seven"}], {"use": "where", "removes": "TRY_CAST(text AS INTEGER) > 3"})
    assert [post["removed_by"] for post in judged] == ["where", None]


def test_conditions_are_told_apart_by_their_names() -> None:
    """Two conditions need two names, and the verdict says which of them it was."""
    rules = [
        {"use": "where", "name": "foggy", "removes": "contains(text, 'fog')"},
        {"use": "where", "name": "liked", "removes": "like_count > 3"},
    ]
    [post] = judge([{"text": "fog", "like_count": 4}], *rules)
    assert post["matched"] == ["foggy", "liked"]
