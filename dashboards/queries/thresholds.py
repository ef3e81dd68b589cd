"""What the parameters of a recipe's rules can be moved between, and how the measured values lie."""

from __future__ import annotations

import datetime
import math
import re
import types
import typing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from curation.rules.base import Filter, Rule, key_of
from curation.sql import identifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from curation.recipes.recipe import Recipe
    from dashboards.snapshot import Snapshot

#: Bars of a histogram, at most.
BINS = 60
#: Values that are offered for a list.
OFFERED = 200
#: Column types that are measured in numbers.
_NUMBERS = ("INTEGER", "BIGINT", "DOUBLE", "FLOAT", "SMALLINT", "TINYINT", "HUGEINT", "UBIGINT", "UINTEGER")


@dataclass(frozen=True)
class Knob:
    """A parameter of a rule, and what may be chosen for it."""

    rule: str
    key: str
    kind: str  # "slider", "number", "truth", "choice", "list", "date" or "text"
    now: Any  # A's value
    doc: str
    low: float | None = None
    high: float | None = None
    step: float | None = None
    choices: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """As `--set` names it."""
        return f"{self.rule}.{self.key}"


@dataclass(frozen=True)
class Measured:
    """How the values of a measured column lie."""

    low: float  # 0.5 % are below
    high: float  # 0.5 % are above
    least: float
    most: float
    usual: float  # a tenth are above
    posts: int  # that were looked at
    whole: bool  # whole numbers


def measured(snapshot: Snapshot) -> dict[str, Measured]:
    """The measured columns of numbers by name, in one pass."""
    columns = [column for rule in snapshot.corpus.rules for column in rule["columns"]]
    if not columns:
        return {}
    known = snapshot.query(f"SELECT {', '.join(map(identifier, columns))} FROM posts LIMIT 0")
    columns = [column for column in columns if known.schema[column].is_numeric()]
    if not columns:
        return {}
    asked = ", ".join(
        f"quantile_disc({c}, 0.005)::DOUBLE, quantile_disc({c}, 0.995)::DOUBLE, min({c})::DOUBLE, max({c})::DOUBLE, "
        f"quantile_disc({c}, 0.9)::DOUBLE, count({c})::BIGINT"
        for c in map(identifier, columns)
    )
    [row] = snapshot.query(f"SELECT {asked} FROM posts").iter_rows()
    return {
        column: Measured(*row[6 * n : 6 * n + 6], known.schema[column].is_integer())
        for n, column in enumerate(columns)
        if row[6 * n + 5]
    }


def knobs(snapshot: Snapshot, recipe: Recipe) -> dict[str, list[Knob]]:
    """The parameters of every rule of A that removes posts, by the rule's name; bounds of what is measured first."""
    columns = measured(snapshot)
    found = {}
    for rule in recipe.rules:
        if rule.kind != "transform":
            each = [_knob(snapshot, rule, field, columns.get(rule.name)) for field in rule.parameters()]
            found[rule.name] = sorted(each, key=lambda knob: knob.kind not in ("slider", "list"))
    return found


def values(recipe: Recipe) -> dict[str, Any]:
    """The value of every parameter of the rules that remove posts, by `rule.parameter`."""
    return {
        f"{rule.name}.{key_of(field)}": getattr(rule, field.name)
        for rule in recipe.rules
        if rule.kind != "transform"
        for field in rule.parameters()
    }


def _knob(snapshot: Snapshot, rule: Rule, field: Any, column: Measured | None) -> Knob:
    hint = typing.get_type_hints(type(rule))[field.name]
    options = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    now, key, check = getattr(rule, field.name), key_of(field), field.metadata.get("check")
    given = {"rule": rule.name, "key": key, "now": now, "doc": field.metadata["doc"]}
    if bool in options:
        return Knob(kind="truth", **given)
    if any(typing.get_origin(option) is tuple for option in options):
        return Knob(kind="list", choices=_values(snapshot, rule, now or ()), **{**given, "now": tuple(now or ())})
    if datetime.date in options:
        return Knob(kind="date", **given)
    if float in options or int in options:
        whole = float not in options
        if column and now is not None and _bounds(rule, key):
            return Knob(kind="slider", **_reach(column, key, now, check, whole), **given)
        return Knob(kind="number", low=_least(check), step=1 if whole else 0.05, **given)
    if choices := _choices(check):
        return Knob(kind="choice", choices=choices, **given)
    return Knob(kind="text", **given)


