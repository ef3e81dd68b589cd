"""How a corpus was made, as commands that somebody can type again."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from curation.errors import RecipeError
from curation.exports.formats.text import Text
from curation.options.export import NEAR, RANDOM, REFUSED_BELOW
from curation.recipes.recipe import Recipe, as_run, shipped
from curation.recipes.recipe_text import recipe_text
from curation.sources import targets_are_files
from curation.writing.terminal import visible

if TYPE_CHECKING:
    from curation.cards.exported import Exported
    from curation.disk.export_manifest import Record
    from curation.rules import RuleBook

#: Inputs that are named; more are counted.
INPUTS = 20
#: What `curation export` does unless it is told otherwise, with the option that tells it.
USUAL = {
    "valid": (0.0, "--valid"),
    "split": (RANDOM, "--split"),
    "near": (NEAR, "--near"),
    "epochs": (4, "--epochs"),
    "seed": (0, "--seed"),
    "instruction": ("", "--instruction"),
}


def commands(manifest: dict[str, Any], exported: Exported | None, recipe: str) -> list[str]:
    """The lines, from collecting to exporting. Folders of the machine where it was done are left out.

    `recipe` is what `curation run` is given.
    """
    inputs = dict.fromkeys((one["source"], one["target"]) for one in manifest.get("inputs", ()))
    lines = [_line("collect", source, target_name(source, target)) for source, target in list(inputs)[:INPUTS]]
    if len(inputs) > INPUTS:
        lines.append(f"# … and {len(inputs) - INPUTS:,} more")
    name = manifest["recipe"]["name"]
    lines.append(_line("run", recipe))
    return [*lines, *(_export(name, one) for one in (exported.records if exported else ()))]


def target_name(source: str, target: str) -> str:
    """A target without the folders above it, which are nobody's business; an account as it is."""
    path = PurePath(target)
    if path.name == target or not (path.is_absolute() or targets_are_files(source)):
        return target
    return path.name or target


def is_shipped(manifest: dict[str, Any]) -> bool:
    """Whether the recipe is the shipped one of that name, unchanged."""
    said = manifest["recipe"]
    return said["name"] in shipped() and as_run(manifest, Recipe.load(said["name"])) is not None


def recipe_file(manifest: dict[str, Any], book: RuleBook) -> str | None:
    """The recipe as a TOML file; None when a rule in it is not known here."""
    try:
        return recipe_text(Recipe.of_manifest(manifest, book=book))
    except RecipeError:
        return None


def fenced(language: str, text: str) -> str:
    """A block of Markdown that nothing in the text can end; what would act on a terminal is written out."""
    lines = visible(text.rstrip("\n"))
    longest = max(map(len, re.findall("`+", lines)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{lines}\n{fence}\n"


def _export(recipe: str, one: Record) -> str:
    characters = [file["characters"] for file in one.files if file.get("format") == Text.name]
    small = ["--allow-small"] if characters and sum(characters) < REFUSED_BELOW else []
    return _line("export", recipe, *_options(one.formats, one.options), *small)


def _options(formats: Sequence[str], options: dict[str, Any]) -> Iterator[str]:
    for format in formats:
        yield from ("--format", format)
    trainers = options.get("trainers") or ()
    for trainer in trainers:
        yield from ("--for", trainer)
    for key, (usual, option) in USUAL.items():
        # For a trainer, the command has another split of its own.
        if options.get(key, usual) != usual or (trainers and key in ("valid", "split")):
            yield from _with(option, options.get(key, usual))
    if options.get("balance"):
        yield "--balance"
    for author in options.get("authors") or ():
        yield from _with("--author", author)
    yield from choosing(options)


def _with(option: str, value: object) -> Iterator[str]:
    # With "=" where a value could be taken for an option itself.
    yield from (f"{option}={value}",) if str(value).startswith("-") else (option, str(value))


def choosing(options: dict[str, Any]) -> list[str]:
    """The words of `curation export` that chose posts, but for authors."""
    words = [("--search", options["search"])] if options.get("search") else []
    for facet, values in (options.get("where") or {}).items():
        words += [("--only", f"{facet}={value}") for value in values]
    words += [("--cap", cap) for cap in options.get("caps") or ()]
    return [word for option, value in words for word in _with(option, value)]


def _line(*words: str) -> str:
    return shlex.join(["curation", *words])
