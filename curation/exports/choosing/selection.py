"""Which kept posts are wanted in an export."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from curation.corpus import selection
from curation.errors import did_you_mean
from curation.exports.choosing.caps import Cap, apply_caps, nodes_under
from curation.exports.choosing.leakage_groups import NODE

if TYPE_CHECKING:
    import duckdb

    from curation.corpus.corpus import Corpus

#: Values of a facet that are named when somebody asked for another one.
NAMED = 200


@dataclass(frozen=True)
class Wanted:
    """Which kept posts an export is made of. What is empty asks nothing."""

    authors: tuple[str, ...] = ()
    where: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict
    )  # by facet, as `curation.corpus.selection` has them
    search: str = ""  # a text that they have, before or after rewriting, in capitals or not
    caps: Sequence[Cap] = ()  # at most so many of them, drawn by the seed

    def require(self, corpus: Corpus) -> None:
        """Raise `NothingToDoError` for an author without posts, `UsageError` for a facet that there isn't."""
        for author in self.authors:
            corpus.require_author(author)
        self.condition(corpus.manifest)

    def condition(self, manifest: Mapping[str, Any]) -> tuple[str, list[Any]]:
        """SQL over `posts`, and its parameters, of what is asked but for the caps. Raises `UsageError`."""
        asked, parameters = selection.joined(selection.of_kept(manifest, self.where, self.search))
        if not self.authors:
            return asked, parameters
        return f"list_contains(?, author) AND {asked}", [list(self.authors), *parameters]

    def capped(self, manifest: Mapping[str, Any], seed: int) -> tuple[str, list[Any]]:
        """The same, with the caps; true only of kept posts."""
        condition, parameters = self.condition(manifest)
        if not self.caps:
            return condition, parameters
        return f"{NODE} IN ({nodes_under(self.caps, condition, seed)})", parameters

    def chosen(
        self, connection: duckdb.DuckDBPyConnection, manifest: Mapping[str, Any], seed: int
    ) -> tuple[str, list[Any], list[str]]:
        """The same for a connection whose database is its own, and what the user should know of the caps.

        What is under the caps is computed once, into a table.
        """
        condition, parameters = self.condition(manifest)
        if not self.caps:
            return condition, parameters, []
        condition, notes = apply_caps(connection, self.caps, condition, parameters, seed)
        return condition, [], notes

    def options(self) -> dict[str, Any]:
        """What an export remembers of it, as options of `curation.exports.export`."""
        chosen = {name: list(values) for name, values in self.where.items()}
        return {
            "authors": list(self.authors),
            **({"where": chosen} if chosen else {}),
            **({"search": self.search} if self.search else {}),
            **({"caps": list(map(str, self.caps))} if self.caps else {}),
        }

    def absent(self, corpus: Corpus) -> list[str]:
        """Of each value that no post of the corpus has, a sentence."""
        sentences = []
        for facet in selection.facets(corpus.manifest):
            asked = self.where.get(facet.name, ())
            if not asked or facet.name == "length":
                continue
            there = [value for (value,) in corpus.rows(f"SELECT DISTINCT {facet.value} FROM posts")]
            sentences += [
                f"No post has {facet.name}={value}.{did_you_mean(value, there if len(there) <= NAMED else ())}"
                for value in asked
                if value not in there
            ]
        return sentences


#: Every kept post.
ALL = Wanted()
