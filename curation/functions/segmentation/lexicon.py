"""Learns the words of scripts without spaces from texts, by how characters keep company.

A sequence of clusters is a word if it *coheres* and is *free*:

- it coheres if it is much more frequent than its parts would meet by chance, wherever it is cut: the least pointwise
  mutual information over its cuts is at least `COHESION` (Church and Hanks 1990);
- it is free if many different clusters stand before it and after it: the smaller of the entropies of both neighbours is
  at least `FREEDOM` (branching entropy: Harris 1955; Jin and Tanaka-Ishii 2006). `なるほ` is not free, since `ど`
  always follows; `なるほど` is.

A text is then cut so that the product of the frequencies of its words is largest (Viterbi 1967), and the frequencies
are counted again in the cut texts, several times; words that nothing uses drop out. So a frequent long word takes its
parts with it, and a short one stays where it stands alone.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from curation.functions.segmentation.clusters import (
    FINAL,
    HAN,
    HIRAGANA,
    RUNS,
    clusters_of,
    may_be_word,
    script_of,
)

#: Clusters of the longest word.
LONGEST = 8
#: Fewest occurrences of a word.
LEAST = 5
#: Least pointwise mutual information at the weakest cut, and least entropy of the neighbours of the poorer side; nats.
COHESION, FREEDOM = 1.5, 1.0
#: How often texts are cut and counted.
ROUNDS = 3

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Lexicon:
    """Words of two or more clusters, each with the logarithm of its frequency."""

    scores: Mapping[str, float]
    #: Of a cluster that is no word of the lexicon.
    unknown: float = -12.0
    longest: int = field(default=LONGEST)

    def cut(self, run: str) -> list[str]:
        """The words of a run, in order."""
        clusters = clusters_of(run)
        size, scores = len(clusters), self.scores
        best = [0.0] + [-math.inf] * size
        back = [0] * (size + 1)
        for begin in range(size):
            word, so_far = "", best[begin]
            for end in range(begin + 1, min(begin + self.longest, size) + 1):
                word += clusters[end - 1]
                score = scores.get(word)
                if score is None:
                    if end > begin + 1:
                        continue
                    score = self.unknown
                if so_far + score > best[end]:
                    best[end], back[end] = so_far + score, begin
        ends, end = [], size
        while end:
            ends.append(end)
            end = back[end]
        words: list[str] = []
        begin = 0
        for end in reversed(ends):
            if words and end == begin + 1 and FINAL.fullmatch(clusters[begin]):
                words[-1] += clusters[begin]
            else:
                words.append("".join(clusters[begin:end]))
            begin = end
        return words


def learn(texts: Iterable[str]) -> Lexicon:
    """The words of texts."""
    runs = Counter(run for text in texts for run in RUNS.findall(text))
    seeds = _seeds(runs)
    lexicon = _weighed(seeds)
    for _ in range(ROUNDS if seeds else 0):
        counts: Counter[str] = Counter()
        for run, times in runs.items():
            for word in lexicon.cut(run):
                counts[word] += times
        lexicon = _weighed({word: n for word, n in counts.items() if n >= LEAST or word not in seeds})
    return lexicon


def _weighed(counts: Mapping[str, int]) -> Lexicon:
    total = sum(counts.values()) or 1
    unknown = math.log(0.5 / total) if counts else -12.0
    return Lexicon({word: math.log(count / total) for word, count in counts.items()}, unknown)


def _seeds(runs: Mapping[str, int]) -> dict[str, int]:
    """Candidates by cohesion and freedom, with their occurrences; and every cluster."""
    pieces = [clusters_of(run) for run in runs]
    numbers = {cluster: n for n, cluster in enumerate(sorted({c for piece in pieces for c in piece}), 1)}
    names = ["", *numbers]
    # 0 stands between runs, at the beginning and at the end.
    stream = np.array([0, *(n for piece in pieces for n in (*map(numbers.__getitem__, piece), 0))], dtype=np.int64)
    weights = np.array(
        [0, *(t for piece, t in zip(pieces, runs.values(), strict=True) for t in [t] * (len(piece) + 1))]
    )
    scripts = np.array([script_of(name) for name in names], dtype=np.int64)
    total = int(weights[stream > 0].sum())
    first = np.where(stream > 0, stream, -1)
    levels = [_Level(1, first, np.bincount(stream, weights, len(names)).astype(np.int64))]
    found = {name: int(count) for name, count in zip(names[1:], levels[0].counts[1:], strict=True)}
    while len(levels) < LONGEST:
        level = levels[-1].longer(stream, weights, len(names))
        if level is None:
            break
        levels.append(level)
        free = level.freedom(stream, weights, scripts) >= FREEDOM
        cohering = level.cohesion(levels, total) >= COHESION
        for number in np.flatnonzero(free & cohering):
            begin = int(level.places[number])
            word = tuple(names[n] for n in stream[begin : begin + level.size].tolist())
            if may_be_word(word):
                found["".join(word)] = int(level.counts[number])
    return found


@dataclass(frozen=True)
class _Level:
    """All frequent sequences of `size` clusters."""

    size: int
    at: Numbers  # of each place of the stream, the number of the sequence that begins there; -1: none
    counts: Numbers  # by number
    places: Numbers = field(default_factory=lambda: np.zeros(0, np.int64))  # by number, one place where it begins

    def longer(self, stream: Numbers, weights: Numbers, width: int) -> _Level | None:
        """The sequences of one more cluster; None if there is none."""
        begins = np.flatnonzero((self.at[: -self.size] >= 0) & (self.at[1 : len(self.at) - self.size + 1] >= 0))
        begins = begins[stream[begins + self.size] > 0]
        if not len(begins):
            return None
        keys = self.at[begins] * width + stream[begins + self.size]
        _, first, which = np.unique(keys, return_index=True, return_inverse=True)
        counts = np.bincount(which, weights[begins]).astype(np.int64)
        frequent = counts >= LEAST
        renumbered = np.where(frequent, np.cumsum(frequent) - 1, -1)
        at = np.full(len(stream), -1, dtype=np.int64)
        at[begins] = renumbered[which]
        return _Level(self.size + 1, at, counts[frequent], begins[first[frequent]]) if frequent.any() else None

    def freedom(self, stream: Numbers, weights: Numbers, scripts: Numbers) -> npt.NDArray[np.float64]:
        """The smaller entropy of the clusters before and after each sequence.

        Ends of runs are all different, and so is a Hiragana before a Han character: a word ends there anyway.
        """
        begins = np.flatnonzero(self.at >= 0)
        ends = begins + self.size
        before, after = stream[begins - 1], stream[ends]
        changes = scripts[stream]
        before = np.where((changes[begins - 1] == HIRAGANA) & (changes[begins] == HAN), 0, before)
        after = np.where((changes[ends - 1] == HIRAGANA) & (changes[ends] == HAN), 0, after)
        return np.minimum(*(self._entropy(begins, beside, weights, len(scripts)) for beside in (before, after)))

    def _entropy(self, begins: Numbers, beside: Numbers, weights: Numbers, width: int) -> npt.NDArray[np.float64]:
        inside = beside > 0
        keys, which = np.unique(self.at[begins[inside]] * width + beside[inside], return_inverse=True)
        counts = np.bincount(which, weights[begins[inside]], len(keys))
        sums = np.bincount(keys // width, counts * np.log(np.maximum(counts, 1)), len(self.counts))
        return np.log(self.counts) - sums / self.counts

    def cohesion(self, levels: Sequence[_Level], total: int) -> npt.NDArray[np.float64]:
        """The least pointwise mutual information of both parts over all cuts of each sequence."""
        least = np.full(len(self.counts), np.inf)
        for cut in range(1, self.size):
            left, right = levels[cut - 1], levels[self.size - cut - 1]
            one, other = left.counts[left.at[self.places]], right.counts[right.at[self.places + cut]]
            least = np.minimum(least, np.log(self.counts * (total / one) / other))
        return least
