"""Records that could not be read: how many, why, and the first of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from curation.sources.base import Rejected

#: Rejected records that are named one by one; the landing's `rejected.jsonl` has all of them.
NAMED = 1000

#: Reasons for rejections that are counted apart; all others count as one.
REASONS = 1000
#: The parts of a reason that differ between records: numbers, and text in quotes or brackets.
ONE_RECORD = re.compile(r"\d[\d,.]*|'[^']*'|\([^()]*\)")


@dataclass(frozen=True)
class Reason:
    """Why records were rejected."""

    why: str  # for the first of them
    count: int
    where: str  # the first of them


@dataclass
class Rejections:
    """The rejected records of an input, in bounded memory."""

    named: list[Rejected] = field(default_factory=list)  # the first NAMED
    count: int = 0
    _reasons: Counter[str] = field(default_factory=Counter)  # by their common part
    _first: dict[str, Rejected] = field(default_factory=dict)

    def add(self, records: Sequence[Rejected]) -> None:
        """Count rejected records and their reasons."""
        self.named += records[: NAMED - len(self.named)]
        self.count += len(records)
        for record in records:
            kind = ONE_RECORD.sub("…", record.why)
            if kind not in self._first and len(self._first) >= REASONS:
                kind = "…"
            self._first.setdefault(kind, record)
            self._reasons[kind] += 1

    def reasons(self) -> tuple[Reason, ...]:
        """Why records were rejected, the commonest first."""
        return tuple(
            Reason("for other reasons" if kind == "…" else self._first[kind].why, count, self._first[kind].where)
            for kind, count in self._reasons.most_common()
        )


def together(reasons: Iterable[Sequence[Reason]]) -> tuple[Reason, ...]:
    """The reasons of several landings, the commonest first."""
    first: dict[str, Reason] = {}
    counts: Counter[str] = Counter()
    for reason in (reason for some in reasons for reason in some):
        first.setdefault(reason.why, reason)
        counts[reason.why] += reason.count
    return tuple(replace(first[why], count=count) for why, count in counts.most_common())
