"""Comparing two recipes over the same posts: what both keep, what only one keeps, and why.

::

    resolve.py    the two sides by name (corpora, shipped recipes, files, changes of them), and their verdicts
    paired.py     both sides as one table for SQL, which pages and reports use
    counting.py   posts kept by both, by one, by neither; a sample of the changed posts
    character.py  changes in the kept text: length, replies, words (words.py)
    result.py     the result
    tolerance.py  how many posts may change before a check fails

>>> options = CompareOptions(changes=["min_words.min=5"])                                 # doctest: +SKIP
>>> result = compare(Workspace(Path("data")), "baseline", options=options)                # doctest: +SKIP
>>> result.total.only_a, result.share_changed                                             # doctest: +SKIP
(4211, 0.0125)
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from curation.asking.comparison.character import SAMPLE, character
from curation.asking.comparison.counting import BY, changed, count, draw
from curation.asking.comparison.paired import PairedPosts, open_sides
from curation.asking.comparison.resolve import Side, request_sides, resolve_sides
from curation.asking.comparison.result import Comparison, Provenance
from curation.asking.comparison.tolerance import Tolerance, left_out_sentence
from curation.corpus.run_context import RunContext
from curation.disk.states import file_states
from curation.disk.workspace import Workspace
from curation.errors import UsageError, WorkspaceError, did_you_mean
from curation.options.commands import CompareOptions
from curation.rules import RuleBook
from curation.sql import literal

__all__ = [
    "BY", "CompareOptions", "Comparison", "PairedPosts", "Provenance", "Side", "Tolerance", "compare",
    "request_sides", "resolve_sides",
]  # fmt: skip


def compare(
    data: Workspace | Path | str,
    a: str | Path,
    b: str | Path | None = None,
    options: CompareOptions | None = None,
    *,
    book: RuleBook | None = None,
    context: RunContext | None = None,
) -> Comparison:
    """Compare two recipes over the posts of a workspace. Changes none of its corpora.

    `a` and `b` are corpora, shipped recipes or TOML files; without `b`, B is A with changes. The same seed draws the
    same posts. `book` must know the rules of both.
    Raises `UsageError`, `RecipeError`, `NothingToDoError` (no posts, no such author), `WorkspaceError`.
    """
    space = data if isinstance(data, Workspace) else Workspace(Path(data))
    options, context, book = options or CompareOptions(), context or RunContext(), book or RuleBook.load()
    if options.by not in BY:
        raise UsageError(f"A comparison has no rows by '{options.by}'.{did_you_mean(options.by, BY)}")
    if options.samples < 0:
        raise UsageError(f"{options.samples} samples can't be drawn.")
    for _ in file_states(space.root, "raw/*/*", "curated/*/*"):
        with space.scratch("compare") as folder:
            try:
                sides = request_sides(space, a, b, changes=options.changes, without=options.without, book=book)
                with (
                    resolve_sides(space, *sides, book=book, context=context, spill=folder) as (one, other, notes),
                    open_sides(one, other, memory=context.memory, spill=folder) as connection,
                ):
                    return _compared(connection, PairedPosts.on(connection, one, other), notes, options)
            except (duckdb.IOException, duckdb.InvalidInputException) as error:
                failure = error
    raise WorkspaceError(f"Can't read the posts to compare: {str(failure).splitlines()[0]}") from failure


def _compared(
    connection: duckdb.DuckDBPyConnection, pair: PairedPosts, notes: Sequence[str], options: CompareOptions
) -> Comparison:
    authors = tuple(dict.fromkeys(options.authors))
    for author in authors:
        pair.corpus.require_author(author)
    chosen = f"list_contains({literal(authors)}, author)" if authors else "true"
    pair.prepare(connection, chosen)
    counted = count(connection, pair)
    draw(connection, pair, counted.total, options.seed, max(SAMPLE, options.samples))
    left_out = [left_out_sentence(pair.left_out)]
    return Comparison(
        a=pair.a.provenance,
        b=pair.b.provenance,
        total=counted.total,
        tables=counted.tables,
        changed=changed(connection, options.samples),
        flows=counted.flows,
        character=character(connection, pair, counted.lengths, chosen),
        texts_differ=pair.texts_differ,
        notes=(*notes, *(left_out if pair.left_out else ())),
        authors=authors,
        by=options.by,
    )
