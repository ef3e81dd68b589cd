"""Why a post was removed, in words: the rule, what was measured, and the bound.

>>> rule = {"use": "min_words", "label": "Short posts", "kind": "filter", "measure": "min_words"}
>>> reason({**rule, "parameters": {"min": 3}}, {"min_words": 2})
'Short posts: 2 words < 3'
>>> reason({"use": "exact_duplicate", "label": "Exact duplicates", "kind": "dedup"}, {"duplicate_of": "17"})
'Exact duplicates: a copy of 17'
"""

from __future__ import annotations

import dataclasses
import datetime
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from curation.corpus.grounds import GROUNDS
from curation.recipes.verdict import BY_HAND, KEPT_BY_HAND, LABELS
from curation.rules import RuleBook, installed
from curation.rules.base import Dedup
from curation.rules.parameters import REMOVES_BY_NAME, Removes, key_of, removes_of, unit_of
from curation.writing.terminal import count

#: The sign between a measured value and its threshold.
SIGNS = {"less": "<", "more": ">"}
#: Most texts of a list that are named.
NAMED = 4
#: Most characters of a list that is shown whole.
LIST_LENGTH = 120


def reason(rule: Mapping[str, Any], row: Mapping[str, Any]) -> str:
    """Why `rule` removed a post, as a short phrase that begins with the rule's label.

    `rule` is a rule as a manifest has it (`label`, `use`, `kind`, `parameters`, `measure`), `row` has the post's
    columns: the rule's measure, `duplicate_of`, `created_at`, and `grounds` (`curation.corpus.grounds`). Missing ones
    shorten the phrase, down to the label.
    Escape it like a text: it may hold strangers' words (ids, a user's own condition).
    """
    why = _why(rule, row)
    return f"{rule['label']}: {why}" if why else str(rule["label"])


@dataclass(frozen=True)
class Decision:
    """The verdict on a post in words; escape them like a text."""

    kept: bool
    words: str  # "kept", why a rule removed it, or that a pin decided
    alone: str = ""  # what the recipe alone does, where a pin decided otherwise
    also: tuple[str, ...] = ()  # why other rules would remove it


def decision(rules: Iterable[Mapping[str, Any]], post: Mapping[str, Any]) -> Decision:
    """The verdict on a post, a row of a corpus; `rules` are those of the corpus's manifest."""
    by_name = {rule["name"]: rule for rule in rules}
    matched = list(post["matched"] or ())
    why = [reason(by_name[name], post) if name in by_name else name for name in matched]
    removed_by = post["removed_by"]
    if removed_by is None and matched:
        alone = f"the recipe alone removes it: {why[0]}"
        return Decision(True, LABELS[KEPT_BY_HAND], alone, tuple(why[1:]))
    if removed_by == BY_HAND:
        return Decision(False, LABELS[BY_HAND], "the recipe alone keeps it")
    if removed_by is None:
        return Decision(True, "kept")
    also = tuple(words for name, words in zip(matched, why, strict=True) if name != removed_by)
    first = next((words for name, words in zip(matched, why, strict=True) if name == removed_by), removed_by)
    return Decision(False, first, "", also)


def in_words(rule: Mapping[str, Any], book: RuleBook) -> tuple[str, str]:
    """What a rule of a manifest removes or rewrites, and its parameters as `min = 3, count = "unicode"`.

    A rule that `book` doesn't know has only its name. Escape both like a text.
    """
    in_book = rule["use"] in book.rules
    given = {key: value for key, value in rule["parameters"].items() if value is not None}
    parameters = ", ".join(f"{key} = {_in_brief(value)}" for key, value in given.items())
    return book.class_of(rule).summary().replace("`", "") if in_book else rule["use"], parameters


def _why(rule: Mapping[str, Any], row: Mapping[str, Any]) -> str | None:
    parameters = rule.get("parameters") or {}
    if rule.get("kind") == "dedup":
        other = row.get("duplicate_of")
        dedup = installed().class_of({"use": "", **rule})
        relation = dedup.relation if issubclass(dedup, Dedup) else Dedup.relation
        return f"{relation} {other}" if other else None
    measured = row.get(rule["measure"]) if rule.get("measure") else None
    if isinstance(measured, int | float) and not isinstance(measured, bool):
        return _out_of_bounds(rule, measured, parameters)
    if isinstance(measured, str) and isinstance(parameters.get("keep"), list):
        return f"{measured}, not {_listed(parameters['keep'])}"
    if isinstance(row.get("created_at"), datetime.datetime) and {"first", "last"} & parameters.keys():
        return _out_of_time(row["created_at"].date().isoformat(), parameters)
    if grounds := (row.get(GROUNDS) or {}).get(rule.get("name")):
        return "; ".join(grounds)
    condition = parameters.get("removes")
    return " ".join(condition.split()) if isinstance(condition, str) else None


def _out_of_bounds(rule: Mapping[str, Any], measured: float, parameters: Mapping[str, Any]) -> str | None:
    for key, removes in thresholds_of(str(rule.get("use"))).items():
        bound = parameters.get(key)
        if not isinstance(bound, int | float) or isinstance(bound, bool):
            continue
        if measured < bound if removes == "less" else measured > bound:
            return f"{in_units(rule, key, measured)} {SIGNS[removes]} {number(bound)}"
    return None


def in_units(rule: Mapping[str, Any], key: str, measured: float) -> str:
    """A measured value with the unit of the parameter `key`: `2 words`."""
    fields = _fields(str(rule.get("use")))
    unit, digits = unit_of(fields[key]) if key in fields else "", number(measured)
    if unit.startswith("share "):
        return f"{unit} {digits}"
    if unit and measured == 1:
        unit = unit.removesuffix("s")
    return f"{digits} {unit}" if unit else digits


def _out_of_time(day: str, parameters: Mapping[str, Any]) -> str | None:
    if parameters.get("first") and day < parameters["first"]:
        return f"{day}, before {parameters['first']}"
    if parameters.get("last") and day > parameters["last"]:
        return f"{day}, after {parameters['last']}"
    return None


def _listed(texts: list[str]) -> str:
    shown = [*texts[:NAMED], *(["…"] if len(texts) > NAMED else [])]
    return f"{', '.join(shown[:-1])} or {shown[-1]}" if len(shown) > 1 else "".join(shown)


def number(value: float) -> str:
    """Whole numbers with commas, shares with three digits."""
    return f"{value:,}" if isinstance(value, int) else f"{value:.3g}"


def _in_brief(value: Any) -> str:
    """A parameter's value as JSON, or the length of a long list."""
    whole = json.dumps(value, ensure_ascii=False)
    return count(len(value), "text") if isinstance(value, list) and len(whole) > LIST_LENGTH else whole


def _fields(use: str) -> dict[str, dataclasses.Field[Any]]:
    """The parameters of a rule by their names in a recipe; none for an unknown rule."""
    rule = installed().rules.get(use)
    return {key_of(field): field for field in rule.parameters()} if rule else {}


def thresholds_of(use: str) -> Mapping[str, Removes]:
    """The parameters that are compared with the rule's measure; by their names for an unknown rule."""
    fields = _fields(use)
    removes = {key: removes_of(field) for key, field in fields.items()}
    return {key: each for key, each in removes.items() if each} if fields else REMOVES_BY_NAME
