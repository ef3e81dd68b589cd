"""A recipe that was written as TOML is read as the same recipe."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.recipes.recipe import Recipe, shipped
from curation.recipes.recipe_text import recipe_text
from tests import strategies

TEXTS = st.one_of(st.sampled_from(strategies.HOSTILE), strategies.texts())


def read(text: str) -> Recipe:
    """The recipe that a file with this text holds."""
    return Recipe.parse(tomllib.loads(text))


@given(strategies.recipes(), st.lists(TEXTS, min_size=6, max_size=6), TEXTS)
@settings(max_examples=60, deadline=None)
def test_a_written_recipe_is_the_same(rules: list[dict[str, Any]], labels: list[str], description: str) -> None:
    """Every rule, parameter, name, label and the description come back, whatever somebody wrote in them."""
    tables = [{**rule, "label": label} if label else rule for rule, label in zip(rules, labels, strict=False)]
    recipe = Recipe.parse({"name": "mine", "description": description, "rule": tables})
    again = read(recipe_text(recipe))
    assert again == recipe
    assert again.fingerprint == recipe.fingerprint


@pytest.mark.parametrize("name", sorted(shipped()))
def test_a_shipped_recipe_is_the_same(name: str) -> None:
    """So it is for the recipes that come with the program, with what each rule does beside it."""
    recipe = Recipe.load(name)
    text = recipe_text(recipe)
    assert read(text) == recipe
    for rule in recipe.rules:
        assert f"[[rule]]  # {rule.summary()}\n" in text


def test_every_parameter_is_written() -> None:
    """A reader sees what counts, the defaults too; what has no value is left out."""
    text = recipe_text(Recipe.parse({"name": "mine", "rule": [{"use": "min_words", "name": "words", "min": 4}]}))
    assert tomllib.loads(text)["rule"] == [{"use": "min_words", "name": "words", "min": 4, "count": "unicode"}]
    assert "\nfirst" not in recipe_text(
        Recipe.parse({"name": "mine", "rule": [{"use": "date_range", "last": "2020-01-01"}]})
    )
