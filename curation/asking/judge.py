"""The verdicts of a recipe on the posts of a corpus, in the cheapest exact way.

>>> verdicts = judge(with_value(corpus, "min_words", "min", 4), corpus)          # doctest: +SKIP
>>> verdicts.way, verdicts.counts[None]                                          # doctest: +SKIP
(<Way.RECALCULATED: 'recalculated'>, 2380)

Only what spills is written. The ways are those of `curation.asking.approach`; a property test compares each with a run.
"""

from __future__ import annotations

import contextlib
import functools
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from curation.asking.approach import MOST_RULES, Approach, Way, approach, estimate
from curation.asking.decisions import PACKED, Decisions
from curation.asking.evidence import Evidence
from curation.asking.recalculation import Recalculation
from curation.asking.verdict_cache import VerdictCache
from curation.asking.verdicts import Verdicts
from curation.corpus.corpus import PLACE, Corpus, placed
from curation.corpus.rejudging import rejudge
from curation.corpus.run_context import RunContext
from curation.disk.workspace import Workspace
from curation.engines.stages import run_stages
from curation.engines.table import MEMORY, Table, sandbox
from curation.errors import NothingToDoError, RecipeError
from curation.functions.base import BatchFunction
from curation.recipes.plan import Plan
from curation.recipes.recipe import Recipe, as_run, shipped
from curation.recipes.recipe_files import recipe_files
from curation.rules import RuleBook


def judge(
    recipe: Recipe,
    corpus: Corpus,
    *,
    book: RuleBook | None = None,
    cache: VerdictCache | None = None,
    memory: int = MEMORY,
    spill: Path | None = None,
) -> Verdicts | None:
    """The verdicts of `recipe` on the posts of `corpus`; None if that needs a run. See `judge_each`."""
    [verdicts] = judge_each([recipe], corpus, book=book, cache=cache, memory=memory, spill=spill)
    return verdicts


def judge_each(
    recipes: Sequence[Recipe],
    corpus: Corpus,
    *,
    book: RuleBook | None = None,
    cache: VerdictCache | None = None,
    memory: int = MEMORY,
    spill: Path | None = None,
    exact: bool = True,
) -> list[Verdicts | None]:
    """The verdicts of each recipe on the posts of `corpus`; None for a recipe that needs a run.

    `book` must know the corpus's rules, if some are the user's own. Beyond `memory` bytes, data spills into a temporary
    folder in `spill`, in the workspace, or in the system's folder. A `cache` keeps what every recipe needs of the
    corpus. With `exact=False` no rule is recalculated: the verdicts tell whether they are exact anyway, and there are
    none for a recipe that changes a rule that would be recalculated.
    Raises `RecipeError`, `WorkspaceError`.
    """
    cache = cache or VerdictCache()

    def work(_: duckdb.DuckDBPyConnection, manifest: dict[str, Any]) -> list[Verdicts | None]:
        state = Corpus(corpus.folder, manifest)
        old = Recipe.of_manifest(manifest, book=book)
        choose = approach if exact else estimate
        cases = [_PlannedRecipe(recipe.over_posts_of(old), choose(old, recipe)) for recipe in recipes]
        with _scratch(corpus, spill) as folder:
            evaluated = dict(_evaluated(cases, old, cache, _Sandbox(state, folder, memory)))
        return [_verdicts(state, case, evaluated.get(number), exact) for number, case in enumerate(cases)]

    return corpus.reading(work)


@contextlib.contextmanager
def _scratch(corpus: Corpus, spill: Path | None) -> Iterator[Path]:
    """A folder for what spills and for evidence on its way."""
    space = Workspace(corpus.folder.parent.parent)
    if spill is None and corpus.folder.parent == space.curated:
        with space.scratch("judge") as folder:
            yield folder
    else:
        with tempfile.TemporaryDirectory(dir=spill, prefix="judge-") as name:
            yield Path(name)


@dataclass(frozen=True)
class _PlannedRecipe:
    """A recipe, and how the corpus gives its verdicts."""

    recipe: Recipe
    approach: Approach

    def functions(self) -> Iterator[BatchFunction]:
        """The functions of the rules whose conditions or keys packed evaluation computes."""
        names = {rule.name for rule in self.approach.conditions} | {*self.approach.recalculated}
        for rule in self.recipe.rules:
            if rule.name in names:
                yield from rule.functions()


@dataclass(frozen=True)
class _Sandbox:
    """Databases for judging a corpus, which reach only its files and a folder."""

    corpus: Corpus
    folder: Path
    memory: int

    @property
    def files(self) -> list[str]:
        """The files of the corpus."""
        return [str(self.corpus.folder / name) for name in self.corpus.manifest["files"]]

    @property
    def posts(self) -> str:
        """SQL: the posts of the corpus with their places."""
        return placed(self.corpus.folder, self.corpus.manifest["files"])

    @functools.cached_property
    def evidence(self) -> Evidence:
        """What is kept of the corpus."""
        return Evidence.of(self.corpus, self.folder)

    def open(
        self, functions: Sequence[BatchFunction], folder: Path | None = None
    ) -> contextlib.AbstractContextManager[duckdb.DuckDBPyConnection]:
        """A database with these functions."""
        reach = [self.corpus.folder, self.evidence.folder]
        return sandbox(functions, folder=folder or self.folder, reach=reach, memory=self.memory)

    def recalculated(self, plan: Plan, name: str) -> pa.Table:
        """All posts after a plan, as `Decisions.packed` reads them; its files go into a folder of this `name`."""
        folder = self.folder / name
        folder.mkdir()
        with self.open(plan.functions, folder) as connection:
            posts = run_stages(plan, Table(connection, plan, self.posts, folder, self.memory))
            table: pa.Table = connection.sql(f"SELECT {PACKED} FROM {posts} ORDER BY {PLACE}").to_arrow_table()
            return table


