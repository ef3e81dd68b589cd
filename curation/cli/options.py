"""Options that several commands share, and their values for the library."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curation.cli import values
from curation.errors import UsageError

if TYPE_CHECKING:
    from curation.rules import RuleBook

Data = Annotated[
    Path, typer.Option("--data", envvar="CURATION_DATA", help="The workspace: a folder.", show_default=True)
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")]
RecipeName = Annotated[
    str,
    typer.Argument(
        metavar="RECIPE", help="A shipped recipe, a TOML file or a corpus; --recipe NAME says the same.",
        autocompletion=values.recipes,
    ),
]  # fmt: skip
Authors = Annotated[list[str] | None, typer.Option("--author", help="Only this author. May be repeated.")]
Top = Annotated[int, typer.Option("--top", min=0, help="Rows in the table; the rest is summed up. 0: all rows.")]
Rules = Annotated[
    list[Path] | None, typer.Option("--rules", help="A Python file with rules of your own. May be repeated.")
]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", help="Change a parameter of the recipe: min_words.min=4. May be repeated."),
]

SIZE = re.compile(r"(?i)\s*([0-9]+(?:\.[0-9]+)?)\s*(b|kb|mb|gb|tb|kib|mib|gib|tib)?\s*")
UNITS = {"b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12}
UNITS |= {"kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40}
#: More bytes than that are a slip of the hand.
MOST_BYTES = 2**60


def load_rules(files: list[Path] | None) -> RuleBook:
    """All rules, the user's own included."""
    from curation.rules import RuleBook

    return RuleBook.load(files or ())


def data_option(data: Path) -> list[str]:
    """The words for the workspace in another command; none if that command finds it without."""
    return [] if data == Path(os.environ.get("CURATION_DATA") or "data") else ["--data", str(data)]


def recipe_name(recipe: str) -> str:
    """The name of the corpus of a recipe: of a shipped recipe, of a TOML file, or of a corpus."""
    if recipe.endswith(".toml"):
        from curation.recipes.recipe import read_recipe
        from curation.recipes.toml_text import toml_content

        text, origin = read_recipe(recipe)
        try:
            return str(toml_content(text).get("name", Path(origin).stem))
        except ValueError as error:
            raise UsageError(f"{origin} is not valid TOML: {error}.") from error
    return recipe


def size(text: str, option: str = "--memory-limit", *, least: int = 100_000_000) -> int:
    """Bytes in a size such as `512MB`. Raises `UsageError`."""
    match = SIZE.fullmatch(text)
    if not match:
        raise UsageError(f"{option} {text}: write a number and a unit, such as 512MB or 2GB.")
    amount = float(match[1]) * UNITS[(match[2] or "b").lower()]
    if amount < least:
        raise UsageError(f"{option} {text}: at least {least // 1_000_000}MB are needed.")
    if amount > MOST_BYTES:
        raise UsageError(f"{option} {text}: no machine has so much.")
    return int(amount)
