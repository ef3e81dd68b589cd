"""`curation report`: one HTML file to share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curation.cli import output
from curation.cli.options import Data, Json, RecipeName, Rules, load_rules, recipe_name
from curation.cli.record_options import in_order, record_of, with_options
from curation.cli.tracked import RecordedOptions, recording
from curation.options.commands import ReportOptions

if TYPE_CHECKING:
    from curation.asking.comparison import Comparison
    from curation.disk.workspace import Workspace
    from curation.rules import RuleBook

#: The options in its record.
RECORDED = RecordedOptions("recipe against set without out samples no_texts seed rules")


def report(
    recipe: RecipeName = "baseline",
    rules: Rules = None,
    data: Data = Path("data"),
    json: Json = False,
    **settings: Any,
) -> None:
    """Write the ledger, charts, samples and a comparison to one HTML file."""
    tracking = recording("report", in_order(report, locals()), RECORDED)
    from curation.corpus.corpus import Corpus
    from curation.disk.workspace import Workspace
    from curation.report import check_place, default_place
    from curation.report import report as write

    options = record_of(ReportOptions, settings)
    book = load_rules(rules)
    space = Workspace(data)
    corpus = Corpus.open(space, recipe_name(recipe))
    place = options.out or default_place(space, corpus.recipe)
    check_place(place)
    compare = None
    if options.against or options.changes or options.without:
        compare = _comparison(space, corpus.recipe, options, book)
    with tracking as recorded:
        result = write(
            corpus, place, samples=options.samples, seed=options.seed, texts=not options.no_texts, book=book,
            compare=compare,
        )  # fmt: skip
        recorded.set_fields(seeds={"seed": options.seed})
        recorded.documented(corpus, result.path)
    if result.posts:
        output.say(f"Note: the texts of {output.count(result.posts, 'post')} stand in it; --no-texts leaves them out.")
    if json:
        output.print_json(result.to_json())
    else:
        print(output.visible(str(result.path)))


def _comparison(space: Workspace, recipe: str, options: ReportOptions, book: RuleBook) -> Callable[[], Comparison]:
    from curation.asking.comparison import CompareOptions, compare
    from curation.corpus.run_context import RunContext

    def compared() -> Comparison:
        with output.progress("Comparing") as progress:
            samples = 0 if options.no_texts else options.samples
            request = CompareOptions(options.changes, options.without, samples=samples, seed=options.seed)
            context = RunContext(on_progress=progress, on_notice=output.say)
            return compare(space, recipe, options.against, request, book=book, context=context)

    return compared


report = with_options(report, ReportOptions, after="recipe", has_ranges=True)
