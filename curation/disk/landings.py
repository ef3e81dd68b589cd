"""Landings as others read them: the folders that count, and their manifests.

A list of folders is made again when it has changed meanwhile. This ends: a process that lands or compacts reads the
list itself, so it can't change faster than it is read.
"""

from __future__ import annotations

import contextlib
import uuid
from pathlib import Path
from typing import Any

from curation.disk.manifest import COMPACTED, MANIFEST, land_again, read_manifest
from curation.disk.whole_files import restore_replaced
from curation.errors import WorkspaceError


def active_landings(raw: Path) -> list[Path]:
    """The folders of landings that count, oldest first, without those that another one replaces.

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
            continue
        if folders == _folders(raw):
            return [folder for folder in folders if folder.name not in replaced]


def readable(raw: Path) -> tuple[list[Path], list[WorkspaceError]]:
    """The folders of landings that count and have a sound manifest, and the errors of the others."""
    while True:
        restore_replaced(raw)
        folders, damaged = [], []
        for folder in _folders(raw):
            try:
                read_manifest(folder)
                folders.append(folder)
            except WorkspaceError as error:
                damaged.append(error)
        if {*folders} <= {*_folders(raw)}:
            replaced = _replaced(folders)
            return [folder for folder in folders if folder.name not in replaced], damaged


def set_aside(raw: Path, work: Path) -> None:
    """Move replaced folders out of `raw`, each in one step, so that nobody finds one half empty."""
    folders = _folders(raw)
    if not any(folder.name.endswith(COMPACTED) for folder in folders):
        return
    with contextlib.suppress(WorkspaceError):  # its readers will report a damaged landing
        replaced = _replaced(folders)
        for folder in (folder for folder in folders if folder.name in replaced):
            with contextlib.suppress(OSError):  # another process was faster
                work.mkdir(parents=True, exist_ok=True)
                folder.rename(work / f"replaced-{uuid.uuid4().hex[:12]}")


def _folders(raw: Path) -> list[Path]:
    return sorted(path for path in raw.glob("[0-9]*-*") if path.is_dir())


def _replaced(folders: list[Path]) -> set[str]:
    """Names of replaced folders. Raises `WorkspaceError` for a folder without a manifest."""
    names: set[str] = set()
    for folder in folders:
        if not (folder / MANIFEST).is_file():
            raise WorkspaceError(f"{folder} has no {MANIFEST}, so nobody knows what landed there. {land_again(folder)}")
        if folder.name.endswith(COMPACTED):
            names.update(map(str, read_manifest(folder).get("replaces", ())))
    return names


def originals(folder: Path) -> list[dict[str, Any]]:
    """The manifests of the landings in a folder, each with its name as `landing`. Raises `WorkspaceError`.

    A folder holds one landing, or several where `curation compact` made it.
    """
    manifest = read_manifest(folder)
    return manifest.get("landings") or [{"landing": folder.name, **manifest}]


def number_of(name: str) -> int:
    """The number of a landing, from its name; the column `landing` of its rows has it."""
    return int(name.partition("-")[0])


def landed_files(landings: list[Path]) -> list[Path]:
    """The Parquet files of landings. Raises `WorkspaceError` for one that is missing or cut off."""
    files = [folder / name for folder in landings for name in read_manifest(folder)["files"]]
    for path in files:
        if damage := cut_off(path):
            raise WorkspaceError(f"{path} {damage}, so its posts can't be read. {land_again(path.parent)}")
    return files


def cut_off(path: Path) -> str | None:
    """What is wrong with a Parquet file, as a clause: "is missing"; None when it has a footer."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        pq.read_metadata(path)
    except FileNotFoundError:
        return "is missing"
    except (OSError, pa.ArrowException):
        return "is damaged"
    return None
