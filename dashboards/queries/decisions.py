"""Decisions by hand that a corpus lacks."""

from __future__ import annotations

from curation.corpus.pins.deciding import not_applied
from curation.corpus.pins.pin_file import FILE, pins_of
from curation.disk.workspace import Workspace
from dashboards.snapshot import Snapshot


def waiting(space: Workspace, snapshot: Snapshot) -> int:
    """How many posts of the corpus have another pin than the one that is applied there.

    Cached until the file of pins changes. Raises `InputError` for a damaged file, `ReplacedError`.
    """
    try:
        status = (space.root / FILE).stat()
        state = (status.st_ino, status.st_mtime_ns, status.st_size)
    except OSError:
        state = (0, 0, 0)

    def count() -> int:
        pins = pins_of(space)
        return snapshot.ask(lambda corpus: not_applied(corpus, pins))

    return snapshot.keep(("decisions", str(space.root), state), count)
