"""The export that a training makes when it is given a recipe: in a folder of its own for each version of a model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from curation.corpus import Corpus
from curation.exports import export
from curation.training.saving import next_version
from curation.training.text import TrainingText

if TYPE_CHECKING:
    from curation.workspace import Workspace


def exported(
    space: Workspace,
    recipe: str,
    name: str,
    format: str,
    *,
    valid: float,
    split: str,
    authors: Sequence[str] = (),
    instruction: str = "",
    on_notice: Callable[[str], None] = lambda sentence: None,
) -> TrainingText:
    """Export the kept posts of a recipe's corpus to DIR/exports/train-NAME-VERSION.

    Raises `NothingToDoError` where the recipe was not run or keeps nothing, `UsageError`, `WorkspaceError`.
    """
    corpus = Corpus.open(space, recipe)
    folder = space.exports / f"train-{name}-{next_version(space, name)}"
    on_notice(f"Exporting the kept posts of {recipe} to {folder}.")
    result = export(
        corpus, [format], folder, valid=valid, split=split, authors=authors, instruction=instruction, told=on_notice
    )
    for warning in result.warnings:
        on_notice(f"Note: {warning}")
    return TrainingText.open(folder, format)