def _evaluated(
    cases: Sequence[_PlannedRecipe], old: Recipe, cache: VerdictCache, box: _Sandbox
) -> Iterator[tuple[int, tuple[Decisions, Decisions, bool]]]:
    """For each case, by its number: the corpus's decisions, those of the case, and whether it reaches other posts."""
    answerable = {n: c for n, c in enumerate(cases) if c.approach.way in (Way.QUERIED, Way.RECALCULATED)}
    if not answerable:
        return
    fitting = {number: case for number, case in answerable.items() if len(case.approach.rules) <= MOST_RULES}
    functions = {function.name: function for case in fitting.values() for function in case.functions()}
    with box.open(tuple(functions.values())) as connection:
        connection.execute(f"CREATE VIEW posts AS {box.posts}")
        current = cache.current(connection, box.files)
        recalculation = Recalculation(connection, box.evidence, current, box.memory, cache.recent)
        decided = cache.evaluate(
            connection, box.files, [case.approach for case in fitting.values()], old, recalculation
        )
        for number, (decisions, reaches) in zip(fitting, decided, strict=True):
            yield number, (current, decisions, reaches)
    for number, case in answerable.items():
        if number not in fitting:
            plan = rejudge(old, case.recipe)
            assert plan is not None, "an approach that recalculates has a plan"
            posts = box.recalculated(plan, str(number))
            yield number, (current, Decisions.packed(posts, current.sizes, current.pins), False)


def _verdicts(
    state: Corpus, case: _PlannedRecipe, evaluated: tuple[Decisions, Decisions, bool] | None, exact: bool
) -> Verdicts | None:
    way, recalculated = case.approach.way, case.approach.recalculated
    if way is Way.CURRENT:
        return Verdicts(state, case.recipe)
    if evaluated is None:
        return None
    current, decisions, reaches = evaluated
    if not exact and way is Way.RECALCULATED:
        return Verdicts(state, case.recipe, Way.QUERIED, (), not reaches, (current, decisions))
    return Verdicts(state, case.recipe, way, recalculated, True, (current, decisions))


def run_aside(recipe: Recipe, space: Workspace, folder: Path, context: RunContext | None = None) -> Verdicts:
    """The verdicts of a recipe on all landed posts, by a whole run into a folder that the caller removes.

    The pins of the workspace are applied, as in a run. Raises `RecipeError`, `NothingToDoError` if nothing has landed,
    `InputError` for a damaged file of pins, `WorkspaceError`.
    """
    from curation.corpus.curate import curate_aside
    from curation.corpus.pins.pin_file import pins_of

    corpus = curate_aside(space, recipe, folder, pins=pins_of(space), context=context)
    return Verdicts(corpus, as_run(corpus.manifest, recipe), Way.RUN)


def judge_nearest(
    space: Workspace, recipe: str, changes: Sequence[str] = (), *, book: RuleBook | None = None
) -> Verdicts:
    """The verdicts of a recipe on the corpus of a workspace that needs the least computing for it.

    `recipe` is a corpus, a shipped recipe or a TOML file; `changes` are parameters, as `rule.parameter=value`. The name
    of a corpus without changes gives its own verdicts. Anything else is judged, on the corpus of the same name unless
    another one needs less.
    Raises `NothingToDoError` if it needs a run, `RecipeError`.
    """
    names = space.recipes_run()
    if not recipe.endswith(".toml") and (not changes or recipe in names):
        corpus = Corpus.open(space, recipe)
        if not changes:
            return Verdicts(corpus)
        new = Recipe.of_manifest(corpus.manifest, book=book, changes=changes)
    else:
        new = Recipe.load(recipe, book=book, changes=tuple(changes), folder=space.recipes)
    for corpus in _by_effort(new, (Corpus.open(space, name) for name in names), book):
        if verdicts := judge(new, corpus, book=book):
            return verdicts
    options = "".join(f" --set '{change}'" for change in changes) + (" --as NAME" if changes else "")
    runnable = recipe if recipe.endswith(".toml") or recipe in {*shipped(), *recipe_files(space)} else "RECIPE.toml"
    raise NothingToDoError(
        f"No corpus in {space.root} can tell what this recipe would say of the posts; that takes a run. "
        f"Make it with: curation run {runnable}{options}"
    )


def _by_effort(recipe: Recipe, corpora: Iterable[Corpus], book: RuleBook | None) -> list[Corpus]:
    """The corpora that can give the verdicts of a recipe, the one that needs the least computing first."""
    efforts = []
    for corpus in corpora:
        with contextlib.suppress(RecipeError):  # a corpus with an unknown rule can't be judged
            way = approach(Recipe.of_manifest(corpus.manifest, book=book), recipe).way
            if way is not Way.NEEDS_RUN:
                efforts.append((list(Way).index(way), corpus.recipe != recipe.name, corpus))
    return [corpus for *_, corpus in sorted(efforts, key=lambda each: each[:2])]
