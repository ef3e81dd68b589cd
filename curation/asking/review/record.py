"""The record of reviews: which posts were drawn from which queue. What was decided about them are their pins.

::

    DIR/reviews.json

So a decision that is taken back or changed, here or with `curation pin`, counts as it is now. The file names posts and
never has their text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from curation.asking.review.queues import QUEUES
from curation.disk.whole_files import write_whole, writing
from curation.disk.workspace import Workspace, staging_at
from curation.errors import InputError

FILE = "reviews.json"


@dataclass(frozen=True)
class Draw:
    """A post that was drawn from a queue."""

    platform: str
    id: str
    corpus: str
    recipe: str  # fingerprint of the recipe
    queue: str  # of `QUEUES`
    of_rule: str  # the rule that the queue was limited to; "" for all
    rule: str  # the rule that removes the post by the recipe alone, or whose threshold is near; "" for none

    @property
    def post(self) -> tuple[str, str]:
        """Platform and id."""
        return self.platform, self.id


@dataclass(frozen=True)
class Reviews:
    """All draws of a workspace, each once, in their order."""

    draws: tuple[Draw, ...] = ()

    @classmethod
    def read(cls, path: Path) -> Reviews:
        """The draws of a file; none without a file. Raises `InputError`."""
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            return cls(tuple(_draw(each) for each in content["draws"]))
        except FileNotFoundError:
            return cls()
        except OSError as error:
            raise InputError(f"{path} can't be read: {error.strerror}.") from error
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"{path} is damaged, so nobody can tell which posts were drawn. Restore it from a copy, or delete it; "
                "the decisions are in pins.toml and stay."
            ) from error

    def with_draws(self, draws: Iterable[Draw]) -> Reviews:
        """These and others; a draw that is there already stays where it is."""
        return Reviews(tuple(dict.fromkeys((*self.draws, *draws))))

    def without(self, posts: set[tuple[str, str]]) -> Reviews:
        """These without the draws of some posts."""
        return Reviews(tuple(each for each in self.draws if each.post not in posts))


def reviews_of(space: Workspace) -> Reviews:
    """The record of a workspace. Raises `InputError`."""
    return Reviews.read(space.root / FILE)


def change_reviews(
    space: Workspace, change: Callable[[Reviews], Reviews], *, waiting: Callable[[str], None] | None = None
) -> Reviews:
    """Change the record, which no other process changes meanwhile. Gives the new one. Raises `InputError`."""
    place = space.root / FILE
    with space.lock("reviews", waiting):
        old = Reviews.read(place)
        new = change(old)
        if new != old:
            text = json.dumps(
                {"schema": 1, "draws": [asdict(each) for each in new.draws]}, ensure_ascii=False, indent=1
            )
            with writing(place.parent), staging_at(space, place.parent, "reviews") as folder:
                write_whole(place, text + "\n", folder / place.name)
    return new


def _draw(each: dict[str, Any]) -> Draw:
    draw = Draw(**{name: str(each[name]) for name in Draw.__dataclass_fields__})
    if draw.queue not in QUEUES:
        raise ValueError(draw.queue)
    return draw
