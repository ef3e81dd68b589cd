"""`curation rules`, `curation recipes`, `curation sources`: what exists, as its classes say."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Annotated, Any

import typer

from curation.cli import output
from curation.cli.options import Json, Rules, load_rules
from curation.errors import UsageError, did_you_mean

#: A default longer than this is not repeated in an example.
LONG = 40


def rules(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="One rule, with its parameters.")] = None,
    rules: Rules = None,
    json: Json = False,
) -> None:
    """List the rules, or show one with its parameters."""
    from curation.rules.base import describe

    book = load_rules(rules)
    chosen = [book.find(name)] if name else sorted(book.rules.values(), key=lambda rule: (_KINDS[rule.kind], rule.use))
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


_KINDS = {"transform": 0, "filter": 1, "dedup": 2}
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
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="One recipe, as its file stands.")] = None,
    json: Json = False,
) -> None:
    """List the shipped recipes, or print one to begin your own with."""
    from curation.recipe import Recipe, shipped

    known = shipped()
    if name and name not in known and not Path(name).is_file():
        raise UsageError(f"There is no recipe '{name}'.{did_you_mean(name, known)}")
    loaded = [Recipe.load(each) for each in ([name] if name else known)]
    if json:
        output.print_json({"schema": 1, "recipes": [recipe.to_json() for recipe in loaded]})
    elif name:
        print(known[name] if name in known else Path(name).read_text(encoding="utf-8"), end="")
    else:
        for recipe in loaded:
            print(f"{recipe.name:<15} {' '.join(recipe.description.split())}")
            print(f"{'':<15} {' → '.join(rule.name for rule in recipe.rules)}\n")


def sources(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="One source, with its options.")] = None,
    json: Json = False,
) -> None:
    """List the sources: what each needs and what it gives."""
    from curation import sources as known

    chosen = [known.find(each) for each in ([name] if name else known.names())]
    described = [
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
            print("    options: " + ", ".join(f"--{option}" for option in source["options"]))
        if name:
            for form, doc in source["formats"].items():
                print(f"    --format {form:<10} {doc}")
            print(f"\n{source['details']}" if source["details"] else "", end="\n" if source["details"] else "")
