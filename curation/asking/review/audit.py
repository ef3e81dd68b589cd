"""How often a recipe was wrong, by rule: the decisions about posts that were drawn at random, with an interval.

A removed post that was decided *keep* is a wrong removal; a kept one that was decided *remove* is a wrong keep. Draws
under other settings of the recipe don't count, nor do posts that came from the other queues.

The interval is Wilson's at 95%. Unlike the usual one it stays within 0 and 1, and says something with few decisions
and with none wrong.

>>> [round(end, 3) for end in wilson(0, 30)], [round(end, 3) for end in wilson(3, 30)]
([0.0, 0.114], [0.035, 0.256])
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from curation.asking.review.drawing import fingerprint
from curation.asking.review.queues import BY_RECIPE, KEPT, REMOVED
from curation.asking.review.record import Draw, Reviews
from curation.corpus.corpus import Corpus
from curation.corpus.pins.pin_file import KEPT as PIN_KEPT
from curation.corpus.pins.pin_file import Pins

#: The quantile of the normal distribution for 95%.
Z = 1.959964


def wilson(wrong: int, decided: int, z: float = Z) -> tuple[float, float]:
    """Wilson's interval of a share (Wilson 1927); 0 to 1 without a decision."""
    if not decided:
        return 0.0, 1.0
    share, square = wrong / decided, z * z
    middle = (share + square / (2 * decided)) / (1 + square / decided)
    half = z * math.sqrt(share * (1 - share) / decided + square / (4 * decided * decided)) / (1 + square / decided)
    return (0.0 if not wrong else middle - half), (1.0 if wrong == decided else middle + half)


@dataclass(frozen=True)
class Estimate:
    """What the decisions say about the posts of one rule, of all rules, or about the kept ones."""

    of: str  # removed or kept
    rule: str  # "" for all
    posts: int  # of the corpus
    drawn: int  # at random
    decided: int
    wrong: int

    @property
    def share(self) -> float | None:
        """The share of wrong ones among the decided; None without a decision."""
        return self.wrong / self.decided if self.decided else None

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's interval of this share, at 95%."""
        return wilson(self.wrong, self.decided)

    def to_json(self) -> dict[str, Any]:
        """For `curation check --review --json`."""
        return {
            "of": self.of,
            "rule": self.rule or None,
            "posts": self.posts,
            "drawn": self.drawn,
            "decided": self.decided,
            "wrong": self.wrong,
            "share": self.share,
            "interval": list(self.interval),
        }


#: SQL: how many posts each rule removes by the recipe alone; "" stands for none.
POPULATIONS = f"SELECT coalesce({BY_RECIPE}, '') AS rule, count(*)::BIGINT AS posts FROM posts GROUP BY rule"


def audit(corpus: Corpus, reviews: Reviews, pins: Pins, populations: dict[str, int] | None = None) -> list[Estimate]:
    """What the decisions say about a corpus: removed ones of all rules, of each rule in recipe order, and kept ones.

    `populations` is the answer to `POPULATIONS`, if it is known. Estimates without a draw are left out.
    """
    counts = populations if populations is not None else dict(corpus.rows(POPULATIONS))
    own = (corpus.recipe, fingerprint(corpus))
    draws = [each for each in reviews.draws if (each.corpus, each.recipe) == own]
    return [each for each in _estimates(draws, corpus, pins, counts) if each.drawn]


def _estimates(draws: list[Draw], corpus: Corpus, pins: Pins, counts: dict[str, int]) -> Iterator[Estimate]:
    wants = {pin.post: pin.want for pin in pins.pins}
    removed = [each for each in draws if each.queue == REMOVED]

    def estimate(of: str, rule: str, posts: int, those: Iterable[Draw]) -> Estimate:
        drawn = {each.post for each in those}
        decided = [wants[post] == PIN_KEPT for post in drawn if post in wants]
        wrong = sum(decided) if of == REMOVED else len(decided) - sum(decided)
        return Estimate(of, rule, posts, len(drawn), len(decided), wrong)

    in_all = sum(posts for rule, posts in counts.items() if rule)
    yield estimate(REMOVED, "", in_all, (each for each in removed if not each.of_rule))
    for rule in corpus.removing_rules:
        yield estimate(REMOVED, rule, counts.get(rule, 0), (each for each in removed if each.rule == rule))
    yield estimate(KEPT, "", counts.get("", 0), (each for each in draws if each.queue == KEPT))
