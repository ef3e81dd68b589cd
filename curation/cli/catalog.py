"""`curation rules`, `curation recipes`, `curation sources`: what exists, from its classes."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from curation.cli import output, values
from curation.cli.options import Data, Json, Rules, load_rules
from curation.errors import NothingToDoError, RecipeError, UsageError, did_you_mean

if TYPE_CHECKING:
    from curation.collecting.targets import Target
    from curation.disk.workspace import Workspace

#: An example leaves out a default that is longer.
LONG = 40


def rules(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Show one rule.", autocompletion=values.rules)
    ] = None,
    rules: Rules = None,
    json: Json = False,
) -> None:
    """List the rules, or show one with its parameters."""
    from curation.rules import describe

    book = load_rules(rules)
    chosen = (
        [book.find(name)]
        if name
        else sorted(book.rules.values(), key=lambda rule: ([*_HEADS].index(rule.kind), rule.use))
    )
    if json:
        output.print_json({"schema": 1, "rules": [describe(rule) for rule in chosen]})
    elif name:
        print(_whole_rule(describe(chosen[0])))
    else:
        kind = None
        for rule in chosen:
            if rule.kind != kind:
                kind = rule.kind
                print(f"{_HEADS[kind]}:")
            print(f"  {rule.use:<20} {rule.summary()}")


#: The kinds of rules in the order of the list, with a heading each.
_HEADS = {
    "transform": "Transforms rewrite the text",
    "filter": "Filters remove a post",
    "dedup": "Dedups remove a copy",
}


def _whole_rule(described: dict[str, Any]) -> str:
    lines = [f"{described['use']} ({described['kind']}): {described['summary']}"]
    if described["details"]:
        lines += ["", described["details"]]
    lines += ["", "Parameters:"] if described["parameters"] else ["", "No parameters."]
    for parameter in described["parameters"]:
        lines += [f"  {parameter['name']} = {parameter['default'] or '(not set)'}", f"      {parameter['doc']}"]
    example = [f'use = "{described["use"]}"']
    example += [f"{p['name']} = {p['default']}" for p in described["parameters"] if 0 < len(p["default"]) < LONG]
    return "\n".join(
        [*lines, "", "In a recipe, with its defaults:", "", "  [[rule]]", *(f"  {line}" for line in example)]
    )


def recipes(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Print one as its file.", autocompletion=values.recipes)
    ] = None,
    rules: Rules = None,
    data: Data = Path("data"),
    json: Json = False,
) -> None:
    """List the shipped recipes and those of the workspace, or print one as a start for your own."""
    from curation.disk.workspace import Workspace
    from curation.recipes.recipe import Recipe, read_recipe, shipped
    from curation.recipes.recipe_files import recipe_files

    space = Workspace(data)
    names = [*shipped(), *recipe_files(space)]
    if name and name not in names and not Path(name).is_file():
        raise UsageError(f"There is no recipe '{name}'.{did_you_mean(name, names)}")
    book = load_rules(rules)
    if name and not json:
        Recipe.load(name, book=book, folder=space.recipes)  # says what is wrong with it
        print(read_recipe(name, space.recipes)[0], end="")
        return
    loaded = []
    for each in [name] if name else names:
        try:
            loaded.append(Recipe.load(each, book=book, folder=space.recipes))
        except RecipeError as error:
            if name:
                raise
            output.say(f"Note: {output.visible(str(error))}")
    if json:
        output.print_json({"schema": 1, "recipes": [recipe.to_json() for recipe in loaded]})
    else:
        for recipe in loaded:
            print(f"{recipe.name:<15} {' '.join(recipe.description.split())}")
            print(f"{'':<15} {' → '.join(rule.name for rule in recipe.rules)}\n")


def sources(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Show one source.", autocompletion=values.sources)
    ] = None,
    status: Annotated[bool, typer.Option("--status", help="Show what was collected, and how complete it is.")] = False,
    data: Data = Path("data"),
    json: Json = False,
) -> None:
    """List the sources, what each needs and gives; with --status, what you have collected."""
    from curation import sources as registry

    if status:
        from curation.disk.workspace import Workspace

        _status(Workspace(data), name and registry.find_source(name).name, json)
        return
    chosen = [registry.find_source(each) for each in ([name] if name else registry.source_names())]
    described: list[dict[str, Any]] = [
        {
            "name": source.name,
            "summary": (inspect.getdoc(source) or "").partition("\n")[0],
            "details": (inspect.getdoc(source) or "").partition("\n")[2].strip(),
            "needs": source.needs,
            "gives": source.gives,
            "options": list(source.options),
            "formats": source.formats(),
        }
        for source in chosen
    ]
    if json:
        output.print_json({"schema": 1, "sources": described})
        return
    for source in described:
        print(f"{source['name']}: {source['summary']}")
        print(f"    needs: {source['needs']}\n    gives: {source['gives']}")
        if source["options"]:
            print("    options: " + ", ".join(map(registry.option_text, source["options"])))
        if name:
            width = max(map(len, source["formats"]), default=0)
            for form, doc in source["formats"].items():
                print(f"    --format {form:<{width}}  {doc}")
            print(f"\n{source['details']}" if source["details"] else "", end="\n" if source["details"] else "")


def _status(space: Workspace, source: str | None, json: bool) -> None:
    """Print what was collected from each target, of one source or of all."""
    from curation.collecting.targets import targets

    collected = [target for target in targets(space) if source in (None, target.source)]
    if json:
        output.print_json({"schema": 1, "targets": [target.to_json() for target in collected]})
        return
    if not collected:
        raise NothingToDoError(f"Nothing has been collected in {space.root} yet. `curation sources` lists from where.")
    for target in collected:
        of = "" if target.expected is None else f" of the {target.expected:,} that the profile counts"
        print(output.visible(f"{target.source} {target.target}: {output.count(target.posts, 'post')}{of}"))
        print(f"    last run: {target.last_run}, {target.status}")
        if target.gaps:
            gaps = output.count(target.gaps, "part")
            print(f"    not read yet: {gaps} of the list; the same command goes on with it")
        if target.waiting:
            print(f"    fetched, not landed: {output.count(target.waiting, 'post')}; the same command lands them")
        if target.first:
            print(f"    months: {_months(target)}")


def _months(target: Target) -> str:
    if target.first == target.last:
        return str(target.first)
    empty = ", ".join(target.empty_months)
    return f"{target.first} to {target.last}, " + (f"without a post in {empty}" if empty else "each with a post")
