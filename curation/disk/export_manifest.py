"""What was exported where: `export.json` beside the files, and in the workspace notes on folders elsewhere.

::

    DIR/exports/<recipe>/export.json         {"schema": 1, "exports": [{"recipe": …, "options": …, "files": […]}]}
    DIR/exports/<recipe>/.ranges/…           where each post stands in the files (`curation.disk.ranges`)
    DIR/exports/.elsewhere/<hash>.json       a folder that `--out` named, if it is not in DIR/exports

Training text holds copies of posts, and forgetting must find them. A folder may hold files of several exports; each
file belongs to the last export that wrote it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from curation.disk.exported_file import ExportedFile
from curation.disk.path_names import impossible_name
from curation.disk.publishing import is_below
from curation.disk.whole_files import write_to_disk, write_whole
from curation.disk.workspace import Workspace
from curation.errors import WorkspaceError
from curation.writing.characters import json_text

RECORD = "export.json"
ELSEWHERE = ".elsewhere"


@dataclass(frozen=True)
class ExportRecord:
    """One export in a manifest."""

    recipe: str
    formats: tuple[str, ...]
    options: dict[str, Any]  # from `curation.options.export.ExportOptions.manifest`
    files: tuple[dict[str, Any], ...]  # each with its name and the facts of `ExportedFile`
    made_of: tuple[str, ...]  # the corpus's files: another run or a forgotten post gives it others
    tombstones: int  # in the workspace at the export; later ones may be of posts in it
    exported_at: str  # UTC
    corpus: dict[str, Any] = field(default_factory=dict)  # from `of_corpus`

    @property
    def names(self) -> tuple[str, ...]:
        """Names of its files."""
        return tuple(file["name"] for file in self.files)

    def only(self, names: Iterable[str]) -> ExportRecord:
        """The record of some of its files."""
        kept = frozenset(names)
        return ExportRecord(**{**vars(self), "files": tuple(file for file in self.files if file["name"] in kept)})


def file_entries(files: Iterable[ExportedFile], out: Path) -> tuple[dict[str, Any], ...]:
    """Files of the folder `out` as a record keeps them."""
    entries = tuple({"name": file.path.relative_to(out).as_posix(), **file.facts()} for file in files)
    for entry in entries:
        del entry["path"]
    return entries


def of_corpus(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Facts about the corpus for a record, in case a run replaces it: fingerprint, inputs, counts, versions.

    Targets are left out: that of an account is a name. So is the digest of the pins: it is made of names of posts.
    """
    pins = manifest.get("pins") or {}
    of_pins = {"pins": {key: pins[key] for key in ("kept", "removed")}} if pins else {}
    return {
        "fingerprint": manifest["recipe"]["fingerprint"],
        "created_at": manifest.get("created_at"),
        "inputs": [{key: one[key] for key in ("landing", "source", "posts")} for one in manifest.get("inputs", ())],
        "counts": manifest.get("counts", {}),
        "versions": manifest.get("versions", {}),
        **of_pins,
    }


def read(folder: Path) -> list[ExportRecord] | None:
    """The exports to a folder, the oldest first; None without a manifest that can be read."""
    try:
        content = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        return [_record(each) for each in content["exports"]]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def merged(records: Iterable[ExportRecord], new: ExportRecord, *, without: Iterable[str] = ()) -> list[ExportRecord]:
    """`records` and a `new` one that takes over its files; files `without` which the folder is now are dropped."""
    taken = {*new.names, *without}
    left = [each.only(set(each.names) - taken) for each in records]
    return [*(each for each in left if each.files), new]


def write(folder: Path, records: Iterable[ExportRecord]) -> None:
    """Write the manifest into a folder, on the disk; without records, remove it."""
    path, exports = folder / RECORD, [vars(each) for each in records]
    if exports:
        write_to_disk(path, json_text({"schema": 1, "exports": exports}, indent=2) + "\n")
    else:
        path.unlink(missing_ok=True)


def remember(space: Workspace, out: Path) -> None:
    """Note a folder outside of the workspace that is to hold its training text. Raises `OSError`.

    Until `settle`, the note says that the export is not finished.
    """
    place = out.resolve()
    if place.is_relative_to(space.exports.resolve()):
        return
    note = _note_of(space, place)
    if not note.exists():
        _write_note(space, note, {"schema": 1, "folder": str(place), "begun": True})


def settle(space: Workspace, out: Path) -> None:
    """Note that the export is finished. Raises `OSError`."""
    place = out.resolve()
    note = _note_of(space, place)
    if is_begun(note):
        _write_note(space, note, {"schema": 1, "folder": str(place)})


def unsettle(space: Workspace, out: Path) -> None:
    """Note that there is no export in a folder any more. Raises `OSError`."""
    _note_of(space, out.resolve()).unlink(missing_ok=True)


def is_begun(note: Path) -> bool:
    """Whether a note is of an export that is not finished."""
    try:
        return bool(json.loads(note.read_text(encoding="utf-8")).get("begun"))
    except (OSError, ValueError, AttributeError, RecursionError):
        return False


def _note_of(space: Workspace, place: Path) -> Path:
    digest = hashlib.sha256(str(place).encode("utf-8", "surrogateescape")).hexdigest()
    return space.exports / ELSEWHERE / f"{digest[:16]}.json"


def _write_note(space: Workspace, note: Path, content: Mapping[str, Any]) -> None:
    note.parent.mkdir(parents=True, exist_ok=True)
    try:
        with space.staging("note") as folder:
            write_whole(note, json.dumps(content) + "\n", folder / note.name)
    except WorkspaceError as error:
        raise error.__cause__ if isinstance(error.__cause__, OSError) else OSError(str(error)) from error


def elsewhere(space: Workspace) -> Iterator[tuple[Path, Path]]:
    """The noted folders, each with its note; a note that can't be read is skipped."""
    for note in sorted((space.exports / ELSEWHERE).glob("*.json")):
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError, RecursionError):
            folder = Path(json.loads(note.read_text(encoding="utf-8"))["folder"])
            if not impossible_name(folder):
                yield folder, note


#: What every entry of a file has.
_FACTS = {"name": str, "format": str, "split": str, "posts": int, "sha256": str}


def _record(entry: Mapping[str, Any]) -> ExportRecord:
    files = tuple(dict(file) for file in entry["files"])
    for file in files:
        if wrong := [name for name, kind in _FACTS.items() if not isinstance(file[name], kind)]:
            raise ValueError(f"of a file: {', '.join(wrong)}")
        if not is_below(file["name"]):
            raise ValueError("a file's name leads out of the folder")
    return ExportRecord(
        recipe=str(entry["recipe"]),
        formats=tuple(map(str, entry["formats"])),
        options=dict(entry["options"]),
        files=files,
        made_of=tuple(map(str, entry["made_of"])),
        tombstones=int(entry["tombstones"]),
        exported_at=str(entry["exported_at"]),
        corpus=dict(entry.get("corpus") or {}),
    )
