"""Files that are kept of one state of a corpus, in `FOLDER/<corpus>/<key>/`; the key names the state."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from curation.corpus.corpus import Corpus
from curation.disk.workspace import Workspace
from curation.errors import CurationError


def sweep(space: Workspace, kept: Path, key_of: Callable[[dict[str, Any]], str]) -> None:
    """Remove what `kept` holds of states that are no more. `key_of` gives the key of a corpus's manifest."""
    for folder in kept.glob("*/*"):
        try:
            is_current = key_of(Corpus.open(space, folder.parent.name).manifest) == folder.name
        except CurationError:
            is_current = False
        if not is_current:
            shutil.rmtree(folder, ignore_errors=True)
    for folder in kept.glob("*"):
        with contextlib.suppress(OSError):  # it isn't empty
            folder.rmdir()
