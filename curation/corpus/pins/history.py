"""The latest changes of pins, so that they can be taken back; in `DIR/.pins-undo.json`, beside the pins.

::

    {"schema": 1, "changes": [{"at": "2026-05-04T12:00:00+00:00",
                               "posts": [{"platform": "x", "id": "17", "before": null, "after": {"want": "kept", …}}]}]}

The file is a convenience: without it, or where it can't be read, there is nothing to take back. Forgetting takes posts
out of it, as out of the pins.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curation.disk.whole_files import write_whole
from curation.writing.characters import json_text

FILE = ".pins-undo.json"
#: The most changes that are kept.
MOST = 200

#: A pin as `Pin.to_json` gives it; None: no pin.
PinValues = Mapping[str, str] | None


@dataclass(frozen=True)
class PinnedBefore:
    """The pin of a post before and after a change."""

    platform: str
    id: str
    before: PinValues
    after: PinValues

    @property
    def post(self) -> tuple[str, str]:
        """Platform and id."""
        return self.platform, self.id


@dataclass(frozen=True)
class PinsChange:
    """One change of pins: of one post, or of several at once."""

    at: str  # UTC
    posts: tuple[PinnedBefore, ...]

    def to_json(self) -> dict[str, Any]:
        """As in the file."""
        return {"at": self.at, "posts": [vars(post) for post in self.posts]}


def read_changes(root: Path) -> list[PinsChange]:
    """The changes that can be taken back, the latest last; none where the file can't be read."""
    try:
        content = json.loads((root / FILE).read_text(encoding="utf-8"))
        return [
            PinsChange(str(each["at"]), tuple(_post(post) for post in each["posts"])) for each in content["changes"]
        ]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return []


def write_changes(root: Path, changes: Sequence[PinsChange], unfinished: Path) -> None:
    """Write the latest changes, by way of the path `unfinished` on the same disk; without any, remove the file."""
    if not changes:
        (root / FILE).unlink(missing_ok=True)
        return
    content = {"schema": 1, "changes": [each.to_json() for each in changes[-MOST:]]}
    write_whole(root / FILE, json_text(content) + "\n", unfinished)


def without_posts(changes: Sequence[PinsChange], posts: Collection[tuple[str, str]]) -> list[PinsChange]:
    """The changes without these posts."""
    left = (PinsChange(each.at, tuple(post for post in each.posts if post.post not in posts)) for each in changes)
    return [each for each in left if each.posts]


def _post(content: Any) -> PinnedBefore:
    before, after = (_values(content[key]) for key in ("before", "after"))
    return PinnedBefore(str(content["platform"]), str(content["id"]), before, after)


def _values(content: Any) -> PinValues:
    return None if content is None else {str(key): str(value) for key, value in content.items()}
