"""Whether a recipe alone keeps and removes the pinned posts as their pins say: whether it would need the pins.

>>> check(Verdicts(Corpus.open("data")), Pins.read(Path("data/pins.toml"))).broken          # doctest: +SKIP
(Judged(pin=Pin(platform='x', id='17', want='kept', note=''), removed_by='min_words', why='Short posts: 2 words < 3'),)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from curation.asking.approach import Way
from curation.asking.verdicts import Verdicts
from curation.corpus.pins.pin_file import KEPT, Pin, Pins
from curation.corpus.pins.posts_called import CALLED
from curation.corpus.reasons import reason
from curation.sql import identifier

#: Columns of a pinned post besides the measures.
COLUMNS = ("platform", "id", "created_at", "matched", "duplicate_of")


@dataclass(frozen=True)
class Judged:
    """The verdict of a recipe alone, without pins, on a pinned post."""

    pin: Pin
    removed_by: str | None  # the rule; None: kept
    why: str  # in words; "kept" for a kept post

    @property
    def holds(self) -> bool:
        """Whether the verdict is what the pin wants."""
        return (self.removed_by is None) == (self.pin.want == KEPT)

    def to_json(self) -> dict[str, Any]:
        """For `curation check --json`."""
        return {**self.pin.to_json(), "holds": self.holds, "removed_by": self.removed_by, "why": self.why}


@dataclass(frozen=True)
class Check:
    """The verdicts of a recipe on the pinned posts."""

    recipe: str
    corpus: str  # with the posts
    way: Way
    judged: tuple[Judged, ...]  # in the order of the pins
    missing: tuple[Pin, ...]  # of posts that are not in the corpus

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
            "how": self.way,
            "pins": len(self.judged) + len(self.missing),
            "held": len(self.judged) - len(self.broken),
            "broken": [each.to_json() for each in self.broken],
            "missing": [pin.to_json() for pin in self.missing],
        }


def check(verdicts: Verdicts, pins: Pins) -> Check:
    """Compare what the recipe alone says with the pins. Raises `WorkspaceError`."""
    rows = {(row["platform"], row["id"]): row for row in pinned_rows(verdicts, pins)}
    rules = {rule["name"]: rule for rule in verdicts.rules}
    judged = []
    for pin in pins.pins:
        row = rows.get(pin.post)
        if row:
            name = next(iter(row["matched"] or ()), None)
            why = "kept" if name is None else reason(rules[name], row) if name in rules else name
            judged.append(Judged(pin, name, why))
    return Check(
        recipe=verdicts.recipe.name if verdicts.recipe else verdicts.corpus.recipe,
        corpus=verdicts.corpus.recipe,
        way=verdicts.way,
        judged=tuple(judged),
        missing=tuple(pin for pin in pins.pins if pin.post not in rows),
    )


def pinned_rows(verdicts: Verdicts, pins: Pins) -> list[dict[str, Any]]:
    """The pinned posts of a corpus, without texts: `COLUMNS` and the measures of its rules."""
    measured = [column for rule in verdicts.corpus.rules for column in rule["columns"]]
    names = list(dict.fromkeys((*COLUMNS, *measured)))
    # Python needs one more package for times with a zone.
    columns = ("created_at::TIMESTAMP AS created_at" if name == "created_at" else identifier(name) for name in names)
    statement = f"SELECT {', '.join(columns)} FROM posts WHERE {CALLED}"
    rows = [dict(zip(names, row, strict=True)) for row in verdicts.rows(statement, [[pin.id for pin in pins.pins]])]
    posts = {pin.post for pin in pins.pins}
    return [row for row in rows if (row["platform"], row["id"]) in posts]
