"""Conditions on cells, and the periods of a sparkline."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from curation.corpus.ledger import UNKNOWN
from curation.corpus.selection import KEPT

#: Most periods of a sparkline.
PERIODS = 40


@dataclass(frozen=True)
class Cells:
    """Some cells, as a condition in SQL on the table of cells, with its parameters."""

    condition: str = "true"
    parameters: tuple[Any, ...] = ()

    def __and__(self, other: Cells) -> Cells:
        return Cells(f"({self.condition}) AND ({other.condition})", self.parameters + other.parameters)


def kept() -> Cells:
    """Kept posts."""
    return removed_by(KEPT)


def removed_by(verdict: str) -> Cells:
    """Posts with this verdict."""
    return Cells("verdict = ?", (verdict,))


def by(author: str | None) -> Cells:
    """Posts of an author; None: of all."""
    return Cells() if author is None else Cells("author = ?", (author,))


def in_year(year: str) -> Cells:
    """Posts of a year."""
    return Cells("left(month, 4) = ?", (year,))


@dataclass(frozen=True)
class Period:
    """Some months, from the first to the last, as `2016-01`."""

    first: str
    last: str
    months: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """For `curation words --json`."""
        return {"from": self.first, "to": self.last}


def periods(months: Iterable[str]) -> list[Period]:
    """At most `PERIODS` periods of equal length, from the first month to the last one."""
    dated = sorted(month for month in set(months) if month != UNKNOWN)
    if not dated:
        return []
    every = list(_between(dated[0], dated[-1]))
    size = -(-len(every) // PERIODS)
    return [Period(part[0], part[-1], tuple(part)) for part in _pieces(every, size)]


def _between(first: str, last: str) -> Iterable[str]:
    year, month = int(first[:4]), int(first[5:])
    for number in itertools.count(year * 12 + month - 1):
        name = f"{number // 12:04}-{number % 12 + 1:02}"
        yield name
        if name >= last:
            return


def _pieces(every: Sequence[str], size: int) -> Iterable[Sequence[str]]:
    return (every[begin : begin + size] for begin in range(0, len(every), size))
