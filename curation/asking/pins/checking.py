"""Whether a recipe keeps what is pinned to be kept, and removes what is pinned to go.

>>> check(Corpus.open("data"), Pins.read(Path("data/pins.toml"))).broken                    # doctest: +SKIP
(Judged(pin=Pin(platform='x', id='17', want='kept', note=''), removed_by='min_words', why='Short tweets: 2 words < 3'),)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from curation.asking.pins.pin_file import CALLED, KEPT, Pin, Pins
from curation.asking.trial import STANDS
from curation.asking.variants import ask
from curation.corpus.reasons import reason
from curation.sql import identifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from curation.asking.trial import Trial
    from curation.corpus.corpus import Corpus

#: Columns that tell of a pinned post besides what was measured.
COLUMNS = ("platform", "id", "created_at", "removed_by", "duplicate_of")


@dataclass(frozen=True)
class Judged:
    """What a recipe says of a pinned post."""

    pin: Pin
    removed_by: str | None  # the rule; None: kept
    why: str  # in words; "kept" for a post that is kept

    @property
    def holds(self) -> bool:
        """Whether it is what the pin wants."""
        return (self.removed_by is None) == (self.pin.want == KEPT)

    def to_json(self) -> dict[str, Any]:
        """For `curation check --json`."""
        return {**self.pin.to_json(), "holds": self.holds, "removed_by": self.removed_by, "why": self.why}


@dataclass(frozen=True)
class Check:
    """What a recipe says of the pinned posts."""

    recipe: str
    corpus: str  # whose posts were asked
    how: str  # "stands", or how a trial answered: "queried", "done again"
    judged: tuple[Judged, ...]  # in the order of the pins
    missing: tuple[Pin, ...]  # of posts that the corpus does not have

    @property
    def broken(self) -> tuple[Judged, ...]:
        """The pins that the recipe breaks."""
        return tuple(each for each in self.judged if not each.holds)

    def to_json(self) -> dict[str, Any]:
        """For `curation check --json`."""
        return {
            "schema": 1,
            "recipe": self.recipe,
            "corpus": self.corpus,
            "how": self.how,
            "pins": len(self.judged) + len(self.missing),
            "held": len(self.judged) - len(self.broken),
            "broken": [each.to_json() for each in self.broken],
            "missing": [pin.to_json() for pin in self.missing],
        }


def check(corpus: Corpus, pins: Pins, *, trial: Trial | None = None) -> Check:
    """What the recipe of a corpus says of the pinned posts; with a trial on it, what the tried recipe says.

    Raises `WorkspaceError`.
    """
    rows = {(row["platform"], row["id"]): row for row in pinned_rows(corpus, pins, trial=trial)}
    described = trial.recipe.to_json()["rules"] if trial else corpus.rules
    rules = {rule["name"]: rule for rule in described}
    judged = []
    for pin in pins.pins:
        row = rows.get(pin.post)
        if row:
            name = row["removed_by"]
            why = "kept" if name is None else reason(rules[name], row) if name in rules else name
            judged.append(Judged(pin, name, why))
    return Check(
        recipe=trial.recipe.name if trial else corpus.recipe,
        corpus=corpus.recipe,
        how=trial.how if trial else STANDS,
        judged=tuple(judged),
        missing=tuple(pin for pin in pins.pins if pin.post not in rows),
    )


def pinned_rows(
    corpus: Corpus, pins: Pins, columns: Sequence[str] = (), *, trial: Trial | None = None
) -> list[dict[str, Any]]:
    """The pinned posts that a corpus has: `COLUMNS`, what its rules measured, and further `columns`; no text."""
    measured = [column for rule in corpus.rules for column in rule["columns"]]
    names = list(dict.fromkeys((*COLUMNS, *measured, *columns)))
    values = [_plain(name) for name in names]
    statement = f"SELECT {', '.join(values)} FROM posts WHERE {CALLED}"
    ids = [[pin.id for pin in pins.pins]]
    found = ask(corpus, trial, statement, ids) if trial else corpus.rows(statement, ids)
    rows = [dict(zip(names, row, strict=True)) for row in found]
    wanted = {pin.post for pin in pins.pins}
    return [row for row in rows if (row["platform"], row["id"]) in wanted]


def _plain(name: str) -> str:
    # Times with a zone would ask for one more package on their way to Python.
    return "created_at::TIMESTAMP AS created_at" if name == "created_at" else identifier(name)
