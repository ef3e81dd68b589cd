"""The text that one recipe keeps of the pool, whole or within a budget, and how much of it repeats."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from curation.asking.comparison.words import words_of
from curation.corpus.corpus import Corpus
from curation.exports.choosing.leakage_groups import HAS_TEXT, Kinship, make_texts
from curation.exports.choosing.near_store import NearStore
from curation.exports.choosing.node import NODE
from curation.options.export import NEAR
from curation.training.evaluation.held_out import MEMORY
from curation.training.evaluation.result import RepetitionFigures

_FACTOR = 0x9E3779B97F4A7C15


@dataclass(frozen=True, eq=False)
class KeptText:
    """Kept posts with a text, by author and time."""

    texts: tuple[str, ...]
    lengths: np.ndarray  # int64, code points of each text
    nodes: np.ndarray  # uint64, a number for each post, the same in every recipe
    exact_copies: int  # posts with the text of another one, but for case and blanks, beside the first of each text
    near_copies: int  # the same for groups of near copies and copies
    trigram_posts: np.ndarray  # int64, the place of the post of each run of three words
    trigrams: np.ndarray  # uint64, a hash of the three words

    @classmethod
    def read(cls, corpus: Corpus, folder: Path) -> KeptText:
        """The kept posts of a corpus; working files lie in `folder`. Raises `WorkspaceError`."""

        def work(connection: duckdb.DuckDBPyConnection, manifest: dict[str, Any]) -> KeptText:
            connection.execute(
                "CREATE TABLE kept AS SELECT row_number() OVER (ORDER BY author, created_at NULLS LAST, length(id), "
                f"id, platform) - 1 AS place, {NODE} AS number, text "
                f"FROM posts WHERE removed_by IS NULL AND {HAS_TEXT}"
            )
            rows = connection.sql("SELECT text, number FROM kept ORDER BY place").fetchnumpy()
            texts = tuple(rows["text"].tolist())
            store = NearStore(Corpus(corpus.folder, manifest))
            make_texts(connection, "true", [], folder, Kinship(near=NEAR), store=store)
            [(exact, near)] = connection.execute(
                "SELECT count(*) - count(DISTINCT mark), "
                "count(*) - count(DISTINCT coalesce(near::VARCHAR, 'mark ' || mark)) FROM texts WHERE has_text"
            ).fetchall()
            three = connection.sql(
                "SELECT place, unnest(list_transform(range(1, len(words) - 1), lambda word: "
                "hash(words[word], words[word + 1], words[word + 2]))) AS three "
                f"FROM (SELECT place, {words_of('text')} AS words FROM kept) ORDER BY place"
            ).fetchnumpy()
            lengths = np.fromiter(map(len, texts), np.int64, len(texts))
            nodes = np.asarray(rows["number"], dtype=np.uint64)
            return cls(texts, lengths, nodes, exact, near, np.asarray(three["place"]), np.asarray(three["three"]))

        return corpus.reading(work, memory_limit=MEMORY, spill=folder / "spill")

    @property
    def characters(self) -> int:
        """Code points of all texts."""
        return int(self.lengths.sum())

    def within(self, budget: int, seed: int) -> np.ndarray:
        """Whether each post is among those drawn into a budget of characters.

        The order of posts depends only on the seed and the posts, so recipes that keep the same posts draw the same
        ones. Posts are taken until one does not fit.
        """
        order = np.argsort(_mixed(self.nodes, seed), kind="stable")
        chosen = np.zeros(len(order), dtype=bool)
        chosen[order] = np.cumsum(self.lengths[order]) <= budget
        return chosen

    def repetition(self, chosen: np.ndarray) -> RepetitionFigures:
        """How much repeats; `chosen` are the posts of the equal budget, since more text always has fewer new runs."""
        posts = len(self.texts)
        runs = self.trigrams[chosen[self.trigram_posts]] if posts else self.trigrams
        squeeze, size, squeezed = zlib.compressobj(6), 0, 0
        for text in self.texts:
            data = text.encode("utf-8", "surrogatepass") + b"\n"
            size, squeezed = size + len(data), squeezed + len(squeeze.compress(data))
        squeezed += len(squeeze.flush())
        return RepetitionFigures(
            exact_copies=self.exact_copies / posts if posts else None,
            near_copies=self.near_copies / posts if posts else None,
            zlib_ratio=size / squeezed if posts else None,
            distinct_3=len(np.unique(runs)) / len(runs) if len(runs) else None,
        )


def _mixed(numbers: np.ndarray, seed: int) -> np.ndarray:
    """The numbers in another order for each seed (the finaliser of splitmix64)."""
    mixed = numbers + np.uint64((seed + 1) * _FACTOR % (1 << 64))
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return mixed ^ (mixed >> np.uint64(31))
