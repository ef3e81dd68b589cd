"""`curation credit`: what each rule removes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curation.cli import output
from curation.cli.options import Authors, Data, Json, RecipeName, Rules, load_rules, recipe_name
from curation.errors import UsageError
from curation.writing.terminal import aligned

if TYPE_CHECKING:
    from curation.asking.credit import Credit

SHARE = re.compile(r"([0-9]+(?:\.[0-9]+)?|\.[0-9]+)\s*(%?)")


def credit(
    recipe: RecipeName = "baseline",
    exact: Annotated[
        bool, typer.Option("--exact", help="Try the recipe without each rule whose figure is a bound; takes a while.")
    ] = False,
    most: Annotated[
        str, typer.Option("--most", metavar="SHARE", help="Warn about a rule that removes more: 30% or 0.3.")
    ] = "30%",
    author: Authors = None,
    top: Annotated[int, typer.Option("--top", min=0, help="Sets of overlapping rules to show. 0: all.")] = 15,
    rules: Rules = None,
    data: Data = Path("data"),
    json: Json = False,
) -> None:
    """Show what each rule removes, what only it removes, and what is kept without it."""
    from curation.asking.credit import Credit, Effort
    from curation.corpus.corpus import Corpus

    bound = _share(most)
    corpus, book = Corpus.open(data, recipe_name(recipe)), load_rules(rules)
    bounds = Credit.of(corpus, book=book, authors=author or (), most=bound)
    if exact and any(rule.at_most for rule in bounds.rules):
        effort = Effort.of(corpus, bounds, book)
        tries = output.count(effort.tries, "rule")
        output.say(f"Trying the recipe without {tries}, one at a time: {effort.words}. Ctrl-C stops it.")
    with output.progress("Trying", "rules") as progress:
        result = (
            Credit.of(corpus, exact=True, book=book, authors=author or (), most=bound, progress=progress)
            if exact
            else bounds
        )
    if json:
        output.print_json(result.to_json(top))
        return
    output.print_text("\n".join(_lines(result, top)) + "\n")
    for warning in result.warnings:
        output.say(f"Note: {warning}")
    if any(rule.at_most for rule in result.rules):
        output.say("At most: without this rule, later ones look at more posts and may remove some. Exactly: --exact")
    if any(not rule.exact and not rule.at_most for rule in result.rules):
        output.say("≈ is an estimate: without this rule, later ones would see other texts. Only a run is exact.")


def _share(text: str) -> float:
    match = SHARE.fullmatch(text.strip())
    share = float(match[1]) / (100 if match[2] else 1) if match else -1
    if not 0 <= share <= 1:
        raise UsageError(f"--most {text}: write a share of the posts, such as 30% or 0.3.")
    return share


def _lines(result: Credit, top: int) -> Iterator[str]:
    yield f"{result.recipe}: {output.count(result.posts, 'post')}, {result.kept:,} kept"
    yield ""
    lines = [["rule", "matches", "removes first", "only it", "kept without it"]]
    for rule in result.rules:
        figures = (f"{figure:,}" for figure in (rule.matched, rule.first, rule.only))
        lines.append([rule.name, *figures, rule.words(result.kept)])
    yield from aligned(lines)
    if result.transforms:
        yield ""
        yield from aligned([["transform", "rewrote"], *([t.name, f"{t.rewrote:,}"] for t in result.transforms)])
    shown = result.overlap[: top or None]
    if shown:
        yield ""
        sets = ([f"{posts:,}", " + ".join(names)] for names, posts in shown)
        yield from aligned([["posts", "rules that match, all of them and no others"], *sets], left=(1,))
    if more := len(result.overlap) - len(shown):
        yield f"… {output.count(more, 'more set')} (--top 0)"
