"""What a voice says: its frequent words and phrases, over time, with function words apart (see `spreads`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from curation.asking.vocabulary import cells
from curation.asking.vocabulary.cells import Cells, Period
from curation.asking.vocabulary.index_file import WordIndex
from curation.asking.vocabulary.spreads import spreads

#: Most function words that are listed.
LISTED = 50


@dataclass(frozen=True)
class Spoken:
    """A word, phrase, hashtag, … with its posts."""

    text: str
    posts: int
    kept: int
    share: float  # of all posts looked at
    spread: float | None  # DPnorm over months: 0 even, 1 all in one; of words and phrases
    over_time: tuple[int, ...]  # posts by period

    def to_json(self) -> dict[str, Any]:
        """For `curation words --json`."""
        return {**vars(self), "over_time": list(self.over_time)}


@dataclass(frozen=True)
class Voice:
    """The words and phrases of some kept posts."""

    posts: int
    periods: tuple[Period, ...]
    posts_by_period: tuple[int, ...]
    words: tuple[Spoken, ...]
    phrases: tuple[Spoken, ...]
    function_words: tuple[Spoken, ...]

    def to_json(self) -> dict[str, Any]:
        """For `curation words --json`."""
        return {
            "posts": self.posts,
            "periods": [
                {**period.to_json(), "posts": posts}
                for period, posts in zip(self.periods, self.posts_by_period, strict=True)
            ],
            **{
                name: [each.to_json() for each in getattr(self, name)]
                for name in ("words", "phrases", "function_words")
            },
        }


@dataclass(frozen=True)
class Calendar:
    """The months of some posts, as periods, with their numbers of posts."""

    months: dict[str, int]  # posts by month
    periods: tuple[Period, ...]

    @classmethod
    def of(cls, index: WordIndex, where: Cells) -> Calendar:
        """The months of the posts in some cells."""
        months = dict(
            index.rows(
                f"SELECT month, sum(posts)::BIGINT FROM {{cells}} WHERE {where.condition} GROUP BY month",
                where.parameters,
            )
        )
        return cls(months, tuple(cells.periods(months)))

    @property
    def posts(self) -> int:
        """All posts, dated or not."""
        return sum(self.months.values())

    def by_period(self, months: dict[str, int]) -> tuple[int, ...]:
        """Posts by period from posts by month."""
        return tuple(sum(months.get(month, 0) for month in period.months) for period in self.periods)


def voice(index: WordIndex, author: str | None, top: int) -> Voice:
    """The `top` words and phrases of an author's kept posts; None: of all."""
    where = cells.kept() & cells.by(author)
    calendar = Calendar.of(index, where)
    grammar = grammar_of(index, author)
    # A phrase of nothing but function words and particles says as little as they do.
    unseen = index.rows(
        "SELECT part FROM (SELECT DISTINCT unnest(parts) AS part FROM {phrases}) AS used "
        "ANTI JOIN {words} AS shown ON used.part = shown.term"
    )
    idle = grammar.union(term for (term,) in unseen)
    every, by_weight = "posts DESC, text", "weight DESC, posts DESC, text"
    return Voice(
        calendar.posts,
        calendar.periods,
        calendar.by_period(calendar.months),
        _ranked(index, author, calendar, f"NOT list_contains(?, term) ORDER BY {by_weight} LIMIT {top}", grammar),
        _ranked(
            index, author, calendar, f"NOT list_has_all(?, parts) ORDER BY {by_weight} LIMIT {top}", idle, "phrases"
        ),
        _ranked(index, author, calendar, f"list_contains(?, term) ORDER BY {every} LIMIT {LISTED}", grammar),
    )


def grammar_of(index: WordIndex, author: str | None) -> set[int]:
    """The numbers of the function words of an author, or of all voices."""
    learned: dict[str, list[int]] = index.facts["grammar"]
    chosen = learned.values() if author is None else [learned.get(author, learned[""])]
    return {term for terms in chosen for term in terms}


def _ranked(
    index: WordIndex, author: str | None, calendar: Calendar, condition: str, terms: set[int], kind: str = "words"
) -> tuple[Spoken, ...]:
    """The terms of a kind that meet a condition on the list of `terms`, in its order."""
    source = f"FROM {{{kind}-spreads}}"
    parameters: tuple[object, ...] = ()
    if author in index.facts["grammar"]:
        source, parameters = f"FROM {{{kind}-spreads}} WHERE voice = ?", (author,)
    elif author is not None:
        source, parameters = spreads(kind, cells.kept() & cells.by(author), [])
    rows = index.rows(
        f"""
        WITH spread AS ({source}),
        weighed AS (
            SELECT term, sum(posts)::BIGINT AS posts, sum(posts * spread) / sum(posts) AS spread, sum(weight) AS weight
            FROM spread GROUP BY term
        )
        SELECT term, text, weighed.posts AS posts, spread FROM weighed JOIN (SELECT * EXCLUDE (posts) FROM {{{kind}}})
        USING (term) WHERE {condition}
        """,
        (*parameters, sorted(terms)),
    )
    months = over_months(index, kind, cells.kept() & cells.by(author), [term for term, *_ in rows])
    return tuple(
        Spoken(text, posts, posts, posts / calendar.posts, spread, calendar.by_period(months[term]))
        for term, text, posts, spread in rows
    )


def over_months(index: WordIndex, kind: str, where: Cells, terms: Sequence[int]) -> dict[int, dict[str, int]]:
    """The posts of terms by month."""
    # Literal numbers let the reader skip the parts of the file that have none of them.
    among = ", ".join(str(int(term)) for term in terms) or "NULL"
    months: dict[int, dict[str, int]] = defaultdict(dict)
    for term, month, posts in index.rows(
        f"SELECT term, month, sum(n.posts)::BIGINT FROM (FROM {{{kind}-counts}} WHERE term IN ({among})) AS n "
        f"JOIN {{cells}} USING (cell) WHERE {where.condition} GROUP BY ALL",
        where.parameters,
    ):
        months[term][month] = posts
    return months
