"""Which recipe of the page Compare makes the better model: the library's evaluation, cached."""

from __future__ import annotations

from curation.disk.workspace import Workspace
from curation.rules import RuleBook
from curation.training.evaluation import Evaluation, evaluate, variants
from dashboards.queries.compare import Request, state
from dashboards.snapshot import Snapshot


def evaluation(
    snapshot: Snapshot, space: Workspace, request: Request, book: RuleBook, *, kept_only: bool = False
) -> Evaluation | None:
    """The n-gram evaluation of A and B; with `kept_only`, only a cached one. Raises `CurationError`."""
    key = (snapshot.identity, "evaluated", request, state(space, request))
    result = snapshot.answers.get(key)
    if result is None and not kept_only:
        names = [snapshot.corpus.recipe, *([request.against] if request.against else [])]
        result = evaluate(space, variants(space, names, changes=request.set, without=request.without, book=book))
        snapshot.answers.put(key, result, 10_000)
    return result
