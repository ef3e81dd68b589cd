"""The values of options and arguments: their names in the help, their two forms, and what the Tab key completes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from typer import Context

#: Names of values that are no texts.
OF_TYPES = {"int": "N", "float": "NUMBER", "path": "PATH"}


def name_values(params: Sequence[Any]) -> None:
    """Give options a name for their value in the help, and arguments no type: both would be `<list[str]>` else."""
    for param in params:
        if param.param_type_name == "argument":
            param.display_type_rich = _no_type
        elif not param.is_flag and param.metavar is None:
            kind = (param.display_type(None) or "").strip("<>").removeprefix("list[").rstrip("]").partition(" ")[0]
            param.metavar = OF_TYPES.get(kind, max(param.opts, key=len).lstrip("-").upper())


def _no_type(ctx: Context) -> None:
    """Nothing: the name of an argument says what it is."""


def recipe_first(words: Sequence[str]) -> list[str]:
    """The words of a command whose first argument is a recipe, with the value of `--recipe` in that place.

    >>> recipe_first(["min_words.min", "1..9", "--recipe", "strict", "--json"])
    ['strict', 'min_words.min', '1..9', '--json']
    """
    end = words.index("--") if "--" in words else len(words)
    for place, word in enumerate(words[:end]):
        if word.startswith("--recipe="):
            return [word.partition("=")[2], *words[:place], *words[place + 1 :]]
        if word == "--recipe" and place + 1 < end:
            return [words[place + 1], *words[:place], *words[place + 2 :]]
    return list(words)


def recipes(ctx: Context, incomplete: str) -> list[str]:
    """Recipes and corpora that begin so, for the Tab key."""
    from importlib import resources

    shipped = (file.name.removesuffix(".toml") for file in resources.files("curation.recipes").iterdir()
               if file.name.endswith(".toml"))  # fmt: skip
    return _beginning(incomplete, [*shipped, *_folders(ctx, "curated"), *_recipes(ctx), *_files(incomplete, ".toml")])


def models(ctx: Context, incomplete: str) -> list[str]:
    """Models that begin so."""
    return _beginning(incomplete, _folders(ctx, "models"))


def sources(incomplete: str) -> list[str]:
    """Sources that begin so."""
    from curation.sources import source_names

    return _beginning(incomplete, source_names())


def rules(incomplete: str) -> list[str]:
    """Rules that begin so."""
    from curation.rules import installed

    return _beginning(incomplete, installed().rules)


def choices(names: Sequence[str]) -> Callable[[str], list[str]]:
    """What completes a value that is one of these names."""

    def complete(incomplete: str) -> list[str]:
        return _beginning(incomplete, names)

    return complete


def _beginning(incomplete: str, names: Iterable[str]) -> list[str]:
    return sorted({name for name in names if name.startswith(incomplete)})


def _folders(ctx: Context, kind: str) -> Iterator[str]:
    """Names of what lies in a folder of the workspace; none where there is no workspace."""
    try:
        for entry in (Path(ctx.params.get("data") or "data") / kind).iterdir():
            if entry.is_dir() and not entry.name.startswith("."):
                yield entry.name
    except OSError:
        return


def _recipes(ctx: Context) -> Iterator[str]:
    """Names of the workspace's own recipes."""
    for path in (Path(ctx.params.get("data") or "data") / "recipes").glob("[!.]*.toml"):
        yield path.name.removesuffix(".toml")


def _files(incomplete: str, suffix: str) -> Iterator[str]:
    """Files with a suffix and folders that begin so."""
    given = Path(incomplete)
    folder = given if incomplete.endswith("/") else given.parent
    try:
        for entry in folder.iterdir():
            if entry.name.startswith("."):
                continue
            if entry.is_dir():
                yield f"{entry}/"
            elif entry.name.endswith(suffix):
                yield str(entry)
    except OSError:
        return
