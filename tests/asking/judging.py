"""Holds what is judged of a corpus against a run: the one harness for every way of evaluating a recipe."""

from __future__ import annotations

import datetime
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from curation.asking.approach import Way
from curation.asking.decisions import COLUMNS
from curation.asking.judge import judge, judge_each
from curation.asking.verdict_cache import VerdictCache
from curation.asking.verdicts import Verdicts
from curation.corpus.corpus import Corpus
from curation.corpus.pins.applying import pending
from curation.corpus.pins.deciding import with_pins
from curation.corpus.pins.pin_file import Pins
from curation.disk.manifest import read_manifest
from curation.engines.compiling import compile_recipe
from curation.engines.local import LocalEngine
from curation.recipes.recipe import Recipe
from tests.judge import recipe_of, write_raw

Posts = list[dict[str, Any]]
Rules = list[dict[str, Any]]

VERDICT = COLUMNS[2:]
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


def corpus_of(folder: Path, posts: Posts, recipe: Recipe, shard_posts: int = 7) -> Corpus:
    """A corpus of some posts in several small files."""
    made = folder / str(len(list(folder.iterdir())) if folder.exists() else 0)
    made.mkdir(parents=True)
    raw = write_raw(made / "raw.parquet", posts, [7, 7])
    parts = LocalEngine(workers=1, shard_posts=shard_posts).run(compile_recipe(recipe), [raw], made)
    return Corpus(made, {"files": [part.name for part in parts], "recipe": recipe.to_json()})


def with_pins_of(corpus: Corpus, pins: Pins) -> Corpus:
    """The corpus with these pins applied."""
    changes = pending([corpus.folder / name for name in corpus.manifest["files"]], pins)
    if not changes:
        return corpus
    folder = with_pins(corpus, changes, corpus.folder)
    return Corpus(folder, read_manifest(folder))


def verdicts_of(corpus: Corpus) -> dict[tuple[int, int], dict[str, Any]]:
    """The verdict columns of a corpus by a post's place."""
    return {
        (part, row): {key: post[key] for key in VERDICT}
        for part, name in enumerate(corpus.manifest["files"])
        for row, post in enumerate(pq.read_table(corpus.folder / name, columns=list(VERDICT)).to_pylist())
    }


def hold_against_run(
    folder: Path,
    posts: Posts,
    rules: Rules,
    *changed: Rules,
    cache: VerdictCache | None = None,
    pins: Pins | None = None,
) -> list[Verdicts | None]:
    """The verdicts of changed rules on the corpus of `rules`, each of which must be those of a run; None: takes one."""
    corpus, cache = with_pins_of(corpus_of(folder, posts, recipe_of(*rules)), pins or Pins()), cache or VerdictCache()
    recipes = [recipe_of(*each) for each in changed]
    answers = [judge(recipe, corpus, cache=cache) for recipe in recipes]
    estimates = judge_each(recipes, corpus, cache=cache, exact=False)
    for recipe, verdicts, estimate in zip(recipes, answers, estimates, strict=True):
        if verdicts is None:
            assert estimate is None, "what no query and no recalculation tells can't be estimated"
            continue
        run = verdicts_of(with_pins_of(corpus_of(folder, posts, recipe), pins or Pins()))
        counts = Counter(verdict["removed_by"] for verdict in run.values())
        assert overlaid(corpus, verdicts) == run
        assert verdicts.counts == counts
        assert Counter(verdicts.rows("SELECT removed_by FROM posts")) == Counter({(k,): n for k, n in counts.items()})
        if estimate and estimate.exact:
            assert estimate.counts == counts
        assert verdicts.exact
        assert estimate is None or estimate.exact or verdicts.way is Way.RECALCULATED
    return answers


def overlaid(corpus: Corpus, verdicts: Verdicts) -> dict[tuple[int, int], dict[str, Any]]:
    """The corpus's verdicts with the changes in their places; each must be one."""
    result = verdicts_of(corpus)
    if verdicts.changes is not None:
        assert verdicts.changes.column_names == list(COLUMNS)
        for row in verdicts.changes.to_pylist():
            place = row.pop("part"), row.pop("row")
            assert result[place] != row, "it has changed"
            result[place] = row
    return result
