"""Comparing two recipes over the same posts: what both keep, what only one keeps, and why.

::

    asked.py      what two names mean: corpora, shipped recipes, files, and changes of them
    sides.py      how each side is found: as it stands, by a trial, or by a run that is kept nowhere
    joined.py     both as one table that SQL can ask: what pages and reports build upon
    counting.py   kept by both, by one, by neither; a sample of what changes
    character.py  what changes in the kept text: length, replies, words (words.py)
    record.py     what a comparison says
    bound.py      how much may change before a check fails

>>> found = compare(Workspace(Path("data")), "baseline", changes=["min_words.min=5"])     # doctest: +SKIP
>>> found.total.only_a, found.share_changed                                               # doctest: +SKIP
(4211, 0.0125)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from curation.asking.comparison.character import SAMPLE, character
from curation.asking.comparison.counting import BY, changed, count, draw
from curation.asking.comparison.paired import Joined, opened
from curation.asking.comparison.request import two_sides
from curation.asking.comparison.resolve import Means, Side, found
from curation.asking.comparison.result import Comparison, Found
from curation.asking.comparison.tolerance import Bound
from curation.corpus.corpus import ATTEMPTS
from curation.disk.workspace import Workspace
from curation.engines.table import MEMORY
from curation.errors import UsageError, WorkspaceError, did_you_mean
from curation.functions.memo import DEFAULT_LIMIT
from curation.rules import RuleBook
from curation.sql import literal

if TYPE_CHECKING:
    from curation.engines.local import LocalEngine

__all__ = ["BY", "Bound", "Comparison", "Found", "Joined", "Means", "Side", "compare", "found", "two_sides"]


def compare(
    data: Workspace | Path | str,
    a: str | Path,
    b: str | Path | None = None,
    *,
    changes: Sequence[str] = (),
    without: Sequence[str] = (),
    by: str = "author",
    authors: Sequence[str] = (),
    samples: int = 10,
    seed: int = 0,
    book: RuleBook | None = None,
    engine: LocalEngine | None = None,
    memory: int = MEMORY,
    memo_limit: int = DEFAULT_LIMIT,
    progress: Callable[[int, int], None] | None = None,
    waiting: Callable[[str], None] | None = None,
) -> Comparison:
    """Compare two recipes over the posts of a workspace, in which nothing is changed.

    `a` and `b` are corpora, shipped recipes or TOML files. `changes` (`min_words.min=5`) and rules left out
    (`without`) change B; without `b`, B is A changed. `by` is the table that comes first, one of `BY`; `authors` limits
    all figures to the posts of these. `samples` posts that change are drawn, the same ones for the same `seed`.
    `memory` is in bytes; what exceeds it spills to disk. `engine`, `memo_limit`, `progress` and `waiting` are those of
    `curate`, for a side that takes a whole run.
    Raises `UsageError`, `RecipeError`, `NothingToDoError` (no posts, no such author), `WorkspaceError`.
    """
    space = data if isinstance(data, Workspace) else Workspace(Path(data))
    if by not in BY:
        raise UsageError(f"A comparison has no rows by '{by}'.{did_you_mean(by, BY)}")
    if samples < 0:
        raise UsageError(f"{samples} samples can't be drawn.")
    book = book or RuleBook.load()
    for attempt in range(ATTEMPTS):
        with space.scratch("compare") as folder:
            means = Means(engine, memory, memo_limit, folder, progress, waiting)
            try:
                asked = two_sides(space, a, b, changes=changes, without=without, book=book)
                with (
                    found(space, *asked, book=book, means=means) as (one, other, notes),
                    opened(one, other, memory=memory, spill=folder) as connection,
                ):
                    joined = Joined.on(connection, one, other)
                    return _compared(connection, joined, notes, by, tuple(dict.fromkeys(authors)), samples, seed)
            except (duckdb.IOException, duckdb.InvalidInputException) as error:
                # A run has replaced the files of a corpus meanwhile: then there are new ones.
                if ".parquet" not in str(error) or attempt == ATTEMPTS - 1:
                    raise WorkspaceError(f"Can't read the posts to compare: {str(error).splitlines()[0]}") from error
    raise AssertionError("the last attempt returns or raises")


def _compared(
    connection: duckdb.DuckDBPyConnection,
    joined: Joined,
    notes: Sequence[str],
    by: str,
    authors: tuple[str, ...],
    samples: int,
    seed: int,
) -> Comparison:
    for author in authors:
        joined.corpus.require_author(author)
    chosen = f"list_contains({literal(authors)}, author)" if authors else "true"
    joined.prepare(connection, chosen)
    counted = count(connection, joined)
    draw(connection, joined, counted.total, seed, max(SAMPLE, samples))
    left_out = [f"{joined.left_out:,} posts that only one of the two corpora has are left out."]
    return Comparison(
        a=joined.a.found,
        b=joined.b.found,
        total=counted.total,
        tables=counted.tables,
        changed=changed(connection, samples),
        flows=counted.flows,
        character=character(connection, joined, counted.lengths, chosen),
        texts_differ=joined.texts_differ,
        notes=(*notes, *(left_out if joined.left_out else ())),
        authors=authors,
        by=by,
    )
