"""Filters on what a text consists of, the user's own condition, and how a post was received."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from curation import sql
from curation.functions import patterns
from curation.functions.base import BatchFunction
from curation.functions.repetition import REPETITION
from curation.options.bounds import AtLeast, Between, Each, OneOf
from curation.rules.base import Filter, column, param, require

_KEYCAP = r"[0-9#*]\x{fe0f}?\x{20e3}"


@dataclass(frozen=True, kw_only=True)
class _ShareOfSigns(Filter):
    """Measures signs ÷ (signs + words), with words counted as in `min_words`."""

    signs: ClassVar[tuple[str, ...]]  # the first characters of such signs
    pattern: ClassVar[str]

    max: float

    def prepares(self) -> tuple[tuple[str, str], ...]:
        return self._words()[0]

    def measure(self) -> str:
        without_links = patterns.without_matches("text", patterns.LINK, patterns.has_link("text"))
        number = f"len(regexp_extract_all({without_links}, {sql.literal(self.pattern)}))"
        share = f"CAST({number} AS DOUBLE) / greatest({number} + {self._words()[1]}, 1)"
        return f"CASE WHEN {sql.contains('text', *self.signs)} THEN {share} ELSE 0.0::DOUBLE END"

    def removes(self) -> str:
        return f"{column(self)} > {sql.literal(float(self.max))}"

    def _words(self) -> tuple[tuple[tuple[str, str], ...], str]:
        # Also of texts without such a sign: then `min_words` and other rules of this kind share the number.
        return patterns.count_words(patterns.own_words("text"), self.name)


@dataclass(frozen=True, kw_only=True)
class HashtagRatio(_ShareOfSigns):
    """Hashtags make up more than the share `max` of its words

    The share is tags ÷ (tags + words), with words counted as in `min_words`.
    """

    use: ClassVar[str] = "hashtag_ratio"
    title: ClassVar[str] = "Mostly hashtags"
    signs: ClassVar[tuple[str, ...]] = ("#", "＃")
    pattern: ClassVar[str] = patterns.TAG

    max: float = param(0.5, doc="share of hashtags, from 0 to 1", check=Between(0, 1), unit="share of hashtags")


@dataclass(frozen=True, kw_only=True)
class MostlyMentions(_ShareOfSigns):
    """Mentions make up more than the share `max` of its words

    The share is mentions ÷ (mentions + words), with words counted as in `min_words`; an e-mail address is not a
    mention. Answers to a group carry all its names: real posts with at least three words of their own and a share of
    0.5 to 0.75 nearly all say something. Above that, a few words follow a dozen names. After `strip_mentions` this rule
    removes nothing.
    """

    use: ClassVar[str] = "mostly_mentions"
    title: ClassVar[str] = "Mostly mentions"
    signs: ClassVar[tuple[str, ...]] = ("@", "＠")
    pattern: ClassVar[str] = rf"(?:^|[^A-Za-z0-9_]){patterns.MENTION}"

    max: float = param(0.75, doc="share of mentions, from 0 to 1", check=Between(0, 1), unit="share of mentions")


@dataclass(frozen=True, kw_only=True)
class Repetition(Filter):
    """More than the share `max` of its characters repeat what was just said (`hahahaha`, `ああああ`, `buy buy buy`)

    A character counts if it is one of at least three in a row that equal the characters a fixed number of places
    before, at most 24, in any case. Links and mentions are left out, and a run of blanks counts as one. The measure is
    the same in every script, and does not grow with the length of a post: half of all posts have less than 0.04, one in
    a hundred has 0.3. Above 0.7 there is nothing left to learn; between 0.5 and 0.6 half of the posts still say
    something and laugh about it (`それはwwwww`).
    """

    use: ClassVar[str] = "repetition"
    title: ClassVar[str] = "Repetition"

    max: float = param(0.7, doc="share of characters, from 0 to 1", check=Between(0, 1), unit="share of characters")

    def measure(self) -> str:
        has_any = f"({patterns.has_link('text')} OR {sql.contains('text', '@', '＠')})"
        own = patterns.without_matches("text", f"{patterns.LINK}|{patterns.MENTION}", has_any)
        return f"{REPETITION.name}({own})"

    def removes(self) -> str:
        return f"{column(self)} > {sql.literal(float(self.max))}"

    def functions(self) -> tuple[BatchFunction, ...]:
        return (REPETITION,)


@dataclass(frozen=True, kw_only=True)
class EmojiOnly(Filter):
    """Nothing but emoji, signs and blanks, with or without links and mentions

    A letter or digit of any script keeps the post, and so does a hashtag; the digit of a keycap emoji (`1️⃣`) does
    not. A post without any sign stays; `url_only` and `min_words` remove it.
    """

    use: ClassVar[str] = "emoji_only"
    title: ClassVar[str] = "Only emoji and signs"

    def removes(self) -> str:
        # An anchored test ends at the first letter, so a cheaper test before it would not help.
        silent = rf"(?s)(?:{patterns.LINK}|{patterns.MENTION}|{_KEYCAP}|[^\p{{L}}\p{{N}}])*"
        besides = sql.replace_all("text", rf"{patterns.LINK}|{patterns.MENTION}|[{sql.BLANKS}]+", "")
        return sql.in_turn(f"regexp_full_match(text, {sql.literal(silent)})", f"{besides} <> ''")


@dataclass(frozen=True, kw_only=True)
class UrlOnly(Filter):
    """Nothing but links, with or without mentions

    The rule looks at the post as downloaded, so it does not matter whether links were removed before.
    """

    use: ClassVar[str] = "url_only"
    title: ClassVar[str] = "Only links"

    def removes(self) -> str:
        rest = sql.replace_all("raw_text", rf"{patterns.LINK}|{patterns.MENTION}|[{sql.BLANKS}]+", "")
        return sql.in_turn(patterns.has_link("raw_text"), sql.matches("raw_text", patterns.LINK), f"{rest} = ''")


@dataclass(frozen=True, kw_only=True)
class Where(Filter):
    """A condition of your own, in SQL

    An expression of DuckDB over the columns of a post: `text ILIKE '%giveaway%' AND like_count = 0`. It must depend on
    that one post alone: no subqueries, no windows, nothing random. NULL keeps the post.
    """

    use: ClassVar[str] = "where"
    title: ClassVar[str] = "Own condition"

    condition: str = param("", doc="SQL expression; the posts for which it is true go", key="removes", pattern=True)

    def check(self) -> None:
        from curation.sql.expression import check_expression

        require(bool(self.condition.strip()), self, 'say which posts go, such as removes = "like_count = 0".')
        check_expression(self.name, self.condition)

    def removes(self) -> str:
        return f"\n{self.condition}\n"


#: What can be counted, and its column.
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

    The sum leaves out counts that the source does not know; a post without any count is kept. The counts are from the
    time of the download, so young posts have few, and a source that lists no replies counts none. Both bounds are open
    until you set them: what is little depends on the author, so look at the column `engagement` first. For bounds on
    different counts, use the rule twice, each time with a `name`.
    """

    use: ClassVar[str] = "engagement"
    title: ClassVar[str] = "Engagement out of bounds"

    of: tuple[str, ...] = param(
        ("likes", "reposts", "replies", "quotes"),
        doc='what the sum counts: "likes", "reposts", "replies", "quotes", "views"',
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
        # As HUGEINT, because in a damaged table the sum of the counts may not fit a BIGINT.
        total = " + ".join(f"coalesce({column}, 0)::HUGEINT" for column in columns)
        any_count = f"coalesce({', '.join(columns)}) IS NOT NULL"
        return f"CASE WHEN {any_count} THEN CAST(greatest(least({total}, {_MOST}), 0) AS BIGINT) END"

    def removes(self) -> str:
        name = column(self)
        return f"{name} < {self.min}" + (f" OR {name} > {self.max}" if self.max is not None else "")
