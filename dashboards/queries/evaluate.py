"""Which recipe of the page Compare makes the better model: the library's evaluation, kept as answers are."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

from curation.training.evaluation import Evaluation, evaluate, variants
from dashboards.queries.compare import Asked, state
from dashboards.snapshot import Snapshot

if TYPE_CHECKING:
    from curation.rules import RuleBook
    from curation.workspace import Workspace


def evaluation(
    snapshot: Snapshot, space: Workspace, asked: Asked, book: RuleBook, *, known_only: bool = False
) -> Evaluation | None:
    """The n-gram evaluation of A and B; with `known_only` only a kept answer. Raises `CurationError`."""
    key = (snapshot.identity, "evaluated", asked, state(space, asked))
    result = snapshot.answers.get(key)
    if result is None and not known_only:
        names = [snapshot.corpus.recipe, *([asked.against] if asked.against else [])]
        result = evaluate(space, variants(space, names, changes=asked.set, without=asked.without, book=book))
        snapshot.answers.put(key, result, 10_000)
    return result


def command(recipe: str, asked: Asked, data: Sequence[str]) -> str:
    """The command line that does the same."""
    words = ["curation", "evaluate", recipe, *([asked.against] if asked.against else [])]
    words += [word for change in asked.set for word in ("--set", change)]
    words += [word for rule in asked.without for word in ("--without", rule)]
    return shlex.join([*words, *data])
