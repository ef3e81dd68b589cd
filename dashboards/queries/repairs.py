"""What the page Repairs shows: how many posts each transform changed, what it found in them, and examples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from curation.corpus.row_location import PLACE
from curation.rules import installed
from curation.sql import identifier
from curation.sql.order import drawn
from curation.writing.html import show_unseen
from dashboards.markup import differences
from dashboards.queries.browse import at_places
from dashboards.view import View, recording

if TYPE_CHECKING:
    from dashboards.session import PageContext
    from dashboards.snapshot import Snapshot
    from dashboards.view import Facet

#: Posts out of which the most frequent replacements are counted.
COUNTED = 300
#: Replacements that are shown, and characters up to which one is a replacement and not a new text.
REPLACEMENTS, LONGEST = 20, 12


@dataclass(frozen=True)
class ChangedPosts:
    """Posts that were changed in one way."""

    name: str  # the rule, or what it found
    kept: int
    removed: int

    @property
    def posts(self) -> int:
        """All of them."""
        return self.kept + self.removed


@dataclass(frozen=True)
class PostsInView:
    """The posts that a page looks at: those of its view, whatever rewrote them, which the page shows by itself."""

    snapshot: Snapshot
    where: str
    parameters: tuple[Any, ...]

    @classmethod
    def at(cls, snapshot: Snapshot, view: View, facets: Sequence[Facet]) -> PostsInView:
        """Those of a view."""
        where, parameters = view.changed(rewritten="", found="").where(facets)
        return cls(snapshot, where, tuple(parameters))


def rewriting(snapshot: Snapshot) -> list[dict[str, Any]]:
    """The rules that may change a text, in recipe order: the transforms, and what joins threads."""
    return [rule for rule in snapshot.corpus.rules if rule["kind"] == "transform" or installed().class_of(rule).joins]


def by_rule(in_view: PostsInView) -> dict[str, ChangedPosts]:
    """How many posts each rule changed, zeros too, by its name."""
    frame = in_view.snapshot.query(
        f"""
        SELECT rule, count(*) FILTER (is_kept) AS kept, count(*) FILTER (NOT is_kept) AS removed
        FROM (SELECT unnest(rewritten_by) AS rule, removed_by IS NULL AS is_kept FROM posts WHERE {in_view.where})
        GROUP BY rule
        """,
        in_view.parameters,
    )
    counts = {rule: ChangedPosts(rule, kept, removed) for rule, kept, removed in frame.iter_rows()}
    return {
        rule["name"]: counts.get(rule["name"], ChangedPosts(rule["name"], 0, 0)) for rule in rewriting(in_view.snapshot)
    }


def kinds(in_view: PostsInView, rule: str) -> list[ChangedPosts]:
    """What a transform found, most posts first; empty for one that does not say. A post may have several kinds."""
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
    )
    return [ChangedPosts(*row) for row in frame.iter_rows()]


def examples(in_view: PostsInView, rule: str, kind: str, most: int) -> list[dict[str, Any]]:
    """Posts that a rule changed, always the same ones; first those that no other rule changed.

    `kind` is what it found, "" for anything. Each has all columns of the corpus.
    """
    of_kind = f" AND list_contains(string_split({identifier(rule)}, ', '), ?)" if kind else ""
    places = in_view.snapshot.query(
        f"SELECT {PLACE} FROM posts WHERE {in_view.where} AND list_contains(rewritten_by, ?){of_kind} "
        f"ORDER BY len(rewritten_by), {drawn(7, 'mixed')}, {PLACE} LIMIT ?",
        [*in_view.parameters, rule, *([kind] if kind else []), most],
    )
    return at_places(in_view.snapshot, places.rows())


def replacements(in_view: PostsInView, rule: str, kind: str) -> list[tuple[str, str, int]]:
    """What was most often put for what, with the number of times, in a sample of posts that only this rule changed."""

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


def of(context: PageContext) -> PostsInView:
    """The posts that a page looks at, from where it stands."""
    return PostsInView.at(context.snapshot, context.view, context.facets)
