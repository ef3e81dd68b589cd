"""What must always hold, on random posts and random recipes of the shipped rules."""

from __future__ import annotations

import math
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curation.errors import RecipeError
from curation.functions.base import BatchFunction
from curation.recipes.recipe import Recipe
from curation.rules.base import Filter, Transform, column
from tests import strategies
from tests.judge import judge, recipe_of, run_files, write_raw

Posts = list[dict[str, Any]]

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]


def examples(count: int) -> settings:
    """So many examples, each of them a table of posts, however long one takes."""
    return settings(max_examples=count, deadline=None, suppress_health_check=SLOW)


def verdicts(judged: Posts) -> dict[str, dict[str, Any]]:
    """The posts by their id."""
    return {post["id"]: post for post in judged}


def kept(judged: Posts) -> set[str]:
    """Ids of the posts that are kept."""
    return {post["id"] for post in judged if post["removed_by"] is None}


def texts_of(judged: Posts) -> dict[str, str]:
    """The texts by id."""
    return {post["id"]: post["text"] for post in judged}


@given(strategies.posts(), strategies.recipes())
@examples(15)
def test_the_ledger_balances(posts: Posts, rules: list[dict[str, Any]]) -> None:
    """Every post comes out once, kept or removed by one rule, which is the first that matched."""
    judged = judge(posts, *rules)
    removing = [rule["name"] for rule in rules if recipe_of(rule).rules[0].kind != "transform"]
    transforms = [rule["name"] for rule in rules if rule["name"] not in removing]
    dedups = [rule["name"] for rule in rules if rule["use"] == "exact_duplicate"]
    assert [post["id"] for post in judged] == [post["id"] for post in posts]
    by_rule = Counter(post["removed_by"] for post in judged)
    assert by_rule[None] + sum(by_rule[name] for name in removing) == len(posts)
    for before, post in zip(posts, judged, strict=True):
        assert post["raw_text"] == before["text"]
        assert post["removed_by"] == (post["matched"][0] if post["matched"] else None)
        assert post["matched"] == [name for name in removing if name in post["matched"]]
        assert post["rewritten_by"] == [name for name in transforms if name in post["rewritten_by"]]
        if not post["rewritten_by"]:
            assert post["text"] == post["raw_text"]
        assert (post["duplicate_of"] is not None) == any(name in dedups for name in post["matched"])
        for untouched in ("created_at", "like_count", "is_repost", "lang", "client"):
            assert post[untouched] == before[untouched]


@given(strategies.posts(8), strategies.recipes(4), st.data())
@examples(7)
def test_any_split_gives_the_same_verdicts(posts: Posts, rules: list[dict[str, Any]], data: st.DataObject) -> None:
    """One table, and files with row groups of any size, empty ones too, in shards of any size: all the same."""
    whole = judge(posts, *rules)
    for shards in (1, 2, 3, len(posts)):
        cut = data.draw(st.integers(0, len(posts)))
        groups = data.draw(st.lists(st.integers(0, 5), max_size=8))
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            files = [
                write_raw(folder / "1.parquet", posts[:cut], groups),
                write_raw(folder / "2.parquet", []),
                write_raw(folder / "3.parquet", posts[cut:], [0, *reversed(groups), 0]),
            ]
            shard_posts = math.ceil(len(posts) / shards)
            assert run_files(files, recipe_of(*rules), folder, shard_posts=shard_posts) == whole


@given(
    strategies.posts(),
    strategies.recipes(3),
    st.lists(strategies.FILTERS, min_size=2, max_size=5),
    strategies.recipes(2),
    st.randoms(use_true_random=False),
)
@examples(10)
def test_the_order_of_neighbouring_filters_changes_only_the_blame(
    posts: Posts, before: list[dict], filters: list[dict], after: list[dict], random: Any
) -> None:
    """Filters in another order remove the same posts and leave the same texts."""
    filters = [{**rule, "name": f"filter_{number}"} for number, rule in enumerate(filters)]
    before = [{**rule, "name": f"before_{number}"} for number, rule in enumerate(before)]
    shuffled = random.sample(filters, len(filters))
    one = judge(posts, *before, *filters, *after)
    other = judge(posts, *before, *shuffled, *after)
    assert kept(one) == kept(other)
    assert texts_of(one) == texts_of(other)


TRANSFORMS = (
    {"use": "unescape_html"},
    {"use": "unescape_html", "passes": "successive"},
    {"use": "fix_mojibake"},
    {"use": "normalize_unicode"},
    {"use": "pii"},
    {"use": "normalize_unicode", "form": "NFKC"},
    {"use": "strip_urls"},
    {"use": "strip_mentions"},
    {"use": "strip_mentions", "where": "start"},
    {"use": "collapse_whitespace"},
    {"use": "collapse_whitespace", "newlines": "fold"},
)


