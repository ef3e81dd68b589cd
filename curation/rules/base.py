"""What a rule is.

A rule is a frozen dataclass whose fields are its parameters and whose methods give SQL: expressions over the
columns of a post. It has three forms.

- A `Transform` rewrites `text`.
- A `Filter` removes a post for itself.
- A `Dedup` removes a post for another one.

A rule decides about a post by itself, unless it `compares`: then all posts that are still there are looked at
together, and what was found comes back to each as columns.

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
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from curation.errors import RecipeError
from curation.options.bounds import AtLeast, Between, OneOf
from curation.rules.parameters import key_of
from curation.rules.parameters import param as param
from curation.sameness.preference import ID, PLATFORM, preferred

if TYPE_CHECKING:
    from curation.functions.base import BatchFunction
    from curation.functions.exchange import Exchange

# Rules in other packages know these names.
at_least, between, one_of = AtLeast, Between, OneOf


@dataclass(frozen=True, kw_only=True)
class Rule(ABC):
    """A rule with its parameters. `name` and `label` may be given in the recipe; they default to the class's."""

    use: ClassVar[str]  # the word in a recipe
    kind: ClassVar[str]  # transform, filter or dedup
    title: ClassVar[str]  # the default label, as the ledger's head shows it
    comparing: ClassVar[float] = 4.0  # microseconds that comparing takes for a post, about; for the time left
    version: ClassVar[int] = 1  # goes up when the same post may get another verdict or text

    # What other parts of the program show of the rule. None of them knows a rule by its name.

    #: The facet of posts, and the division of a ledger, that its measured column gives: `language`.
    facet: ClassVar[str] = ""
    #: The column whose values its lists of texts name, where that is not the one that it measures.
    values_of: ClassVar[str] = ""
    #: The row that it always has in the table of training data that huggingtweets printed.
    training_row: ClassVar[str] = ""
    #: What a run says when it removes most of an author's posts; `{name}` is the rule's, `{most}` what was measured
    #: of most of them.
    if_most_go: ClassVar[str] = ""
    #: Whether a kept post has the text of those that it removes, as the parts of a thread.
    joins: ClassVar[bool] = False
    #: What one post that it removes is called, and several.
    removed: ClassVar[tuple[str, str]] = ("copy", "copies")

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

    @classmethod
    def masks(cls, parameters: Mapping[str, Any]) -> tuple[str, ...]:
        """Which personal data it masks with these parameters, as people call it: "e-mail addresses"."""
        return ()

    def values(self) -> dict[str, Any]:
        """The parameters with their values, tuples as lists and dates as text, fit for JSON."""
        return {key_of(field): _plain(getattr(self, field.name)) for field in self.parameters()}

    def functions(self) -> tuple[BatchFunction, ...]:
        """The Python functions that the rule's SQL calls."""
        return ()

    def compares(self) -> Mapping[str, str] | None:
        """SQL of what the rule has to know of all posts that are still there, by name; None when it compares none.

        `key` must be among them: posts with one key are looked at together, and those without are left out. It is
        a text or bytes, and what is found among the posts of one key depends on no others.
        """
        return None

    def marks(self) -> str:
        """SQL: what comparing finds, `part` and `row` of a post and the columns of `marked`, a post at most once.

        It is asked of the table `candidates`: what the rule `compares`, and `created_at`, `platform`, `id`, `part`
        and `row` of each post.
        """
        raise TypeError(f"{type(self).__name__} compares posts but neither has `marks` nor finds them otherwise")

    def marked(self) -> Mapping[str, str]:
        """The columns that `marks` gives besides `part` and `row`, with their SQL types.

        The rule's other SQL has them as `sql.identifier(f"{self.name}:{column}")`, NULL for a post without a mark,
        and `…:marked`, whether the post has one.
        """
        return {}

    def find(self, exchange: Exchange) -> None:
        """Compare the posts, and write the marks where `exchange` says. By default `marks` does it."""
        exchange.write(self.marks())

    def adds(self) -> Mapping[str, str]:
        """SQL of the columns that the rule adds to a corpus, by name. The first is that of what it measures."""
        return {}

    def mark(self, column: str) -> str:
        """A column of what was found, as SQL."""
        from curation.sql import identifier

        return identifier(f"{self.name}:{column}")

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

    def records(self) -> str | None:
        """SQL over the text as it was before: what was rewritten, in words; None when that is always the same.

        It becomes the column `self.name`, NULL where the text stayed as it was.
        """
        return None

    def adds(self) -> Mapping[str, str]:
        records = self.records()
        return {self.name: records} if records else {}