def _bounds(rule: Rule, key: str) -> bool:
    """Whether a parameter is a bound of what its rule measures."""
    return isinstance(rule, Filter) and rule.compares() is None and (key in ("min", "max") or key.startswith("max_"))


def _reach(column: Measured, key: str, now: float, check: Any, whole: bool) -> dict[str, Any]:
    """From where to where a bound can be moved, as far as it is right: past the values that nearly all posts have.

    A least value ends where nine of ten posts would go, so that a hand can move it by one.
    """
    most = max(column.usual, 4 * now) if key.startswith("min") else column.high
    low, high = min(column.low, now), max(most + (1 if whole else 0), now)
    if whole:
        low, high, step = math.floor(low), math.ceil(high), 1
        while low < now and check and check(low) is not None:
            low += 1
        return {"low": low, "high": max(high, low + 1), "step": step}
    step = 10.0 ** math.floor(math.log10(max(high - low, 1e-6) / 50))
    low, high = math.floor(low / step) * step, math.ceil(high / step) * step
    if check and check(low) is not None:
        low = now
    if check and check(1.0) is None and check(1.01) is not None:
        high = 1.0  # a share
    return {"low": round(low, 9), "high": round(max(high, low + step), 9), "step": step}


def _least(check: Any) -> float | None:
    """The least whole number that a check takes, or half; None when it takes any."""
    if check is None or check(-1) is None:
        return None
    return next((least for least in (0, 0.5, 1, 2, 3) if check(least) is None), None)


def _choices(check: Any) -> tuple[str, ...]:
    """The words that a check lets through, as its message says them."""
    said = check("") if check else None
    return tuple(re.findall(r'"([^"]*)"', said)) if said and said.startswith("one of ") else ()


def _values(snapshot: Snapshot, rule: Rule, now: Sequence[str]) -> tuple[str, ...]:
    """The texts that a rule measured, those of most posts first; for an author's rule the authors."""
    column = "author" if rule.use == "author" else rule.name
    if column != "author" and column not in {name for each in snapshot.corpus.rules for name in each["columns"]}:
        return tuple(now)
    name = identifier(column)
    rows = snapshot.query(
        f"SELECT {name}::VARCHAR AS value, count(*) AS posts FROM posts WHERE {name} IS NOT NULL "
        f"GROUP BY value ORDER BY posts DESC, value LIMIT {OFFERED}"
    )
    return tuple(dict.fromkeys([*now, *rows["value"].to_list()]))


@dataclass(frozen=True)
class Bin:
    """Posts whose measured value lies from `low` to below `high`."""

    low: float
    high: float
    posts: int


def histogram(snapshot: Snapshot, column: str, low: float, high: float, *, whole: bool) -> list[Bin]:
    """The values of a measured column in bars of equal width; what lies outside is in the first and last ones."""
    width = max(1, math.ceil((high - low + 1) / BINS)) if whole else (high - low) / BINS or 1.0
    bins = max(1, math.ceil((high - low + (1 if whole else 0)) / width))
    name = identifier(column)
    rows = snapshot.query(
        f"SELECT least(greatest(floor(({name} - ?) / ?), 0), ?)::INTEGER AS bin, count(*)::BIGINT AS posts "
        f"FROM posts WHERE {name} IS NOT NULL GROUP BY bin ORDER BY bin",
        [low, width, bins - 1],
    )
    posts = dict(rows.iter_rows())
    return [Bin(low + n * width, low + (n + 1) * width, posts.get(n, 0)) for n in range(bins)]
