"""The export that a training makes from a recipe, in a folder for each version of a model."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from curation.corpus.corpus import Corpus
from curation.errors import UsageError
from curation.exports import write_export
from curation.options.export import ExportOptions
from curation.training.saving import next_version
from curation.training.text import CONVERSATIONS, FORMATS, TrainingText

if TYPE_CHECKING:
    from curation.disk.workspace import Workspace


def export_for_training(
    space: Workspace,
    recipe: str,
    name: str,
    format: str,
    *,
    on_notice: Callable[[str], None] = lambda sentence: None,
    **options: Any,
) -> TrainingText:
    """Export the kept posts of a recipe's corpus to DIR/exports/train-NAME-VERSION.

    `options` are fields of `ExportOptions` and must hold some posts out. Raises `NothingToDoError` if the recipe was
    not run or keeps nothing, `UsageError`, `WorkspaceError`.
    """
    if format not in FORMATS:
        raise UsageError(f"--format {format}: a model learns from one of {', '.join(FORMATS)}.")
    if options.get("instruction") and format not in CONVERSATIONS:
        raise UsageError(f"--instruction is for --format {' or '.join(CONVERSATIONS)}.")
    if not options.get("valid"):
        raise UsageError("--valid 0 holds out no post, so nobody could tell what the model learned; 0.1 is usual.")
    chosen = ExportOptions(formats=(format,), **options)
    corpus = Corpus.open(space, recipe)
    folder = space.exports / f"train-{name}-{next_version(space, name)}"
    on_notice(f"Exporting the kept posts of {recipe} to {folder}.")
    result = write_export(corpus, chosen, folder, on_notice=on_notice)
    for warning in result.warnings:
        on_notice(f"Note: {warning}")
    return TrainingText.open(folder, format)
