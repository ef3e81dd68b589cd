"""Queries of the page Repairs: posts that each transform changed, kinds of damage, and examples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from curation.corpus.corpus import PLACE
from curation.corpus.selection import Facet, recording
from curation.rules import installed
from curation.sql import identifier
from curation.sql.order import drawn
from curation.writing.html import show_unseen
from dashboards.markup import differences
from dashboards.queries.browse import at_places
from dashboards.snapshot import Snapshot
from dashboards.view import View

#: Posts in which the most frequent replacements are counted.
COUNTED = 300
#: Replacements that the page shows, and the most characters of one.
REPLACEMENTS, LONGEST = 20, 12


@dataclass(frozen=True)
class ChangedPosts:
    """Number of posts that a rule changed, or that have one kind of damage."""

    name: str  # of the rule, or of the kind of damage
    kept: int
    removed: int

    @property
    def posts(self) -> int:
        """All of them."""
        return self.kept + self.removed


@dataclass(frozen=True)
class PostsInView:
    """The posts in view, whatever rule rewrote them: the page itself divides them by rule."""

    snapshot: Snapshot
    where: str
    parameters: tuple[Any, ...]

    @property
    def searching(self) -> bool:
        """Whether a search, which may be slow, divides them."""
        return "regexp_matches" in self.where

    @classmethod
    def at(cls, snapshot: Snapshot, view: View, facets: Sequence[Facet]) -> PostsInView:
        """Those of a view."""
        where, parameters = view.changed(rewritten="", found="").where(facets)
        return cls(snapshot, where, tuple(parameters))


def rewriting(snapshot: Snapshot) -> list[dict[str, Any]]:
    """The rules that may change a text, in recipe order: the transforms, and the rules that join threads."""
    return [rule for rule in snapshot.corpus.rules if rule["kind"] == "transform" or installed().class_of(rule).joins]


def by_rule(in_view: PostsInView) -> dict[str, ChangedPosts]:
    """How many posts each rule changed, by its name; zeros included."""
    frame = in_view.snapshot.query(
        f"""
        SELECT rule, count(*) FILTER (is_kept) AS kept, count(*) FILTER (NOT is_kept) AS removed
        FROM (SELECT unnest(rewritten_by) AS rule, removed_by IS NULL AS is_kept FROM posts WHERE {in_view.where})
        GROUP BY rule
        """,
        in_view.parameters,
        searching=in_view.searching,
    )
    counts = {rule: ChangedPosts(rule, kept, removed) for rule, kept, removed in frame.iter_rows()}
    return {
        rule["name"]: counts.get(rule["name"], ChangedPosts(rule["name"], 0, 0)) for rule in rewriting(in_view.snapshot)
    }


def kinds(in_view: PostsInView, rule: str) -> list[ChangedPosts]:
    """The kinds of damage that a transform records, most posts first. A post may have several kinds."""
    if rule not in recording(in_view.snapshot.manifest):
        return []
    frame = in_view.snapshot.query(
        f"""
        SELECT kind, count(*) FILTER (is_kept) AS kept, count(*) FILTER (NOT is_kept) AS removed
        FROM (
            SELECT unnest(list_distinct(string_split({identifier(rule)}, ', '))) AS kind, removed_by IS NULL AS is_kept
            FROM posts WHERE {in_view.where}
        ) GROUP BY kind ORDER BY count(*) DESC, kind
        """,
        in_view.parameters,
        searching=in_view.searching,
    )
    return [ChangedPosts(*row) for row in frame.iter_rows()]


def examples(in_view: PostsInView, rule: str, kind: str, most: int) -> list[dict[str, Any]]:
    """Posts that a rule changed, in a fixed random order; first those that no other rule changed.

    `kind` is a kind of damage, "" for any. Each post has all columns of the corpus.
    """
    of_kind = f" AND list_contains(string_split({identifier(rule)}, ', '), ?)" if kind else ""
    places = in_view.snapshot.query(
        f"SELECT {PLACE} FROM posts WHERE {in_view.where} AND list_contains(rewritten_by, ?){of_kind} "
        f"ORDER BY len(rewritten_by), {drawn(7, 'mixed')}, {PLACE} LIMIT ?",
        [*in_view.parameters, rule, *([kind] if kind else []), most],
    )
    return at_places(in_view.snapshot, places.rows())


def replacements(in_view: PostsInView, rule: str, kind: str) -> list[tuple[str, str, int]]:
    """The most frequent replacements with their numbers, in a sample of posts that only this rule changed."""

    def count() -> list[tuple[str, str, int]]:
        times: Counter[tuple[str, str]] = Counter()
        for post in examples(in_view, rule, kind, COUNTED):
            if list(post["rewritten_by"]) == [rule]:
                times.update(_replaced(post))
        return [(show_unseen(old), show_unseen(new), number) for (old, new), number in times.most_common(REPLACEMENTS)]

    return in_view.snapshot.keep(
        ("replacements", in_view.where, repr(in_view.parameters), rule, kind), count, size=4_000
    )


def _replaced(post: Mapping[str, Any]) -> list[tuple[str, str]]:
    pieces = differences(post["raw_text"], post["text"])
    return [(old, new) for same, old, new in pieces if not same and max(len(old), len(new)) <= LONGEST]
