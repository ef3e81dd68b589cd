"""What a corpus lacks: posts that have landed since its run, and changes of its recipe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from curation.disk.landings import originals
from curation.disk.workspace import Workspace
from curation.errors import CurationError
from curation.recipes.recipe import Recipe
from curation.recipes.recipe_files import recipe_files
from curation.rules import RuleBook
from curation.writing.terminal import count


@dataclass(frozen=True)
class Behind:
    """What the next run of a corpus's recipe would bring into it."""

    landings: int = 0  # that are not in the corpus
    recipe: bool = False  # the workspace's file of the recipe has other rules now

    @property
    def words(self) -> tuple[str, ...]:
        """For people; none for an up-to-date corpus."""
        new = (f"{count(self.landings, 'import')} not in it",) if self.landings else ()
        return new + (("the recipe has changed",) if self.recipe else ())


def behind(space: Workspace, manifest: Mapping[str, Any], book: RuleBook | None = None) -> Behind:
    """What a corpus with this manifest lacks. What can't be read is no lack: a run says what is wrong."""
    try:
        there = {each["landing"] for folder in space.landings() for each in originals(folder)}
    except CurationError:
        there = set()
    new = there - {each["landing"] for each in manifest.get("inputs", ())}
    return Behind(len(new), _has_changed(space, manifest["recipe"], book))


def _has_changed(space: Workspace, ran: Mapping[str, Any], book: RuleBook | None) -> bool:
    path = recipe_files(space).get(ran["name"])
    if path is None:
        return False
    try:
        recipe = Recipe.load(str(path), book=book)
    except CurationError:
        return False
    return ran["fingerprint"] not in (recipe.fingerprint, recipe.over_edits().fingerprint)
