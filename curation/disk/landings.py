"""Landings as others read them: what each said of itself, and how to read while they are replaced.

`curation forget` and `curation compact` put other files in the place of landed ones. No file is ever changed: the
new ones have other names. So a reader that holds an older list finds a file gone, never different, and asks again.
"""

from __future__ import annotations

import contextlib
import uuid
from typing import TYPE_CHECKING, Any, TypeVar

from curation.disk.whole_files import restore_replaced
from curation.disk.workspace import COMPACTED, MANIFEST, Workspace, land_again, read_manifest
from curation.errors import CurationError, WorkspaceError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

T = TypeVar("T")

#: How often work is done again when files are replaced under it.
ATTEMPTS = 5


def standing(raw: Path) -> list[Path]:
    """The folders of landings that count, oldest first: not those that another one replaces.

    Raises `WorkspaceError` when one has lost its manifest.
    """
    while True:
        restore_replaced(raw)
        folders = _folders(raw)
        try:
            replaced = _replaced(folders)
        except WorkspaceError:
            if folders == _folders(raw):
                raise
        else:
            if folders == _folders(raw):  # else some were replaced while they were looked at
                return [folder for folder in folders if folder.name not in replaced]


def readable(raw: Path) -> tuple[list[Path], list[WorkspaceError]]:
    """The folders of landings that count and have a manifest, and what is wrong with those of the others."""
    while True:
        restore_replaced(raw)
        folders, damaged = [], []
        for folder in _folders(raw):
            try:
                read_manifest(folder)
                folders.append(folder)
            except WorkspaceError as error:
                damaged.append(error)
        if {*folders} <= {*_folders(raw)}:  # else some were replaced while they were looked at
            replaced = _replaced(folders)
            return [folder for folder in folders if folder.name not in replaced], damaged


def set_aside(raw: Path, work: Path) -> None:
    """Move the folders that others replace out of `raw`, each in one step, so that nobody finds one half empty."""
    folders = _folders(raw)
    if not any(folder.name.endswith(COMPACTED) for folder in folders):
        return
    with contextlib.suppress(WorkspaceError):  # a damaged landing is for those to say who read it
        replaced = _replaced(folders)
        for folder in (folder for folder in folders if folder.name in replaced):
            with contextlib.suppress(OSError):  # another process was faster
                work.mkdir(parents=True, exist_ok=True)
                folder.rename(work / f"replaced-{uuid.uuid4().hex[:12]}")


def _folders(raw: Path) -> list[Path]:
    return sorted(path for path in raw.glob("[0-9]*-*") if path.is_dir())


def _replaced(folders: list[Path]) -> set[str]:
    """Names of the folders that others replace. Raises `WorkspaceError` for a folder without a manifest."""
    names: set[str] = set()
    for folder in folders:
        if not (folder / MANIFEST).is_file():
            raise WorkspaceError(f"{folder} has no {MANIFEST}, so nobody knows what landed there. {land_again(folder)}")
        if folder.name.endswith(COMPACTED):
            names.update(map(str, read_manifest(folder).get("replaces", ())))
    return names


def originals(folder: Path) -> list[dict[str, Any]]:
    """What the landings in a folder said of themselves: the manifest of each, with its name as `landing`.

    A folder holds one landing, or, where `curation compact` made it, several. Raises `WorkspaceError`.
    """
    manifest = read_manifest(folder)
    return manifest.get("landings") or [{"landing": folder.name, **manifest}]


def number_of(name: str) -> int:
    """The number of a landing, by its name; what its rows have in the column `landing`."""
    return int(name.partition("-")[0])


def while_they_stand(space: Workspace, work: Callable[[list[Path]], T]) -> T:
    """Do `work` on the folders of the landings, and again should their files be replaced meanwhile.

    Whatever `work` leaves behind when it fails must not be in the way of its next try. Raises what `work` raises.
    """
    import duckdb
    import pyarrow as pa

    failure: Exception | None = None
    for _ in range(ATTEMPTS):
        before: set[Path] | None = None
        try:
            landings = space.landings()
            before = _files(landings)
            return work(landings)
        except (CurationError, OSError, duckdb.Error, pa.ArrowException) as error:
            failure = error
        if before is not None and before <= _files(space.landings()):
            break  # what could not be read still counts: it is no replacement that was in the way
    assert failure is not None
    raise failure


def _files(landings: list[Path]) -> set[Path]:
    return {folder / name for folder in landings for name in read_manifest(folder)["files"]}
