"""What a rule is.

A rule is a frozen dataclass whose fields are its parameters and whose methods give SQL: expressions over the
columns of a post. It has three forms.

- A `Transform` rewrites `text`.
- A `Filter` removes a post for itself.
- A `Dedup` removes a post for another one.

The class is the documentation as well. The docstring's first line says, as a phrase, what is removed or
rewritten; the `doc` of each `param` gives its unit. The command line, the docs and the dashboard print these
and nothing else.
"""

from __future__ import annotations

import dataclasses
import datetime
import inspect
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from curation.errors import RecipeError

if TYPE_CHECKING:
    from curation.functions.base import BatchFunction

#: A check of a parameter's value: None when it is right, else what would be right.
Check = Callable[[Any], str | None]


def param(default: Any, *, doc: str, check: Check | None = None, key: str | None = None) -> Any:
    """A parameter of a rule: its default, what it means (with its unit), and what values are right.

    `key` is its name in a recipe, where that differs from the field's.
    """
    metadata = {"doc": doc, "check": check, "key": key}
    return dataclasses.field(default=default, metadata=metadata)


def at_least(least: float) -> Check:
    """A number no smaller than `least`."""
    return lambda value: None if value >= least else f"a number of at least {least}"


def between(low: float, high: float) -> Check:
    """A number from `low` to `high`, both included."""
    return lambda value: None if low <= value <= high else f"a number from {low} to {high}"


def one_of(*choices: str) -> Check:
    """One of these words."""
    return lambda value: None if value in choices else "one of " + ", ".join(f'"{choice}"' for choice in choices)


@dataclass(frozen=True, kw_only=True)
class Rule(ABC):
    """A rule with its parameters. `name` and `label` may be given in the recipe; they default to the class's."""

    use: ClassVar[str]  # the word in a recipe
    kind: ClassVar[str]  # transform, filter or dedup
    title: ClassVar[str]  # the default label, as the ledger's head shows it
    version: ClassVar[int] = 1  # goes up when the same post may get another verdict or text

    name: str = dataclasses.field(default="", metadata={"doc": "name of this rule in verdicts and of its column"})
    label: str = dataclasses.field(default="", metadata={"doc": "what the ledger calls it"})

    def __post_init__(self) -> None:
        if not self.name:
            object.__setattr__(self, "name", self.use)
        if not self.label:
            object.__setattr__(self, "label", self.title)

    @classmethod
    def summary(cls) -> str:
        """The docstring's first line."""
        return (inspect.getdoc(cls) or "").partition("\n")[0]

    @classmethod
    def parameters(cls) -> tuple[dataclasses.Field[Any], ...]:
        """The fields that a recipe may set besides `name` and `label`, a class's own before inherited ones."""
        settable = [field for field in dataclasses.fields(cls) if field.name not in ("name", "label")]
        return tuple(sorted(settable, key=lambda field: field.name not in cls.__annotations__))

    def values(self) -> dict[str, Any]:
        """The parameters with their values, tuples as lists and dates as text, fit for JSON."""
        return {key_of(field): _plain(getattr(self, field.name)) for field in self.parameters()}

    def functions(self) -> tuple[BatchFunction, ...]:
        """The Python functions that the rule's SQL calls."""
        return ()

    def check(self) -> None:  # noqa: B027 - most rules have nothing to check
        """Raise `RecipeError` when the parameters do not fit together. Each by itself was checked before."""


@dataclass(frozen=True, kw_only=True)
class Transform(Rule):
    """Rewrites the text of a post."""

    kind: ClassVar[str] = "transform"

    @abstractmethod
    def rewrite(self) -> str:
        """SQL: the new text."""

    def when(self) -> str | None:
        """SQL: a cheap test without which the text stays as it is; None for no test."""
        return None

    def sets(self) -> Mapping[str, str]:
        """SQL for other columns of the post that say something about its text (`text_format`)."""
        return {}


@dataclass(frozen=True, kw_only=True)
class Filter(Rule):
    """Removes a post for itself."""

    kind: ClassVar[str] = "filter"
    costly: ClassVar[bool] = False  # measured only where no earlier rule removes the post

    def prepares(self) -> tuple[tuple[str, str], ...]:
        """Working columns that `measure` needs: name and SQL of each, which may use those before it.

        They are computed once, seen by this rule alone, and dropped after it. A column's name must be the
        rule's own, such as `sql.identifier(f"{self.name}:words")`.
        """
        return ()

    def measure(self) -> str | None:
        """SQL: the value that the decision rests on. It becomes the column `self.name`; None for no column."""
        return None

    @abstractmethod
    def removes(self) -> str:
        """SQL: whether the post goes. NULL keeps it: what can't be decided is never lost."""


@dataclass(frozen=True, kw_only=True)
class Dedup(Rule):
    """Removes a post for another one that is kept."""

    kind: ClassVar[str] = "dedup"

    @abstractmethod
    def key(self) -> str:
        """SQL: a text that copies share; NULL for a post that is nobody's copy."""

    @abstractmethod
    def preference(self) -> str:
        """SQL: a whole number; of copies the one with the smallest is kept. Ties: earliest, then smallest id."""


def key_of(field: dataclasses.Field[Any]) -> str:
    """A parameter's name in a recipe."""
    return field.metadata.get("key") or field.name


def describe(rule: type[Rule]) -> dict[str, Any]:
    """A rule in words, as its class has them: for the command line, the docs and the dashboard."""
    summary, _, details = (inspect.getdoc(rule) or "").partition("\n")
    return {
        "use": rule.use,
        "kind": rule.kind,
        "label": rule.title,
        "summary": summary,
        "details": details.strip(),
        "parameters": [
            {"name": key_of(field), "default": _shown(field.default), "doc": field.metadata["doc"]}
            for field in rule.parameters()
        ],
    }


def _shown(default: Any) -> str:
    """A default as it would be written in a recipe; empty when there is none."""
    if default is None:
        return ""
    return json.dumps(_plain(default), ensure_ascii=False)


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, datetime.date):
        return value.isoformat()
    return value


def column(rule: Rule) -> str:
    """The measured column of a rule as SQL."""
    from curation.sql import identifier

    return identifier(rule.name)


def require(condition: bool, rule: Rule, message: str) -> None:
    """Raise `RecipeError` about a rule unless the condition holds."""
    if not condition:
        raise RecipeError(f"Rule '{rule.name}': {message}")
