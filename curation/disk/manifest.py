"""Manifests: `manifest.json` describes the folder of a landing or a corpus.

It is written last, so a folder without one is unfinished.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from curation.disk.path_names import impossible_name
from curation.disk.whole_files import flush, write_to_disk
from curation.errors import WorkspaceError
from curation.writing.characters import json_text

MANIFEST = "manifest.json"

#: The end of the name of a folder with several landings; its manifest names the folders that it `replaces`.
COMPACTED = "-compacted"


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest in `folder`. Raises `WorkspaceError` when it is damaged."""
    path = folder / MANIFEST
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        damage = None if _is_manifest(manifest) else "it does not say which files belong to it"
    except OSError as error:
        damage = error.strerror or str(error)
    except ValueError as error:
        damage = str(error)
    except RecursionError:
        damage = "it is nested too deeply"
    if damage:
        raise damaged_manifest(folder, damage)
    return manifest


def damaged_manifest(folder: Path, damage: str) -> WorkspaceError:
    """The error for a manifest that can't be read, with the way on."""
    again = f"Make it anew with: curation run {folder.name}"
    again = land_again(folder) if folder.parent.name == "raw" else again
    return WorkspaceError(f"{folder / MANIFEST} is damaged ({damage}). {again}")


def _is_manifest(manifest: object) -> bool:
    if not isinstance(manifest, dict):
        return False
    files, counts = manifest.get("files"), manifest.get("counts")
    return isinstance(counts, dict) and isinstance(files, list) and all(map(_is_name, files))


def _is_name(name: object) -> bool:
    if not isinstance(name, str) or impossible_name(name):
        return False
    return name not in ("", ".", "..") and not {"/", "\\", "\0"} & {*name}


def write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    """Write the manifest after everything that it names is on disk."""
    for path in folder.iterdir():
        flush(path)
    write_to_disk(folder / MANIFEST, json_text(manifest, indent=2) + "\n")
    flush(folder)


def land_again(folder: Path) -> str:
    """The advice for a landing that can't be read."""
    return (
        f"Put it back from a copy; or move the folder {folder} away and collect its input again. All else is unchanged."
    )
