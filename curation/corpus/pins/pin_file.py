"""The file of pins: posts that a recipe must keep, or must remove.

::

    DIR/pins.toml
    [[pin]]
    platform = "x"
    id = "1288834974657"
    want = "kept"              # or "removed"
    note = "the best one"      # optional, as is the next
    by = "mira"                # who says so

A pin names a post and never has its text. You may edit the file; when the program sets a pin, everything else in the
file stays.
"""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from curation.corpus.pins import history
from curation.corpus.pins.history import PinnedBefore, PinsChange
from curation.corpus.pins.pin_text import edited, pin_text
from curation.disk.path_names import impossible_name
from curation.disk.whole_files import write_whole, writing
from curation.disk.workspace import Workspace, staging_at
from curation.errors import InputError, UsageError, did_you_mean
from curation.recipes.toml_text import toml_content
from curation.writing.characters import shown
from curation.writing.terminal import shortened

FILE = "pins.toml"
KEPT, REMOVED = WANTS = ("kept", "removed")
#: The keys of a pin; the last two may be absent.
KEYS = ("platform", "id", "want", "note", "by")
HEAD = """\
# Posts that must be kept, or must be removed: `curation check` says for which of them the recipe alone does otherwise.
# want = "kept" or "removed": `curation run` does so. A `note` is shown with the pin, and who it is `by`. Comments stay.
"""


@dataclass(frozen=True)
class Pin:
    """A post that must be kept, or removed."""

    platform: str
    id: str
    want: str  # "kept" or "removed"
    note: str = ""
    by: str = ""  # who says so

    @property
    def post(self) -> tuple[str, str]:
        """Platform and id."""
        return self.platform, self.id

    def to_json(self) -> dict[str, str]:
        """As in the file."""
        return {key: getattr(self, key) for key in KEYS}


@dataclass(frozen=True)
class Pins:
    """The pins of a file in its order, at most one for each post."""

    pins: tuple[Pin, ...] = ()

    @classmethod
    def read(cls, path: Path) -> Pins:
        """The pins of a file; none without a file. Raises `InputError`, with the number of the pin."""
        if why := impossible_name(path):
            raise InputError(f"'{shortened(shown(str(path)), 80)}' is no name of a file: {why}.")
        try:
            return cls.parse(path.read_text(encoding="utf-8-sig"), path)
        except FileNotFoundError:
            return cls()
        except UnicodeDecodeError as error:
            raise InputError(f"{path} is not UTF-8 text (byte {error.start}), so it can't hold pins.") from error
        except OSError as error:
            raise InputError(f"{path} can't be read: {error.strerror}.") from error

    @classmethod
    def parse(cls, text: str, path: Path) -> Pins:
        """The pins in the text of a file. Raises `InputError`, with the number of the pin."""
        try:
            content = toml_content(text)
        except ValueError as error:
            raise InputError(f"{path} is not valid TOML: {error}.") from error
        tables = content.get("pin", [])
        if set(content) - {"pin"} or not isinstance(tables, list):
            raise InputError(f"{path}: write each pin as a table of its own that begins with [[pin]].")
        pins: dict[tuple[str, str], int] = {}
        parsed = []
        for number, table in enumerate(tables, start=1):
            try:
                pin = _pin(table)
            except ValueError as error:
                raise InputError(f"{path}, pin {number}: {error}") from error
            if pin.post in pins:
                raise InputError(
                    f"{path}, pin {number}: it is about {pin.platform} {pin.id}, as pin {pins[pin.post]} is. "
                    "Take one of the two out."
                )
            pins[pin.post] = number
            parsed.append(pin)
        return cls(tuple(parsed))

    def of(self, platform: str, post_id: str) -> Pin | None:
        """The pin of a post."""
        return next((pin for pin in self.pins if pin.post == (platform, post_id)), None)

    def pin(self, platform: str, post_id: str, want: str, note: str | None = None, by: str | None = None) -> Pins:
        """These and a pin of a post, which replaces an older one; what is not given of `note` and `by` stays."""
        if want not in WANTS:
            raise UsageError(f"A post can't be pinned as '{want}'.{did_you_mean(want, WANTS)}")
        old = self.of(platform, post_id)
        if old:
            given = {key: value for key, value in (("note", note), ("by", by)) if value is not None}
            return self.with_pin(replace(old, want=want, **given))
        return self.with_pin(Pin(platform, post_id, want, note or "", by or ""))

    def with_pin(self, pin: Pin) -> Pins:
        """These with a pin in the place of an older one of its post, or else at the end."""
        if self.of(*pin.post):
            return Pins(tuple(pin if each.post == pin.post else each for each in self.pins))
        return Pins((*self.pins, pin))

    def unpin(self, platform: str, post_id: str) -> Pins:
        """These without the pin of a post, if it has one."""
        return Pins(tuple(pin for pin in self.pins if pin.post != (platform, post_id)))

    def toml(self) -> str:
        """The text of a file with these and nothing else."""
        return HEAD + "".join(f"\n{pin_text(pin.to_json())}" for pin in self.pins)


