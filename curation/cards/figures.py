"""The figures of a card: of the kept posts, and a ledger that also counts removed posts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from curation import sql
from curation.asking.sampled_languages import sampled_languages
from curation.cards.languages import code_of
from curation.corpus.corpus import Corpus
from curation.corpus.ledger import Ledger, Row, measured
from curation.corpus.tokens_estimate import bytes_of, estimated_tokens
from curation.posts import UNKNOWN_AUTHOR

#: The most authors that a card names, and the least share of posts of a named author if there are more. The names of
#: people with a few posts in a large set help nobody.
NAMED = 10
NAMED_SHARE = 0.01
#: A card names languages with at least this share of the posts whose language is known. Smaller ones are as often
#: errors of identification.
LEAST_SHARE = 0.01


@dataclass(frozen=True)
class Figures:
    """Figures of the kept posts of a corpus, or of some of its authors."""

    recipe: str
    ledger: Ledger  # by author
    languages: dict[str, int]  # posts among `language_posts` by code of a language, the most first
    language_posts: int  # posts whose language was measured: all, or the sample
    measured: bool  # whether the recipe measured the language of all; else a sample was measured
    platforms: dict[str, int]  # kept posts, the most first
    first: str | None  # day of the earliest, UTC, "2019-03-02"
    last: str | None
    undated: int  # posts without a time
    without_text: int  # posts whose text is empty, such as those of pictures alone
    characters: int  # code points of all texts
    median: int  # code points of a text that is not empty
    longest: int
    tokens: int  # about; see `curation.corpus.tokens_estimate`
    rewritten: dict[str, int]  # kept posts by the name of the transform that changed their text

    @classmethod
    def of(cls, corpus: Corpus, authors: Sequence[str] = ()) -> Figures:
        """Read a corpus. Raises `NothingToDoError` for an author without posts, `WorkspaceError` without balance."""
        ledger = Ledger.of(corpus, authors=authors)
        ledger.require_balance(corpus)
        kept = "removed_by IS NULL"
        if authors:
            kept += f" AND list_contains({sql.literal(list(authors))}, author)"
        texts = "length(text)) FILTER (text <> ''), 0)::BIGINT"
        questions = (
            "SELECT strftime(min(created_at)::TIMESTAMP, '%Y-%m-%d'), "
            "strftime(max(created_at)::TIMESTAMP, '%Y-%m-%d'), "
            "count(*) FILTER (created_at IS NULL), count(*) FILTER (text = ''), "
            f"coalesce(sum({texts}, coalesce(quantile_disc(length(text), 0.5) FILTER (text <> ''), 0)::BIGINT, "
            f"coalesce(max({texts}, coalesce(sum({bytes_of('text')}), 0)::BIGINT FROM posts WHERE {kept}",
            f"SELECT platform, count(*) FROM posts WHERE {kept} GROUP BY 1 ORDER BY 2 DESC, 1",
            "SELECT rule, count(*) FROM (SELECT unnest(rewritten_by) AS rule FROM posts "
            f"WHERE {kept}) GROUP BY 1 ORDER BY 1",
        )
        [row], platforms, rewritten = corpus.reading(
            lambda connection, _: [connection.execute(question).fetchall() for question in questions]
        )
        is_measured = any(measured("language", corpus.rules))
        words = _kept_by_language(corpus, authors) if is_measured else sampled_languages(corpus, authors)
        first, last, undated, without_text, characters, median, longest, size = row
        return cls(
            recipe=corpus.recipe, ledger=ledger,
            languages=by_language(words.items()), language_posts=sum(words.values()), measured=is_measured,
            platforms=dict(platforms), first=first, last=last,
            undated=undated, without_text=without_text, characters=characters, median=median, longest=longest,
            tokens=estimated_tokens(size), rewritten=dict(rewritten),
        )  # fmt: skip

    @property
    def posts(self) -> int:
        """Kept posts."""
        return self.ledger.total.kept

    @property
    def authors(self) -> list[Row]:
        """Authors with kept posts, the most posts first, without the one that stands for unnamed authors."""
        rows = [row for row in self.ledger.rows if row.kept and row.key != UNKNOWN_AUTHOR]
        return sorted(rows, key=lambda row: (-row.kept, row.key))

    @property
    def named(self) -> list[Row]:
        """The authors that a card names: all if there are few, else those with at least one post in a hundred."""
        authors = self.authors
        if len(authors) <= NAMED:
            return authors
        return [row for row in authors if row.kept >= NAMED_SHARE * self.posts][:NAMED]

    @property
    def main_languages(self) -> list[str]:
        """Codes of the languages with at least one post in a hundred, and always the first."""
        return main_languages(self.languages)

    def to_json(self) -> dict[str, Any]:
        """For `curation card --json`."""
        return {
            "posts": self.posts,
            "ledger": {key: value for key, value in self.ledger.to_json().items() if key != "schema"},
            "languages": self.languages,
            "language_posts": self.language_posts,
            "languages_measured": "by the recipe" if self.measured else "on a sample",
            "platforms": self.platforms,
            "first": self.first,
            "last": self.last,
            "undated": self.undated,
            "without_text": self.without_text,
            "characters": self.characters,
            "median_characters": self.median,
            "longest_characters": self.longest,
            "estimated_tokens": self.tokens,
            "rewritten": self.rewritten,
        }


def _kept_by_language(corpus: Corpus, authors: Sequence[str]) -> dict[str, int]:
    """Kept posts by what the recipe's rule says of their language."""
    return {row.key: row.kept for row in Ledger.of(corpus, "language", authors=authors).rows if row.kept}


def by_language(counts: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Posts by the code of a language, the most first, from posts by any word for it."""
    posts: dict[str, int] = {}
    for word, number in counts:
        if number and (code := code_of(word)):
            posts[code] = posts.get(code, 0) + number
    return dict(sorted(posts.items(), key=lambda each: (-each[1], each[0])))


def main_languages(posts: Mapping[str, int]) -> list[str]:
    """Codes of the languages with at least one post in a hundred, and always the first."""
    least = LEAST_SHARE * sum(posts.values())
    return [code for at, code in enumerate(posts) if not at or posts[code] >= least]
