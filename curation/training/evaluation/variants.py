"""The recipes under test, as typed: names as for `curation compare`, and variants of a recipe."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from curation.asking.comparison import request_sides
from curation.disk.workspace import Workspace
from curation.errors import UsageError
from curation.recipes.recipe import Recipe, shipped
from curation.rules import RuleBook

#: `baseline:min_words.min=5` and `baseline:-exact_duplicate`; several follow each other.
_CHANGE = r":(?:-[a-z][a-z0-9_]*|[a-z][a-z0-9_]*\.[a-z0-9_]+=[^:]+)"
_CHANGED = re.compile(rf"(.+?)((?:{_CHANGE})+)")


@dataclass(frozen=True)
class Variant:
    """A recipe under test."""

    name: str  # no two have the same
    recipe: Recipe


def variants(
    space: Workspace,
    names: Sequence[str | Path],
    *,
    changes: Sequence[str] = (),
    without: Sequence[str] = (),
    book: RuleBook | None = None,
) -> tuple[Variant, ...]:
    """The recipes behind names of corpora, of shipped recipes and of TOML files.

    `NAME:rule.parameter=value` is one with another value, `NAME:-rule` one without a rule. `changes` and `without`
    change the last one; with a single name they make a second recipe of it.
    Raises `UsageError`, `RecipeError`.
    """
    if not names:
        raise UsageError("Name two recipes or more to evaluate.")
    typed = [_parts(space, str(name)) for name in names]
    if len(typed) == 1:
        if not changes and not without:
            raise UsageError(
                f"Nothing to evaluate '{names[0]}' against. Name a second recipe, or change the first one: "
                f"{names[0]}:min_words.min=5, --set min_words.min=5, or --without RULE."
            )
        typed = typed * 2
    name, inline, left_out = typed[-1]
    typed[-1] = (name, [*inline, *changes], [*left_out, *without])
    recipes: list[Variant] = []
    for name, inline, left_out in typed:
        other = None if inline or left_out else name
        side = request_sides(space, name, other, changes=inline, without=left_out, book=book)[1]
        recipes.append(Variant(_unique(side.name, recipes), side.recipe))
    return tuple(recipes)


def _parts(space: Workspace, name: str) -> tuple[str, list[str], list[str]]:
    """A name, the values that are set, and the rules that are left out."""
    match = _CHANGED.fullmatch(name)
    if not match or name in space.recipes_run() or name in shipped() or Path(name).is_file():
        return name, [], []
    changes = [each[1:] for each in re.findall(_CHANGE, match[2])]
    return (
        match[1],
        [each for each in changes if not each.startswith("-")],
        [each[1:] for each in changes if each.startswith("-")],
    )


def _unique(name: str, others: Sequence[Variant]) -> str:
    names = {each.name for each in others}
    numbered = (f"{name} ({number})" for number in itertools.count(2))
    return next(unique for unique in itertools.chain([name], numbered) if unique not in names)
