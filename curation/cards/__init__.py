"""Cards: Markdown that describes a set of posts, or a model that learned from it.

- `table` the training-data table of huggingtweets and nothing else;
- `dataset` a README.md for the Hub: front matter, ledger, rules, gaps, personal data, removal;
- `model` the same for a model, with the fields that huggingtweets' cards had.

A card holds figures, and the names of authors if there are few, but never the text of a post. The same corpus gives
the same card, at any time. Names come from strangers, so Markdown, HTML and YAML show them as plain text.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from curation.cards.dataset import dataset_card
from curation.cards.exported import DescribedExport, Readers, Staged, find_export, named_exports
from curation.cards.figures import Figures
from curation.cards.model import model_card
from curation.cards.parts import Details, training_table
from curation.collecting.targets import collected
from curation.corpus.corpus import Corpus
from curation.disk.export_manifest import RECORD
from curation.disk.publishing import steady
from curation.disk.states import states
from curation.disk.whole_files import write_whole, writing
from curation.disk.workspace import Workspace, staging_at
from curation.errors import UsageError, WorkspaceError, did_you_mean
from curation.rules import RuleBook
from curation.writing.terminal import count

KINDS = ("table", "dataset", "model")

#: The most authors of a readable training-data table.
WIDE = 20


@dataclass(frozen=True)
class Card:
    """A card, and the figures that stand in it."""

    recipe: str
    kind: str  # of `KINDS`
    text: str  # Markdown, ends in a line break
    figures: Figures
    notes: tuple[str, ...]  # sentences for the user that are not in the card
    files: Mapping[str, Path] = field(default_factory=dict)  # of the export that it names, by name

    def to_json(self) -> dict[str, Any]:
        """What `curation card --json` prints."""
        return {
            "schema": 1,
            "recipe": self.recipe,
            "kind": self.kind,
            "text": self.text,
            "figures": self.figures.to_json(),
        }


def card(
    corpus: Corpus,
    kind: str = "dataset",
    *,
    authors: Sequence[str] = (),
    details: Details | None = None,
    beside: Path | None = None,
    book: RuleBook | None = None,
    readers: Readers = lambda formats: {},
    staged: Staged | None = None,
) -> Card:
    """The card of a corpus, or of the posts of some `authors` in it.

    `details` come from the user. A dataset card names the files of an export in the folder `beside`, else in
    DIR/exports/RECIPE, else in another folder of DIR/exports, and tells `load_dataset` which of them to read, by
    `readers`. The export must hold all posts,
    unless its files are `staged`. Without the recipe's rules in `book`, their descriptions are missing. Raises
    `UsageError` for another kind, `NothingToDoError` for an author without posts, `WorkspaceError`.
    """
    if kind not in KINDS:
        raise UsageError(f"There is no card '{kind}'.{did_you_mean(kind, KINDS)}")
    book = book or RuleBook.load()
    for state in states(corpus, Corpus.successor):
        card = _described(state, kind, authors, details or Details(), beside, book, readers, staged)
    return card


def write_card(out: Path, text: str, space: Workspace | None = None) -> None:
    """Write a card to the file `out`, whole or not at all. Raises `WorkspaceError`.

    The next command of the workspace `space` removes what a killed process leaves beside it.
    """
    if out.is_dir():
        raise WorkspaceError(f"{out} is a folder. Name a file, such as {out / 'README.md'}.")
    folder = out.absolute().parent
    with writing(folder), staging_at(space, folder, "card") as staged:
        write_whole(out, text.encode("utf-8", "backslashreplace"), staged / out.name)


def _described(
    corpus: Corpus, kind: str, authors: Sequence[str], details: Details, beside: Path | None, book: RuleBook,
    readers: Readers, staged: Staged | None,
) -> Card:  # fmt: skip
    figures = Figures.of(corpus, authors)
    notes: list[str] = []
    files = None
    if kind == "table":
        text = training_table(figures.ledger, authors)
        if (columns := len(figures.ledger.rows)) > WIDE:
            notes.append(f"The table has {count(columns, 'column')}, one for each author; --author chooses some.")
    elif kind == "model":
        text = model_card(corpus.manifest, figures, details, authors)
    else:
        space = Workspace(corpus.folder.parent.parent)
        folders = [*([beside] if beside else []), space.exports / corpus.folder.name, *named_exports(space)]

        def look() -> tuple[DescribedExport | None, str, str]:
            files, note = find_export(corpus, authors, folders, readers, staged, is_beside=beside is not None)
            command = _command(corpus.recipe, authors, details)
            text = dataset_card(corpus.manifest, figures, details, files, collected(space), book, command)
            return files, note, text

        files, note, text = look() if staged else steady(folders, RECORD, look)
        notes += _notes(corpus.recipe, files, note, details)
    return Card(corpus.recipe, kind, text, figures, tuple(notes), files.files if files else {})


def _notes(recipe: str, files: DescribedExport | None, note: str, details: Details) -> list[str]:
    notes = [note] if note else []
    if not files and not note:
        notes.append(f"The card names no files, since nothing was exported: curation export {recipe} --format parquet")
    if not details.contact:
        notes.append("The card gives no contact for removal of a post. Name one with --contact.")
    return notes


def _command(recipe: str, authors: Sequence[str], details: Details) -> str:
    options = [
        *(("--author", author) for author in authors),
        ("--name", details.name),
        ("--contact", details.contact),
    ]
    return shlex.join(["curation", "card", recipe, *(word for option in options if option[1] for word in option)])


__all__ = ["KINDS", "Card", "Details", "Figures", "card", "write_card"]
