"""Files that are kept of one state of a corpus, in `FOLDER/<corpus>/<key>/`; the key names the state.

They are caches: where nothing can be written, nothing is kept. A killed process leaves no part of them.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from curation.corpus.corpus import Corpus
from curation.disk.whole_files import flush, take_along
from curation.disk.workspace import Workspace
from curation.errors import CurationError, WorkspaceError


def keep(space: Workspace, made: Path, place: Path) -> bool:
    """Put a file or a folder in its place, with the folders above it in one step; gives whether it is there."""
    with contextlib.suppress(OSError, WorkspaceError), space.staging("kept") as work:
        new = work / place.relative_to(space.root)
        new.parent.mkdir(parents=True)
        if made.is_dir():
            shutil.copytree(made, new, copy_function=lambda file, to: take_along(Path(file), Path(to)))
        else:
            take_along(made, new)
        for file in new.rglob("*") if new.is_dir() else [new]:
            flush(file)
        missing = [each for each in (place, *place.parents) if each.is_relative_to(space.root) and not each.exists()]
        top = missing[-1] if missing else place
        (work / top.relative_to(space.root)).replace(top)
        flush(top.parent)
    return place.exists()


def sweep(space: Workspace, kept: Path, key_of: Callable[[dict[str, Any]], str]) -> None:
    """Remove what `kept` holds of states that are no more. `key_of` gives the key of a corpus's manifest."""
    stale = [folder for folder in kept.glob("*/*") if not _is_current(space, folder, key_of)]
    if not stale:
        return
    with contextlib.suppress(OSError, WorkspaceError), space.staging("kept") as work:
        for number, folder in enumerate(stale):
            others = [each for each in folder.parent.iterdir() if each not in stale]
            (folder if others else folder.parent).replace(work / str(number))


def _is_current(space: Workspace, folder: Path, key_of: Callable[[dict[str, Any]], str]) -> bool:
    try:
        return key_of(Corpus.open(space, folder.parent.name).manifest) == folder.name
    except CurationError:
        return False
