"""The protocol: what is held out, what the recipes see, and the verdict on accounts of which it is known."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from curation.corpus.curate import curate_aside
from curation.disk.workspace import Workspace
from curation.engines.local import LocalEngine
from curation.errors import NothingToDoError, RecipeError, UsageError
from curation.training.evaluation import Evaluation, RunContext, evaluate, evaluations, keep, variants
from curation.training.evaluation.held_out import cleaning, hold_out
from curation.training.evaluation.kept_text import KeptText
from curation.training.evaluation.result import Difference
from curation.training.evaluation.variants import Variant
from tests.training.accounts import account, landed

NEAR = """
name = "near"
[[rule]]
use = "near_duplicate"
"""


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """An account that never repeats itself; only read here."""
    return landed(tmp_path_factory.mktemp("clean"), account())


@pytest.fixture(scope="module")
def repeating(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """An account that posted six of its texts a hundred times each; only read here."""
    return landed(tmp_path_factory.mktemp("repeating"), account(repeats=600))


def dedup(space: Workspace) -> tuple[Variant, ...]:
    """The recipe without and with its dedup."""
    return variants(space, ["baseline:-exact_duplicate", "baseline"])


def test_repeats_make_a_measurably_worse_model(repeating: Workspace) -> None:
    """With exact dedup the model is better, at full size and at an equal amount of text; the headline says so."""
    result = evaluate(repeating, dedup(repeating))
    [pair] = result.pairs
    assert pair.full.measurable
    assert pair.equal.measurable
    assert pair.full.difference < -0.02
    assert pair.equal.difference < pair.full.difference
    assert result.headline.startswith("'baseline' is measurably better than 'baseline with no exact_duplicate': −0.")
    assert not result.worse_than_first()
    turned = evaluate(repeating, dedup(repeating)[::-1])
    assert [each.b for each in turned.worse_than_first()] == ["baseline with no exact_duplicate"]
    assert turned.pairs[0].full.difference == pytest.approx(-pair.full.difference)
    repeats, deduplicated = (each.repetition for each in result.recipes)
    assert (repeats.exact_copies or 0) > 0.3
    assert deduplicated.exact_copies == 0
    assert (repeats.zlib_ratio or 0) > (deduplicated.zlib_ratio or 0)
    assert (repeats.distinct_3 or 0) < (deduplicated.distinct_3 or 0)


def test_a_clean_account_has_no_measurable_difference(clean: Workspace, tmp_path: Path) -> None:
    """Where there is nothing to remove, no recipe is called better."""
    (tmp_path / "near.toml").write_text(NEAR)
    result = evaluate(clean, variants(clean, ["baseline:-exact_duplicate", "baseline", tmp_path / "near.toml"]))
    assert result.headline == "No measurable difference between any of the 3 recipes."
    assert len(result.pairs) == 3
    assert not any(pair.full.measurable or pair.equal.measurable for pair in result.pairs)


def test_the_newest_tenth_of_each_author_is_held_out(tmp_path: Path) -> None:
    """Of each author with ten posts or more; the others count as one, and posts without a text are none."""
    posts = account(40, author="mira") + account(100, author="nils", seed=2)
    posts += [account(1, author=f"guest {n}", seed=100 + n)[0] for n in range(25)]
    posts += [{"id": "9", "author": "mira", "text": "https://example.org/1", "created_at": "2030-01-01T00:00:00Z"}]
    for number, post in enumerate(posts):
        post["id"] = str(10**15 + number)
    space = landed(tmp_path, posts)
    corpus = curate_aside(space, cleaning(), tmp_path)
    result = hold_out(corpus, tmp_path / "left_out.parquet")
    assert result.newest == 4 + 10 + 2
    assert result.pool == 165 - 16
    newest = {post["text"] for post in posts[36:40] + posts[130:140]}
    assert newest <= {*result.texts}
    assert result.texts[-1] != "https://example.org/1"


def test_no_recipe_sees_a_held_out_post_or_a_near_copy_of_one(tmp_path: Path) -> None:
    """Near copies of the newest posts leave the pool, and of near copies among these the earliest stays."""
    posts = account(300)
    newest = posts[-1]["text"]
    posts[5]["text"] = f"{newest} {newest.split()[0]}"  # in the pool
    posts[-3]["text"] = newest  # among the newest
    space = landed(tmp_path, posts)
    left_out = tmp_path / "left_out.parquet"
    result = hold_out(curate_aside(space, cleaning(), tmp_path), left_out)
    assert (result.newest, len(result.texts), result.contaminated) == (30, 29, 1)
    kept = KeptText.read(
        curate_aside(space, variants(space, ["baseline", "strict"])[0].recipe, tmp_path, left_out=left_out), tmp_path
    )
    assert len(kept.texts) == 300 - 30 - 1
    assert not {*kept.texts} & {*result.texts, posts[5]["text"]}


def test_a_dedup_never_takes_a_post_for_a_held_out_one(tmp_path: Path) -> None:
    """The recipes run as if the held-out posts had never landed: a rule that keeps the newest copy keeps the pool's."""
    posts = account(300)
    for post in posts[:40]:
        post["text"] += " " + "padding" * 3
    space = landed(tmp_path, posts)
    left_out = tmp_path / "left_out.parquet"
    hold_out(curate_aside(space, cleaning(), tmp_path), left_out)
    corpus = curate_aside(space, variants(space, ["baseline", "strict"])[0].recipe, tmp_path, left_out=left_out)
    assert corpus.rows("SELECT count(*) FROM posts") == [(270,)]


