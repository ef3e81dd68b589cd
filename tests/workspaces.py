"""Workspaces that are built once by each process of the tests, and copied for every test that starts from one."""

from __future__ import annotations

import atexit
import functools
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from curation.disk import export_manifest
from curation.disk.workspace import Workspace


def copied(build: Callable[[Path], None], place: Path) -> None:
    """What `build` makes in an empty folder, copied into `place`; a workspace in it is called `data`."""
    copy(built(build), place)


@functools.cache
def built(build: Callable[[Path], None]) -> Path:
    """The folder that `build` has filled, never to be changed."""
    folder = _folder() / f"{len(list(_folder().iterdir()))}-{build.__name__}"
    folder.mkdir()
    build(folder)
    return folder


def copy(folder: Path, place: Path) -> None:
    """Copy a folder with a workspace `data`, whose notes of exports elsewhere lead to the copies of these."""
    shutil.copytree(folder, place, dirs_exist_ok=True)
    space = Workspace(place / "data")
    for note in (place / "data/exports/.elsewhere").glob("*.json"):
        noted = Path(json.loads(note.read_text(encoding="utf-8"))["folder"])
        moved = place.resolve() / noted.name
        if noted != moved:
            note.unlink()
            export_manifest.remember(space, moved)
            export_manifest.settle(space, moved)


@functools.cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="built-", dir=os.environ.get("PYTEST_DEBUG_TEMPROOT")))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
