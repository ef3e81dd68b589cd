"""Which words are typical of one side, compared with another one: what a rule removes, an author, a year, a corpus.

Both sides are sets of cells, and every figure is a number of posts. See `statistics` for the measures.

A word is a **burst**, and is left out, if more than half of its posts on its side lie in one month of one author, and
that is more than twice the share of all posts there: a conference week says little about a rule or a year.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from curation.asking.vocabulary import statistics
from curation.asking.vocabulary.cells import Cells
from curation.asking.vocabulary.index_file import WordIndex

#: Fewest posts of both sides together with a word that is tested.
LEAST = 5
#: A burst has more than this share of its posts in one month of one author, and so many times the share of all posts.
BURST, TIMES = 0.5, 2.0
#: Candidates in each direction, as a multiple of the words wanted, among which bursts are looked for.
CANDIDATES = 5


@dataclass(frozen=True)
class Side:
    """Some posts of a corpus."""

    title: str  # for people
    corpus: str
    cells: Cells
    chosen: Mapping[str, tuple[str, ...]]  # the same as facets of Browse


@dataclass(frozen=True)
class KeyTerm:
    """A word or phrase that is typical of a side."""

    text: str
    posts: int  # of the side that it is typical of
    others: int  # of the other side
    share: float  # of the posts of its side
    share_others: float
    log_ratio: float
    interval_end: float  # of the log ratio's 95% interval, the end nearer to 0
    log_likelihood: float
    spread: float  # DPnorm over months and authors of its side
    largest_part: float  # share of its posts in one month of one author

    def to_json(self) -> dict[str, Any]:
        """For `curation words --json`."""
        return dict(vars(self))


@dataclass(frozen=True)
class KeyTerms:
    """Words, or phrases, of both sides."""

    tested: int
    critical: float  # the least G² that counts, with all tested words in mind
    significant: int
    bursts: int  # left out among the candidates
    a: tuple[KeyTerm, ...]
    b: tuple[KeyTerm, ...]

    def to_json(self) -> dict[str, Any]:
        """For `curation words --json`."""
        sides = {name: [term.to_json() for term in getattr(self, name)] for name in ("a", "b")}
        return {**vars(self), **sides}


@dataclass(frozen=True)
class Keyness:
    """A comparison of two sides."""

    kind: str  # rule, author, year or corpus
    name: str
    a: Side
    b: Side
    posts_a: int
    posts_b: int
    words: KeyTerms
    phrases: KeyTerms

    def to_json(self) -> dict[str, Any]:
        """For `curation words --json`."""
        return {
            "kind": self.kind, "name": self.name, "a": self.a.title, "b": self.b.title,
            "posts_a": self.posts_a, "posts_b": self.posts_b,
            "words": self.words.to_json(), "phrases": self.phrases.to_json(),
        }  # fmt: skip


@dataclass(frozen=True)
class Comparison:
    """Two sides, each in its index."""

    kind: str
    name: str
    a: Side
    b: Side
    index_a: WordIndex
    index_b: WordIndex

    def measure(self, top: int) -> Keyness:
        """The `top` words and phrases that are most typical of each side."""
        sizes = [_sizes(self.index_a, self.a.cells), _sizes(self.index_b, self.b.cells)]
        posts_a, posts_b = (sum(each.values()) for each in sizes)
        found = [self._terms(kind, top, sizes) for kind in ("words", "phrases")]
        return Keyness(self.kind, self.name, self.a, self.b, posts_a, posts_b, *found)

    def _terms(self, kind: str, top: int, sizes: Sequence[dict[tuple[str, str], int]]) -> KeyTerms:
        texts, a, b = self._counts(kind)
        size_a, size_b = (sum(each.values()) for each in sizes)
        evidence = statistics.log_likelihood(a, b, size_a, size_b)
        ratio = statistics.log_ratio(a, b, size_a, size_b)
        nearer = statistics.nearer_end(ratio, a, b, size_a, size_b)
        least = statistics.critical(len(texts))
        significant = evidence >= least
        sides, bursts = [], 0
        for sign, index, side, parts in (
            (1, self.index_a, self.a, sizes[0]), (-1, self.index_b, self.b, sizes[1])
        ):  # fmt: skip
            chosen = np.flatnonzero(significant & (sign * ratio > 0))
            order = chosen[np.lexsort((texts[chosen], -np.abs(nearer[chosen])))][: CANDIDATES * top]
            spreads = _spreads(index, kind, side.cells, [str(text) for text in texts[order]], parts)
            rows: list[KeyTerm] = []
            for place in order.tolist():
                spread, largest, is_burst = spreads[str(texts[place])]
                bursts += is_burst
                if is_burst or len(rows) == top:
                    continue
                mine, other = (a, b) if sign > 0 else (b, a)
                size, other_size = (size_a, size_b) if sign > 0 else (size_b, size_a)
                rows.append(
                    KeyTerm(
                        str(texts[place]), int(mine[place]), int(other[place]), mine[place] / size,
                        other[place] / other_size, abs(float(ratio[place])), abs(float(nearer[place])),
                        float(evidence[place]), spread, largest,
                    )
                )  # fmt: skip
            sides.append(tuple(rows))
        return KeyTerms(len(texts), least, int(significant.sum()), bursts, sides[0], sides[1])

    def _counts(self, kind: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The tested terms, and the posts of each side that have them."""
        if self.index_a.folder == self.index_b.folder:
            rows = self.index_a.rows(
                f"""
                WITH sides AS (
                    SELECT cell, {self.a.cells.condition} AS a, {self.b.cells.condition} AS b FROM {{cells}}
                ),
                sums AS (
                    SELECT term, sum(CASE WHEN a THEN n.posts ELSE 0 END)::BIGINT AS a,
                           sum(CASE WHEN b THEN n.posts ELSE 0 END)::BIGINT AS b
                    FROM {{{kind}-counts}} AS n JOIN sides USING (cell) WHERE a OR b GROUP BY term
                )
                SELECT text, a, b FROM sums JOIN {{{kind}}} USING (term) WHERE a + b >= {LEAST} ORDER BY text
                """,
                (*self.a.cells.parameters, *self.b.cells.parameters),
            )
            return _columns(rows)
        counts = [
            dict(
                index.rows(
                    f"SELECT text, sum(n.posts)::BIGINT FROM {{{kind}-counts}} AS n JOIN {{cells}} USING (cell) "
                    f"JOIN {{{kind}}} AS named USING (term) WHERE {side.cells.condition} GROUP BY text",
                    side.cells.parameters,
                )
            )
            for index, side in ((self.index_a, self.a), (self.index_b, self.b))
        ]
        texts = sorted(counts[0].keys() | counts[1].keys())
        rows = [(text, counts[0].get(text, 0), counts[1].get(text, 0)) for text in texts]
        return _columns([row for row in rows if row[1] + row[2] >= LEAST])


