"""A recipe that is being edited: what its text says, and all that is wrong with it, each with its line."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curation.asking.variants import recipe_of
from curation.corpus.corpus import Corpus
from curation.disk.workspace import Workspace
from curation.engines.compiling import compile_recipe
from curation.errors import RecipeError
from curation.recipes.recipe import Recipe, as_run, read_recipe, shipped
from curation.recipes.recipe_edit import RuleBlock, blocks, is_usual, switched, with_head, with_value
from curation.recipes.recipe_text import recipe_text
from curation.recipes.rule_tables import rule_of
from curation.recipes.toml_text import toml_content
from curation.rules import RuleBook

_LINE = re.compile(r"at line (\d+)")
_NUMBER = re.compile(r"^The recipe, rule (\d+): ", re.S)


@dataclass(frozen=True)
class Problem:
    """What is wrong with a recipe."""

    message: str
    line: int | None = None  # in the text, from 1
    rule: int | None = None  # its number among all rules, from 0, with those that are switched off
    key: str = ""  # of the rule


@dataclass(frozen=True)
class Draft:
    """The text of a recipe, read."""

    text: str
    name: str
    rules: tuple[RuleBlock, ...]  # none if the text is no TOML
    problems: tuple[Problem, ...]
    recipe: Recipe | None  # without the rules that are switched off; None if something is wrong
    keeps_comments: bool = True  # whether an edit in the form keeps them

    @classmethod
    def read(cls, text: str, book: RuleBook) -> Draft:
        """Read a text and find all that is wrong."""
        try:
            content, parts = toml_content(text), blocks(text)
        except ValueError as error:
            match = _LINE.search(str(error))
            return cls(
                text, "", (), (Problem(f"This is not valid TOML: {error}.", int(match[1]) if match else None),), None
            )
        name = content.get("name", "")
        problems = []
        for number, block in enumerate(parts.rules):
            if problem := _problem(block, number, book):
                problems.append(problem)
        recipe = None
        if not problems:
            try:
                recipe = Recipe.parse(content, default_name="recipe", book=book)
                compile_recipe(recipe)
            except RecipeError as error:
                recipe = None
                problems.append(_whole(str(error), parts.rules))
        keeps = is_usual(text)
        return cls(text, name if isinstance(name, str) else "", parts.rules, tuple(problems), recipe, keeps)

    def of(self, rule: int, key: str = "") -> tuple[str, ...]:
        """What is wrong with a rule, or with one of its keys."""
        return tuple(each.message for each in self.problems if each.rule == rule and key in ("", each.key))


def _problem(block: RuleBlock, number: int, book: RuleBook) -> Problem | None:
    """What is wrong with a rule by itself."""
    try:
        rule_of(block.table, book)
    except RecipeError as error:
        key = _wrong_key(block.table, book)
        return Problem(str(error), block.line_of(key) if key else block.line, number, key)
    return None


def _wrong_key(table: Mapping[str, Any], book: RuleBook) -> str:
    """The key whose value is wrong by itself; "" if it is another thing."""
    if not isinstance(table.get("use"), str) or table["use"] not in book.rules:
        return "use"
    for key, value in table.items():
        if key != "use":
            try:
                rule_of({"use": table["use"], key: value}, book)
            except RecipeError:
                return key
    return ""


def _whole(message: str, rules: tuple[RuleBlock, ...]) -> Problem:
    """What is wrong with the rules together."""
    match = _NUMBER.match(message)
    if not match:
        return Problem(message.removeprefix("The recipe: "))
    on = [number for number, rule in enumerate(rules) if rule.is_on]
    number = on[int(match[1]) - 1]
    return Problem(message[match.end() :], rules[number].line, number)


def text_of(corpus: Corpus, space: Workspace, book: RuleBook) -> str:
    """The recipe of a corpus as a file: with its comments, where the file that made it is at hand.

    Raises `RecipeError` for a corpus with a rule that `book` lacks.
    """
    recipe = recipe_of(corpus, book)
    with contextlib.suppress(RecipeError):
        text, origin = read_recipe(corpus.recipe, space.recipes)
        loaded = Recipe.load(corpus.recipe, book=book, folder=space.recipes)
        if (origin in shipped() or Path(origin).parent == space.recipes) and as_run(corpus.manifest, loaded):
            return text
    return recipe_text(recipe)


def changed_text(text: str, changes: Sequence[tuple[str, str, Any]], without: Sequence[str], recipe: Recipe) -> str:
    """A recipe's text with other values (rule, key, value) and some rules switched off, so that it gives `recipe`."""
    with contextlib.suppress(ValueError):
        for name, key, value in changes:
            text = with_value(text, _place(text, name), key, value)
        for name in without:
            text = switched(text, _place(text, name), on=False)
        text = with_head(text, "name", recipe.name)
        with contextlib.suppress(RecipeError):
            book = RuleBook({rule.use: type(rule) for rule in recipe.rules})
            if Recipe.parse(toml_content(text), book=book).fingerprint == recipe.fingerprint:
                return text
    return recipe_text(recipe)


def _place(text: str, name: str) -> int:
    """The number of the rule with this name. Raises `ValueError`."""
    names = [rule.table.get("name", rule.table.get("use")) for rule in blocks(text).rules if rule.is_on]
    on = [number for number, rule in enumerate(blocks(text).rules) if rule.is_on]
    return on[names.index(name)]
