"""Pins of forgotten posts and their latest changes, which hold ids and notes."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from curation.corpus.pins import history
from curation.corpus.pins.pin_file import FILE, Pins, change_pins, forget_changes, pins_of
from curation.disk.tombstones import POST, Tombstones
from curation.errors import InputError
from curation.forgetting.holder import Forgetting, Holder, Sentence
from curation.writing.terminal import count


class PinnedPosts(Holder):
    """The file of pins of the workspace, and its latest changes."""

    name = "pins"
    reported = False

    def remove(self, work: Forgetting) -> Sequence[Sentence]:
        """Take out the pins of posts that have a tombstone."""

        def without(pins: Pins) -> Pins:
            return Pins(tuple(pin for pin in pins.pins if pin.post not in gone))

        changed = {post.post for each in history.read_changes(work.space.root) for post in each.posts}
        if (undone := forgotten_posts(changed, work.tombstones)) and not work.dry_run:
            forget_changes(work.space, undone, work.waiting)
        try:
            gone = forgotten_posts({pin.post for pin in pins_of(work.space).pins}, work.tombstones)
            if gone and not work.dry_run:
                change_pins(work.space, without, erase=True, waiting=work.waiting)
        except InputError as error:
            work.unreadable.append(
                f"{error} It may hold pins of what is forgotten; all else has lost it. Mend the file, then complete "
                "this with: curation forget --resume"
            )
            return []
        sentences = [f"{count(len(gone), 'pin')} removed from {work.space.root / FILE}."] if gone else []
        if others := undone - gone:
            sentences.append(f"{count(len(others), 'post')} removed from the latest changes of pins.")
        return [Sentence(words) for words in sentences]


def forgotten_posts(posts: Collection[tuple[str, str]], tombstones: Tombstones) -> set[tuple[str, str]]:
    """Those of some posts, by platform and id, that have a tombstone."""
    if not posts or not tombstones.marks:
        return set()
    platforms, ids = zip(*posts, strict=True)
    with tombstones.connected() as connection:
        forgotten = connection.execute(
            "SELECT platform, id FROM (SELECT unnest(?::VARCHAR[]) AS platform, unnest(?::VARCHAR[]) AS id) "
            f"WHERE {tombstones.named(POST, 'platform', 'id')}",
            [list(platforms), list(ids)],
        )
        return set(forgotten.fetchall())