@dataclass(frozen=True, kw_only=True)
class Filter(Rule):
    """Removes a post for itself."""

    kind: ClassVar[str] = "filter"
    only_if_alive: ClassVar[bool] = False  # measured only where no earlier rule removes the post

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "costly" in cls.__dict__:  # the former name of `only_if_alive`
            cls.only_if_alive = cls.__dict__["costly"]

    def prepares(self) -> tuple[tuple[str, str], ...]:
        """Working columns that `measure` needs: name and SQL of each, which may use those before it.

        They are computed once, seen by this rule alone, and dropped after it. A column's name must be the
        rule's own, such as `sql.identifier(f"{self.name}:words")`.
        """
        return ()

    def measure(self) -> str | None:
        """SQL: the value that the decision rests on. It becomes the column `self.name`; None for no column."""
        return None

    def also_measures(self) -> Mapping[str, str]:
        """SQL of further columns by name; they may use `column(self)` and the working columns of `prepares`.

        A column's name must begin with the rule's own: `f"{self.name}_confidence"`.
        """
        return {}

    def adds(self) -> Mapping[str, str]:
        measure = self.measure()
        return {self.name: measure, **self.also_measures()} if measure else {}

    @abstractmethod
    def removes(self) -> str:
        """SQL: whether the post goes. NULL keeps it: what can't be decided is never lost."""


@dataclass(frozen=True, kw_only=True)
class Dedup(Rule):
    """Removes a post for another one that is kept."""

    kind: ClassVar[str] = "dedup"
    #: What a removed post is to the kept one, in words before its id.
    relation: ClassVar[str] = "a copy of"
    #: What the removed posts are, in words before their ids where the kept one is shown.
    others: ClassVar[str] = "Copies of it that were removed"

    @classmethod
    def reason(cls, parameters: Mapping[str, Any]) -> str:
        """Why the post that it keeps with these parameters is the kept one, as a clause."""
        keep = parameters.get("keep")
        if keep is None:
            return "the rule preferred it" if cls is Dedup else f"the rule says: {cls.summary()}"
        return KEPT_FOR.get(keep, f"the rule keeps: {keep}{TIES}")

    def key(self) -> str:
        """SQL: a text that copies share; NULL for a post that is nobody's copy.

        A rule that `compares` something else, and finds its marks otherwise, needs neither this nor `preference`.
        """
        raise RecipeError(f"Rule '{self.name}': the class {type(self).__name__} lacks its `key`.")

    def preference(self) -> str:
        """SQL: a whole number; of copies the one with the smallest is kept. Ties: earliest, then smallest id."""
        raise RecipeError(f"Rule '{self.name}': the class {type(self).__name__} lacks its `preference`.")

    def compares(self) -> Mapping[str, str]:
        from curation.sql import digest

        return {"key": digest(self.key()), "preference": f"CAST({self.preference()} AS BIGINT)"}

    def marks(self) -> str:
        """All posts of a key but the preferred one.

        Passes over narrow rows, first the keys that are shared and then what shares them, spill far less than a
        window.
        """
        return f"""
            WITH shared AS (
                SELECT key FROM candidates GROUP BY key HAVING {self.shared()}
            ), alike AS (
                SELECT * FROM candidates SEMI JOIN shared USING (key)
            ), best AS (
                SELECT key, min(ROW({preferred()})) AS kept FROM alike GROUP BY key
            )
            SELECT part, row, kept[{ID}] AS duplicate_of
            FROM alike JOIN best USING (key)
            WHERE ROW(id, platform) <> ROW(kept[{ID}], kept[{PLATFORM}])
        """

    def shared(self) -> str:
        """SQL: which groups of one key are looked at."""
        return "count(*) > 1"

    def marked(self) -> Mapping[str, str]:
        """`duplicate_of` is the id of the kept post.

        A column `similarity` (DOUBLE, from 0 to 1) says how alike the two are, and a column `text` would be a new text
        of the post.
        """
        return {"duplicate_of": "VARCHAR"}

    def removes(self) -> str:
        """SQL: whether a post goes; by default, those that have a mark."""
        return self.mark("marked")

    @property
    def similarity_column(self) -> str | None:
        """The corpus's column with the similarity of a removed post and the kept one; None for a rule without."""
        return f"{self.name}_similarity" if "similarity" in self.marked() else None

    def adds(self) -> Mapping[str, str]:
        column = self.similarity_column
        return {column: self.mark("similarity")} if column else {}


#: How equals are told apart.
TIES = "; of equals the earliest, then the one with the smallest id"
#: What the values of a parameter `keep` mean for the post that was kept.
KEPT_FOR = {
    "earliest": "it is the earliest of them",
    "latest": f"it is the latest of them{TIES}",
    "longest": f"it is the longest of them, as downloaded{TIES}",
    "most_engaged": f"it has the most likes, reposts, replies and quotes together{TIES}",
    "original": f"it comes before those that pass it on{TIES}",
    "none": "no post of a template is kept",
}


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
