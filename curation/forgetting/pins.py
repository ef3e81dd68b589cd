"""Taking the pins of forgotten posts back: a pin holds a post's id, and a note perhaps of what it said."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from curation.asking.pins.pin_file import Pins, change_pins, pins_of
from curation.disk.tombstones import POST
from curation.errors import InputError, WorkspaceError
from curation.sql import database

if TYPE_CHECKING:
    from collections.abc import Callable

    from curation.disk.tombstones import Tombstones
    from curation.disk.workspace import Workspace


def unpin(space: Workspace, tombstones: Tombstones, waiting: Callable[[str], None] | None = None) -> int:
    """Take the pins of posts that have a tombstone out of the workspace's file; gives their number.

    Raises `WorkspaceError` for a file that can't be read.
    """
    try:
        before = pins_of(space)
        gone = _forgotten(before, tombstones)
        if not gone:
            return 0

        def change(pins: Pins) -> Pins:
            return Pins(tuple(pin for pin in pins.pins if pin.post not in gone))

        change_pins(space, change, erase=True, waiting=waiting)
    except InputError as error:
        raise WorkspaceError(
            f"{error} It may hold pins of what is forgotten; all else has lost it. Mend the file, then complete this "
            "with: curation forget --resume"
        ) from error
    return len(gone)


def _forgotten(pins: Pins, tombstones: Tombstones) -> set[tuple[str, str]]:
    """Platform and id of the pinned posts that have a tombstone."""
    if not pins.pins or not tombstones.marks:
        return set()
    with contextlib.closing(database.connect(threads=1)) as connection:
        tombstones.enter(connection)
        platforms, ids = zip(*(pin.post for pin in pins.pins), strict=True)
        return set(
            connection.execute(
                "SELECT platform, id FROM (SELECT unnest(?::VARCHAR[]) AS platform, unnest(?::VARCHAR[]) AS id) "
                f"WHERE {tombstones.named(POST, 'platform', 'id')}",
                [list(platforms), list(ids)],
            ).fetchall()
        )
