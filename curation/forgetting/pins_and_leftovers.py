"""Pins of forgotten posts, which hold ids and notes, and what commands leave beside their results."""

from __future__ import annotations

import shutil
from collections.abc import Sequence

from curation.corpus.pins.pin_file import FILE, Pins, change_pins, pins_of
from curation.disk.tombstones import POST, Tombstones
from curation.disk.workspace import Workspace
from curation.errors import InputError
from curation.forgetting.holder import Change, Forgetting, Holder, Sentence
from curation.writing.terminal import count


class PinnedPosts(Holder):
    """The file of pins of the workspace."""

    name = "pins"
    reported = False

    def remove(self, work: Forgetting) -> Sequence[Sentence]:
        """Take out the pins of posts that have a tombstone."""

        def without(pins: Pins) -> Pins:
            return Pins(tuple(pin for pin in pins.pins if pin.post not in gone))

        try:
            gone = _forgotten(pins_of(work.space), work.tombstones)
            if gone and not work.dry_run:
                change_pins(work.space, without, erase=True, waiting=work.waiting)
        except InputError as error:
            work.unreadable.append(
                f"{error} It may hold pins of what is forgotten; all else has lost it. Mend the file, then complete "
                "this with: curation forget --resume"
            )
            return []
        return [Sentence(f"{count(len(gone), 'pin')} of it taken out of {work.space.root / FILE}.")] if gone else []


def _forgotten(pins: Pins, tombstones: Tombstones) -> set[tuple[str, str]]:
    """Platform and id of the pinned posts that have a tombstone."""
    if not pins.pins or not tombstones.marks:
        return set()
    platforms, ids = zip(*(pin.post for pin in pins.pins), strict=True)
    with tombstones.connected() as connection:
        posts = connection.execute(
            "SELECT platform, id FROM (SELECT unnest(?::VARCHAR[]) AS platform, unnest(?::VARCHAR[]) AS id) "
            f"WHERE {tombstones.named(POST, 'platform', 'id')}",
            [list(platforms), list(ids)],
        )
        return set(posts.fetchall())


class Leftovers(Holder):
    """The memo, which holds digests of texts, and unfinished work of killed processes."""

    name = "leftovers"
    reported = False

    def remove(self, work: Forgetting) -> Sequence[Change]:
        """Remove all of it; the memo is computed anew."""
        if not work.dry_run:
            shutil.rmtree(work.space.memo, ignore_errors=True)
            work.space.sweep(everything=True)
        return []

    def holds(self, space: Workspace, tombstones: Tombstones) -> bool:
        """Whether the memo is older than the latest tombstone: a digest doesn't tell its text."""
        files = space.memo.rglob("*") if tombstones.marks else ()
        return any(tombstones.may_be_of(path.stat().st_mtime) for path in files)
