"""Queries of the page Decide: the posts of a queue, and what the decisions say so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from curation.asking.review.audit import POPULATIONS, Estimate, audit
from curation.asking.review.drawing import bounds
from curation.asking.review.queues import NEAR, Queue
from curation.asking.review.record import Reviews
from curation.corpus.pins.pin_file import Pins
from curation.corpus.pins.posts_called import CALLED
from curation.rules import RuleBook
from dashboards.queries.browse import at_places
from dashboards.snapshot import Snapshot

#: Posts that a queue has at first and by which it grows, and posts of a page.
STEP, PAGE = 200, 20


@dataclass(frozen=True)
class Listed:
    """The posts of a queue in their order."""

    posts: tuple[tuple[str, str, str], ...]  # platform, id and rule

    def decided(self, pins: Pins) -> list[bool]:
        """Whether each of them is decided."""
        pinned = {pin.post for pin in pins.pins}
        return [(platform, post_id) in pinned for platform, post_id, _ in self.posts]


def listed(snapshot: Snapshot, queue: Queue, pins: Pins, book: RuleBook) -> Listed:
    """The posts of a queue: as many steps as it takes until one is not decided. Raises `RecipeError`."""
    limits = bounds(snapshot.corpus, book) if queue.kind == NEAR else []
    most = STEP
    while True:
        sql, parameters = queue.statement(limits, most)
        found = Listed(tuple(snapshot.query(sql, parameters).iter_rows()))
        if len(found.posts) < most or not all(found.decided(pins)):
            return found
        most += STEP


def page(snapshot: Snapshot, listed: Listed, number: int) -> list[dict[str, Any]]:
    """The posts of a page, from 1, with all columns of the corpus."""
    those = listed.posts[PAGE * (number - 1) : PAGE * number]
    rows = snapshot.query(
        f"SELECT platform, id, _part, _row FROM posts WHERE {CALLED}", [[post_id for _, post_id, _ in those]]
    )
    places = {(platform, post_id): (part, row) for platform, post_id, part, row in rows.iter_rows()}
    return at_places(snapshot, [places[platform, post_id] for platform, post_id, _ in those])


def authors(snapshot: Snapshot) -> dict[str, int]:
    """The authors with the most posts, and how many."""
    sql = "SELECT author, count(*)::BIGINT AS posts FROM posts WHERE author <> '' GROUP BY author"
    return dict(snapshot.query(f"{sql} ORDER BY posts DESC, author LIMIT 500").iter_rows())


def populations(snapshot: Snapshot) -> dict[str, int]:
    """How many posts each rule removes by the recipe alone; "" stands for kept ones."""
    return dict(snapshot.query(POPULATIONS).iter_rows())


def estimates(snapshot: Snapshot, reviews: Reviews, pins: Pins, counts: dict[str, int]) -> Sequence[Estimate]:
    """What the decisions say about the corpus."""
    return audit(snapshot.corpus, reviews, pins, counts)
