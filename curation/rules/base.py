"""What a rule is.

A rule is a frozen dataclass. Its fields are parameters, and its methods give SQL expressions over the columns of a
post. A `Transform` rewrites `text`, a `Filter` removes a post for itself, and a `Dedup` removes a post for another one.

A rule decides about each post by itself, unless it `compares`: then it sees all posts that are still there together,
and each post gets what it finds as columns.

The class is also the documentation. The first line of the docstring is a phrase that says what is removed or rewritten;
the `doc` of each `param` gives its unit. The command line, the docs and the dashboard print exactly these.
"""

from __future__ import annotations

import dataclasses
import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from curation.errors import RecipeError
from curation.functions.base import BatchFunction
from curation.functions.exchange import Exchange, SharedExchange
from curation.options.bounds import AtLeast, Between, OneOf
from curation.rules.parameters import json_value, key_of
from curation.rules.parameters import param as param
from curation.sameness.preference import ID, PLATFORM, preferred
from curation.sql import digest, identifier

# Rules in other packages use these names.
at_least, between, one_of = AtLeast, Between, OneOf


@dataclass(frozen=True, kw_only=True)
class Rule(ABC):
    """A rule with its parameters. A recipe may set `name` and `label`; the defaults are `use` and `title`."""

    use: ClassVar[str]  # the word in a recipe
    kind: ClassVar[str]  # transform, filter or dedup
    title: ClassVar[str]  # the default label, as the ledger's head shows it
    comparing: ClassVar[float] = 4.0  # about how many microseconds comparing takes per post; for the time left
    #: Whether what comparing finds among the posts of one key depends on no others, so that workers of a cluster can
    #: share the keys out among themselves. A class with its own `marks` or `find` has to declare it again.
    within_key: ClassVar[bool] = False
    version: ClassVar[int] = 1  # increases when the same post may get another verdict or text
    #: Parameters of earlier versions, with the values that say what the rule does today. A corpus may still name them.
    retired: ClassVar[Mapping[str, Container[Any]]] = {}

    # What other parts of the program show of the rule. They know no rule by its name.

    #: The facet of posts, and the division of a ledger, that its measured column provides: `language`.
    facet: ClassVar[str] = ""
    #: The column whose values its lists of texts name, if it is not the measured one.
    values_of: ClassVar[str] = ""
    #: Its row in the table of training data that huggingtweets printed.
    training_row: ClassVar[str] = ""
    #: The hint of a run that removes most posts of an author; `{name}` is the rule, `{most}` the commonest value.
    if_most_go: ClassVar[str] = ""
    #: Whether a kept post gets the text of those that it removes, like the parts of a thread.
    joins: ClassVar[bool] = False
    #: The words for one post that it removes, and for several.
    removed: ClassVar[tuple[str, str]] = ("copy", "copies")

    name: str = dataclasses.field(default="", metadata={"doc": "name of this rule in verdicts and of its column"})
    label: str = dataclasses.field(default="", metadata={"doc": "what the ledger calls it"})

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if not {"within_key", "marks", "find"}.isdisjoint(cls.__dict__):
            cls.within_key = cls.__dict__.get("within_key", False)

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
        """The fields that a recipe may set besides `name` and `label`; the class's own come before inherited ones."""
        settable = [field for field in dataclasses.fields(cls) if field.name not in ("name", "label")]
        return tuple(sorted(settable, key=lambda field: field.name not in cls.__annotations__))

    @classmethod
    def masks(cls, parameters: Mapping[str, Any]) -> tuple[str, ...]:
        """The personal data that it masks with these parameters, in everyday words: "e-mail addresses"."""
        return ()

    def values(self) -> dict[str, Any]:
        """The values of the parameters, for JSON: tuples become lists and dates become text."""
        return {key_of(field): json_value(getattr(self, field.name)) for field in self.parameters()}

    def functions(self) -> tuple[BatchFunction, ...]:
        """The Python functions that the rule's SQL calls."""
        return ()

    def prepares_comparison(self) -> tuple[tuple[str, str], ...]:
        """Working columns for `compares`: the name and SQL of each, which may use those before it.

        They are NULL for posts that an earlier rule removes. Their names must begin with the name of the rule.
        """
        return ()

    def compares(self) -> Mapping[str, str] | None:
        """SQL of what the rule must know about all posts that are still there, by name; None if it compares none.

        One of them is `key`, a text or bytes. Posts with the same key are compared; posts without one are left out. The
        result for the posts of one key must not depend on others.
        """
        return None

    def marks(self) -> str:
        """SQL: the result of comparing, with `part`, `row` and the columns of `marked`, at most one row per post.

        It reads the table `candidates`: what the rule `compares`, and `created_at`, `platform`, `id`, `part` and `row`
        of each post.
        """
        raise TypeError(f"{type(self).__name__} compares posts but neither has `marks` nor finds them otherwise")

    def marked(self) -> Mapping[str, str]:
        """The columns that `marks` gives besides `part` and `row`, with their SQL types.

        In the rule's other SQL they are `self.mark(column)`, NULL for a post without a mark; `self.mark("marked")` is
        whether the post has one.
        """
        return {}

    def find(self, exchange: Exchange) -> None:
        """Compare the posts, and write the marks to `exchange`. The default runs `marks`."""
        exchange.write(self.marks())

    def find_shared(self) -> Callable[[SharedExchange], object] | None:
        """What has workers find the marks that `find` would find; None where one process has to see all posts."""
        if not self.within_key:
            return None
        from curation.functions.partitions import find_by_key

        return partial(find_by_key, find=self.find)

    def adds(self) -> Mapping[str, str]:
        """SQL of the columns that the rule adds to a corpus, by name; the measured column comes first."""
        return {}

    def mark(self, column: str) -> str:
        """SQL: a column of the marks."""
        return identifier(f"{self.name}:{column}")

    def check(self) -> None:  # noqa: B027 - most rules have nothing to check
        """Raise `RecipeError` if the parameters do not fit together; each one has been checked before."""


