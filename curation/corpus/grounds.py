"""What made a rule remove a post, where any of several conditions is enough: `begins with RT @`, `posted by IFTTT`.

A rule names its conditions (`Filter.grounds`), and the database says which of them hold for a post. A value that the
rule read but that did not decide would be a wrong reason.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from curation.errors import CurationError
from curation.recipes.plan import INPUT_SCHEMA
from curation.recipes.rule_tables import rule_of
from curation.rules import RuleBook, installed
from curation.rules.base import Filter, Rule
from curation.sql import database

#: The key of a post with the reasons that were found, by the rule's name.
GROUNDS = "grounds"
#: Most characters of a value in a reason.
LONGEST = 100

_TYPES = {field.name: field.type for field in INPUT_SCHEMA} | {"raw_text": pa.string()}


def with_grounds(
    rules: Iterable[Mapping[str, Any]], posts: Sequence[Mapping[str, Any]], book: RuleBook | None = None
) -> list[dict[str, Any]]:
    """The posts, rows of a corpus, each with what made the rules of a manifest remove it under `GROUNDS`.

    A row that lacks a column gets no reason from the conditions that read it. Escape the reasons like a text.
    """
    matching = {name for post in posts for name in post["matched"] or ()}
    these = [rule for rule in rules if rule["name"] in matching]
    reasons = grounds(filter(None, (_made(rule, book or installed()) for rule in these)), posts)
    return [{**post, GROUNDS: each} for post, each in zip(posts, reasons, strict=True)]


def grounds(rules: Iterable[Rule], posts: Sequence[Mapping[str, Any]]) -> list[dict[str, tuple[str, ...]]]:
    """The conditions of each rule that hold for each post that it removes, in words, by the rule's name."""
    conditions = [
        (rule.name, words, condition)
        for rule in rules
        if isinstance(rule, Filter)
        for words, condition in rule.grounds().items()
        if all(name in post for name in columns_in(condition) for post in posts)
    ]
    reasons: list[dict[str, tuple[str, ...]]] = [{} for _ in posts]
    for post, held, answers in zip(posts, _held([sql for *_, sql in conditions], posts), reasons, strict=True):
        for (name, words, _), holds in zip(conditions, held, strict=True):
            if holds and name in (post["matched"] or ()):
                answers[name] = (*answers.get(name, ()), _filled(words, post))
    return reasons


def columns_in(condition: str) -> list[str]:
    """The columns of a landed post, and `raw_text`, that a condition reads."""
    words = {word.lower() for word in re.findall(r"\w+", re.sub(r"'(?:[^']|'')*'", "", condition))}
    return [name for name in _TYPES if name in words]


def columns_of(rules: Iterable[Mapping[str, Any]]) -> list[str]:
    """The columns that the reasons of the rules of a manifest need."""
    made = filter(None, (_made(rule, installed()) for rule in rules))
    needed = {
        name for rule in made if isinstance(rule, Filter) for sql in rule.grounds().values() for name in columns_in(sql)
    }
    return [name for name in _TYPES if name in needed]


def _made(rule: Mapping[str, Any], book: RuleBook) -> Rule | None:
    """A rule of a manifest; None for one that this version can't make, which has no reasons then."""
    settings = {key: value for key, value in (rule.get("parameters") or {}).items() if value is not None}
    if book.class_of({"use": "", **rule}).kind != Filter.kind:
        return None
    with contextlib.suppress(CurationError):
        return rule_of({"use": rule["use"], "name": rule["name"], **settings}, book)
    return None


def _held(conditions: Sequence[str], posts: Sequence[Mapping[str, Any]]) -> list[tuple[bool, ...]]:
    """Whether each condition holds for each post."""
    if not conditions or not posts:
        return [() for _ in posts]
    names = list(dict.fromkeys(name for condition in conditions for name in columns_in(condition)))
    schema = pa.schema([(name, _TYPES[name]) for name in names])
    table = pa.Table.from_pylist([{name: post[name] for name in names} for post in posts], schema=schema)
    connection = database.reader()
    connection.register("posts", table)
    answers = ", ".join(f"coalesce({condition}, false)" for condition in conditions)
    return connection.sql(f"SELECT {answers} FROM posts").fetchall()


def _filled(words: str, post: Mapping[str, Any]) -> str:
    def value(name: re.Match[str]) -> str:
        text = " ".join(str(post.get(name[1]) or "unknown").split())
        return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"

    return re.sub(r"\{(\w+)\}", value, words)
