"""Pins of forgotten posts: a pin holds a post's id, and a note perhaps of what it said."""

from __future__ import annotations

from collections.abc import Sequence

from curation.asking.pins.pin_file import FILE, Pins, change_pins, pins_of
from curation.disk.tombstones import POST, Tombstones
from curation.errors import InputError
from curation.forgetting.holder import Forgetting, Holder, Sentence


class PinnedPosts(Holder):
    """The file of pins of the workspace."""

    name = "pins"
    reported = False

    def remove(self, work: Forgetting) -> Sequence[Sentence]:
        """Take the pins of posts that have a tombstone out."""
        try:
            gone = _forgotten(pins_of(work.space), work.tombstones)
            if gone and not work.dry_run:
                change_pins(
                    work.space,
                    lambda pins: Pins(tuple(pin for pin in pins.pins if pin.post not in gone)),
                    erase=True,
                    waiting=work.waiting,
                )
        except InputError as error:
            work.unreadable.append(
                f"{error} It may hold pins of what is forgotten; all else has lost it. Mend the file, then complete "
                "this with: curation forget --resume"
            )
            return []
        pins = f"{len(gone):,} pin{'' if len(gone) == 1 else 's'}"
        return [Sentence(f"{pins} of it taken out of {work.space.root / FILE}.")] if gone else []


def _forgotten(pins: Pins, tombstones: Tombstones) -> set[tuple[str, str]]:
    """Platform and id of the pinned posts that have a tombstone."""
    if not pins.pins or not tombstones.marks:
        return set()
    platforms, ids = zip(*(pin.post for pin in pins.pins), strict=True)
    with tombstones.connected() as connection:
        return set(
            connection.execute(
                "SELECT platform, id FROM (SELECT unnest(?::VARCHAR[]) AS platform, unnest(?::VARCHAR[]) AS id) "
                f"WHERE {tombstones.named(POST, 'platform', 'id')}",
                [list(platforms), list(ids)],
            ).fetchall()
        )
