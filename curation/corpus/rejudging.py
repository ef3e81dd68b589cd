"""Rejudging: a recipe that differs from its corpus in little more than thresholds reuses what the corpus has measured.

Texts and measured columns stay. A changed condition is evaluated over its rule's own column; an unchanged one is read
from `matched`. After the first change other posts may be alive, so rules that look only at living posts are computed
again from there, on the text of the corpus: some measures, and rules that compare posts. A rule that needs another
text, such as one that compares before a transform, needs a whole run.

The result equals that of a whole run, row by row; a property test compares the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from curation.functions.base import BatchFunction
from curation.recipes.plan import CARRIED, OLD, Plan, columns_of, compile_from
from curation.recipes.recipe import Recipe
from curation.rules.base import Dedup, Filter, Rule, Transform
from curation.sql import expression, identifier, literal

MATCHED = identifier(f"{OLD}matched")

#: Columns that a changed condition may use besides those of its own rule: no rule changes them.
STEADY = frozenset(CARRIED) - {"text", "text_format"} | {"raw_text"}


@dataclass(frozen=True, kw_only=True)
class Settled(Filter):
    """A rule whose verdicts come from the corpus, perhaps with another condition; nothing is measured."""

    use: ClassVar[str] = "settled"
    title: ClassVar[str] = "Settled"

    condition: str = ""

    def removes(self) -> str:
        return self.condition or f"list_contains({MATCHED}, {literal(self.name)})"


@dataclass(frozen=True, kw_only=True)
class Measured(Filter):
    """A measure of living posts only: the corpus's values stay, and newly living posts are measured."""

    use: ClassVar[str] = "measured"
    title: ClassVar[str] = "Measured"
    only_if_alive: ClassVar[bool] = True

    rule: Filter

    def prepares(self) -> tuple[tuple[str, str], ...]:
        unknown = f"{_old(self.rule.name)} IS NULL"
        return tuple((name, f"CASE WHEN {unknown} THEN {value} END") for name, value in self.rule.prepares())

    def measure(self) -> str:
        return f"coalesce({_old(self.rule.name)}, {self.rule.measure()})"

    def also_measures(self) -> Mapping[str, str]:
        alive = f"{identifier(self.rule.name)} IS NOT NULL"
        return {
            name: f"CASE WHEN {alive} THEN coalesce({_old(name)}, {value}) END"
            for name, value in self.rule.also_measures().items()
        }

    def removes(self) -> str:
        return self.rule.removes()

    def functions(self) -> tuple[BatchFunction, ...]:
        return self.rule.functions()


def rejudge(old: Recipe, new: Recipe) -> Plan | None:
    """The plan that makes the corpus of `new` from that of `old`; None when that takes a whole run.

    Its first stage reads a table `posts` of the whole corpus, with its verdicts.
    """
    new = new.over_posts_of(old)
    rules = rules_left(old, new)
    if rules is None:
        return None
    # Only a rule that finds copies decides about `duplicate_of`.
    finding = {rule.name for rule in old.rules if isinstance(rule, Dedup)}
    settled = [rule.name for rule in rules if isinstance(rule, Settled) and rule.name in finding]
    return compile_from(_begin(settled), rules, (), columns_of(new.rules), judged=True)


def rules_left(old: Recipe, new: Recipe) -> list[Rule] | None:
    """The rules that are left to apply, without transforms; None when that takes a whole run."""
    by_name = {rule.name: rule for rule in new.over_posts_of(old).rules}
    if [rule.name for rule in old.rules if rule.name in by_name] != list(by_name):
        return None
    rules: list[Rule] = []
    disturbed = False  # whether other posts may be alive here than were
    on_text = False  # whether an earlier rule reads the corpus's text
    for before in old.rules:
        rule = by_name.get(before.name)
        changes_text = isinstance(before, Transform) or "text" in before.marked()
        if rule is None:
            if changes_text:
                return None
            disturbed = True
            continue
        if measured_of(before) != measured_of(rule):
            return None
        same = condition_of(before) == condition_of(rule)
        if isinstance(rule, Transform):
            if on_text or not same or rule.compares() is not None:
                return None
        elif rule.compares() is not None or (isinstance(rule, Filter) and rule.only_if_alive and disturbed):
            if disturbed or not same:
                if changes_text:
                    return None
                on_text = disturbed = True
                if isinstance(rule, Filter) and rule.compares() is None:
                    rules.append(Measured(name=rule.name, rule=rule))
                else:
                    rules.append(rule)
            else:
                rules.append(Settled(name=rule.name))
        elif same:
            rules.append(Settled(name=rule.name))
        else:
            assert isinstance(rule, Filter), "what neither rewrites nor compares is a filter"
            if not expression.columns_in(rule.removes()) <= STEADY | set(rule.adds()):
                return None
            disturbed = True
            rules.append(Settled(name=rule.name, condition=rule.removes()))
    return rules


def measured_of(rule: Rule) -> tuple[object, ...]:
    """What a rule measures, compares and rewrites."""
    words = (rule.use, rule.version, rule.adds(), rule.marked(), [(f.name, f.version) for f in rule.functions()])
    if isinstance(rule, Transform):
        return (*words, rule.rewrite(), rule.when(), rule.sets())
    return (*words, rule.prepares()) if isinstance(rule, Filter) else words


def condition_of(rule: Rule) -> tuple[object, ...]:
    """The condition over the measures; for a rule that compares, all its parameters."""
    if rule.compares() is not None:
        return (rule.values(), rule.prepares_comparison(), rule.compares())
    return (rule.removes(),) if isinstance(rule, Filter) else ()


def _begin(settled: list[str]) -> str:
    """SQL: the corpus without verdicts, except for settled copies."""
    kept = "CAST(NULL AS VARCHAR)"
    if settled:
        kept = f"CASE WHEN list_has_any({MATCHED}, {literal(settled)}) THEN {_old('duplicate_of')} END"
    return f"SELECT *, CAST([] AS VARCHAR[]) AS matched, {kept} AS duplicate_of FROM posts"


def _old(name: str) -> str:
    return identifier(OLD + name)
