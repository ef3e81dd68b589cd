"""The protocol: held-out posts first, one pool for all recipes, models of two sizes, and intervals.

1. The held-out posts are fixed, and their near copies leave the pool (`held_out`).
2. Each recipe is run over the same pool, as if the other posts had never landed. Nothing of it stays.
3. A model learns from all that a recipe keeps (*full*), and one from as many characters as the smallest of the recipes
   has (*equal*), drawn once for each seed. Every model predicts the same held-out posts.
4. Posts are resampled, the same ones for all recipes, which gives intervals (`bootstrap`).

The result depends on the landed posts, the recipes, the settings and the seed alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from curation.corpus.curate import curate_aside
from curation.corpus.run_context import RunContext
from curation.disk.workspace import Workspace
from curation.errors import NothingToDoError, UsageError, WorkspaceError
from curation.training.evaluation import learners
from curation.training.evaluation.bootstrap import Bootstrap
from curation.training.evaluation.character import Repetition
from curation.training.evaluation.held_out import SHARE, HeldOut, cleaning, hold_out, pool_texts
from curation.training.evaluation.kept_text import KeptText
from curation.training.evaluation.result import Difference, Evaluation, Figure, Pair, RecipeResult

if TYPE_CHECKING:
    from curation.corpus.corpus import Corpus
    from curation.recipes.recipe import Recipe
    from curation.training.evaluation.learners import Learner
    from curation.training.evaluation.variants import Variant

#: Fewer held-out posts, or characters that a recipe keeps, than these say nothing.
LEAST_HELD_OUT, LEAST_CHARACTERS = 20, 6_000
#: With fewer held-out posts than these, intervals are rough.
FEW_HELD_OUT = 100
#: Models of each recipe and size, where the user does not choose.
SEEDS = 3
#: Characters that a vocabulary is learned from at most.
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
    """Which of these recipes makes the better model of what the authors wrote next.

    `model` is one of `learners.MODELS`; `seeds` is how many models are made of each recipe and size (of the n-gram
    model, which text makes the same one every time, how many texts are drawn for the equal budget); `steps` are those
    of `gpt`. Nothing in the workspace changes.
    Raises `UsageError`, `RecipeError`, `NothingToDoError` (nothing has landed, too little text), `WorkspaceError`.
    """
    space = data if isinstance(data, Workspace) else Workspace(Path(data))
    learners.require(model)
    _check(recipes, model, seeds, steps, seed)
    context = context or RunContext()
    # Cleaning, each recipe's run, and each model is a step.
    steps_ahead = 2 + len(recipes) + len(recipes) * 2 * seeds
    with space.scratch("evaluate") as folder:
        step = _Steps(context, steps_ahead)
        clean = _run(space, cleaning(), folder, context)
        held_out = hold_out(clean, folder / "left_out.parquet")
        _check_held_out(held_out)
        vocabulary = pool_texts(clean, folder / "left_out.parquet", VOCABULARY_FROM) if model != learners.NGRAM else []
        learner = learners.learner(model, held_out.texts, vocabulary, steps)
        step(2)
        kept: list[KeptText] = []
        fingerprints: list[str] = []  # as run: where edited posts have landed, a recipe begins with one rule more
        for each in recipes:
            corpus = _run(space, each.recipe, folder, context, folder / "left_out.parquet")
            if corpus.manifest["inputs"] != clean.manifest["inputs"]:
                raise WorkspaceError("Posts landed while the recipes were evaluated. Run the command again.")
            fingerprints.append(corpus.manifest["recipe"]["fingerprint"])
            kept.append(KeptText.read(corpus, folder))
            _check_kept(each.name, kept[-1])
            step(1)
        budget = min(text.characters for text in kept)
        models = [_Models.train(learner, text, budget, range(seed, seed + seeds), step) for text in kept]
    names = [each.name for each in recipes]
    characters = np.fromiter(map(len, held_out.texts), np.int64, len(held_out.texts))
    full, equal = (
        Bootstrap.of(np.stack([getattr(each, size) for each in models], axis=-1), characters, seed=seed)
        for size in ("full", "equal")
    )
    return Evaluation(
        model=model,
        settings=learner.settings,
        seed=seed,
        seeds=seeds,
        held_out=held_out.to_json(),
        budget=budget,
        recipes=tuple(
            RecipeResult(
                name=each.name,
                fingerprint=fingerprint,
                kept=len(text.texts),
                characters=text.characters,
                full=Figure(float(full.values[at]), full.interval(at), text.characters),
                equal=Figure(float(equal.values[at]), equal.interval(at), trained.characters),
                repetition=Repetition.of(text, trained.chosen),
            )
            for at, (each, fingerprint, text, trained) in enumerate(
                zip(recipes, fingerprints, kept, models, strict=True)
            )
        ),
        pairs=tuple(
            Pair(names[a], names[b], Difference(*full.difference(a, b)), Difference(*equal.difference(a, b)))
            for a, b in combinations(range(len(names)), 2)
        ),
        notes=tuple(_notes(held_out, recipes)),
        inputs=tuple(each["landing"] for each in clean.manifest["inputs"]),
    )


@dataclass(frozen=True, eq=False)
class _Models:
    """The models of one recipe."""

    full: np.ndarray  # bits, float64, seeds × held-out posts
    equal: np.ndarray  # the same
    chosen: np.ndarray  # whether each post is in the equal budget of the first seed
    characters: int  # of that budget

    @classmethod
    def train(cls, learner: Learner, kept: KeptText, budget: int, seeds: range, step: Callable[[int], None]) -> _Models:
        prepared = learner.prepare(kept.texts)
        draws = [kept.within(budget, seed) for seed in seeds]
        full: list[np.ndarray] = []
        equal: list[np.ndarray] = []
        for seed, draw in zip(seeds, draws, strict=True):
            if learner.seeded or not full:
                full.append(learner.bits(prepared, None, seed))
            step(1)
            # A recipe that is the budget itself has but one text to learn from.
            equal.append(full[-1] if draw.all() else learner.bits(prepared, draw, seed))
            step(1)
        full += full * (len(equal) - len(full))
        return cls(np.stack(full), np.stack(equal), draws[0], int(kept.lengths[draws[0]].sum()))


class _Steps:
    """Counts what is over."""

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
            f"No post can be held out: the newest tenth of {_posts(posts)} is none. At least "
            f"{SHARE * LEAST_HELD_OUT} posts are needed."
        )
    if len(held_out.texts) < LEAST_HELD_OUT:
        raise NothingToDoError(
            f"Only {_posts(len(held_out.texts))} of {posts:,} can be held out without near copies, and figures over "
            f"fewer than {LEAST_HELD_OUT} say nothing. Collect more posts."
        )


def _check_kept(name: str, kept: KeptText) -> None:
    if kept.characters < LEAST_CHARACTERS:
        raise NothingToDoError(
            f"{name} keeps {kept.characters:,} characters to learn from, which is too little text; "
            f"at least {LEAST_CHARACTERS:,} are needed."
        )


def _notes(held_out: HeldOut, recipes: Sequence[Variant]) -> Iterator[str]:
    if len(held_out.texts) < FEW_HELD_OUT:
        yield f"Only {_posts(len(held_out.texts))} could be held out, so the intervals are rough."
    if held_out.without_time:
        yield (
            f"{held_out.without_time:,} of the {held_out.newest:,} newest posts have no time; the order of their ids "
            "decided."
        )
    for a, b in combinations(recipes, 2):
        if a.recipe.fingerprint == b.recipe.fingerprint:
            yield f"{a.name} and {b.name} are the same recipe."


def _posts(number: int) -> str:
    return f"{number:,} post{'' if number == 1 else 's'}"
