"""Queues of posts to decide: which posts, and in which order, as one SQL statement each.

| queue | posts |
| --- | --- |
| `removed` | that the recipe removes, at random; of all rules, or of one |
| `kept` | that the recipe keeps, at random |
| `near` | whose measure is next to a threshold, on both sides in turn, where no other rule removes them |
| `unlike` | kept ones that are least like the author's other posts |

Random orders hash platform and id with a seed, so a queue is always the same, and the first posts of one rule are a
random sample of this rule's posts too.

*Unlike* is the mean rarity of a text's pieces of three characters among a random sample of the same author's kept
posts, in bits: a piece that half of them have counts 1, one in a thousand 10. Posts are ordered by how many standard
deviations this is above the author's mean, so that no author or script comes first by itself. It needs no model and no
blanks between words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from curation.errors import UsageError, did_you_mean
from curation.sql import identifier, literal
from curation.sql.order import drawn_number

REMOVED, KEPT, NEAR, UNLIKE = "removed", "kept", "near", "unlike"
QUEUES = {
    REMOVED: "removed, at random",
    KEPT: "kept, at random",
    NEAR: "near a threshold",
    UNLIKE: "unlike the author's other posts",
}
#: Queues whose posts are random samples, so that shares can be estimated from them.
AT_RANDOM = (REMOVED, KEPT)
#: The rule that removes a post by the recipe alone, whatever was decided by hand; NULL: it keeps it.
BY_RECIPE = "matched[1]"
#: Of each author, and of all together, the most posts that `unlike` compares; the fewest of an author, and characters
#: of a post.
OF_AUTHOR, OF_ALL, FEWEST, SHORTEST = 2_000, 20_000, 50, 20


@dataclass(frozen=True)
class Bound:
    """A threshold of a recipe: the rule, which is also the measure's column, and the value."""

    rule: str
    value: float


@dataclass(frozen=True)
class Queue:
    """A queue of a corpus."""

    kind: str  # of `QUEUES`
    rule: str = ""  # of `removed` and `near`: only posts of this rule
    seed: int = 1
    author: str = ""  # only posts by this one

    def __post_init__(self) -> None:
        if self.kind not in QUEUES:
            raise UsageError(f"There is no queue '{self.kind}'.{did_you_mean(self.kind, QUEUES)}")

    @property
    def is_random(self) -> bool:
        """Whether its posts are a random sample of all authors."""
        return self.kind in AT_RANDOM and not self.author

    def statement(self, bounds: Sequence[Bound] = (), most: int = 200) -> tuple[str, list[Any]]:
        """SQL over `posts`: platform, id and rule ("" for none) of the first `most` posts in order; and its parameters.

        `bounds` are the thresholds of the recipe; only `near` needs them.
        """
        statement, parameters = self._of_all(bounds, most)
        if not self.author:
            return statement, parameters
        theirs = "WITH posts AS (SELECT * FROM posts WHERE author = ?)"
        return f"{theirs} SELECT * FROM ({statement})", [self.author, *parameters]

    def _of_all(self, bounds: Sequence[Bound], most: int) -> tuple[str, list[Any]]:
        order = drawn_number(self.seed, "review")
        if self.kind == UNLIKE:
            return _unlike(order), [most]
        if self.kind == NEAR:
            those = [bound for bound in bounds if self.rule in ("", bound.rule)]
            return (_near(those, order, int(most)) if those else _NOTHING), []
        condition, parameters = f"{BY_RECIPE} IS NULL", []
        if self.kind == REMOVED:
            condition = f"{BY_RECIPE} = ?" if self.rule else f"{BY_RECIPE} IS NOT NULL"
            parameters = [self.rule] if self.rule else []
        chosen = f"SELECT platform, id, coalesce({BY_RECIPE}, '') AS rule FROM posts WHERE {condition}"
        return f"{chosen} ORDER BY {order}, platform, id LIMIT ?", [*parameters, most]


_NOTHING = "SELECT platform, id, '' AS rule FROM posts WHERE false"


def _near(bounds: Sequence[Bound], order: str, most: int) -> str:
    """SQL: posts on both sides of each bound in turn, the nearest first."""
    sides = []
    for bound in bounds:
        distance = f"abs({identifier(bound.rule)} - {literal(bound.value)})"
        alone = f"len(matched) = 1 AND {BY_RECIPE} = {literal(bound.rule)}"
        for those in (alone, f"{BY_RECIPE} IS NULL"):
            nearest = (
                f"SELECT platform, id, {distance} AS distance, {order} AS draw FROM posts "
                f"WHERE {identifier(bound.rule)} IS NOT NULL AND {those} ORDER BY distance, draw LIMIT {most}"
            )
            sides.append(
                f"SELECT platform, id, {literal(bound.rule)} AS rule, draw, "
                f"row_number() OVER (ORDER BY distance, draw) AS place FROM ({nearest})"
            )
    once = "QUALIFY row_number() OVER (PARTITION BY platform, id ORDER BY place, rule) = 1"
    return (
        f"SELECT platform, id, rule FROM (SELECT * FROM ({' UNION ALL '.join(sides)}) {once}) "
        f"ORDER BY place, draw, rule LIMIT {most}"
    )


def _unlike(order: str) -> str:
    return f"""
        WITH numbered AS (
            SELECT platform, id, author, lower(text) AS text, draw,
                row_number() OVER (PARTITION BY author ORDER BY draw) AS number
            FROM (SELECT *, {order} AS draw FROM posts)
            WHERE {BY_RECIPE} IS NULL AND length(text) >= {SHORTEST} AND author <> ''
        ), sampled AS (
            SELECT * FROM numbered WHERE number <= {OF_AUTHOR} ORDER BY number, draw LIMIT {OF_ALL}
        ), authors AS (
            SELECT author, count(*) AS posts FROM sampled GROUP BY author HAVING posts >= {FEWEST}
        ), pieces AS (
            SELECT platform, id, author,
                unnest(list_distinct([substr(text, n, 3) for n in range(1, length(text) - 1)])) AS piece
            FROM sampled SEMI JOIN authors USING (author)
        ), counted AS (
            SELECT author, piece, count(*) AS times FROM pieces GROUP BY author, piece
        ), rarities AS (
            SELECT platform, id, author, avg(log2(posts / (times - 0.5))) AS rarity
            FROM pieces JOIN counted USING (author, piece) JOIN authors USING (author)
            GROUP BY platform, id, author
        ), standard AS (
            SELECT platform, id, (rarity - avg(rarity) OVER (PARTITION BY author))
                / greatest(stddev_samp(rarity) OVER (PARTITION BY author), 0.01) AS deviations
            FROM rarities
        )
        SELECT platform, id, '' AS rule FROM standard ORDER BY deviations DESC, platform, id LIMIT ?
    """