def pins_of(space: Workspace, path: Path | None = None) -> Pins:
    """The pins of a workspace, or of another file. Raises `InputError`."""
    return Pins.read(path or space.root / FILE)


def change_pins(
    space: Workspace,
    change: Callable[[Pins], Pins],
    path: Path | None = None,
    *,
    erase: bool = False,
    waiting: Callable[[str], None] | None = None,
) -> Pins:
    """Change the pins of a workspace, or of another file. Gives the new pins.

    `change` gets the current pins while no other process changes them. The file is replaced in one step, and its
    comments stay; `erase` also removes the comments of a removed pin. `undo_pins` can take back a change of the
    workspace's pins, unless it erases.
    Raises `InputError` for a damaged file, `WorkspaceError`, and what `change` raises.
    """
    place = path or space.root / FILE
    with space.lock("pins", waiting):
        space.sweep()
        old = Pins.read(place)
        place.with_name(f".{place.name}.unfinished").unlink(
            missing_ok=True
        )  # an earlier version left it when it was killed
        new = change(old)
        if new != old:
            done = None if path or erase else [*history.read_changes(space.root), _difference(old, new)]
            _write(space, place, old, new, erase=erase, changes=done)
    return new


def undo_pins(space: Workspace, waiting: Callable[[str], None] | None = None) -> PinsChange | None:
    """Take back the latest change of the workspace's pins that can be; gives it, or None: there is none.

    A post whose pin was changed otherwise since, such as in an editor, stays as it is. Raises `InputError` for a
    damaged file, `WorkspaceError`.
    """
    place = space.root / FILE
    with space.lock("pins", waiting):
        space.sweep()
        old, changes = pins_of(space), history.read_changes(space.root)
        while changes:
            last = changes.pop()
            posts = tuple(post for post in last.posts if _values(old.of(*post.post)) == post.after)
            if posts:
                new = old
                for post in posts:
                    new = new.unpin(*post.post) if post.before is None else new.with_pin(_pin(post.before))
                _write(space, place, old, new, changes=changes)
                return replace(last, posts=posts)
    return None


def forget_changes(
    space: Workspace, posts: Collection[tuple[str, str]], waiting: Callable[[str], None] | None = None
) -> None:
    """Take posts, by platform and id, out of the changes that can be taken back."""
    with space.lock("pins", waiting), writing(space.root), space.staging("pins") as folder:
        left = history.without_posts(history.read_changes(space.root), posts)
        history.write_changes(space.root, left, folder / history.FILE)


def _difference(old: Pins, new: Pins) -> PinsChange:
    """The change that makes `new` out of `old`."""
    posts = dict.fromkeys(pin.post for pin in (*old.pins, *new.pins))
    both = ((post, _values(old.of(*post)), _values(new.of(*post))) for post in posts)
    changed = tuple(PinnedBefore(*post, before, after) for post, before, after in both if before != after)
    return PinsChange(datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"), changed)


def _values(pin: Pin | None) -> dict[str, str] | None:
    return pin.to_json() if pin else None


def _write(
    space: Workspace, place: Path, old: Pins, new: Pins, *, erase: bool = False, changes: list[PinsChange] | None = None
) -> None:
    """Write the file of pins, and before it the `changes` that can be taken back, if some are given.

    A process that is killed between the two leaves a change that did not happen; `undo_pins` passes over it.
    """
    with writing(place.parent), staging_at(space, place.parent, "pins") as folder:
        if changes is not None:
            history.write_changes(space.root, changes, folder / history.FILE)
        write_whole(place, _text(place, old, new, erase=erase), folder / place.name)


def _text(path: Path, old: Pins, new: Pins, *, erase: bool) -> str:
    """The text of the file with the pins `new` instead of `old`."""
    if not path.is_file():
        return new.toml()
    changes = [(pin.to_json(), now.to_json() if now else None) for pin in old.pins for now in [new.of(*pin.post)]]
    added = [pin.to_json() for pin in new.pins if old.of(*pin.post) is None]
    for text in edited(path.read_bytes().decode("utf-8-sig"), changes, added, erase=erase):
        with contextlib.suppress(InputError):
            if Pins.parse(text, path) == new:
                return text
    return new.toml()  # in another order


def _pin(table: Any) -> Pin:
    """A pin of a file. Raises `ValueError` with a sentence."""
    if not isinstance(table, dict):
        raise ValueError("it is no table. Begin each pin with [[pin]].")
    for key, value in table.items():
        if key not in KEYS:
            raise ValueError(f"there is no '{key}' in a pin.{did_you_mean(key, KEYS)}")
        if key == "id" and isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**127:
            continue
        if not isinstance(value, str):
            what = f"{key} = {value!r}" if isinstance(value, bool | float) else key
            raise ValueError(f"{what} should be a text in quotes.")
    for key in KEYS[:3]:
        if not table.get(key):
            raise ValueError(f"it has no {key}.")
    if table["want"] not in WANTS:
        raise ValueError(f'want = "{table["want"]}" should be "kept" or "removed".')
    return Pin(table["platform"], str(table["id"]), table["want"], table.get("note", ""), table.get("by", ""))