@pytest.mark.parametrize("transform", TRANSFORMS, ids=lambda rule: " ".join(rule.values()))
def test_a_transform_applied_twice_is_the_same_as_once(transform: dict[str, Any]) -> None:
    """The second time a transform finds nothing to rewrite."""

    @given(st.lists(strategies.texts(), min_size=1, max_size=60), st.sampled_from(("plain", "escaped", "unknown")))
    @examples(6)
    def twice(texts: list[str], text_format: str) -> None:
        posts = [{"text": text, "text_format": text_format} for text in texts]
        for post in judge(posts, {**transform, "name": "once"}, {**transform, "name": "twice"}):
            assert "twice" not in post["rewritten_by"]

    twice()


def test_the_removals_of_huggingtweets_are_not_idempotent() -> None:
    """The one exception: what is left of two links may be a third one, and the original left it there."""
    rule = {"use": "strip_urls", "style": "huggingtweets"}
    [once] = judge([{"text": "htthttps:a p:b"}], rule)
    [twice] = judge([{"text": "htthttps:a p:b"}], {**rule, "name": "once"}, {**rule, "name": "twice"})
    assert (once["text"], twice["text"]) == ("http:b", "")


@given(strategies.posts(), strategies.recipes(4), strategies.FILTERS, st.integers(0, 4))
@examples(10)
def test_one_more_filter_never_keeps_more(posts: Posts, rules: list[dict], extra: dict, place: int) -> None:
    """Without a dedup the kept posts are some of those that were kept; with one at the end they are no more."""
    rowwise = [rule for rule in rules if rule["use"] != "exact_duplicate"]
    dedup = [rule for rule in rules if rule["use"] == "exact_duplicate"][:1]
    more = [*rowwise[:place], {**extra, "name": "extra"}, *rowwise[place:]]
    without, with_it = judge(posts, *rowwise, *dedup), judge(posts, *more, *dedup)
    assert len(kept(with_it)) <= len(kept(without))
    if not dedup:
        assert kept(with_it) <= kept(without)


@given(strategies.posts(40), st.lists(strategies.FILTERS, max_size=2), strategies.DEDUPS)
@examples(12)
def test_a_dedup_keeps_exactly_one_of_each_key(posts: Posts, filters: list[dict], dedup: dict) -> None:
    """Of the posts that are left with one key the preferred one is kept, and the others name it."""
    filters = strategies.named(filters)
    judged = judge(posts, *filters, dedup)
    earlier = {rule["name"] for rule in filters}
    alive = [post for post in judged if not earlier & set(post["matched"])]
    groups: dict[Any, Posts] = {}
    for post, folded in zip(alive, folded_texts(alive), strict=True):
        author = post["author"] if dedup["scope"] == "author" else None
        groups.setdefault((author, folded or post["id"]), []).append(post)
    for group in groups.values():
        best = min(group, key=lambda post: preference(post, dedup["keep"]))
        for post in group:
            expected = (None, None) if post is best else ("exact_duplicate", best["id"])
            assert (post["removed_by"], post["duplicate_of"]) == expected
    for post in judged:
        if earlier & set(post["matched"]):
            assert post["duplicate_of"] is None


def folded_texts(judged: Posts) -> list[str]:
    """The texts with single blanks as Python splits them, in the database's small letters."""
    rows = [" ".join(post["text"].split()) for post in judged]
    return duckdb.execute("SELECT list_transform($1::VARCHAR[], lambda t: lower(t))", [rows]).fetchall()[0][0]


def preference(post: dict[str, Any], keep: str) -> tuple[Any, ...]:
    """What the smallest of a group is kept by: the rule's wish, then the earliest, then the smallest id."""
    moment = post["created_at"].timestamp() if post["created_at"] else float("inf")
    wish = {
        "earliest": 0,
        "latest": -moment if post["created_at"] else float("inf"),
        "longest": -len(post["raw_text"]),
        "most_engaged": -min((post["like_count"] or 0) + (post["repost_count"] or 0), 2**63 - 1),
    }[keep]
    return wish, moment, len(post["id"]), post["id"]


@given(strategies.posts(), strategies.recipes(4))
@examples(8)
def test_matched_names_every_rule_that_would_remove_the_post(posts: Posts, rules: list[dict[str, Any]]) -> None:
    """A filter is in `matched` exactly where it removes the post all alone, on the text it sees."""
    rules = [rule for rule in rules if rule["use"] not in ("exact_duplicate", "language")]
    together = verdicts(judge(posts, *rules))
    for number, rule in enumerate(rules):
        if recipe_of(rule).rules[0].kind == "filter":
            transforms = [r for r in rules[:number] if recipe_of(r).rules[0].kind == "transform"]
            alone = {post["id"] for post in judge(posts, *transforms, rule) if post["removed_by"]}
            assert alone == {post_id for post_id, post in together.items() if rule["name"] in post["matched"]}


