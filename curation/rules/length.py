"""Filters that count: words and characters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from curation.functions import patterns
from curation.options.bounds import AtLeast, OneOf
from curation.rules.base import Filter, column, param


@dataclass(frozen=True, kw_only=True)
class _CountsWords(Filter):
    """Measures the number of words."""

    count: str = param(
        "unicode",
        doc='"unicode": words by UAX #29; each Han character and Hiragana is one, and Thai, Lao, Khmer and Burmese are '
        'estimated from their letters; links, @mentions and #tags do not count · "blanks": runs of non-blanks without '
        "`http`, `@` and `#`, as in huggingtweets",
        check=OneOf("unicode", "blanks"),
    )

    def prepares(self) -> tuple[tuple[str, str], ...]:
        return () if self.count == "blanks" else self._by_unicode()[0]

    def measure(self) -> str:
        return patterns.count_blank_separated("text") if self.count == "blanks" else self._by_unicode()[1]

    def _by_unicode(self) -> tuple[tuple[tuple[str, str], ...], str]:
        return patterns.count_words(patterns.own_words("text"), self.name)


@dataclass(frozen=True, kw_only=True)
class MinWords(_CountsWords):
    """Fewer than `min` words of its own; links, @mentions and #tags do not count

    Three is the bound of huggingtweets. Japanese writes no blanks: counting by blanks removes nine of ten posts of a
    Japanese author; counting by Unicode's standard removes one in twenty.
    """

    use: ClassVar[str] = "min_words"
    training_row: ClassVar[str] = "Short tweets"
    title: ClassVar[str] = "Short posts"

    min: int = param(3, doc="words", check=AtLeast(1), unit="words")

    def removes(self) -> str:
        return f"{column(self)} < {self.min}"


@dataclass(frozen=True, kw_only=True)
class MaxWords(_CountsWords):
    """More than `max` words of its own; links, @mentions and #tags do not count"""

    use: ClassVar[str] = "max_words"
    title: ClassVar[str] = "Long posts"

    max: int = param(500, doc="words", check=AtLeast(1), unit="words")

    def removes(self) -> str:
        return f"{column(self)} > {self.max}"


@dataclass(frozen=True, kw_only=True)
class MinChars(Filter):
    """Fewer than `min` characters

    A character is what people see as one: a family emoji of seven code points counts once.
    """

    use: ClassVar[str] = "min_chars"
    title: ClassVar[str] = "Few characters"

    min: int = param(10, doc="characters (grapheme clusters of UAX #29)", check=AtLeast(1), unit="characters")

    def measure(self) -> str:
        return "length_grapheme(text)"

    def removes(self) -> str:
        return f"{column(self)} < {self.min}"
