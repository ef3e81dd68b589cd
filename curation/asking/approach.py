"""How a corpus gives the verdicts of another recipe: the cheapest exact way.

A corpus has every text and every measure. If only conditions change, they are evaluated over its columns. A rule that
compares posts, or measures only living ones, is recalculated if other posts are alive now. For anything else, such as
another transform, a run is needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeGuard

from curation.corpus.rejudging import STEADY, Settled, rules_left
from curation.recipes.recipe import Recipe
from curation.rules.base import Dedup, Filter, Rule
from curation.sql import expression

#: Microseconds a post in which a rule is computed again, besides comparing. With what comparing is declared to take,
#: this gave 23 seconds a rule for 336,552 posts, where 22 were measured on two cores, and 9 on two faster ones.
STAGE = 2.0
#: Most rules for packed evaluation: the bits of a word.
MOST_RULES = 63


class Way(StrEnum):
    """How verdicts were computed, in the words that `--json` prints."""

    CURRENT = "current"  # the verdict columns of the corpus
    QUERIED = "queried"  # conditions evaluated over its columns
    RECALCULATED = "recalculated"  # rules computed again from the first change on
    RUN = "run"  # a whole run, not saved
    NEEDS_RUN = "takes a run"  # no corpus has the answer
    ESTIMATED = "estimated"  # the verdict columns, assuming that later rules give the same verdicts


@dataclass(frozen=True)
class Approach:
    """How a corpus gives the verdicts of a recipe, and the rules that are evaluated for it."""

    way: Way
    rules: tuple[Rule, ...] = ()  # that remove posts, in recipe order; `Settled` reads the corpus's columns
    dropped: frozenset[str] = frozenset()  # rules of the corpus's recipe that the new one leaves out

    @property
    def conditions(self) -> tuple[Settled, ...]:
        """The rules whose conditions are evaluated over the corpus's columns."""
        return tuple(rule for rule in self.rules if isinstance(rule, Settled) and rule.condition)

    @property
    def recalculated(self) -> tuple[str, ...]:
        """The rules that are computed again."""
        return tuple(rule.name for rule in self.rules if not isinstance(rule, Settled))

    @property
    def microseconds(self) -> float:
        """About how long computing rules again takes a post, on two cores."""
        again = [rule for rule in self.rules if not isinstance(rule, Settled)]
        return sum(STAGE + (rule.comparing if rule.compares() is not None else 0.0) for rule in again)

    @property
    def is_packed(self) -> bool:
        """Whether packed verdicts in memory are enough: every rule reads a column or keeps one post of each key."""
        return len(self.rules) <= MOST_RULES and all(
            isinstance(rule, Settled) or keeps_one_of_a_key(rule) for rule in self.rules
        )


def approach(old: Recipe, new: Recipe) -> Approach:
    """How a corpus of `old` gives the verdicts of `new`."""
    new = new.over_posts_of(old)
    if old.fingerprint == new.fingerprint:
        return Approach(Way.CURRENT)
    rules = rules_left(old, new)
    if rules is None:
        return Approach(Way.NEEDS_RUN)
    dropped = frozenset(rule.name for rule in old.rules) - {rule.name for rule in new.rules}
    only_columns = all(isinstance(rule, Settled) for rule in rules)
    return Approach(Way.QUERIED if only_columns else Way.RECALCULATED, tuple(rules), dropped)


def estimate(old: Recipe, new: Recipe) -> Approach:
    """The same without recalculating: assumes that those rules give the same verdicts.

    `NEEDS_RUN` if one of those rules itself is changed, and no column tells what it would remove.
    """
    exact = approach(old, new)
    before, after = ({rule.name: rule for rule in recipe.rules} for recipe in (old, new))
    rules: list[Rule] = []
    for rule in exact.rules:
        original = after[rule.name]
        if not isinstance(rule, Settled) and original.values() != before[rule.name].values():
            if not isinstance(original, Filter) or original.compares() is not None:
                return Approach(Way.NEEDS_RUN)
            condition = original.removes()
            if not expression.columns_in(condition) <= STEADY | set(original.adds()):
                return Approach(Way.NEEDS_RUN)
            rules.append(Settled(name=rule.name, condition=condition))
        else:
            rules.append(rule if isinstance(rule, Settled) else Settled(name=rule.name))
    return Approach(exact.way, tuple(rules), exact.dropped)


def duration(seconds: float) -> str:
    """About how long something takes, in words."""
    if seconds < 90:
        return "some seconds" if seconds < 20 else "half a minute" if seconds < 45 else "about a minute"
    return f"about {seconds / 60:.0f} minutes"


def keeps_one_of_a_key(rule: Rule) -> TypeGuard[Dedup]:
    """Whether the rule keeps the preferred post of each key, with no method of its own."""
    own = ("find", "marks", "marked", "shared", "compares", "removes")
    return isinstance(rule, Dedup) and all(getattr(type(rule), name) is getattr(Dedup, name) for name in own)
