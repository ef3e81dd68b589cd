"""`curation compare`: two recipes over the same posts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from curation.cli import output, values
from curation.cli.options import Data, Json, Rules, Top, load_rules, size
from curation.cli.record_options import record_of, with_options
from curation.options.commands import CompareOptions, EngineOptions
from curation.writing.terminal import aligned, shortened, visible_line

if TYPE_CHECKING:
    from curation.asking.comparison.result import Changed, ComparedPosts, Comparison

#: Most columns of a key and of a text.
KEY_WIDTH, TEXT_WIDTH = 40, 96
#: Most pairs of verdicts in the table.
FLOWS = 8

HEADS = ("both", "only A", "only B", "neither", "changed")


def compare(
    a: Annotated[
        str,
        typer.Argument(
            metavar="A",
            help="A corpus, a recipe or a TOML file; --recipe NAME says the same.",
            autocompletion=values.recipes,
        ),
    ],
    b: Annotated[
        str | None,
        typer.Argument(
            metavar="[B]", help="The same. Without it, B is A with --set and --without.", autocompletion=values.recipes
        ),
    ] = None,
    fail_over: Annotated[
        str | None,
        typer.Option(
            "--fail-over",
            metavar="BOUND",
            help="Exit with 4 if more posts change between kept and removed: 5%, 0.05 or '120 posts'.",
        ),
    ] = None,
    top: Top = 25,
    rules: Rules = None,
    data: Data = Path("data"),
    json: Json = False,
    **settings: Any,
) -> None:
    """Compare two recipes on the same posts: kept by both, by one, by neither."""
    from curation.asking.comparison import Tolerance
    from curation.asking.comparison import compare as compare_recipes
    from curation.corpus.run_context import RunContext
    from curation.engines.local import local_engine
    from curation.errors import CheckFailedError

    tolerance = Tolerance.parse(fail_over) if fail_over is not None else None
    machine = record_of(EngineOptions, settings)
    memory = size(machine.memory_limit)
    with output.progress("Curating") as progress:
        options = record_of(CompareOptions, settings)
        context = RunContext(local_engine(machine.workers, memory), memory, on_progress=progress, on_notice=output.say)
        comparison = compare_recipes(data, a, b, options, book=load_rules(rules), context=context)
    if json:
        output.print_json(comparison.to_json())
    else:
        output.print_text("\n".join(_lines(comparison, top)) + "\n")
    if tolerance and (failure := tolerance.broken_by(comparison)):
        raise CheckFailedError(failure)


def _lines(comparison: Comparison, most: int) -> Iterator[str]:
    from curation.asking.comparison.tolerance import percent

    for letter, side in (("A", comparison.a), ("B", comparison.b)):
        yield f"{letter}  {visible_line(side.name)}: {visible_line(side.words)}"
    for note in comparison.notes:
        yield f"Note: {visible_line(note)}"
    total = comparison.total
    whose = f" by {', '.join(map(visible_line, comparison.authors))}" if comparison.authors else ""
    yield ""
    yield (
        f"{output.count(comparison.posts, 'post')}{whose}: {output.count(total.both, 'is', 'are')} kept by "
        f"both, {total.only_a:,} only by A, "
        f"{total.only_b:,} only by B, {total.neither:,} by neither. {percent(total.changed, comparison.posts)} change."
    )
    if comparison.texts_differ:
        yield f"Posts whose texts differ, since the sides rewrite differently: {comparison.texts_differ:,}."
    yield ""
    yield from _rows(comparison, 0 if comparison.by in ("month", "length") else most)
    if comparison.flows:
        yield ""
        yield "What A says → what B says"
        for flow in comparison.flows[:FLOWS]:
            yield f"  {flow.posts:>9,}  {visible_line(flow.a)} → {visible_line(flow.b)}"
        if more := sum(flow.posts for flow in comparison.flows[FLOWS:]):
            yield f"  {more:>9,}  other pairs of verdicts"
    for only, letter in (("a", "A"), ("b", "B")):
        posts = [post for post in comparison.changed if getattr(post, only) == "kept"]
        if posts:
            yield ""
            yield f"Only {letter} keeps, {len(posts):,} of {getattr(total, f'only_{only}'):,}:"
            yield from map(_sample, posts)
    yield ""
    yield from _character(comparison)


def _rows(comparison: Comparison, most: int) -> Iterator[str]:
    rows = comparison.tables[comparison.by]
    shown, others = (rows[:most], rows[most:]) if most else (rows, ())
    lines = [[_cut(row.key, KEY_WIDTH), *_figures(row)] for row in shown]
    if others:
        together = (sum(column) for column in zip(*(row.figures().values() for row in others), strict=True))
        lines.append([f"… {len(others):,} more", *_figures(type(others[0])("", *together))])
    lines.append(["total", *_figures(comparison.total)])
    yield from aligned([[comparison.by, *HEADS], *lines])


def _figures(row: ComparedPosts) -> list[str]:
    from curation.asking.comparison.tolerance import percent

    return [*(f"{figure:,}" for figure in row.figures().values()), percent(row.changed, row.posts)]


def _sample(post: Changed) -> str:
    rule = post.b if post.a == "kept" else post.a
    return f"  {_cut(post.author, 24)} · {visible_line(rule)} │ {_cut(post.text, TEXT_WIDTH)}"


def _character(comparison: Comparison) -> Iterator[str]:
    character = comparison.character
    a, b = character.a, character.b
    yield "The text that is kept    A → B"
    yield f"  posts                  {a.posts:,} → {b.posts:,}"
    yield f"  median length          {_figure(a.median_characters)} → {_figure(b.median_characters)} characters"
    yield f"  replies                {output.percent(a.replies)} → {output.percent(b.replies)}"
    yield f"  different words        {_figure(a.distinct_words)} → {_figure(b.distinct_words)} of a thousand"
    for what, words in (("lost", character.lost), ("gained", character.gained)):
        if words:
            yield f"  words {what:<16} {', '.join(visible_line(word.word) for word in words)}"
    yield character.how


def _figure(figure: float | None) -> str:
    return "–" if figure is None else f"{figure:,.0f}"


def _cut(text: str, width: int) -> str:
    """The text on one line, not wider than this."""
    return shortened(visible_line(" ".join(text[: 20 * width].split())), width)


compare = with_options(compare, CompareOptions, after="b", has_ranges=True)
compare = with_options(compare, EngineOptions, after="rules", has_ranges=True)
