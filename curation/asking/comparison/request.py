"""The two sides of a comparison by name: a corpus, a shipped recipe or a TOML file, and changes of one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from curation.asking.variants import without as without_rule
from curation.corpus.corpus import Corpus
from curation.disk.workspace import Workspace
from curation.engines.compiling import compile_recipe
from curation.errors import RecipeError, UsageError, did_you_mean
from curation.recipes.recipe import Recipe, shipped
from curation.rules import RuleBook


@dataclass(frozen=True)
class SideRequest:
    """One side by name: a corpus, or a recipe."""

    name: str
    corpus: Corpus | None  # None: a recipe, which must be resolved
    changed: Recipe | None = None  # None: that of the corpus
    book: RuleBook = field(default_factory=RuleBook, repr=False)

    @property
    def recipe(self) -> Recipe:
        """The recipe; for a corpus, the one that made it. Raises `RecipeError`."""
        if self.changed:
            return self.changed
        assert self.corpus is not None
        return Recipe.of_manifest(self.corpus.manifest, book=self.book)


def request_sides(
    space: Workspace,
    a: str | Path,
    b: str | Path | None = None,
    *,
    changes: Sequence[str] = (),
    without: Sequence[str] = (),
    book: RuleBook | None = None,
) -> tuple[SideRequest, SideRequest]:
    """The sides that two names mean; `changes` (`rule.parameter=value`) and left-out rules (`without`) change B.

    A name means a corpus first, then a shipped recipe or a TOML file. Without `b`, B is A with the changes.
    Raises `UsageError`, `RecipeError`.
    """
    book = book or RuleBook.load()
    if b is None and not changes and not without:
        raise UsageError(
            f"Nothing to compare '{a}' with. Name a second recipe, or change the first one: "
            "--set min_words.min=5, or --without RULE."
        )
    return _request(space, str(a), book), _request(space, str(a if b is None else b), book, changes, without)


def _request(
    space: Workspace, name: str, book: RuleBook, changes: Sequence[str] = (), without: Sequence[str] = ()
) -> SideRequest:
    corpora = space.recipes_run()
    if name in corpora:
        corpus = Corpus.open(space, name)
        if not changes and not without:
            return SideRequest(name, corpus, book=book)
        recipe = Recipe.of_manifest(corpus.manifest, book=book, changes=changes)
    else:
        if not name.endswith(".toml") and name not in shipped() and not Path(name).is_file():
            raise RecipeError(
                f"There is no corpus '{name}' in {space.root}, no shipped recipe and no file of that name."
                f"{did_you_mean(name, {*corpora, *shipped()})}"
            )
        recipe = Recipe.load(name, book=book, changes=tuple(changes))
        name = recipe.name
    for rule in without:
        names = [each.name for each in recipe.rules]
        if rule not in names:
            raise RecipeError(f"--without {rule}: the recipe has no rule '{rule}'.{did_you_mean(rule, names)}")
        recipe = without_rule(recipe, rule)
    compile_recipe(recipe)  # a wrong rule is an error before any corpus is read
    words = [*(change.strip() for change in changes), *(f"no {rule}" for rule in without)]
    return SideRequest(f"{name} with {', '.join(words)}" if words else name, None, recipe, book)
