"""The steps of a statement that a rule becomes: the name and SQL of each, over the step before it."""

from __future__ import annotations

from collections.abc import Mapping

from curation.rules.base import Dedup, Filter, Transform
from curation.sql import any_of, identifier, literal

#: The prefix of the last step of a rule.
AFTER = "after_"


def dedup_steps(rule: Dedup, before: str) -> list[tuple[str, str]]:
    """The step of a dedup, with its marks."""
    replaced = [f"coalesce(duplicate_of, {rule.mark('duplicate_of')}) AS duplicate_of"]
    flags = [f"({rule.removes()}) AS {identifier(f'removes:{rule.name}')}"]
    if "text" in rule.marked():
        replaced.append(f"coalesce({rule.mark('text')}, text) AS text")
        flags.append(f"{rule.mark('text')} <> text AS {identifier(f'rewrites:{rule.name}')}")
    flags += [f"{value} AS {identifier(name)}" for name, value in rule.adds().items()]
    body = f"SELECT * REPLACE ({', '.join(replaced)}), {', '.join(flags)} FROM {identifier(before)}"
    return [(f"{AFTER}{rule.name}", body)]


def transform_steps(rule: Transform, before: str) -> list[tuple[str, str]]:
    """The steps of a transform: the new text, and whether it is another one."""
    new = identifier(f"new:{rule.name}")
    when = rule.when()
    text = f"CASE WHEN {when} THEN {rule.rewrite()} ELSE text END" if when else rule.rewrite()
    replaced = [f"{new} AS text"]
    for name, value in rule.sets().items():
        replaced.append(f"CASE WHEN {when or 'true'} THEN {value} ELSE {identifier(name)} END AS {identifier(name)}")
    flags = [f"{new} <> text AS {identifier(f'rewrites:{rule.name}')}"]
    for name, value in rule.adds().items():
        flags.append(f"CASE WHEN {new} <> text THEN {value} END AS {identifier(name)}")
    return [
        (f"rewritten_{rule.name}", f"SELECT *, coalesce({text}, text) AS {new} FROM {identifier(before)}"),
        (
            f"{AFTER}{rule.name}",
            f"SELECT * EXCLUDE ({new}) REPLACE ({', '.join(replaced)}), {', '.join(flags)} "
            f"FROM {identifier(f'rewritten_{rule.name}')}",
        ),
    ]


def without(prepared: dict[str, str], following: str, before: str) -> tuple[str, str]:
    """The step after which nothing is `prepared`, since the text may be another one."""
    columns = ", ".join(prepared.values())
    prepared.clear()
    return f"prepared_{following}_0", f"SELECT * EXCLUDE ({columns}) FROM {identifier(before)}"


def filter_steps(rule: Filter, before: str, removing: list[str], prepared: dict[str, str]) -> list[tuple[str, str]]:
    """The steps of a filter.

    `prepared` are the working columns of earlier filters on the same text, by their SQL; filters share them.
    """
    steps = []

    def step(name: str, columns: str) -> None:
        nonlocal before
        steps.append((name, f"SELECT {columns} FROM {identifier(before)}"))
        before = name

    working: list[str] = []
    shared: dict[str, str] = {}
    where = "{}"
    if rule.only_if_alive and rule.measure():
        alive = identifier(f"{rule.name}:alive")
        gone = any_of(identifier(f"removes:{name}") for name in removing)
        step(f"alive_{rule.name}", f"*, len(matched) = 0 AND NOT coalesce({gone}, false) AS {alive}")
        working.append(alive)
        where = f"CASE WHEN {alive} THEN {{}} END"
    for number, (name, value) in enumerate(rule.prepares(), start=1):
        value = where.replace("{}", _renamed(value, shared))
        if value in prepared:
            shared[name] = prepared[value]
            continue
        step(f"prepared_{rule.name}_{number}", f"*, {value} AS {name}")
        if working:
            working.append(name)
        else:
            prepared[value] = name
    if measure := rule.measure():
        measure = where.replace("{}", _renamed(measure, shared))
        step(f"measured_{rule.name}", f"*, {measure} AS {identifier(rule.name)}")
    also = [f"{_renamed(value, shared)} AS {identifier(name)}" for name, value in rule.also_measures().items()]
    if also or working:
        rest = f"* EXCLUDE ({', '.join(working)})" if working else "*"
        step(f"measured_{rule.name}_all", ", ".join([rest, *also]))
    flag = identifier(f"removes:{rule.name}")
    steps.append((f"{AFTER}{rule.name}", f"SELECT *, ({rule.removes()}) AS {flag} FROM {identifier(before)}"))
    return steps


def _renamed(value: str, names: Mapping[str, str]) -> str:
    """SQL with other columns for some."""
    for name, other in names.items():
        value = value.replace(name, other)
    return value


def verdict_of(before: str, removing: list[str], rewriting: list[str]) -> str:
    """SQL: the lists of the rules that remove a post and of those that rewrite it, out of their flags."""

    def named(prefix: str, names: list[str]) -> str:
        cases = ", ".join(f"CASE WHEN {identifier(f'{prefix}:{name}')} THEN {literal(name)} END" for name in names)
        flags = any_of(identifier(f"{prefix}:{name}") for name in names)
        return f"CASE WHEN {flags} THEN list_filter([{cases}], lambda name: name IS NOT NULL) ELSE [] END"

    changes = []
    if removing:
        changes.append(f"list_concat(matched, {named('removes', removing)}) AS matched")
    if rewriting:
        changes.append(f"list_concat(rewritten_by, {named('rewrites', rewriting)}) AS rewritten_by")
    replaced = f"REPLACE ({', '.join(changes)}) " if changes else ""
    return f"SELECT * {replaced}FROM {identifier(before)}"
