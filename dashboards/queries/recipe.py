"""Queries of the page Recipe: what a recipe would say of the corpus, and the recipes of the workspace."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass

from curation.asking.approach import Way, approach
from curation.asking.trial import Trial, try_on_sample
from curation.asking.variants import recipe_of
from curation.corpus.selection import KEPT
from curation.disk.workspace import Workspace
from curation.errors import RecipeError
from curation.recipes.recipe import Recipe, shipped
from curation.recipes.recipe_files import recipe_files, saved_text
from curation.rules import RuleBook
from dashboards.queries.compare import Outcome, judged
from dashboards.snapshot import Snapshot


@dataclass(frozen=True)
class Judgement:
    """What a recipe says of a corpus."""

    way: Way
    outcome: Outcome | None  # None: no query can tell, or nobody has waited for it yet
    seconds: float = 0.0  # that exact figures take, where they are not there yet

    def removed(self) -> Mapping[str, int]:
        """Posts by the rule that removes them first; none without an outcome."""
        if self.outcome is None:
            return {}
        counts = self.outcome.index.facets["verdict"].counts(None)
        for a, b, posts in self.outcome.flows():
            counts[a] = counts.get(a, 0) - posts
            counts[b] = counts.get(b, 0) + posts
        return {name: posts for name, posts in counts.items() if name != KEPT}


def judgement(snapshot: Snapshot, recipe: Recipe, book: RuleBook, *, quick: float, wait: bool = False) -> Judgement:
    """What a recipe says of the corpus: exactly within `quick` seconds or with `wait`, else as its columns tell.

    Raises `CurationError`.
    """
    try:
        case = approach(recipe_of(snapshot.corpus, book), recipe)
    except RecipeError:  # an earlier version's rules made the corpus
        return Judgement(Way.NEEDS_RUN, None)
    if case.way is Way.NEEDS_RUN:
        return Judgement(case.way, None)
    posts = snapshot.manifest["counts"]["downloaded"]
    seconds = 0.0 if case.is_packed else case.microseconds * posts / 1_000_000

    def outcome(*, exact: bool) -> Outcome | None:
        key = (snapshot.identity, "recipe judged", recipe.fingerprint, exact)
        found: Outcome | None = snapshot.answers.get(key)
        if found is None and (not exact or wait or seconds < quick):
            found = judged(snapshot, recipe, book, exact=exact)
            if found:
                snapshot.answers.put(key, found, found.nbytes + 10_000)
        return found

    if (exact := outcome(exact=True)) is not None:
        return Judgement(exact.way, exact)
    about = outcome(exact=False)
    return Judgement(case.way, about, 0.0 if about and about.exact else seconds)


def trial(snapshot: Snapshot, space: Workspace, recipe: Recipe) -> Trial:
    """What a recipe says of a sample of the corpus. Raises `CurationError`."""
    key = ("trial", recipe.fingerprint)
    return snapshot.keep(key, lambda: snapshot.ask(lambda corpus: try_on_sample(space, corpus, recipe)), 4_000_000)


def sources(space: Workspace) -> dict[str, str]:
    """What an edit can begin with: names, and what they are."""
    own = dict.fromkeys(recipe_files(space), "in this workspace")
    return own | dict.fromkeys(shipped(), "shipped")


def source_text(space: Workspace, name: str) -> str:
    """The text of a shipped recipe, or of one of the workspace. Raises `RecipeError`."""
    return shipped()[name] if name in shipped() else saved_text(space, name) or ""


def difference(theirs: str, mine: str) -> str:
    """The difference of two texts, line by line."""
    lines = difflib.unified_diff(theirs.splitlines(), mine.splitlines(), "saved", "yours", lineterm="")
    return "\n".join(lines)
