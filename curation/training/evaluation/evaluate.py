"""The protocol: held-out posts first, one pool for all recipes, models of two sizes, and intervals.

1. The held-out posts are fixed, and their near copies leave the pool (`held_out`).
2. Each recipe runs over the same pool, as if the other posts had never landed. Its result isn't kept.
3. One model learns from all that a recipe keeps (*full*), and one from as many characters as the smallest recipe keeps
   (*equal*), drawn once for each seed. Every model predicts the same held-out posts.
4. Resampling posts, the same ones for all recipes, gives intervals (`bootstrap`).

The result depends on the landed posts, the recipes, the settings and the seed alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from curation.corpus.corpus import Corpus
from curation.corpus.curate import curate_aside
from curation.corpus.run_context import RunContext
from curation.disk.workspace import Workspace
from curation.errors import NothingToDoError, UsageError, WorkspaceError
from curation.recipes.recipe import Recipe
from curation.training.evaluation import learners
from curation.training.evaluation.bootstrap import Bootstrap
from curation.training.evaluation.held_out import SHARE, HeldOut, cleaning, hold_out, pool_texts
from curation.training.evaluation.kept_text import KeptText
from curation.training.evaluation.learners import Learner
from curation.training.evaluation.result import Difference, Evaluation, Figure, Pair, RecipeResult
from curation.training.evaluation.variants import Variant
from curation.writing.terminal import count

#: The fewest held-out posts, and characters that a recipe keeps, for a meaningful result.
LEAST_HELD_OUT, LEAST_CHARACTERS = 20, 6_000
#: With fewer held-out posts than these, intervals are rough.
FEW_HELD_OUT = 100
#: Models for each recipe and size, by default.
SEEDS = 3
#: The most characters from which a vocabulary is learned.
VOCABULARY_FROM = 4_000_000


def evaluate(
    data: Workspace | Path | str,
    recipes: Sequence[Variant],
    *,
    model: str = learners.NGRAM,
    seeds: int = SEEDS,
    steps: int | None = None,
    seed: int = 0,
    context: RunContext | None = None,
) -> Evaluation:
    """Test which of these recipes makes the better model of what the authors wrote next.

    `model` is one of `learners.MODELS`. `seeds` is the number of models for each recipe and size. The n-gram model is
    always the same for the same text; for it, `seeds` counts the draws of the equal budget. `steps` are those of `gpt`.
    Nothing in the workspace changes.
    Raises `UsageError`, `RecipeError`, `NothingToDoError` (nothing has landed, too little text), `WorkspaceError`.
    """
    space = data if isinstance(data, Workspace) else Workspace(Path(data))
    learners.require(model)
    _check(recipes, model, seeds, steps, seed)
    learning = _learn(space, recipes, model, range(seed, seed + seeds), steps, context or RunContext())
    full, equal = (learning.bootstrap(size, seed) for size in ("full", "equal"))
    return Evaluation(
        model=model,
        settings=learning.settings,
        seed=seed,
        seeds=seeds,
        held_out=learning.held_out.to_json(),
        budget=learning.budget,
        recipes=tuple(
            RecipeResult(
                name=variant.name,
                fingerprint=each.fingerprint,
                kept=len(each.text.texts),
                characters=each.text.characters,
                full=Figure(float(full.values[at]), full.interval(at), each.text.characters),
                equal=Figure(float(equal.values[at]), equal.interval(at), int(each.text.lengths[each.chosen].sum())),
                repetition=each.text.repetition(each.chosen),
            )
            for at, (variant, each) in enumerate(zip(recipes, learning.recipes, strict=True))
        ),
        pairs=tuple(
            Pair(
                recipes[a].name,
                recipes[b].name,
                Difference(*full.difference(a, b)),
                Difference(*equal.difference(a, b)),
            )
            for a, b in combinations(range(len(recipes)), 2)
        ),
        notes=tuple(_notes(learning.held_out, recipes)),
        inputs=learning.landings,
    )


@dataclass(frozen=True, eq=False)
class _Learned:
    """One recipe: what it keeps, and how its models predict the held-out posts."""

    fingerprint: str  # as run: if edited posts have landed, a recipe begins with one more rule
    text: KeptText
    full: np.ndarray  # bits, float64, seeds × held-out posts
    equal: np.ndarray  # the same
    chosen: np.ndarray  # whether each post is in the equal budget of the first seed

    @classmethod
    def of(
        cls, fingerprint: str, text: KeptText, learner: Learner, budget: int, seeds: range, step: Callable[[int], None]
    ) -> _Learned:
        """Train the models on a recipe's text."""
        prepared = learner.prepare(text.texts)
        draws = [text.within(budget, seed) for seed in seeds]
        full: list[np.ndarray] = []
        equal: list[np.ndarray] = []
        for seed, draw in zip(seeds, draws, strict=True):
            if learner.seeded or not full:
                full.append(learner.bits(prepared, None, seed))
            step(1)
            # The recipe that sets the budget has only one text to learn from.
            equal.append(full[-1] if draw.all() else learner.bits(prepared, draw, seed))
            step(1)
        full += full * (len(equal) - len(full))
        return cls(fingerprint, text, np.stack(full), np.stack(equal), draws[0])


