"""The dedups for copies: the same text, nearly the same, the same canonical form, or the same template."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar

from curation.functions import patterns
from curation.functions.base import BatchFunction
from curation.functions.characters import normalizer
from curation.functions.exchange import Exchange, SharedExchange
from curation.options.bounds import AtLeast, Between, OneOf
from curation.rules.base import Dedup, param
from curation.sameness.canonical import SHORTEN_REPETITIONS, canonical
from curation.sameness.preference import MOMENT
from curation.sameness.skeleton import skeleton, words
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


@dataclass(frozen=True, kw_only=True)
class NearDuplicate(Copies):
    """Nearly the same as a text by the same author that is kept

    The similarity of two texts is the number of shared sequences of three letters or digits ÷ the number of distinct
    ones, without links, mentions, emoji, tags at the end, blanks and punctuation (see `canonical_duplicate`). Letters
    that look alike count as one (a Cyrillic `а` in a Latin word), and so does a doubled letter. Every pair is verified
    exactly. The preferred post is kept, and no post goes because of one that goes itself. A threshold
    of .7 means about two changed words in twelve. Six people judged pairs of posts: at .7, most of them found the same
    statement in six of seven pairs; at .8, in more than nine of ten. In texts of fewer than 25 characters one more word
    is another message, so only the same canonical text counts.
    """

    use: ClassVar[str] = "near_duplicate"
    title: ClassVar[str] = "Near-duplicates"
    version: ClassVar[int] = 2
    comparing: ClassVar[float] = 40.0
    within_key: ClassVar[bool] = True

    threshold: float = param(0.7, doc="least similarity (Jaccard), from .5 to 1", check=Between(0.5, 1))
    shortest: int = param(
        25, doc="characters of the canonical text below which only the same one is a copy", check=AtLeast(1)
    )

    def functions(self) -> tuple[BatchFunction, ...]:
        return (SHORTEN_REPETITIONS,)

    def compares(self) -> Mapping[str, str]:
        return {
            "key": "author" if self.scope == "author" else "'anybody'",
            "canonical": canonical("text"),
            "preference": f"CAST({self.preference()} AS BIGINT)",
        }

    def marked(self) -> Mapping[str, str]:
        return {"duplicate_of": "VARCHAR", "similarity": "DOUBLE"}

    def find(self, exchange: Exchange) -> None:
        from curation.sameness.find import find_near_duplicates

        find_near_duplicates(exchange, threshold=self.threshold, shortest=self.shortest)

    def find_shared(self) -> Callable[[SharedExchange], object] | None:
        if not self.within_key:
            return None
        from curation.sameness.shared.find import find_near_duplicates

        by_key = self.find if self.scope == "author" else None
        return partial(find_near_duplicates, threshold=self.threshold, shortest=self.shortest, by_key=by_key)


@dataclass(frozen=True, kw_only=True)
class Template(Dedup):
    """One of many texts that differ in names and numbers only

    Check-ins, runs, weather, blog feeds, campaigns: the same text except for links, emoji, numbers, mentions, tags,
    quoted words and words with a capital letter, posted `posts` times or by `authors` authors. At least `words` words
    must remain; in scripts without blanks three kana, two Han or four Thai letters count as a word. In five archives of
    337,000 posts, the skeletons with five words that came ten times were applications, campaigns and stock phrases of
    their authors; with three or four words most were thanks and greetings.
    """

    use: ClassVar[str] = "template"
    title: ClassVar[str] = "Filled-in templates"
    within_key: ClassVar[bool] = True

    posts: int = param(10, doc="posts with one skeleton that make it a template", check=AtLeast(2))
    authors: int = param(5, doc="authors with one skeleton that make it a template", check=AtLeast(2))
    words: int = param(5, doc="least number of words that are neither names nor numbers", check=AtLeast(1))
    scope: str = param(
        "global", doc='"author": the posts of each author · "global": of all', check=OneOf("author", "global")
    )
    keep: str = param(
        "earliest",
        doc=KEEP.replace("copy is kept:", 'one is kept: "none" (all go) ·'),
        check=OneOf("none", *PREFERENCES),
    )

    def compares(self) -> Mapping[str, str]:
        return {
            "key": in_scope(f"nullif({skeleton('text')}, '')", self.scope),
            "author": "author",
            "preference": f"CAST({PREFERENCES.get(self.keep, '0')} AS BIGINT)",
        }

    def shared(self) -> str:
        own = "key"
        if self.scope == "author":
            own = "substr(key, length(any_value(author)) + length(length(any_value(author))::VARCHAR) + 2)"
        many = f"count(*) >= {self.posts} OR count(DISTINCT author) >= {self.authors}"
        return f"count(*) >= {min(self.posts, self.authors)} AND ({many}) AND {words(own)} >= {self.words}"

    def marked(self) -> Mapping[str, str]:
        return {"duplicate_of": "VARCHAR", "similarity": "DOUBLE"}

    def marks(self) -> str:
        if self.keep != "none":
            return f"SELECT *, 1.0 AS similarity FROM ({super().marks()})"
        return f"""
            SELECT part, row, CAST(NULL AS VARCHAR) AS duplicate_of, CAST(NULL AS DOUBLE) AS similarity
            FROM candidates SEMI JOIN (SELECT key FROM candidates GROUP BY key HAVING {self.shared()}) USING (key)
        """


def in_scope(same: str, scope: str) -> str:
    """SQL: what copies share: the expression `same`, and in the scope `author` also the author."""
    if scope == "global":
        return same
    # The length separates author and text, whatever characters they have.
    return f"length(author) || ':' || author || {same}"
