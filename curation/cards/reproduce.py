"""The commands that reproduce a corpus."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from curation.disk.export_manifest import ExportRecord
from curation.disk.exported_file import joined
from curation.errors import RecipeError, UsageError
from curation.options.export import REFUSED_BELOW, TEXT, ExportOptions
from curation.recipes.recipe import Recipe, as_run, shipped
from curation.recipes.recipe_text import recipe_text
from curation.rules import RuleBook
from curation.sources import targets_are_files
from curation.writing.terminal import visible

#: The most inputs that are named; the rest is counted.
INPUTS = 20


def commands(manifest: dict[str, Any], exports: Sequence[ExportRecord], recipe: str) -> list[str]:
    """The commands from collecting to exporting, without folders of the machine.

    `recipe` is the argument of `curation run`.
    """
    inputs = dict.fromkeys((one["source"], one["target"]) for one in manifest.get("inputs", ()))
    lines = [_line("collect", source, target_name(source, target)) for source, target in list(inputs)[:INPUTS]]
    if len(inputs) > INPUTS:
        lines.append(f"# … and {len(inputs) - INPUTS:,} more")
    name = manifest["recipe"]["name"]
    lines.append(_line("run", recipe))
    return [*lines, *(_export(name, one) for one in exports)]


def target_name(source: str, target: str) -> str:
    """A target without the folders above it, which stay private; an account as it is."""
    path = PurePath(target)
    if path.name == target or not (path.is_absolute() or targets_are_files(source)):
        return target
    return path.name or target


def is_shipped(manifest: dict[str, Any]) -> bool:
    """Whether the recipe is the shipped one of that name, unchanged."""
    recipe = manifest["recipe"]
    return recipe["name"] in shipped() and as_run(manifest, Recipe.load(recipe["name"])) is not None


def recipe_file(manifest: dict[str, Any], book: RuleBook) -> str | None:
    """The recipe as a TOML file, or None if `book` lacks one of its rules."""
    try:
        return recipe_text(Recipe.of_manifest(manifest, book=book))
    except RecipeError:
        return None


def fenced(language: str, text: str) -> str:
    """A block of Markdown that nothing in the text can end. Characters that act on a terminal are escaped."""
    lines = visible(text.rstrip("\n"))
    longest = max(map(len, re.findall("`+", lines)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{lines}\n{fence}\n"


def _export(recipe: str, one: ExportRecord) -> str:
    texts = [file for file in one.files if file.get("format") == TEXT]
    counted = joined(sum(file.get("posts", 0) for file in texts), sum(file["characters"] for file in texts))
    small = bool(texts) and counted < REFUSED_BELOW
    try:
        options = ExportOptions.of_manifest(one.options, formats=one.formats, allow_small=small)
    except UsageError:  # of a later version
        options = ExportOptions(formats=one.formats, allow_small=small)
    return _line("export", recipe, *replace(options, tokenizer=_base_name(options.tokenizer)).words())


def _base_name(place: str) -> str:
    """A file without the folders above it; a name on the Hub as it is."""
    path = PurePath(place)
    return path.name if path.is_absolute() else place


def _line(*words: str) -> str:
    return shlex.join(["curation", *words])
