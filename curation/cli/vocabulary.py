"""`curation words`: what a voice says, and what rules do to its vocabulary."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from curation.cli import output
from curation.cli.options import Data, Json, RecipeName, recipe_name
from curation.cli.record_options import record_of, with_options
from curation.options.commands import WordsOptions
from curation.writing.terminal import aligned, shortened, visible_line

if TYPE_CHECKING:
    from curation.asking.vocabulary.answer import Vocabulary
    from curation.asking.vocabulary.keyness import Keyness, KeyTerm, KeyTerms
    from curation.asking.vocabulary.lists import TermTable
    from curation.asking.vocabulary.voice import Spoken

#: Most columns of a word.
WIDTH = 32
#: Signs of a sparkline, lowest first.
HEIGHTS = "▁▂▃▄▅▆▇█"
#: Rows of a direction of a comparison when several are printed.
FEW = 8


def words(
    recipe: RecipeName = "baseline",
    gexf: Annotated[
        Path | None, typer.Option("--gexf", metavar="FILE", help="Write who mentions whom as a graph for Gephi.")
    ] = None,
    data: Data = Path("data"),
    json: Json = False,
    **settings: Any,
) -> None:
    """Show the words of a corpus: frequent, typical of a side, and lists of tags, mentions, links and clients."""
    from curation.asking.vocabulary.answer import vocabulary
    from curation.corpus.corpus import Corpus

    corpus = Corpus.open(data, recipe_name(recipe))
    with output.progress("Counting words", "steps") as progress:
        answer = vocabulary(corpus, record_of(WordsOptions, settings), on_progress=progress)
    if gexf:
        from curation.asking.vocabulary.answer import write_gexf

        edges = write_gexf(corpus, answer.author, gexf)
        output.say(f"{output.count(edges, 'pair')} of author and mentioned handle in {gexf}.")
    if json:
        output.print_json(answer.to_json())
    else:
        output.print_text("\n".join(_lines(answer)) + "\n")


words = with_options(words, WordsOptions, after="recipe", has_ranges=True)


def _lines(answer: Vocabulary) -> Iterator[str]:
    whose = f" of {visible_line(answer.author)}" if answer.author else ""
    yield f"{answer.recipe}{whose}: {output.count(answer.posts, 'kept post')}. Every figure is a number of posts."
    for title, rows in (("Words", answer.voice.words), ("Phrases", answer.voice.phrases)):
        yield ""
        yield from _spoken(title, rows, kept=False)
    grammar = ", ".join(visible_line(each.text) for each in answer.voice.function_words)
    yield ""
    yield f"Function words, learned from the posts and left out: {grammar or 'none'}."
    for each in answer.keyness:
        yield ""
        yield from _keyness(each, None if len(answer.keyness) == 1 else FEW)
    for table in answer.lists:
        if table.rows:
            yield ""
            yield from _list(table)
    yield ""
    yield from _languages(answer)
    before, after = (answer.lengths[side]["median"] for side in ("before", "after"))
    if before is not None:
        yield f"Median length of a kept post: {before:,.0f} characters as downloaded, {after:,.0f} after rewriting."


def _spoken(title: str, rows: Sequence[Spoken], *, kept: bool) -> Iterator[str]:
    heads = [title, "posts", "kept" if kept else "share", "over time"]
    lines = [
        [
            _cut(row.text), f"{row.posts:,}",
            output.percent(row.kept / row.posts if kept else row.share), _sparkline(row.over_time),
        ]
        for row in rows
    ]  # fmt: skip
    yield from aligned([heads, *lines], left=(0, 3))


def _list(table: TermTable) -> Iterator[str]:
    yield from _spoken(f"{table.title} ({table.distinct:,})", table.rows, kept=True)


def _keyness(found: Keyness, most: int | None) -> Iterator[str]:
    a, b = visible_line(found.a.title), visible_line(found.b.title)
    yield f"{a} ({output.count(found.posts_a, 'post')}) against {b} ({output.count(found.posts_b, 'post')})"
    terms: KeyTerms = found.words
    yield (
        f"  {output.count(terms.tested, 'word')} tested; a difference counts from G² = {terms.critical:.1f} "
        f"(p < 0.01 for all of them together). {terms.significant:,} differ."
    )
    for title, side in ((a, "a"), (b, "b")):
        rows = [*getattr(terms, side)[:most], *getattr(found.phrases, side)[: most and most // 2]]
        heads = [f"  more in: {_cut(title)}", "posts", "others", "times as often", "G²", "spread"]
        lines = [
            [
                f"  {_cut(row.text)}", f"{row.posts:,}", f"{row.others:,}", _times(row),
                f"{row.log_likelihood:,.0f}", f"{row.spread:.2f}",
            ]
            for row in rows
        ]  # fmt: skip
        if lines:
            yield from aligned([heads, *lines])


def _languages(answer: Vocabulary) -> Iterator[str]:
    total = sum(each.posts for each in answer.languages)
    how = (
        f"measured on {output.count(total, 'random post')} (95% interval)"
        if answer.language_sample
        else "as the recipe measured them"
    )
    rows = [
        f"{each.code} {output.percent(each.share)}"
        + (f" ({100 * each.interval[0]:.1f}–{100 * each.interval[1]:.1f})" if each.interval else "")
        for each in answer.languages[:8]
    ]
    yield f"Languages of kept posts, {how}: {', '.join(rows) or 'none'}."


def _sparkline(posts: Sequence[int]) -> str:
    most = max(posts, default=0)
    return "".join(HEIGHTS[(each * (len(HEIGHTS) - 1) + most - 1) // most] for each in posts) if most else ""


def _cut(text: str) -> str:
    return shortened(visible_line(" ".join(text.split())), WIDTH)


def _times(row: KeyTerm) -> str:
    return f"{2**row.log_ratio:,.1f}" if row.others else "only here"
