"""Deciding anew on a corpus gives what a whole run gives."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curation.corpus.rejudging import rejudge
from curation.engines.compiling import compile_recipe
from curation.engines.local import LocalEngine
from curation.recipes.recipe import Recipe
from tests import strategies
from tests.judge import recipe_of, write_raw

Posts = list[dict[str, Any]]
Rules = list[dict[str, Any]]

#: Thresholds that may change without any measure changing.
THRESHOLDS = {
    "min_words": ("min", st.integers(1, 6)),
    "max_words": ("max", st.integers(1, 6)),
    "min_chars": ("min", st.integers(1, 20)),
    "hashtag_ratio": ("max", st.sampled_from((0, 0.3, 1))),
    "language": ("keep", st.sampled_from((["en"], ["ja", "pt"], ["de"]))),
    "burst": ("max", st.integers(1, 3)),
}


@st.composite
def changed(draw: st.DrawFn, rules: Rules) -> Rules:
    """The rules with other thresholds here and there, and perhaps a filter less."""
    new = []
    for rule in rules:
        kind = recipe_of(rule).rules[0].kind
        if kind == "filter" and draw(st.integers(0, 9)) == 0:
            continue
        if rule["use"] in THRESHOLDS and draw(st.booleans()):
            name, values = THRESHOLDS[rule["use"]]
            rule = {**rule, name: draw(values)}
        new.append(rule)
    return new


def read(parts: list[Path]) -> Posts:
    """All posts of the parts of a corpus."""
    return [post for part in parts for post in pq.read_table(part).to_pylist()]


def in_two_ways(posts: Posts, old: Recipe, new: Recipe) -> tuple[Posts | None, Posts]:
    """The new corpus, made out of the old one (None where that can't be), and made by a whole run."""
    with tempfile.TemporaryDirectory() as name:
        folders = [Path(name) / which for which in ("old", "again", "whole")]
        for folder in folders:
            folder.mkdir()
        raw = write_raw(Path(name) / "raw.parquet", posts, [7, 7])
        engine = LocalEngine(workers=1, shard_posts=7)
        parts = engine.run(compile_recipe(old), [raw], folders[0])
        plan = rejudge(old, new)
        again = read(engine.run(plan, parts, folders[1])) if plan else None
        return again, read(engine.run(compile_recipe(new), [raw], folders[2]))


@given(strategies.posts(), strategies.recipes(), st.data())
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_it_gives_what_a_whole_run_gives(posts: Posts, rules: Rules, data: st.DataObject) -> None:
    """Texts, verdicts, measures and copies are the same, column by column, whatever was changed."""
    new = data.draw(changed(rules))
    again, whole = in_two_ways(posts, recipe_of(*rules), recipe_of(*new))
    if again is not None:
        assert again == whole


BASE: Rules = [
    {"use": "retweet"},
    {"use": "strip_urls"},
    {"use": "min_words"},
    {"use": "language", "source": "platform"},
    {"use": "exact_duplicate"},
    {"use": "burst"},
]


def with_change(use: str, **values: Any) -> Rules:
    """The base recipe with other parameters of one rule."""
    return [{**rule, **(values if rule["use"] == use else {})} for rule in BASE]


@pytest.mark.parametrize(
    "new",
    [
        with_change("min_words", min=5),
        with_change("language", keep=["ja"]),
        with_change("exact_duplicate", keep="latest"),
        with_change("exact_duplicate", scope="global"),
        with_change("burst", max=1),
        with_change("min_words", label="Another head"),
        [rule for rule in BASE if rule["use"] != "retweet"],
        [rule for rule in BASE if rule["use"] != "exact_duplicate"],
    ],
    ids=["threshold", "only if alive", "keep", "scope", "burst", "label", "one less", "no dedup"],
)
def test_what_can_be_decided_anew(new: Rules) -> None:
    """Thresholds, a dedup's choice, and a rule less need no whole run."""
    posts = [
        {"text": f"so soft the fog was {n % 3} " + "and so on " * (n % 4), "lang": "en" if n % 2 else "ja",
         "is_repost": n % 5 == 0, "id": str(n), "author": "mira" if n % 7 else "nils"}
        for n in range(30)
    ]  # fmt: skip
    again, whole = in_two_ways(posts, recipe_of(*BASE), recipe_of(*new))
    assert again == whole
    assert len({post["removed_by"] for post in whole}) > 2


def test_what_is_no_copy_any_more_names_no_original() -> None:
    """When the original goes by an earlier rule, its copy is none, though a later rule removes it all the same."""
    posts = [{"id": str(n), "text": "fog", "author": "mira", "is_reply": n == 1} for n in (1, 2)]
    rules: Rules = [{"use": "reply"}, {"use": "exact_duplicate"}, {"use": "min_chars", "min": 9}]
    kept = {"use": "where", "name": "reply", "removes": "is_reply AND length(id) > 5"}
    gone = {**kept, "removes": "is_reply"}
    again, whole = in_two_ways(posts, recipe_of(kept, *rules[1:]), recipe_of(gone, *rules[1:]))
    assert again == whole
    assert whole[1]["duplicate_of"] is None


@pytest.mark.parametrize(
    "new",
    [
        with_change("strip_urls", style="huggingtweets"),
        with_change("min_words", count="blanks"),
        with_change("retweet", manual=True),
        [*BASE, {"use": "min_chars"}],
        [rule for rule in BASE if rule["use"] != "strip_urls"],
        [BASE[1], BASE[0], *BASE[2:]],
        [BASE[0], BASE[2], BASE[1], *BASE[3:]],
    ],
    ids=["rewrite", "measure", "text", "one more", "no transform", "order", "order of measures"],
)
def test_what_needs_a_whole_run(new: Rules) -> None:
    """Other texts, other measures, and conditions on texts that the corpus no longer has."""
    old, wanted = recipe_of(*BASE), recipe_of(*new)
    assert rejudge(old, wanted) is None or (new[0]["use"] == "retweet" and new[0].get("manual"))


def test_a_rule_that_compares_before_a_transform_needs_a_whole_run() -> None:
    """What was compared then stands nowhere any more."""
    rules = [{"use": "min_words"}, {"use": "exact_duplicate"}, {"use": "strip_urls"}]
    assert rejudge(recipe_of(*rules), recipe_of({"use": "min_words", "min": 4}, *rules[1:])) is None
    after = [*rules, {"use": "min_chars"}]
    assert rejudge(recipe_of(*after), recipe_of(*rules, {"use": "min_chars", "min": 4})) is not None


def test_threads_stay_joined() -> None:
    """Behind a thread thresholds may change; before it they can't, since its parts would be other ones."""
    posts = [
        {"id": "1", "text": "The fog came early."},
        {"id": "2", "text": "It stayed.", "reply_to": "1"},
        {"id": "3", "text": "No."},
    ]
    rules: Rules = [{"use": "min_chars", "min": 3}, {"use": "thread"}, {"use": "min_words"}]
    again, whole = in_two_ways(posts, recipe_of(*rules), recipe_of(*rules[:2], {"use": "min_words", "min": 7}))
    assert again == whole
    assert whole[0]["text"] == "The fog came early.\n\nIt stayed."
    assert rejudge(recipe_of(*rules), recipe_of({"use": "min_chars", "min": 4}, *rules[1:])) is None