@pytest.mark.parametrize("workers", [1, 2])
def test_the_same_seed_gives_the_same_result(repeating: Workspace, workers: int, tmp_path: Path) -> None:
    """For any number of workers, to the last bit; another seed draws other posts."""
    once = evaluate(repeating, dedup(repeating), seeds=2)
    again = evaluate(
        repeating, dedup(repeating), seeds=2, context=RunContext(LocalEngine(workers=workers, shard_posts=500))
    )
    assert once.to_json() == again.to_json()
    other = evaluate(repeating, dedup(repeating), seeds=2, seed=7)
    assert other.pairs[0].full.difference == once.pairs[0].full.difference
    assert other.pairs[0].full.interval != once.pairs[0].full.interval


def test_an_evaluation_is_kept_and_read_again(clean: Workspace, tmp_path: Path) -> None:
    """What was written is what is read; the same recipes again replace it; damaged files are passed over."""
    result = evaluate(clean, dedup(clean), seeds=1)
    assert Evaluation.from_json(json.loads(json.dumps(result.to_json()))).to_json() == result.to_json()
    space = Workspace(tmp_path / "data")
    keep(space, result)
    keep(space, result)
    (space.evaluations / "damaged.json").write_text("{")
    assert [each.to_json() for each in evaluations(space, result.recipes[1].fingerprint)] == [result.to_json()]
    assert evaluations(space, "0" * 16) == []


@pytest.mark.parametrize(
    ("difference", "interval", "measurable"),
    [
        (-0.1, (-0.12, -0.08), True),
        (0.1, (0.08, 0.12), True),
        (-0.005, (-0.0052, -0.0048), False),  # sure, and of no use
        (0.1, (-0.01, 0.2), False),  # large, and not sure
        (0.0, (0.0, 0.0), False),
    ],
)
def test_what_is_measurable(difference: float, interval: tuple[float, float], measurable: bool) -> None:
    """The interval lies on one side of zero, and the difference is at least .006."""
    assert Difference(difference, interval).measurable is measurable


def test_variants_are_named_as_compare_names_them(clean: Workspace, tmp_path: Path) -> None:
    """Values and rules left out, inline and by options; a name is never two recipes'."""
    names = [
        each.name for each in variants(clean, ["baseline:min_words.min=5:-exact_duplicate", "baseline:min_words.min=6"])
    ]
    assert names == ["baseline with min_words.min=5, no exact_duplicate", "baseline with min_words.min=6"]
    names = [each.name for each in variants(clean, ["baseline"], changes=["min_words.min=5"], without=["retweet"])]
    assert names == ["baseline", "baseline with min_words.min=5, no retweet"]
    assert [each.name for each in variants(clean, ["baseline", "baseline"])] == ["baseline", "baseline (2)"]
    (tmp_path / "a:b.c=d").write_text("name = 'mine'")
    assert variants(clean, ["baseline", tmp_path / "a:b.c=d"])[1].name == "mine"
    for wrong, error in ((["baseline"], UsageError), (["basline", "baseline"], RecipeError), ([], UsageError)):
        with pytest.raises(error):
            variants(clean, wrong)


@pytest.mark.parametrize(
    ("posts", "sentence"),
    [
        (account(3), "the newest tenth of 3 posts is none"),
        (account(60), "Only 6 posts of 60 can be held out"),
        ([{**post, "text": f"{n} words"} for n, post in enumerate(account(300))], "which is too little text"),
        ([{**post, "text": "https://example.org"} for post in account(30)], "the newest tenth of 0 posts is none"),
    ],
)
def test_too_little_is_said(posts: list[dict[str, object]], sentence: str, tmp_path: Path) -> None:
    """One sentence, and nothing is measured."""
    space = landed(tmp_path, posts)
    with pytest.raises(NothingToDoError, match=sentence):
        evaluate(space, dedup(space))


def test_an_earlier_version_of_a_held_out_post_leaves_the_pool(tmp_path: Path) -> None:
    """Where the last version of an edited post is held out, no recipe keeps an earlier one in its place."""
    posts = account(300)
    last = posts[-1]
    earlier = {**last, "id": "999", "text": "something quite different stood here before somebody thought better of it"}
    for post in (earlier, last):
        post["edit_history_tweet_ids"] = [earlier["id"], last["id"]]
    for post in (*posts, earlier):
        post.setdefault("edit_history_tweet_ids", [post["id"]])
    space = landed(tmp_path, [earlier, *posts])
    left_out = tmp_path / "left_out.parquet"
    result = hold_out(curate_aside(space, cleaning(), tmp_path), left_out)
    assert last["text"] in result.texts
    recipe = variants(space, ["baseline", "strict"])[0].recipe
    kept = KeptText.read(curate_aside(space, recipe, tmp_path, left_out=left_out), tmp_path)
    assert earlier["text"] not in kept.texts


def test_a_larger_budget_only_adds_posts(clean: Workspace, tmp_path: Path) -> None:
    """Draws stay within their budget, depend on the seed and a post alone, and take everything in the end."""
    recipe = variants(clean, ["baseline", "strict"])[0].recipe
    kept = KeptText.read(curate_aside(clean, recipe, tmp_path), tmp_path)
    before = kept.within(0, 1)
    assert not before.any()
    for budget in range(1_000, kept.characters + 2_000, 2_500):
        chosen = kept.within(budget, 1)
        assert kept.lengths[chosen].sum() <= budget
        assert (chosen | ~before).all()
        before = chosen
    assert kept.within(kept.characters, 1).all()
    assert (kept.within(10_000, 1) != kept.within(10_000, 2)).any()
