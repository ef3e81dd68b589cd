"""Filters on when a post was posted, beside its author's other ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from curation.options.bounds import AtLeast
from curation.rules.base import Filter, column, param

MICROSECONDS = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Burst(Filter):
    """Posted while its author posted more than `max` posts within `seconds`

    Measured is the busiest stretch of so many seconds that the post lies in, among the author's posts that no
    earlier rule removes. In 281,000 posts of five people's archives, threads joined, no minute had more than eight;
    eleven are a program's, or those of somebody who pastes a long thread, so join threads before this rule. A post
    without a date is not measured, nor one of midnight sharp: where a table has dates without times, all of a day
    stands there.
    """

    use: ClassVar[str] = "burst"
    title: ClassVar[str] = "Bursts"

    max: int = param(10, doc="posts", check=AtLeast(1), unit="posts")
    seconds: int = param(60, doc="seconds", check=AtLeast(1), unit="seconds")

    def compares(self) -> Mapping[str, str]:
        return {"key": "CASE WHEN epoch_us(created_at) % 86400000000 <> 0 THEN author END"}

    def marks(self) -> str:
        # The rest of the stretch that begins with each post, and then the busiest that reaches as far as the post.
        within = self.seconds * MICROSECONDS - 1
        frame = "OVER (PARTITION BY key ORDER BY moment RANGE BETWEEN {} AND {})"
        ahead = frame.format("CURRENT ROW", f"{within} FOLLOWING")
        behind = frame.format(f"{within} PRECEDING", "CURRENT ROW")
        return f"""
            WITH timed AS (
                SELECT part, row, key, epoch_us(created_at) AS moment FROM candidates
            ), counted AS (
                SELECT *, count(*) {ahead} AS ahead FROM timed
            )
            SELECT part, row, max(ahead) {behind} AS posts FROM counted
        """

    def marked(self) -> Mapping[str, str]:
        return {"posts": "BIGINT"}

    def measure(self) -> str:
        return self.mark("posts")

    def removes(self) -> str:
        return f"{column(self)} > {self.max}"