@pytest.mark.parametrize("hostile", strategies.HOSTILE, ids=ascii)
def test_hostile_parameters_stay_literals(hostile: str) -> None:
    """A parameter is compared with, never executed, whatever stands in it."""
    posts = [
        {"text": hostile, "author": hostile, "client": hostile, "lang": hostile},
        {"text": "fog", "author": "mira", "client": "harbour cam", "lang": "en"},
    ]
    judged = judge(
        posts,
        {"use": "author", "keep": [hostile], "label": hostile},
        {"use": "author", "name": "dropped", "drop": [hostile, "nobody"]},
        {"use": "automated", "clients": [hostile], "also": [hostile], "bots": False},
        {"use": "language", "source": "platform", "keep": [hostile], "keep_undetermined": False},
    )
    assert [post["matched"] for post in judged] == [["dropped", "automated"], ["author"]]
    assert [post["text"] for post in judged] == [hostile, "fog"]


@pytest.mark.parametrize("hostile", strategies.HOSTILE, ids=ascii)
def test_a_hostile_condition_is_refused_or_harmless(hostile: str) -> None:
    """What is no condition is refused before any data is touched; what is one removes by its truth."""
    try:
        [post] = judge([{}], {"use": "where", "removes": hostile})
    except RecipeError as error:
        said = str(error)
    else:
        said = f"removed by where: {post['removed_by']}"
    assert "where" in said


SEEN: Counter[str] = Counter()


def counted(texts: list[str]) -> list[int]:
    """The lengths, remembering what was asked."""
    SEEN.update(texts)
    return [len(text) for text in texts]


def shouted(texts: list[str]) -> list[str]:
    """Capitals, remembering what was asked."""
    SEEN.update(texts)
    return [text.upper() for text in texts]


@dataclass(frozen=True, kw_only=True)
class Shout(Transform):
    """In capitals, by Python"""

    use: ClassVar[str] = "shout"
    title: ClassVar[str] = "Shouted"

    def rewrite(self) -> str:
        return "shout(text)"

    def when(self) -> str:
        return "NOT starts_with(text, 'a')"

    def functions(self) -> tuple[BatchFunction, ...]:
        return (BatchFunction("shout", "1", "VARCHAR", shouted),)


@dataclass(frozen=True, kw_only=True)
class Lengthy(Filter):
    """Long, measured by Python where it has to be"""

    use: ClassVar[str] = "lengthy"
    title: ClassVar[str] = "Long"
    only_if_alive: ClassVar[bool] = True

    def measure(self) -> str:
        return "python_length(text)"

    def removes(self) -> str:
        return f"{column(self)} > 9"

    def functions(self) -> tuple[BatchFunction, ...]:
        return (BatchFunction("python_length", "1", "BIGINT", counted),)


@given(strategies.posts(60))
@examples(8)
def test_a_batch_function_sees_each_distinct_text_once(posts: Posts) -> None:
    """Nor does it see a text that its guard, or for a rule of living posts an earlier rule, has settled."""
    for rule, settled in ((Shout(), lambda text: text.startswith("a")), (Lengthy(), lambda text: len(text) < 5)):
        short = recipe_of({"use": "where", "name": "short", "removes": "length(text) < 5"}).rules
        recipe = Recipe("counting", (*short, rule) if isinstance(rule, Lengthy) else (rule,))
        SEEN.clear()
        with tempfile.TemporaryDirectory() as name:
            raw = write_raw(Path(name) / "raw.parquet", posts)
            judged = run_files([raw], recipe, Path(name))
        asked = {post["text"] for post in posts if not settled(post["text"])}
        assert Counter(asked) == SEEN
        if isinstance(rule, Lengthy):
            assert all((post["lengthy"] is None) == (len(post["text"]) < 5) for post in judged)


def test_a_text_is_remembered_from_batch_to_batch(tmp_path: Path) -> None:
    """The database hands over some two thousand rows at a time; what was asked before is not asked again."""
    raw = write_raw(tmp_path / "raw.parquet", [{"text": f"fog {number % 5}"} for number in range(9_000)])
    SEEN.clear()
    run_files([raw], Recipe("counting", (Shout(), Lengthy())), tmp_path)
    assert Counter([*(f"fog {number}" for number in range(5)), *(f"FOG {number}" for number in range(5))]) == SEEN


def test_two_workers_give_what_one_gives(tmp_path: Path) -> None:
    """The number of worker processes changes nothing, Python functions and a dedup included."""
    posts = [{"text": f"soft fog {number % 17} cafÃ© &amp;", "text_format": "escaped"} for number in range(300)]
    rules = ({"use": "unescape_html"}, {"use": "fix_mojibake"}, {"use": "min_words"}, {"use": "exact_duplicate"})
    raw = write_raw(tmp_path / "raw.parquet", posts, [50] * 6)
    outcomes = []
    for workers in (1, 2):
        (tmp_path / str(workers)).mkdir()
        outcomes.append(run_files([raw], recipe_of(*rules), tmp_path / str(workers), workers=workers, shard_posts=50))
    assert outcomes[0] == outcomes[1]
    assert len(kept(outcomes[0])) == 17
