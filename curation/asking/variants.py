"""Recipes that differ a little from the one that made a corpus, and how much each of them asks of the corpus.

>>> old = recipe_of(corpus)                                      # doctest: +SKIP
>>> new = with_value(corpus, "min_words", "min", 4)              # doctest: +SKIP
>>> how(old, new)                                                # doctest: +SKIP
'done again'
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from curation.asking.trial import DONE_AGAIN, QUERIED, STANDS, try_recipe
from curation.corpus.rejudging import rejudge
from curation.corpus.row_location import PLACE, at, placed
from curation.errors import NothingToDoError, RecipeError, WorkspaceError, did_you_mean
from curation.recipes.recipe import Recipe, shipped
from curation.sql import identifier

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    import duckdb

    from curation.asking.trial import Trial
    from curation.corpus.corpus import Corpus
    from curation.disk.workspace import Workspace
    from curation.rules import RuleBook

#: How a recipe can be answered that no query and no trial answers.
TAKES_A_RUN = "takes a run"


def recipe_of(corpus: Corpus, book: RuleBook | None = None) -> Recipe:
    """The recipe that made a corpus; `book` must know its rules. Raises `RecipeError`."""
    return Recipe.of_manifest(corpus.manifest, book=book)


def with_value(corpus: Corpus, rule: str, key: str, value: Any, *, book: RuleBook | None = None) -> Recipe:
    """The recipe of a corpus with another value of one parameter, checked as a recipe file is.

    `rule` is the rule's name in the recipe, `key` the parameter's, `value` as TOML has it (a date may be a text).
    Raises `RecipeError`.
    """
    return Recipe.of_manifest(_changed(corpus.manifest, rule, key, value), book=book)


def without(recipe: Recipe, rule: str) -> Recipe:
    """The recipe with one rule left out."""
    return replace(recipe, rules=tuple(each for each in recipe.rules if each.name != rule))


def how(old: Recipe, new: Recipe) -> str:
    """How a corpus of `old` answers what `new` would say: "stands", "queried", "done again" or "takes a run"."""
    if old.fingerprint == new.over_posts_of(old).fingerprint:
        return STANDS
    plan = rejudge(old, new)
    if plan is None:
        return TAKES_A_RUN
    return DONE_AGAIN if plan.recomputed else QUERIED


def ask(corpus: Corpus, trial: Trial, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Ask `statement` of the table `posts`: the corpus's own, with the verdicts of a trial in place of its own.

    Raises `WorkspaceError` when a run has replaced the corpus since the trial.
    """

    def work(connection: duckdb.DuckDBPyConnection, manifest: dict[str, Any]) -> list[tuple[Any, ...]]:
        if tuple(manifest["files"]) != trial.files:
            raise WorkspaceError(f"A run has replaced the corpus '{corpus.recipe}' just now. Ask again.")
        verdict = ", ".join(
            f"tried.{identifier(name)} AS {identifier(name)}" for name in ("matched", "removed_by", "duplicate_of")
        )
        connection.register("tried", trial.verdicts)
        connection.execute(
            f"""
            CREATE OR REPLACE TEMP VIEW posts AS
            SELECT placed.* EXCLUDE ({PLACE}) REPLACE ({verdict})
            FROM ({placed(corpus.folder, trial.files)}) AS placed JOIN tried ON {at("placed", "tried")}
            """
        )
        return connection.execute(statement, list(parameters)).fetchall()

    return corpus.reading(work)


def answered(
    space: Workspace, recipe: str, changes: Sequence[str] = (), *, book: RuleBook | None = None
) -> tuple[Corpus, Trial | None]:
    """The corpus of a recipe, or a standing one and the trial on it that answers for the recipe.

    `recipe` is the name of a corpus, of a shipped recipe, or a TOML file; `changes` are parameters set from outside, as
    `rule.parameter=value`. A corpus by its name is taken as it stands. Anything else is tried: on the corpus of the
    same name if that will do, else on the one that needs least doing.
    Raises `NothingToDoError` when only a run can tell, `RecipeError`.
    """
    from curation.corpus.corpus import Corpus

    known = space.recipes_run()
    if not recipe.endswith(".toml") and (not changes or recipe in known):
        corpus = Corpus.open(space, recipe)
        if not changes:
            return corpus, None
        wanted = Recipe.of_manifest(corpus.manifest, book=book, changes=changes)
    else:
        wanted = Recipe.load(recipe, book=book, changes=tuple(changes))
    corpora = [Corpus.open(space, name) for name in sorted(known, key=lambda name: name != wanted.name)]
    order = (STANDS, QUERIED, DONE_AGAIN, TAKES_A_RUN)
    tellings = [(corpus, _how_of(corpus, wanted, book)) for corpus in corpora]
    for corpus, telling in sorted(tellings, key=lambda each: (order.index(each[1]), each[0].recipe != wanted.name)):
        if telling != TAKES_A_RUN and (trial := try_recipe(corpus, wanted, book=book)):
            return corpus, trial
    words = "".join(f" --set '{change}'" for change in changes)
    runnable = recipe if recipe.endswith(".toml") or recipe in shipped() else "RECIPE.toml"
    raise NothingToDoError(
        f"No corpus in {space.root} can tell what this recipe would say of the posts; that takes a run. "
        f"Make it with: curation run {runnable}{words}"
    )


def _how_of(corpus: Corpus, wanted: Recipe, book: RuleBook | None) -> str:
    try:
        return how(Recipe.of_manifest(corpus.manifest, book=book), wanted)
    except RecipeError:  # of a rule that is not here: such a corpus can't be asked, another may
        return TAKES_A_RUN


def _changed(manifest: dict[str, Any], rule: str, key: str, value: Any) -> dict[str, Any]:
    """A manifest whose recipe has another value of one parameter. Raises `RecipeError` where there is no such rule."""
    rules = manifest["recipe"]["rules"]
    names = [each["name"] for each in rules]
    if rule not in names:
        raise RecipeError(f"The recipe '{manifest['recipe']['name']}' has no rule '{rule}'.{did_you_mean(rule, names)}")
    changed = [
        {**each, "parameters": {**each["parameters"], key: value}} if each["name"] == rule else each for each in rules
    ]
    return {**manifest, "recipe": {**manifest["recipe"], "rules": changed}}
