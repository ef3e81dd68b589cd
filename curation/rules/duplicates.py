"""The dedups for texts that are the same, or have the same canonical form."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from curation.functions import patterns
from curation.functions.base import BatchFunction
from curation.functions.characters import normalizer
from curation.options.bounds import OneOf
from curation.rules.base import Dedup, param
from curation.sameness.canonical import SHORTEN_REPETITIONS, canonical
from curation.sameness.preference import MOMENT
from curation.sql import fold_blanks, has_odd_blanks, matches, not_ascii

#: Which copy is kept: SQL of a whole number, the smallest wins.
PREFERENCES = {
    "earliest": MOMENT,
    "latest": "-coalesce(epoch_us(created_at), -9223372036854775807)",
    "longest": "-length(raw_text)",
    # As HUGEINT, because in a damaged table the sum of the counts may not fit a BIGINT.
    "most_engaged": "greatest(-(coalesce(like_count, 0)::HUGEINT + coalesce(repost_count, 0) "
    "+ coalesce(reply_count, 0) + coalesce(quote_count, 0)), -9223372036854775807)",
    "original": "CAST(coalesce(is_repost, false) OR starts_with(raw_text, 'RT @') AS BIGINT)",
}
_JOINED_BY_NFC = f"[{patterns.CLASSES['joined_by_nfc']}]"
#: Few texts need it, so it does not need its own process.
COMPOSED = replace(normalizer("NFC"), rare=True)
#: What the parameter `keep` means, for every rule that has it.
KEEP = (
    'which copy is kept: "earliest" · "latest" · "longest" (as downloaded) · "most_engaged" (likes + reposts + replies '
    '+ quotes) · "original" (before those that pass it on); ties go to the earliest, then to the smallest id'
)


@dataclass(frozen=True, kw_only=True)
class Copies(Dedup):
    """Removes copies of a text, by one author or by anybody."""

    scope: str = param(
        "author", doc='"author": copies by the same author · "global": by anybody', check=OneOf("author", "global")
    )
    keep: str = param("earliest", doc=KEEP, check=OneOf(*PREFERENCES))

    def preference(self) -> str:
        return PREFERENCES[self.keep]


@dataclass(frozen=True, kw_only=True)
class ExactDuplicate(Copies):
    """The same author's same text again, but for case and blanks; the earliest is kept

    A letter with an accent is the same as one character or two (Unicode's form NFC). The rule compares only posts that
    no earlier rule removes, so the kept copy is never a removed post. A post without text is not a copy.
    """

    use: ClassVar[str] = "exact_duplicate"
    title: ClassVar[str] = "Exact duplicates"
    version: ClassVar[int] = 2

    def functions(self) -> tuple[BatchFunction, ...]:
        return (COMPOSED,)

    def key(self) -> str:
        folded = f"CASE WHEN {has_odd_blanks('text')} THEN {fold_blanks('text')} ELSE text END"
        apart = f"{not_ascii('text')} AND {matches('text', _JOINED_BY_NFC)}"
        joined = f"CASE WHEN {apart} THEN {COMPOSED.name}({folded}) ELSE {folded} END"
        return in_scope(f"nullif(lower({joined}), '')", self.scope)


@dataclass(frozen=True, kw_only=True)
class CanonicalDuplicate(Copies):
    """The same author's same text again, but for case, blanks, links, mentions, emoji and the tags at its end

    It also ignores how often a letter or sign is repeated (`soooo` equals `sooo`, but `1000` is not `10000`), and an
    `RT @name:` before the text. Punctuation counts: `really?` is not `really!`. A post of which nothing is left, such
    as a mere link, is not a copy. The rule ignores what people and applications vary when they post a text again: the
    shortened link, the tag of the day, the recipient.
    """

    use: ClassVar[str] = "canonical_duplicate"
    title: ClassVar[str] = "Duplicates but for links, mentions and tags"

    def functions(self) -> tuple[BatchFunction, ...]:
        return (SHORTEN_REPETITIONS,)

    def key(self) -> str:
        return in_scope(f"nullif({canonical('text')}, '')", self.scope)


def in_scope(same: str, scope: str) -> str:
    """SQL: what copies share: the expression `same`, and in the scope `author` also the author."""
    if scope == "global":
        return same
    # The length separates author and text, whatever characters they have.
    return f"length(author) || ':' || author || {same}"
