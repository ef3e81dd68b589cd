"""What a search consists of, as SQL with parameters, and as places in a text."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from curation.corpus.search.fields import LINK, Field
from curation.corpus.search.spelling import Pattern
from curation.functions.patterns import LINK as ANY_LINK
from curation.sql import database


@dataclass(frozen=True)
class Has:
    """A term: a post has it in one of the field's columns."""

    field: Field
    pattern: Pattern
    value: str  # as it was typed, without signs

    def sql(self) -> tuple[str, list[Any]]:
        """SQL: whether a post has it; and its parameters."""
        return _in_columns(self.field, self.pattern.re2, self.pattern.guard)

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Its places in a text."""
        return self.pattern.spans(text)


@dataclass(frozen=True)
class Matches:
    """A term that is a regular expression of RE2."""

    field: Field
    expression: str

    @property
    def value(self) -> str:
        """The expression as it was typed."""
        return self.expression.removeprefix("(?i)")

    def sql(self) -> tuple[str, list[Any]]:
        """SQL: whether it matches; and its parameters."""
        return _in_columns(self.field, self.expression)

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Its places in a text. DuckDB puts two signs around each, since Python's expressions are others."""
        begin, end = [sign for sign in map(chr, range(0xF0000, 0xF0200)) if sign not in text][:2]
        statement = "SELECT regexp_replace(?, ?, ?, 'g')"
        marked = database.reader().execute(statement, [text, self.expression, f"{begin}\\0{end}"])
        before, *pieces = marked.fetchall()[0][0].split(begin)
        at = len(before)
        for piece in pieces:
            hit, _, rest = piece.partition(end)
            yield at, at + len(hit)
            at += len(hit) + len(rest)


@dataclass(frozen=True)
class Filled:
    """A field that has any value, typed as `client:*`."""

    field: Field

    def sql(self) -> tuple[str, list[Any]]:
        """SQL: whether a post has a value; and its parameters."""
        if self.field.compares == LINK:
            return _in_columns(self.field, ANY_LINK)
        return f"coalesce({self.field.columns[0]} <> '', false)", []

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """None: it finds no words."""
        return iter(())


@dataclass(frozen=True)
class When:
    """A time before or after which posts were posted."""

    field: Field
    time: datetime.datetime  # since: inclusive; until: exclusive

    def sql(self) -> tuple[str, list[Any]]:
        """SQL: whether a post was posted then; and its parameters."""
        sign = ">=" if self.field.name == "since" else "<"
        return f"coalesce(created_at {sign} ?::TIMESTAMPTZ, false)", [self.time.isoformat()]

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """None: it finds no words."""
        return iter(())


@dataclass(frozen=True)
class Not:
    """What must not hold."""

    node: Node


@dataclass(frozen=True)
class AllOf:
    """What must hold together."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True)
class AnyOf:
    """Of which one must hold."""

    nodes: tuple[Node, ...]


Term = Has | Matches | Filled | When
Node = Term | Not | AllOf | AnyOf


@dataclass(frozen=True)
class Search:
    """A search that was read; see `parse`."""

    text: str
    node: Node | None  # None: no condition

    def condition(self) -> tuple[str, list[Any]]:
        """SQL over `posts`: whether a post is found; and its parameters."""
        return ("true", []) if self.node is None else _sql(self.node)

    def values(self) -> list[str]:
        """The words, names and ids in it, also those behind a `-`."""
        return [term.value for term in _terms(self.node, everywhere=True) if isinstance(term, Has | Matches)]

    def spans(self, text: str, column: str = "") -> list[tuple[int, int]]:
        """Begin and end of what is found in a text, in order and apart.

        `column` is the text's, `text` or `raw_text`; without one, the terms of both count.
        """
        found: list[tuple[int, int]] = []
        for term in _terms(self.node):
            there = {"text", "raw_text"} & set(term.field.columns)
            if column in there or (there and not column):
                found += term.spans(text)
        apart: list[tuple[int, int]] = []
        for begin, end in sorted(span for span in found if span[1] > span[0]):
            if apart and begin < apart[-1][1]:
                begin, end = apart[-1][0], max(end, apart.pop()[1])
            apart.append((begin, end))
        return apart


def _terms(node: Node | None, *, everywhere: bool = False) -> Iterator[Term]:
    """The terms that must be there, or `everywhere` also those under a `-`."""
    if isinstance(node, AllOf | AnyOf):
        for each in node.nodes:
            yield from _terms(each, everywhere=everywhere)
    elif isinstance(node, Not):
        if everywhere:
            yield from _terms(node.node, everywhere=True)
    elif node is not None:
        yield node


def _sql(node: Node) -> tuple[str, list[Any]]:
    if isinstance(node, Not):
        sql, parameters = _sql(node.node)
        return f"(NOT {sql})", parameters
    if isinstance(node, AllOf | AnyOf):
        parts = [_sql(each) for each in node.nodes]
        join = _both if isinstance(node, AllOf) else _either
        return join([sql for sql, _ in parts]), [value for _, values in parts for value in values]
    return node.sql()


# In a SELECT list, AND and OR work on every row for every part; CASE leaves out the rows that are decided.
def _both(conditions: Sequence[str]) -> str:
    *first, last = conditions
    return f"CASE {' '.join(f'WHEN NOT {each} THEN false' for each in first)} ELSE {last} END"


def _either(conditions: Sequence[str]) -> str:
    *first, last = conditions
    return f"CASE {' '.join(f'WHEN {each} THEN true' for each in first)} ELSE {last} END"


def _in_columns(field: Field, expression: str, guard: str = "") -> tuple[str, list[Any]]:
    """SQL: whether an expression matches in one of the field's columns; and its parameters.

    `guard` is an expression that matches wherever the other does, and is faster.
    """
    parameters = [guard, expression] if guard else [expression]

    def matching(column: str) -> str:
        matches = f"regexp_matches({column}, ?)"
        # Most columns may be empty, and what is not there does not match.
        return f"coalesce({_both([matches, matches]) if guard else matches}, false)"

    conditions = [matching(column) for column in field.columns]
    if field.columns == ("text", "raw_text"):
        conditions[1] = _both(["(raw_text <> text)", conditions[1]])  # most posts have the same text twice
    sql = conditions[0] if len(conditions) == 1 else _either(conditions)
    return sql, parameters * len(conditions)
