"""`curation evaluate`: which of several recipes makes the better model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from curation.cli import output
from curation.cli.options import Data, Json, Rules, load_rules, size
from curation.cli.record_options import record_of, with_options
from curation.options.commands import EngineOptions, EvaluateOptions
from curation.writing.terminal import aligned, shortened, visible_line

if TYPE_CHECKING:
    from curation.training.evaluation import Evaluation

#: Most columns of a recipe's name.
NAME_WIDTH = 48


def evaluate(
    recipes: Annotated[
        list[str],
        typer.Argument(
            metavar="A [B]…",
            help="Corpora, shipped recipes or TOML files. A:min_words.min=5 is A with this value, A:-RULE is A without "
            "a rule.",
        ),
    ],
    rules: Rules = None,
    data: Data = Path("data"),
    json: Json = False,
    **settings: Any,
) -> None:
    """Test which of several recipes makes the better model."""
    from curation.disk.workspace import Workspace
    from curation.engines.local import local_engine
    from curation.errors import CheckFailedError, WorkspaceError
    from curation.training import evaluation as training

    space = Workspace(data)
    options, machine = record_of(EvaluateOptions, settings), record_of(EngineOptions, settings)
    engine = local_engine(machine.workers, size(machine.memory_limit))
    compared = training.variants(
        space, recipes, changes=options.changes, without=options.without, book=load_rules(rules)
    )
    with output.progress("Evaluating", "steps") as progress:
        context = training.RunContext(engine, on_progress=progress, on_notice=output.say)
        result = training.evaluate(
            space, compared, model=options.model, seeds=options.seeds, steps=options.steps, seed=options.seed,
            context=context,
        )  # fmt: skip
    try:
        training.keep(space, result)
    except WorkspaceError as error:
        output.say(f"Note: no report will show this evaluation: {error}")
    if json:
        output.print_json(result.to_json())
    else:
        output.print_text("\n".join(_lines(result)) + "\n")
    if options.fail_if_worse and (worse := result.worse_than_first()):
        raise CheckFailedError(" ".join(pair.sentence for pair in worse))


def _lines(result: Evaluation) -> Iterator[str]:
    from curation.training.evaluation.result import LIMIT, READING

    yield visible_line(result.headline)
    yield ""
    heads = ["all it keeps", "95% interval", "equal amount", "95% interval"]
    figures = ([_name(each.name), *each.full.words, *each.equal.words] for each in result.recipes)
    yield from aligned([["bits per character", *heads], *figures])
    yield ""
    yield from aligned([["difference", *heads, ""], *_pairs(result)], left=(0, 5))
    yield ""
    yield "The text that is kept"
    yield from aligned(
        [["", "posts", "characters", "copies", "near copies", "zlib ratio", "distinct-3"], *_repetition(result)]
    )
    yield ""
    held = result.held_out
    yield (
        f"Every model predicts the same {output.count(held['posts'], 'post')} "
        f"({output.count(held['characters'], 'character')}): the "
        f"newest tenth of each author without near copies ({held['near_copies']:,}). The recipes see the other "
        f"{output.count(held['pool'], 'post')} without near copies of these ({held['contaminated']:,}). The equal "
        f"amount is {output.count(result.budget, 'character')}."
    )
    for note in result.notes:
        yield f"Note: {visible_line(note)}"
    yield READING
    yield LIMIT


def _pairs(result: Evaluation) -> Iterator[list[str]]:
    for pair in result.pairs:
        word = pair.full.word if pair.full.measurable else "not measurable"
        yield [f"{_name(pair.a)} → {_name(pair.b)}", *pair.full.in_full, *pair.equal.in_full, word]


def _repetition(result: Evaluation) -> Iterator[list[str]]:
    for each in result.recipes:
        text = each.repetition
        copies = output.percent(text.exact_copies), output.percent(text.near_copies)
        zlib = "–" if text.zlib_ratio is None else f"{text.zlib_ratio:.2f}"
        distinct = "–" if text.distinct_3 is None else f"{text.distinct_3:.3f}"
        yield [_name(each.name), f"{each.kept:,}", f"{each.characters:,}", *copies, zlib, distinct]


def _name(name: str) -> str:
    return shortened(visible_line(name), NAME_WIDTH)


evaluate = with_options(evaluate, EvaluateOptions, after="recipes", has_ranges=True)
evaluate = with_options(evaluate, EngineOptions, after="rules", has_ranges=True)
