"""What a rule found in a post, whether it removes it or not: what was measured and the bound, or what it looked at.

>>> rule = {"name": "min_words", "use": "min_words", "kind": "filter", "measure": "min_words", "parameters": {"min": 3}}
>>> finding(rule, {"min_words": 16, "matched": []})
'16 words ≥ 3'
>>> finding(rule, {"min_words": None, "matched": ["retweet"]})
'not measured, since retweet removes it already'
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from curation.corpus.grounds import GROUNDS
from curation.corpus.reasons import SIGNS, in_units, number, thresholds_of
from curation.rules.base import Filter, Rule

#: Signs between a measured value and a threshold that it passes, by what the threshold removes.
PASSES = {"less": "≥", "more": "≤"}
#: Columns that a rule without a measure may read and that stand above it anyway.
TEXTS = frozenset({"text", "raw_text"})
#: Most characters of a value.
LONGEST = 100


def finding(rule: Mapping[str, Any], row: Mapping[str, Any], decides_by: Mapping[str, Any] | None = None) -> str:
    """What `rule`, as a manifest has it, found in a post; "" for nothing. Escape it like a text.

    `row` has the columns of the measures, `matched`, and what made a rule remove the post under `grounds`.
    `decides_by` are columns that the rule reads without a measure, with the post's values.
    """
    measure = rule.get("measure")
    if not measure:
        if grounds := (row.get(GROUNDS) or {}).get(rule.get("name")):
            return "; ".join(grounds)
        return "; ".join(f"{name} = {_shown(value)}" for name, value in (decides_by or {}).items())
    value = row.get(measure)
    if value is None:
        first = next(iter(row.get("matched") or ()), None)
        before = first and first != rule.get("name")
        return f"not measured, since {first} removes it already" if before else "could not be measured"
    return _measured(rule, value)


def _measured(rule: Mapping[str, Any], value: Any) -> str:
    parameters = rule.get("parameters") or {}
    if isinstance(value, int | float) and not isinstance(value, bool):
        bounds = []
        for key, removes in thresholds_of(str(rule.get("use"))).items():
            bound = parameters.get(key)
            if isinstance(bound, int | float) and not isinstance(bound, bool):
                goes = value < bound if removes == "less" else value > bound
                sign = (SIGNS if goes else PASSES)[removes]
                bounds.append(f"{in_units(rule, key, value)} {sign} {number(bound)}")
        return "; ".join(bounds) or number(value)
    kept = parameters.get("keep")
    keeps = f" (keeps {', '.join(map(str, kept))})" if isinstance(kept, list) and kept else ""
    return _shown(value) + keeps


def decides_by(rule: Rule, columns: Iterable[str]) -> list[str]:
    """Those of a post's `columns` by which a filter without a measure decides; none for other rules."""
    if not isinstance(rule, Filter) or rule.measure():
        return []
    code = re.sub(r"'(?:[^']|'')*'", "", rule.removes())
    words = {word.lower() for word in re.findall(r"\w+", code)}
    return [name for name in columns if name.lower() in words and name not in TEXTS]


def values_of(rules: Sequence[Rule], post: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The columns by which each filter without a measure decides, with the post's values, by the rule's name."""
    those = {rule.name: {name: post[name] for name in decides_by(rule, post)} for rule in rules}
    return {name: values for name, values in those.items() if values}


def _shown(value: Any) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = f"{value:.3g}" if isinstance(value, float) else " ".join(str(value).split())
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"