def _columns(rows: Sequence[tuple[Any, ...]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    texts = np.array([text for text, _, _ in rows], dtype=object)
    return texts, np.array([a for _, a, _ in rows], dtype=float), np.array([b for _, _, b in rows], dtype=float)


def _sizes(index: WordIndex, cells: Cells) -> dict[tuple[str, str], int]:
    """The posts of each part: an author's month."""
    rows = index.rows(
        f"SELECT author, month, sum(posts)::BIGINT FROM {{cells}} WHERE {cells.condition} GROUP BY ALL",
        cells.parameters,
    )
    return {(author, month): posts for author, month, posts in rows}


def _spreads(
    index: WordIndex, kind: str, cells: Cells, texts: Sequence[str], sizes: Mapping[tuple[str, str], int]
) -> dict[str, tuple[float, float, bool]]:
    """Of each term: DPnorm over parts, its share in its largest part, and whether it is a burst."""
    if not texts:
        return {}
    named = dict(index.rows(f"SELECT term, text FROM {{{kind}}} WHERE list_contains(?, text)", (list(texts),)))
    among = ", ".join(map(str, named)) or "NULL"
    parts: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for term, author, month, posts in index.rows(
        f"SELECT term, author, month, sum(n.posts)::BIGINT FROM (FROM {{{kind}-counts}} WHERE term IN ({among})) AS n "
        f"JOIN {{cells}} USING (cell) WHERE {cells.condition} GROUP BY ALL",
        cells.parameters,
    ):
        parts[named[term]].append((posts, sizes[author, month]))
    total, smallest = sum(sizes.values()), min(sizes.values())
    answer = {}
    for text in texts:
        found, expected = (np.array(column, dtype=float) for column in zip(*parts[text], strict=True))
        largest = int(np.argmax(found))
        share = float(found[largest] / found.sum())
        is_burst = share > BURST and share > TIMES * float(expected[largest] / total)
        answer[text] = statistics.deviation(found, expected, total, smallest), share, is_burst
    return answer
