"""The dedup for texts that are the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from curation.rules.base import Dedup, one_of, param
from curation.sql import fold_blanks, has_odd_blanks

#: Which copy is kept: SQL for a whole number, the smallest wins.
PREFERENCES = {
    "earliest": "coalesce(epoch_us(created_at), 9223372036854775807)",
    "latest": "-coalesce(epoch_us(created_at), -9223372036854775807)",
    "longest": "-length(raw_text)",
    # Summed as HUGEINT, since a damaged table may hold counts whose sum is none.
    "most_engaged": "greatest(-(coalesce(like_count, 0)::HUGEINT + coalesce(repost_count, 0) "
    "+ coalesce(reply_count, 0) + coalesce(quote_count, 0)), -9223372036854775807)",
}


@dataclass(frozen=True, kw_only=True)
class ExactDuplicate(Dedup):
    """The same author's same text again, but for case and blanks; the earliest is kept

    Only posts that no earlier rule removes are compared, so a removed post never stands for a kept one. A post
    whose text is empty is nobody's copy.
    """

    use: ClassVar[str] = "exact_duplicate"
    title: ClassVar[str] = "Exact duplicates"

    scope: str = param(
        "author", doc='"author": copies by the same author · "global": by anybody', check=one_of("author", "global")
    )
    keep: str = param(
        "earliest",
        doc='which copy is kept: "earliest" · "latest" · "longest" (as downloaded) · "most_engaged" (likes + reposts + '
        "replies + quotes); ties go to the earliest, then to the smallest id",
        check=one_of(*PREFERENCES),
    )

    def key(self) -> str:
        folded = f"CASE WHEN {has_odd_blanks('text')} THEN {fold_blanks('text')} ELSE text END"
        same = f"nullif(lower({folded}), '')"
        if self.scope == "global":
            return same
        # The length keeps author and text apart, whatever characters they are made of.
        return f"length(author) || ':' || author || {same}"

    def preference(self) -> str:
        return PREFERENCES[self.keep]
