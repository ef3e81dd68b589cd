"""The dataset card beside exported files: `README.md`, which the library `datasets` and the Hub read.

An export with a format that needs a card writes it, and any later export to the folder writes it again, as long as
nobody changed it. A card that somebody else wrote or changed is theirs and stays.
"""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from curation.corpus.corpus import Corpus
from curation.disk import export_manifest, publishing
from curation.disk.workspace import Workspace
from curation.exports.files import publish
from curation.exports.registry import readers

NAME = "README.md"


def is_there(out: Path) -> bool:
    """Whether an export wrote one into the folder, whoever changed it since."""
    return bool(_entries(out))


def is_ours(out: Path) -> bool:
    """Whether the card is as an export wrote it, or isn't there."""
    entries = _entries(out)
    return not publish.is_edited(out / NAME, [file.get(key) for key in ("sha256", "replaces") for file in entries])


def is_stale(out: Path) -> bool:
    """Whether files that it describes have changed since."""
    return any(file.get("stale") for file in _entries(out))


def _entries(out: Path) -> list[dict[str, Any]]:
    return [file for one in export_manifest.read(out) or () for file in one.files if file["name"] == NAME]


def with_stale(out: Path, records: Sequence[export_manifest.ExportRecord]) -> list[export_manifest.ExportRecord]:
    """The records with their card marked as out of date."""
    if not is_ours(out):
        return [*records]

    def marked(file: dict[str, Any]) -> dict[str, Any]:
        return {**file, "stale": True} if file["name"] == NAME else file

    return [replace(one, files=tuple(map(marked, one.files))) for one in records]


def write(space: Workspace, corpus: Corpus, out: Path) -> None:
    """Write the card of what lies in `out`, exported from a corpus. Raises `WorkspaceError`."""
    with publish.staging(space, out) as folder, publishing.alone(out):
        description = describe(corpus, out, folder, export_manifest.read(out) or [])
        if description.names:
            publish.publish(folder, out, description.names, [], description.records)


def describe(
    corpus: Corpus, out: Path, folder: Path, records: Sequence[export_manifest.ExportRecord], gone: Sequence[str] = ()
) -> publish.Description:
    """Write the card into `folder`, beside files that are about to move to `out`.

    `records` are the future ones, and `gone` are the files that go.
    """
    from curation.cards import card
    from curation.cards.exported import Staged

    here = [one for one in records if one.recipe == corpus.recipe]
    command = f"curation card {shlex.quote(corpus.recipe)} --contact ADDRESS --out {shlex.quote(str(out / NAME))}"
    if not here:
        return publish.Description(records)
    if not is_ours(out):
        note = (
            f"{out / NAME} was not written by an export, or was changed, and is left as it is. To write it anew: "
            f"{command}"
        )
        return publish.Description(records, notes=(note,))
    authors = here[-1].options.get("authors") or ()
    staged = Staged(folder, tuple(records), frozenset(gone))
    text = card(corpus, "dataset", authors=authors, beside=out, readers=readers, staged=staged).text
    content = text.encode("utf-8", "backslashreplace")
    entry = {"name": NAME, "format": "card", "split": "", "posts": 0, "characters": 0}
    entry["sha256"] = hashlib.sha256(content).hexdigest()
    others = [one.only(set(one.names) - {NAME}) for one in records]
    at = records.index(here[-1])
    others[at] = replace(others[at], files=(*others[at].files, entry))
    (folder / NAME).write_bytes(content)
    publish.to_disk(folder, NAME)
    note = f"{out / NAME} describes the set and gives no contact for removal: {command}"
    return publish.Description([one for one in others if one.files], (NAME,), (note,))
