"""Recipes that differ a little from the one that made a corpus.

>>> with_value(corpus, "min_words", "min", 4).rules[5].values()             # doctest: +SKIP
{'min': 4, 'count': 'unicode'}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from curation.corpus.corpus import Corpus
from curation.errors import RecipeError, did_you_mean
from curation.recipes.recipe import Recipe
from curation.rules import RuleBook


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


def _changed(manifest: Mapping[str, Any], rule: str, key: str, value: Any) -> dict[str, Any]:
    """A manifest whose recipe has another value of one parameter. Raises `RecipeError` where there is no such rule."""
    rules = manifest["recipe"]["rules"]
    names = [each["name"] for each in rules]
    if rule not in names:
        raise RecipeError(f"The recipe '{manifest['recipe']['name']}' has no rule '{rule}'.{did_you_mean(rule, names)}")
    changed = [
        {**each, "parameters": {**each["parameters"], key: value}} if each["name"] == rule else each for each in rules
    ]
    return {**manifest, "recipe": {**manifest["recipe"], "rules": changed}}
