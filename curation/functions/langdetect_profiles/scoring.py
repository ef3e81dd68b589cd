"""How likely each language is, from langdetect's profiles but without random draws.

langdetect picks n-grams of a text until it is certain, so with another seed one text in fifty gets another answer. Here
every n-gram counts once: the score of a language is the average logarithm of langdetect's products. This has no seed,
agrees with a run of langdetect more often than another run does, and is one look-up and one sum.

The sum alone is far too certain, because the n-grams of a text overlap and repeat the same evidence. *n* of them count
like `0.8 * n ** 0.7` independent ones. The two numbers minimize the log loss of the probabilities for sentences, pieces
of two to six words, pairs of words, and posts in eight languages together; the best pair for each set alone is within
2% of that.

The figures of a text are the same to the last bit, whatever other texts there are: the table has whole multiples of
2⁻¹³, and their sums are exact, so the order of additions does not matter.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np

from curation.functions.langdetect_profiles.ngrams import MAX_CHARACTERS, KnownNgrams, chunks
from curation.functions.langdetect_profiles.profiles import ALPHA, BASE_FREQUENCY, profiles

#: n overlapping n-grams count like `WORTH * n ** GROWTH` independent ones.
WORTH, GROWTH = 0.8, 0.7

#: n-grams in one sum: 48 gains of at most 10 nats are below 2**24 units, so exact in 32 bits.
_PIECE = 48
#: Sums at a time: as much as the processor's cache holds, and so little that linear algebra does not use threads.
_TOGETHER = 32
_UNITS = 2.0**13  # of a nat


def probabilities(texts: list[str], languages: Sequence[str] = ()) -> np.ndarray:
    """How likely each text is in each language: float64 [texts, languages], in the order of the profiles.

    With `languages` only those are candidates, and the others are 0. Rows sum to 1; a text without a known n-gram in
    any candidate language is a row of zeros. Raises `ValueError` for a language without a profile.
    """
    known = profiles().languages
    if unknown := [language for language in languages if language not in known]:
        raise ValueError(f"langdetect has no profile of {', '.join(unknown)}; it has {', '.join(sorted(known))}.")
    every = not languages or len({*languages}) == len(known)
    candidates = slice(None) if every else np.flatnonzero([code in languages for code in known])
    answers = np.zeros((len(texts), len(known)))
    for where, ngrams in chunks(texts):
        answers[where, candidates] = _softmax(_scores(ngrams)[:, candidates], ngrams.counts)
    return answers


def _softmax(scores: np.ndarray, counts: np.ndarray) -> np.ndarray:
    best = scores.max(axis=1)
    shares: np.ndarray = np.exp((scores - best[:, None]) * _worth().take(counts)[:, None])
    shares /= shares.sum(axis=1)[:, None]
    shares[best == 0.0] = 0.0
    return shares


def _scores(ngrams: KnownNgrams) -> np.ndarray:
    """float64 [texts, languages]: the evidence for a language in nats, if all n-grams of a text were independent."""
    gains, ones = _gains(), np.ones(_PIECE, np.float32)
    counts = ngrams.counts
    pieces = -(-counts // _PIECE)
    ends = np.cumsum(pieces)
    rows = np.full((ends[-1], _PIECE), len(gains) - 1, np.intp)  # the last row gains nothing
    ahead = np.repeat((ends - pieces) * _PIECE - ngrams.bounds[:-1], counts)
    rows.reshape(-1)[np.arange(len(ngrams.rows)) + ahead] = ngrams.rows
    sums = np.empty((len(rows), gains.shape[1]), np.float32)
    taken = np.empty((_TOGETHER, _PIECE, gains.shape[1]), np.float32)
    for begin in range(0, len(rows), _TOGETHER):
        some = rows[begin : begin + _TOGETHER]
        # No row is out of range, but only "clip" writes to `out` without a copy.
        gains.take(some, 0, out=taken[: len(some)], mode="clip")
        np.matmul(ones, taken[: len(some)], out=sums[begin : begin + len(some)])
    scores = np.zeros((len(counts), gains.shape[1]))
    some = np.flatnonzero(counts)
    if some.size:
        scores[some] = np.add.reduceat(sums, (ends - pieces)[some], dtype=np.float64)
    return scores / _UNITS


@functools.cache
def _gains() -> np.ndarray:
    """float32 [n-grams, languages], in units: what an n-gram adds to a language's score; 0 if the language lacks it.

    langdetect multiplies by `alpha / 10000 + p`. This is the logarithm of that, minus the logarithm of `alpha / 10000`,
    which every language would get. 19 MB.
    """
    model = profiles()
    dense = np.zeros((model.missing + 1, len(model.languages)), np.float32)
    dense[model.rows, model.columns] = np.rint(np.log1p(model.values * (BASE_FREQUENCY / ALPHA)) * _UNITS)
    return dense


@functools.cache
def _worth() -> np.ndarray:
    """For each number of n-grams, how much one of them counts."""
    most = 3 * MAX_CHARACTERS
    return np.array([0.0, *(WORTH * count ** (GROWTH - 1.0) for count in range(1, most + 1))])
