"""The recipe of a corpus, and variants of it.

>>> with_value(corpus, "min_words", "min", 4).rules[5].values()             # doctest: +SKIP
{'min': 4, 'count': 'unicode'}
"""

from __future__ import annotations

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
    """The recipe of a corpus with another value of a parameter, checked like a recipe file.

    `rule` is the name of the rule in the recipe, `key` that of the parameter, `value` as in TOML (a date may be a
    text). Raises `RecipeError`.
    """
    recipe = corpus.manifest["recipe"]
    names = [each["name"] for each in recipe["rules"]]
    if rule not in names:
        raise RecipeError(f"The recipe '{recipe['name']}' has no rule '{rule}'.{did_you_mean(rule, names)}")
    rules = [
        {**each, "parameters": {**each["parameters"], key: value}} if each["name"] == rule else each
        for each in recipe["rules"]
    ]
    return Recipe.of_manifest({**corpus.manifest, "recipe": {**recipe, "rules": rules}}, book=book)


def without(recipe: Recipe, rule: str) -> Recipe:
    """The recipe without a rule."""
    return replace(recipe, rules=tuple(each for each in recipe.rules if each.name != rule))
