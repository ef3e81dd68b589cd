"""The filter on how a post was received."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from curation.options.bounds import AtLeast, Each, OneOf
from curation.rules.base import Filter, column, param, require

#: What can be counted, and the columns of a post.
COUNTS = {
    "likes": "like_count",
    "reposts": "repost_count",
    "replies": "reply_count",
    "quotes": "quote_count",
    "views": "view_count",
}
_MOST = 9_223_372_036_854_775_807


@dataclass(frozen=True, kw_only=True)
class Engagement(Filter):
    """Fewer than `min` or more than `max` likes, reposts, replies and quotes together

    Counts that the source does not know are left out of the sum; a post of which it knows none is kept. They are
    as of the download, so young posts have few, and a source that lists no replies counts none. Both bounds are
    open until you set them: what is little depends on the author, so look at the column `engagement` first.
    Use the rule twice, each time with a `name`, for bounds on different counts.
    """

    use: ClassVar[str] = "engagement"
    title: ClassVar[str] = "Engagement out of bounds"

    of: tuple[str, ...] = param(
        ("likes", "reposts", "replies", "quotes"),
        doc='what is added up: "likes", "reposts", "replies", "quotes", "views"',
        check=Each(OneOf(*COUNTS), noun="count"),
    )
    min: int = param(0, doc="the smallest sum that is kept", check=AtLeast(0))
    max: int | None = param(None, doc="the largest sum that is kept", check=AtLeast(0))

    def check(self) -> None:
        require(bool(self.of), self, f"`of` is empty, so nothing is counted. It may hold {', '.join(COUNTS)}.")
        if self.max is not None:
            require(self.min <= self.max, self, f"`min` ({self.min}) is more than `max` ({self.max}).")

    def measure(self) -> str:
        columns = [column for count, column in COUNTS.items() if count in self.of]
        # As HUGEINT, since a damaged table may hold counts whose sum is no BIGINT.
        total = " + ".join(f"coalesce({column}, 0)::HUGEINT" for column in columns)
        any_count = f"coalesce({', '.join(columns)}) IS NOT NULL"
        return f"CASE WHEN {any_count} THEN CAST(greatest(least({total}, {_MOST}), 0) AS BIGINT) END"

    def removes(self) -> str:
        name = column(self)
        return f"{name} < {self.min}" + (f" OR {name} > {self.max}" if self.max is not None else "")