@dataclass(frozen=True, eq=False)
class _Learning:
    """The models of all recipes, and the posts that they predict."""

    settings: dict[str, Any]  # of the kind of model
    held_out: HeldOut
    budget: int  # characters of the equal budget
    recipes: tuple[_Learned, ...]
    landings: tuple[str, ...]

    def bootstrap(self, size: str, seed: int) -> Bootstrap:
        """Resample the bits of the models of one size, `full` or `equal`."""
        texts = self.held_out.texts
        bits = np.stack([getattr(each, size) for each in self.recipes], axis=-1)
        return Bootstrap.of(bits, np.fromiter(map(len, texts), np.int64, len(texts)), seed=seed)


def _learn(
    space: Workspace, recipes: Sequence[Variant], model: str, seeds: range, steps: int | None, context: RunContext
) -> _Learning:
    """Hold posts out, run the recipes over the other posts, and train the models."""
    # Cleaning, each recipe's run, and each model is a step.
    step = _Steps(context, 2 + len(recipes) + len(recipes) * 2 * len(seeds))
    with space.scratch("evaluate") as folder:
        left_out = folder / "left_out.parquet"
        clean = _run(space, cleaning(), folder, context)
        held_out = hold_out(clean, left_out)
        _check_held_out(held_out)
        vocabulary = pool_texts(clean, left_out, VOCABULARY_FROM) if model != learners.NGRAM else []
        learner = learners.learner(model, held_out.texts, vocabulary, steps)
        step(2)
        texts: list[KeptText] = []
        fingerprints: list[str] = []
        for each in recipes:
            corpus = _run(space, each.recipe, folder, context, left_out)
            if corpus.manifest["inputs"] != clean.manifest["inputs"]:
                raise WorkspaceError("Posts landed while the recipes were evaluated. Run the command again.")
            fingerprints.append(corpus.manifest["recipe"]["fingerprint"])
            texts.append(KeptText.read(corpus, folder))
            _check_kept(each.name, texts[-1])
            step(1)
        budget = min(text.characters for text in texts)
        results = tuple(
            _Learned.of(fingerprint, text, learner, budget, seeds, step)
            for fingerprint, text in zip(fingerprints, texts, strict=True)
        )
    landings = tuple(each["landing"] for each in clean.manifest["inputs"])
    return _Learning(learner.settings, held_out, budget, results, landings)


class _Steps:
    """Counts finished steps."""

    def __init__(self, context: RunContext, total: int) -> None:
        self.on_progress, self.over, self.total = context.on_progress, 0, total

    def __call__(self, steps: int) -> None:
        self.over += steps
        if self.on_progress:
            self.on_progress(self.over, self.total)


def _run(space: Workspace, recipe: Recipe, folder: Path, context: RunContext, left_out: Path | None = None) -> Corpus:
    return curate_aside(space, recipe, folder, left_out=left_out, context=replace(context, on_progress=None))


def _check(recipes: Sequence[Variant], model: str, seeds: int, steps: int | None, seed: int) -> None:
    if len(recipes) < 2:
        raise UsageError("Name two recipes or more to evaluate.")
    if seeds < 1 or (steps is not None and steps < 1):
        raise UsageError("At least one seed and one step are needed.")
    if seed < 0:
        raise UsageError(f"The seed is {seed}; it must be 0 or more.")
    if steps is not None and model == learners.NGRAM:
        raise UsageError("The n-gram model has no steps; --steps belongs to --with gpt.")


def _check_held_out(held_out: HeldOut) -> None:
    posts = held_out.newest + held_out.pool
    if held_out.newest == 0:
        raise NothingToDoError(
            f"No post can be held out: the newest tenth of {count(posts, 'post')} is none. At least "
            f"{SHARE * LEAST_HELD_OUT} posts are needed."
        )
    if len(held_out.texts) < LEAST_HELD_OUT:
        raise NothingToDoError(
            f"Only {count(len(held_out.texts), 'post')} of {posts:,} can be held out without near copies, and figures "
            f"over fewer than {LEAST_HELD_OUT} say nothing. Collect more posts."
        )


def _check_kept(name: str, kept: KeptText) -> None:
    if kept.characters < LEAST_CHARACTERS:
        raise NothingToDoError(
            f"{name} keeps {count(kept.characters, 'character')} to learn from, which is too little text; "
            f"at least {LEAST_CHARACTERS:,} are needed."
        )


def _notes(held_out: HeldOut, recipes: Sequence[Variant]) -> Iterator[str]:
    if len(held_out.texts) < FEW_HELD_OUT:
        yield f"Only {count(len(held_out.texts), 'post')} could be held out, so the intervals are rough."
    if held_out.without_time:
        yield (
            f"{held_out.without_time:,} of the {held_out.newest:,} newest posts have no time; the order of their ids "
            "decided."
        )
    for a, b in combinations(recipes, 2):
        if a.recipe.fingerprint == b.recipe.fingerprint:
            yield f"{a.name} and {b.name} are the same recipe."
