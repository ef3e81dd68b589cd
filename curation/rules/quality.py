"""Filters on what a text is made of, and the user's own condition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from curation import sql
from curation.rules import patterns
from curation.rules.base import Filter, between, column, param, require


@dataclass(frozen=True, kw_only=True)
class HashtagRatio(Filter):
    """Hashtags make up more than the share `max` of its words

    The share is tags ÷ (tags + words), words counted as `min_words` counts them.
    """

    use: ClassVar[str] = "hashtag_ratio"
    title: ClassVar[str] = "Mostly hashtags"

    max: float = param(0.5, doc="share of hashtags, from 0 to 1", check=between(0, 1))

    def prepares(self) -> tuple[tuple[str, str], ...]:
        return self._words()[0]

    def measure(self) -> str:
        tags = f"len(regexp_extract_all({_without_links('text')}, {sql.literal(patterns.TAG)}))"
        share = f"CAST({tags} AS DOUBLE) / greatest({tags} + {self._words()[1]}, 1)"
        return f"CASE WHEN {sql.contains('text', '#', '＃')} THEN {share} ELSE 0.0::DOUBLE END"

    def _words(self) -> tuple[tuple[tuple[str, str], ...], str]:
        return patterns.count_words(patterns.own_words("text"), self.name)

    def removes(self) -> str:
        return f"{column(self)} > {sql.literal(float(self.max))}"


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
        from curation.expression import check_expression

        require(bool(self.condition.strip()), self, 'say which posts go, such as removes = "like_count = 0".')
        check_expression(self.name, self.condition)

    def removes(self) -> str:
        return f"\n{self.condition}\n"


def _without_links(text: str) -> str:
    return patterns.without(text, patterns.LINK, patterns.has_link(text))