@dataclass(frozen=True, kw_only=True)
class Transform(Rule):
    """Rewrites the text of a post."""

    kind: ClassVar[str] = "transform"

    @abstractmethod
    def rewrite(self) -> str:
        """SQL: the new text."""

    def when(self) -> str | None:
        """SQL: a cheap test; the text stays as it is where it fails. None for no test."""
        return None

    def sets(self) -> Mapping[str, str]:
        """SQL for other columns of the post that describe its text (`text_format`)."""
        return {}

    def records(self) -> str | None:
        """SQL over the text before: what is rewritten, in words; None if that is always the same.

        It becomes the column `self.name`, NULL where the text stays as it was.
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
        """Working columns for `measure`: the name and SQL of each, which may use those before it.

        They are computed once, and only this rule sees them. A column's name must begin with the name of the rule:
        `sql.identifier(f"{self.name}:words")`.
        """
        return ()

    def measure(self) -> str | None:
        """SQL: the value that decides. It becomes the column `self.name`; None for no column."""
        return None

    def also_measures(self) -> Mapping[str, str]:
        """SQL of further columns by name, which may use `column(self)` and the working columns of `prepares`.

        A column's name must begin with the name of the rule: `f"{self.name}_confidence"`.
        """
        return {}

    def adds(self) -> Mapping[str, str]:
        measure = self.measure()
        return {self.name: measure, **self.also_measures()} if measure else {}

    @abstractmethod
    def removes(self) -> str:
        """SQL: whether the post goes. NULL keeps it: a post that a rule can't decide is never lost."""

    def grounds(self) -> Mapping[str, str]:
        """SQL of the conditions any of which removes a post, by words for people that say what was found.

        They read only columns of the post as it was downloaded. `{client}` in the words stands for a column's value.
        Empty where there is only one condition, or where the measure tells.
        """
        return {}


@dataclass(frozen=True, kw_only=True)
class Dedup(Rule):
    """Removes a post for another one that is kept."""

    kind: ClassVar[str] = "dedup"
    within_key: ClassVar[bool] = True
    #: How a removed post relates to the kept one, in words before its id.
    relation: ClassVar[str] = "a copy of"
    #: The words before the ids of the removed posts, where the kept one is shown.
    others: ClassVar[str] = "Copies of it that were removed"

    @classmethod
    def reason(cls, parameters: Mapping[str, Any]) -> str:
        """Why it keeps the post that it keeps with these parameters, as a clause."""
        keep = parameters.get("keep")
        if keep is None:
            return "the rule preferred it" if cls is Dedup else f"the rule says: {cls.summary()}"
        return KEPT_FOR.get(keep, f"the rule keeps: {keep}{TIES}")

    def key(self) -> str:
        """SQL: a text that copies share; NULL for a post that is not a copy.

        A rule with its own `compares` and `marks` needs neither this nor `preference`.
        """
        raise RecipeError(f"Rule '{self.name}': the class {type(self).__name__} lacks its `key`.")

    def preference(self) -> str:
        """SQL: a whole number; the copy with the smallest one is kept. Ties: earliest, then smallest id."""
        raise RecipeError(f"Rule '{self.name}': the class {type(self).__name__} lacks its `preference`.")

    def compares(self) -> Mapping[str, str]:
        return {"key": digest(self.key()), "preference": f"CAST({self.preference()} AS BIGINT)"}

    def marks(self) -> str:
        """All posts of a key except the preferred one.

        Two passes over narrow rows, for shared keys and then for their posts, spill far less than a window.
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
        """SQL: which groups of posts with one key count."""
        return "count(*) > 1"

    def marked(self) -> Mapping[str, str]:
        """`duplicate_of` is the id of the kept post.

        Optional: `similarity` (DOUBLE, from 0 to 1), how alike the two are; `text` (VARCHAR), a new text of the post.
        """
        return {"duplicate_of": "VARCHAR"}

    def removes(self) -> str:
        """SQL: whether the post goes; the default: if it has a mark."""
        return self.mark("marked")

    @property
    def similarity_column(self) -> str | None:
        """The column of the corpus with the similarity of a removed post to the kept one; None without one."""
        return f"{self.name}_similarity" if "similarity" in self.marked() else None

    def adds(self) -> Mapping[str, str]:
        column = self.similarity_column
        return {column: self.mark("similarity")} if column else {}


#: Which of equals is kept.
TIES = "; of equals the earliest, then the one with the smallest id"
#: Why a post was kept, by the value of the parameter `keep`.
KEPT_FOR = {
    "earliest": "it is the earliest of them",
    "latest": f"it is the latest of them{TIES}",
    "longest": f"it is the longest of them, as downloaded{TIES}",
    "most_engaged": f"it has the most likes, reposts, replies and quotes together{TIES}",
    "original": f"it comes before those that pass it on{TIES}",
    "none": "no post of a template is kept",
}


def column(rule: Rule) -> str:
    """SQL: the measured column of a rule."""
    return identifier(rule.name)


def require(condition: bool, rule: Rule, message: str) -> None:
    """Raise `RecipeError` about the rule unless the condition is true."""
    if not condition:
        raise RecipeError(f"Rule '{rule.name}': {message}")
