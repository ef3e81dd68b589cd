"""Filters on what a text is made of, and the user's own condition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from curation import sql
from curation.functions import patterns
from curation.functions.repetition import REPETITION
from curation.options.bounds import Between
from curation.rules.base import Filter, column, param, require

if TYPE_CHECKING:
    from curation.functions.base import BatchFunction

_KEYCAP = r"[0-9#*]\x{fe0f}?\x{20e3}"
_HAS_LINK_OR_MENTION = f"({patterns.has_link('text')} OR {sql.contains('text', '@', '＠')})"


@dataclass(frozen=True, kw_only=True)
class _ShareOfSigns(Filter):
    """Measures signs ÷ (signs + words), the words counted as `min_words` counts them."""

    signs: ClassVar[tuple[str, ...]]  # what every such sign begins with
    pattern: ClassVar[str]

    max: float

    def prepares(self) -> tuple[tuple[str, str], ...]:
        return self._words()[0]

    def measure(self) -> str:
        number = f"len(regexp_extract_all({_without_links('text')}, {sql.literal(self.pattern)}))"
        share = f"CAST({number} AS DOUBLE) / greatest({number} + {self._words()[1]}, 1)"
        return f"CASE WHEN {self._has_signs()} THEN {share} ELSE 0.0::DOUBLE END"

    def removes(self) -> str:
        return f"{column(self)} > {sql.literal(float(self.max))}"

    def _has_signs(self) -> str:
        return sql.contains("text", *self.signs)

    def _words(self) -> tuple[tuple[tuple[str, str], ...], str]:
        # Where there is no such sign the words need not be counted.
        return patterns.count_words(
            f"CASE WHEN {self._has_signs()} THEN {patterns.own_words('text')} ELSE '' END", self.name
        )


@dataclass(frozen=True, kw_only=True)
class HashtagRatio(_ShareOfSigns):
    """Hashtags make up more than the share `max` of its words

    The share is tags ÷ (tags + words), words counted as `min_words` counts them.
    """

    use: ClassVar[str] = "hashtag_ratio"
    title: ClassVar[str] = "Mostly hashtags"
    signs: ClassVar[tuple[str, ...]] = ("#", "＃")
    pattern: ClassVar[str] = patterns.TAG

    max: float = param(0.5, doc="share of hashtags, from 0 to 1", check=Between(0, 1), unit="share of hashtags")


@dataclass(frozen=True, kw_only=True)
class MostlyMentions(_ShareOfSigns):
    """Mentions make up more than the share `max` of its words

    The share is mentions ÷ (mentions + words), words counted as `min_words` counts them; an e-mail address is no
    mention. Answers to a group carry all its names: of real posts with three words of their own or more, those
    with a share of 0.5 to 0.75 nearly all say something. Above it, a few words follow a dozen of names. Where
    `strip_mentions` stands before it, it finds nothing.
    """

    use: ClassVar[str] = "mostly_mentions"
    title: ClassVar[str] = "Mostly mentions"
    signs: ClassVar[tuple[str, ...]] = ("@", "＠")
    pattern: ClassVar[str] = rf"(?:^|[^A-Za-z0-9_]){patterns.MENTION}"

    max: float = param(0.75, doc="share of mentions, from 0 to 1", check=Between(0, 1), unit="share of mentions")


@dataclass(frozen=True, kw_only=True)
class Repetition(Filter):
    """More than the share `max` of its characters repeat what was just said (`hahahaha`, `ああああ`, `buy buy buy`)

    A character counts when it is one of at least three in a row that are the same as those a fixed number of
    characters before, at most 24, without regard to case. Links and mentions are left out, and blanks count as
    one. It is the same in every script, and a long post has no more of it than a short one: half of all posts
    have less than 0.04, one in a hundred has 0.3. Above 0.7 nothing is left to learn; between 0.5 and 0.6 half of
    the posts still say something and laugh about it (`それはwwwww`).
    """

    use: ClassVar[str] = "repetition"
    title: ClassVar[str] = "Repetition"

    max: float = param(0.7, doc="share of characters, from 0 to 1", check=Between(0, 1), unit="share of characters")

    def measure(self) -> str:
        own = patterns.without_matches("text", f"{patterns.LINK}|{patterns.MENTION}", _HAS_LINK_OR_MENTION)
        return f"{REPETITION.name}({own})"

    def removes(self) -> str:
        return f"{column(self)} > {sql.literal(float(self.max))}"

    def functions(self) -> tuple[BatchFunction, ...]:
        return (REPETITION,)


@dataclass(frozen=True, kw_only=True)
class EmojiOnly(Filter):
    """Nothing but emoji, signs and blanks, with or without links and mentions

    A letter or a digit of any script keeps the post, and so does a hashtag; the digit of a keycap emoji (`1️⃣`)
    is none. A post without any sign is no matter of this rule: `url_only` and `min_words` see to it.
    """

    use: ClassVar[str] = "emoji_only"
    title: ClassVar[str] = "Only emoji and signs"

    def removes(self) -> str:
        # Anchored, the test ends at the first letter, so there is no cheaper one to ask before it.
        silent = rf"(?s)(?:{patterns.LINK}|{patterns.MENTION}|{_KEYCAP}|[^\p{{L}}\p{{N}}])*"
        besides = sql.replace_all("text", rf"{patterns.LINK}|{patterns.MENTION}|[{sql.BLANKS}]+", "")
        return f"regexp_full_match(text, {sql.literal(silent)}) AND {besides} <> ''"


@dataclass(frozen=True, kw_only=True)
class UrlOnly(Filter):
    """Nothing but links, with or without mentions

    What counts is the post as it was downloaded, so it does not matter whether links were taken out before.
    """

    use: ClassVar[str] = "url_only"
    title: ClassVar[str] = "Only links"

    def removes(self) -> str:
        rest = sql.replace_all("raw_text", rf"{patterns.LINK}|{patterns.MENTION}|[{sql.BLANKS}]+", "")
        return f"{patterns.has_link('raw_text')} AND {sql.matches('raw_text', patterns.LINK)} AND {rest} = ''"


@dataclass(frozen=True, kw_only=True)
class Where(Filter):
    """A condition of your own, in SQL

    An expression over the columns of a post as DuckDB writes it: `text ILIKE '%giveaway%' AND like_count = 0`.
    It must depend on that one post alone: no subqueries, no windows, nothing random. NULL keeps the post.
    """

    use: ClassVar[str] = "where"
    title: ClassVar[str] = "Own condition"

    condition: str = param("", doc="SQL expression; the posts for which it is true go", key="removes")

    def check(self) -> None:
        from curation.sql.expression import check_expression

        require(bool(self.condition.strip()), self, 'say which posts go, such as removes = "like_count = 0".')
        check_expression(self.name, self.condition)

    def removes(self) -> str:
        return f"\n{self.condition}\n"


def _without_links(text: str) -> str:
    return patterns.without_matches(text, patterns.LINK, patterns.has_link(text))
