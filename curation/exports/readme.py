"""The dataset card beside exported files: `README.md`, which the library `datasets` and the Hub read.

It is written by an export with a format that needs one, and again by any later export to the folder, while it is as it
was written. A card that somebody else wrote there, or changed, is theirs and stays.
"""

from __future__ import annotations

import hashlib
import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

from curation.exports import placing, record

if TYPE_CHECKING:
    from pathlib import Path

    from curation.corpus import Corpus

NAME = "README.md"


def is_there(out: Path) -> bool:
    """Whether an export wrote one into the folder, whoever changed it since."""
    return any(NAME in one.names for one in record.read(out) or ())


def is_ours(out: Path) -> bool:
    """Whether it is as an export wrote it, or is not there."""
    if not (out / NAME).exists():
        return True
    said = [file for one in record.read(out) or () for file in one.files if file["name"] == NAME]
    digest = hashlib.sha256((out / NAME).read_bytes()).hexdigest()
    return any(digest in (file["sha256"], file.get("replaces")) for file in said)


def write(corpus: Corpus, out: Path) -> list[str]:
    """Write the card of what lies in `out`, exported from a corpus; gives notes. Raises `WorkspaceError`."""
    from curation.cards import card

    records = record.read(out) or []
    here = [one for one in records if one.recipe == corpus.recipe]
    command = f"curation card {shlex.quote(corpus.recipe)} --contact ADDRESS --out {shlex.quote(str(out / NAME))}"
    if not here:
        return []
    if not is_ours(out):
        return [
            f"{out / NAME} was not written by an export, or was changed, and is left as it is. To write it anew: "
            f"{command}"
        ]
    text = card(corpus, "dataset", authors=here[-1].options.get("authors") or (), beside=out, part=True).text
    content = text.encode("utf-8", "backslashreplace")
    before = next((file for one in records for file in one.files if file["name"] == NAME), None)
    entry = {"name": NAME, "format": "card", "split": "", "posts": 0, "characters": 0}
    entry["sha256"] = hashlib.sha256(content).hexdigest()
    if before:
        entry["replaces"] = before["sha256"]  # should this end between the record and the file
    others = [one.only(set(one.names) - {NAME}) for one in records]
    at = records.index(here[-1])
    others[at] = replace(others[at], files=(*others[at].files, entry))
    with placing.staging(out) as folder:
        (folder / NAME).write_bytes(content)
        placing.to_disk(folder, NAME)
        record.write(folder, out, [one for one in others if one.files])
        placing.move(folder, out, NAME)
    return [f"{out / NAME} describes the set, and says nobody whom to ask for removal of a post: {command}"]
