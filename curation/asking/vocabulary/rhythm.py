"""When kept posts were written: by hour and weekday, at an offset from UTC."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from curation.asking.vocabulary import cells
from curation.asking.vocabulary.figures import SLOT
from curation.asking.vocabulary.index_file import WordIndex
from curation.errors import UsageError

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_WEEK = 7 * 24 * 60 // SLOT
_OFFSET = re.compile(r"([+-]?)([0-9]{1,2})(?::?(00|15|30|45))?")


@dataclass(frozen=True)
class Rhythm:
    """Kept posts by weekday and hour."""

    offset: int  # minutes east of UTC
    hours: tuple[tuple[int, ...], ...]  # seven days from Monday, each of 24 hours
    untimed: int = 0  # kept posts of a day without a time

    def to_json(self) -> dict[str, Any]:
        """For `curation words --json`."""
        return {
            "offset_minutes": self.offset,
            "days": list(DAYS),
            "hours": [list(day) for day in self.hours],
            "untimed": self.untimed,
        }


def minutes_of(offset: str) -> int:
    """Minutes east of UTC, from `+2`, `-03:30` or `0`. Raises `UsageError`."""
    match = _OFFSET.fullmatch(offset.strip())
    minutes = int(match[2]) * 60 + int(match[3] or 0) if match else 10_000
    if match is None or minutes > 14 * 60:
        raise UsageError(f"--offset {offset}: write the hours from UTC, such as +2, -3:30 or 0, at most 14.")
    return -minutes if match[1] == "-" else minutes


def rhythm(index: WordIndex, author: str | None, offset: int) -> Rhythm:
    """The rhythm of an author's kept posts; None: of all."""
    where = cells.by(author)
    hours, untimed = [[0] * 24 for _ in DAYS], 0
    for slot, posts in index.rows(
        f"SELECT slot, sum(kept)::BIGINT FROM {{slots}} WHERE {where.condition} GROUP BY slot", where.parameters
    ):
        if slot < 0:
            untimed += posts
            continue
        place = (slot + offset // SLOT) % _WEEK * SLOT // 60
        hours[place // 24][place % 24] += posts
    return Rhythm(offset, tuple(map(tuple, hours)), untimed)
