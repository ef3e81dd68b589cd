"""`curation report`: one HTML file to send to somebody."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curation.cli import output
from curation.cli.options import Data, Json, RecipeName, Rules, load_rules, recipe_name
from curation.cli.tracked import RecordedOptions, recording

if TYPE_CHECKING:
    from collections.abc import Callable

    from curation.asking.comparison import Comparison
    from curation.disk.workspace import Workspace

#: The options that its record has.
RECORDED = RecordedOptions("recipe against set without out samples no_texts seed rules")


def report(
    recipe: RecipeName = "baseline",
    against: Annotated[
        str | None, typer.Option("--against", help="Compare with this corpus, shipped recipe or TOML file.")
    ] = None,
    set: Annotated[
        list[str] | None, typer.Option("--set", help="Compare with this change: min_words.min=4. May be repeated.")
    ] = None,
    without: Annotated[
        list[str] | None, typer.Option("--without", help="Compare with this rule left out. May be repeated.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="The file; default: DIR/exports/RECIPE/report.html.")
    ] = None,
    samples: Annotated[int, typer.Option("--samples", min=0, help="Sample posts for each verdict.")] = 5,
    no_texts: Annotated[bool, typer.Option("--no-texts", help="Leave out the texts of posts.")] = False,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the samples.")] = 0,
    rules: Rules = None,
    data: Data = Path("data"),
    json: Json = False,
) -> None:
    """Write the ledger, charts, samples and a comparison to one HTML file."""
    tracking = recording("report", locals(), RECORDED)
    from curation.corpus.corpus import Corpus
    from curation.disk.workspace import Workspace
    from curation.report import check_place, default_place
    from curation.report import report as write

    book = load_rules(rules)
    space = Workspace(data)
    corpus = Corpus.open(space, recipe_name(recipe))
    place = out or default_place(space, corpus.recipe)
    check_place(place)
    compare = None
    if against or set or without:
        compare = _comparison(
            space, corpus.recipe, against, set or [], without or [], 0 if no_texts else samples, seed, rules
        )
    with tracking as recorded:
        result = write(corpus, place, samples=samples, seed=seed, texts=not no_texts, book=book, compare=compare)
        recorded.set_fields(seeds={"seed": seed})
        recorded.documented(corpus, result.path)
    if result.posts:
        output.say(f"Note: the texts of {output.count(result.posts, 'post')} stand in it; --no-texts leaves them out.")
    if json:
        output.print_json(result.to_json())
    else:
        print(output.visible(str(result.path)))


def _comparison(
    space: Workspace, a: str, b: str | None, changes: list[str], without: list[str], samples: int, seed: int,
    rules: list[Path] | None,
) -> Callable[[], Comparison]:  # fmt: skip
    from curation.asking.comparison import CompareOptions, compare
    from curation.corpus.run_context import RunContext

    def compared() -> Comparison:
        with output.progress("Comparing") as progress:
            options = CompareOptions(changes, without, samples=samples, seed=seed)
            context = RunContext(on_progress=progress, on_notice=output.say)
            return compare(space, a, b, options, book=load_rules(rules), context=context)

    return compared
