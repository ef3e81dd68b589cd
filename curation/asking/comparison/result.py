"""The result of a comparison. Figures are posts unless they say otherwise."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from curation.asking.approach import Way


@dataclass(frozen=True)
class ComparedPosts:
    """Counts of posts by the verdicts of both sides."""

    key: str
    both: int  # kept by both
    only_a: int
    only_b: int
    neither: int

    @property
    def posts(self) -> int:
        """All posts."""
        return self.both + self.only_a + self.only_b + self.neither

    @property
    def changed(self) -> int:
        """Posts that one side keeps and the other one removes."""
        return self.only_a + self.only_b

    def figures(self) -> dict[str, int]:
        """The four figures by name."""
        return {"both": self.both, "only_a": self.only_a, "only_b": self.only_b, "neither": self.neither}


@dataclass(frozen=True)
class Changed:
    """A post that one side keeps and the other one removes."""

    platform: str
    id: str
    author: str
    text: str  # as it was downloaded
    a: str  # the verdict: "kept", or the rule that removes it
    b: str
    text_a: str  # after that side's transforms
    text_b: str


@dataclass(frozen=True)
class Flow:
    """Posts about which the two sides decide differently."""

    a: str  # "kept", or a rule
    b: str
    posts: int


@dataclass(frozen=True)
class Kept:
    """The character of the kept text of one side."""

    posts: int
    median_characters: int | None  # code points; None without a post
    replies: float | None  # share of the posts
    distinct_words: float | None  # distinct words per 1,000, on average; None for fewer than 1,000 words
    sampled: int  # posts whose words were counted


@dataclass(frozen=True)
class Word:
    """A word that is more frequent in the changed posts."""

    word: str
    posts: int  # with the word, in the sample of those that only one side keeps
    share: float  # of that sample
    share_elsewhere: float  # of the sample of those that the other side keeps


@dataclass(frozen=True)
class Character:
    """How the change affects the character of the text."""

    a: Kept
    b: Kept
    gained: tuple[Word, ...]  # words of what only B keeps
    lost: tuple[Word, ...]  # words of what only A keeps
    sample: int  # most posts of each sample

    @property
    def how(self) -> str:
        """How words were counted, as a sentence."""
        return (
            f"Words are counted in a sample of at most {self.sample:,} kept posts of each side, the same posts where "
            "both keep them; different words are counted in pieces of a thousand words, so that more text does not "
            "mean fewer of them."
        )


@dataclass(frozen=True)
class Provenance:
    """Where the verdicts of a side come from."""

    name: str  # of the side
    recipe: str
    fingerprint: str
    way: Way
    recalculated: tuple[str, ...]  # rules
    corpus: str | None  # whose columns were used; None for a run
    words: str  # the same as a clause

    def to_json(self) -> dict[str, Any]:
        """For `curation compare --json`."""
        return {
            "name": self.name,
            "recipe": self.recipe,
            "fingerprint": self.fingerprint,
            "how": self.way,
            "again": self.recalculated,
            "of": self.corpus,
            "words": self.words,
        }


@dataclass(frozen=True)
class Comparison:
    """Two sides over the same posts."""

    a: Provenance
    b: Provenance
    total: ComparedPosts
    tables: Mapping[str, tuple[ComparedPosts, ...]]  # by author, month, length (of A's text) and language
    changed: tuple[Changed, ...]  # a sample
    flows: tuple[Flow, ...]  # most posts first
    character: Character
    texts_differ: int  # posts whose texts differ, since the sides rewrite differently
    notes: tuple[str, ...]  # for the reader
    authors: tuple[str, ...] = ()  # only their posts; empty: all
    by: str = "author"  # the first table

    @property
    def posts(self) -> int:
        """All posts."""
        return self.total.posts

    @property
    def share_changed(self) -> float:
        """Share of the posts that one side keeps and the other one removes."""
        return self.total.changed / self.posts if self.posts else 0.0

    def to_json(self) -> dict[str, Any]:
        """For `curation compare --json`."""
        rows = {by: [{by: row.key, **row.figures()} for row in rows] for by, rows in self.tables.items()}
        return {
            "schema": 1,
            "a": self.a.name,
            "b": self.b.name,
            "posts": self.posts,
            **self.total.figures(),
            "rows": rows.pop(self.by),
            "changed": [
                {"id": post.id, "author": post.author, "text": post.text, "a": post.a, "b": post.b}
                for post in self.changed
            ],
            "by": self.by,
            "also": rows,
            "flows": [dataclasses.asdict(flow) for flow in self.flows],
            "character": {**dataclasses.asdict(self.character), "how": self.character.how},
            "texts_differ": self.texts_differ,
            "sides": {"a": self.a.to_json(), "b": self.b.to_json()},
            "authors": list(self.authors),
            "notes": list(self.notes),
        }
