"""`curation sweep`: the number of kept posts for each value of a parameter."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curation.cli import output, values
from curation.cli.options import Data, Json, Rules, load_rules, recipe_name
from curation.errors import NothingToDoError, UsageError
from curation.writing.terminal import aligned

if TYPE_CHECKING:
    from curation.asking.sweep import Sweep
    from curation.corpus.corpus import Corpus
    from curation.rules import RuleBook

#: Characters of the longest bar, for all posts kept, and the ends of bars, in eighths.
WIDTH = 24
ENDS = ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")


def sweep(
    recipe: Annotated[
        str,
        typer.Argument(
            metavar="RECIPE", help="A corpus, or the TOML file it was made with.", autocompletion=values.recipes
        ),
    ],
    arguments: Annotated[
        list[str],
        typer.Argument(metavar="RULE.PARAM VALUES…", help="min_words.min 1..10, or 1..10:2, or 1,3,5. Several pairs."),
    ],
    estimate: Annotated[
        bool,
        typer.Option("--estimate", help="Estimate all values with one query, also before rules that compare posts."),
    ] = False,
    rules: Rules = None,
    data: Data = Path("data"),
    json: Json = False,
) -> None:
    """Show how many posts are kept for each value of a parameter."""
    from curation.asking.sweep import sweeps
    from curation.corpus.corpus import Corpus

    if len(arguments) % 2:
        raise UsageError(f"'{arguments[-1]}' has no values. Write: curation sweep {recipe} min_words.min 1..10")
    pairs = dict(zip(arguments[::2], arguments[1::2], strict=True))
    if 2 * len(pairs) < len(arguments):
        raise UsageError("A parameter was given twice. Give all of its values at once, as 1..5,10.")
    book = load_rules(rules)
    corpus = Corpus.open(data, recipe_name(recipe))
    if recipe.endswith(".toml"):
        _require_the_same(corpus, recipe, book)
    with output.progress("Trying", "values") as progress:
        swept = sweeps(corpus, pairs, exact=not estimate, book=book, progress=progress)
    if json:
        answer = {"schema": 1, **swept[0].to_json()}
        output.print_json(answer if len(swept) == 1 else {**answer, "sweeps": [each.to_json() for each in swept]})
        return
    output.print_text("\n".join(line for each in swept for line in _lines(each)) + "\n")
    for each in swept:
        if again := each.recalculated:
            were = "were" if len(again) > 1 else "was"
            output.say(f"For {each.parameter}, {' and '.join(again)} {were} recalculated for each value.")
    if any(not point.exact for each in swept for point in each.points):
        output.say("≈ is an estimate: later rules may give other verdicts. Leave out --estimate for exact figures.")


def _require_the_same(corpus: Corpus, recipe: str, book: RuleBook) -> None:
    from curation.recipes.recipe import Recipe, as_run

    if as_run(corpus.manifest, Recipe.load(recipe, book=book)) is None:
        raise NothingToDoError(
            f"The corpus '{corpus.recipe}' was made with other rules than {recipe} has now. Make it anew with: "
            f"curation run {recipe}. To sweep the corpus as it stands: curation sweep {corpus.recipe} …"
        )


def _lines(swept: Sweep) -> Iterator[str]:
    from curation.asking.approach import Way

    yield f"{swept.recipe}: {swept.parameter} (now {_shown(swept.now)}), {output.count(swept.posts, 'post')}"
    lines = [["value", "kept", "removed by it", "", ""]]
    for point in swept.points:
        standing = "estimate" if not point.exact else "current" if point.how == Way.CURRENT else "exact"
        about = "" if point.exact else "≈ "
        bar = _bar(point.kept / swept.posts if swept.posts else 0)
        kept, removed = f"{about}{point.kept:,}", f"{point.removed_by_rule:,}"
        lines.append([_shown(point.value), kept, removed, f"{bar:<{WIDTH}}", standing])
    yield from aligned(lines, left=(3, 4))
    yield ""


def _bar(share: float) -> str:
    eighths = round(share * WIDTH * 8)
    return "█" * (eighths // 8) + ENDS[eighths % 8]


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
