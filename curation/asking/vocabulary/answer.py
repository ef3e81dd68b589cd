"""Everything that `curation words` prints and the page Words draws, from one call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curation.asking.vocabulary import cells, statistics
from curation.asking.vocabulary.comparisons import comparisons
from curation.asking.vocabulary.index import indexed
from curation.asking.vocabulary.index_file import WordIndex
from curation.asking.vocabulary.keyness import Keyness
from curation.asking.vocabulary.lists import MOST_EDGES, Mention, TermTable, gexf, lists, network
from curation.asking.vocabulary.rhythm import Rhythm, minutes_of, rhythm
from curation.asking.vocabulary.voice import Calendar, Voice, voice
from curation.corpus.corpus import Corpus
from curation.disk.whole_files import write_whole
from curation.options.commands import WordsOptions

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Language:
    """A language of kept posts, with the 95% interval of its share if a sample was measured."""

    code: str
    posts: int
    share: float
    interval: tuple[float, float] | None

    def to_json(self) -> dict[str, Any]:
        """For `curation words --json`."""
        return {**vars(self), "interval": list(self.interval) if self.interval else None}


@dataclass(frozen=True)
class Vocabulary:
    """The words of a corpus."""

    recipe: str
    author: str | None
    posts: int  # kept ones, of the author
    least: dict[str, int]  # fewest posts with a term that is counted, by kind
    voice: Voice
    keyness: tuple[Keyness, ...]
    lists: tuple[TermTable, ...]
    network: tuple[Mention, ...]
    rhythm: Rhythm
    lengths: dict[str, Any]
    language_sample: int | None  # posts measured; None: the recipe has measured all
    languages: tuple[Language, ...]

    def to_json(self) -> dict[str, Any]:
        """For `curation words --json`."""
        return {
            "schema": 1, "recipe": self.recipe, "author": self.author, "posts": self.posts, "least_posts": self.least,
            "voice": self.voice.to_json(), "keyness": [each.to_json() for each in self.keyness],
            "lists": [each.to_json() for each in self.lists], "network": [each.to_json() for each in self.network],
            "rhythm": self.rhythm.to_json(), "lengths": self.lengths,
            "languages": {"sample": self.language_sample, "rows": [each.to_json() for each in self.languages]},
        }  # fmt: skip


def vocabulary(
    corpus: Corpus, request: WordsOptions | None = None, *, on_progress: Progress = lambda done, total: None
) -> Vocabulary:
    """The words of a corpus; the first call makes the index, which is kept.

    Raises `NothingToDoError` for an unknown author, rule, year or corpus, `UsageError`, `WorkspaceError`.
    """
    request = request or WordsOptions()
    offset = minutes_of(request.offset)
    if request.author:
        corpus.require_author(request.author)
    with indexed(corpus, on_progress) as index:
        where = cells.by(request.author)
        spoken = voice(index, request.author, request.top)
        sample, found = languages(index)
        return Vocabulary(
            corpus.recipe, request.author, spoken.posts, index.facts["least"], spoken,
            tuple(each.measure(request.top) for each in comparisons(corpus, index, request, on_progress)),
            lists(index, request.author, Calendar.of(index, where), request.top),
            network(index, request.author), rhythm(index, request.author, offset), index.facts["lengths"], sample,
            found,
        )  # fmt: skip


def languages(index: WordIndex) -> tuple[int | None, tuple[Language, ...]]:
    """The size of the sample, None for all kept posts, and the languages in it."""
    facts = index.facts["languages"]
    total = sum(posts for _, posts in facts["rows"])
    rows = tuple(
        Language(code, posts, posts / total, statistics.interval(posts, total) if facts["sample"] else None)
        for code, posts in facts["rows"]
    )
    return facts["sample"], rows


def write_gexf(corpus: Corpus, author: str | None, place: Path) -> int:
    """Write who mentions whom in an author's kept posts as a GEXF file; None: of all. Gives the number of pairs."""
    with indexed(corpus) as index:
        mentions = network(index, author, MOST_EDGES)
    write_whole(place, "\n".join(gexf(mentions)) + "\n")
    return len(mentions)
