"""How likely each language is, from langdetect's profiles but without drawing n-grams at random.

langdetect picks n-grams of a text until it is certain, and so gives another answer for one text in fifty when its
seed changes. Here every n-gram counts once: a language's score is the sum of the logarithms that langdetect's
products of draws would have on average. That has no seed, agrees with a run of langdetect more often than another
run does, and is one look-up and one sum.

The sum alone is far too sure of itself, as the n-grams of a text overlap and so say the same thing again. *n* of
them are taken for as much evidence as `0.8 * n ** 0.7` that are independent. Both numbers make the probabilities
of sentences, of pieces of two to six words, of pairs of words, and of posts in eight languages come out least
surprised (log loss) together; each set's own best pair is within 2 % of that.

A text's figures are the same to the last bit whatever is asked beside it: the table holds whole multiples of 2⁻¹³,
and their sums stay exact, so that the order in which a machine adds them does not matter.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np

from curation.functions.langdetect_profiles.ngrams import MAX_CHARACTERS, KnownNgrams, chunks
from curation.functions.langdetect_profiles.profiles import ALPHA, BASE_FREQUENCY, profiles

#: What n overlapping n-grams are worth: `WORTH * n ** GROWTH` independent ones.
WORTH, GROWTH = 0.8, 0.7

#: n-grams summed at once: 160 gains of at most 10 nats are below 2**24 of the unit, so exact in 32 bits; and so
#: few numbers that the linear algebra under NumPy does not spread them over threads.
_PIECE = 160
_UNITS = 2.0**13  # of a nat


def probabilities(texts: list[str], languages: Sequence[str] = ()) -> np.ndarray:
    """How likely each text is in each language: float64 [texts, languages], in the order of the profiles.

    With `languages` only those are candidates and the others are 0. Rows sum to 1, except that a text is a row
    of zeros when none of its n-grams is known in any candidate language: nothing can be said of it. Raises
    `ValueError` for a language that has no profile.
    """
    candidates = _candidates(languages)
    answers = np.zeros((len(texts), len(profiles().languages)))
    for where, ngrams in chunks(texts):
        answers[where, candidates] = _softmax(_scores(ngrams)[:, candidates], ngrams.counts)
    return answers


def _candidates(languages: Sequence[str]) -> np.ndarray | slice:
    model = profiles().languages
    unknown = [language for language in languages if language not in model]
    if unknown:
        raise ValueError(f"langdetect has no profile of {', '.join(unknown)}; it has {', '.join(sorted(model))}.")
    return np.flatnonzero([code in languages for code in model]) if languages else slice(None)


def _softmax(scores: np.ndarray, counts: np.ndarray) -> np.ndarray:
    best = scores.max(axis=1)
    shares: np.ndarray = np.exp((scores - best[:, None]) * _worth().take(counts)[:, None])
    shares /= shares.sum(axis=1)[:, None]
    shares[best == 0.0] = 0.0
    return shares


def _scores(ngrams: KnownNgrams) -> np.ndarray:
    """float64 [texts, languages]: nats by which the n-grams of a text, all independent, would speak for a language."""
    gains, ones = _gains(), np.ones(_PIECE, np.float32)
    counts = ngrams.counts
    scores = np.zeros((len(counts), gains.shape[1]))
    piece = np.empty((len(counts), gains.shape[1]), np.float32)
    rows, taken = ngrams.rows.astype(np.intp), np.empty((_PIECE, gains.shape[1]), np.float32)
    going, begins = np.flatnonzero(counts), ngrams.bounds[:-1][counts > 0]
    while going.size:
        ends = np.minimum(begins + _PIECE, ngrams.bounds[going + 1])
        for at, (begin, end) in enumerate(zip(begins.tolist(), ends.tolist(), strict=True)):
            # No row is out of range, but only "clip" writes to `out` without a copy between.
            gains.take(rows[begin:end], 0, out=taken[: end - begin], mode="clip")
            np.dot(ones[: end - begin], taken[: end - begin], out=piece[at])
        scores[going] += piece[: len(going)]
        more = ends < ngrams.bounds[going + 1]
        going, begins = going[more], ends[more]
    return scores / _UNITS


@functools.cache
def _gains() -> np.ndarray:
    """float32 [n-grams, languages], in units: what an n-gram adds to a language's score; 0 where the language lacks it.

    langdetect multiplies by `alpha / 10000 + p`; this is its logarithm less that of `alpha / 10000`, which every
    language would get. 19 MB.
    """
    model = profiles()
    dense = np.zeros((model.missing, len(model.languages)), np.float32)
    dense[model.rows, model.columns] = np.rint(np.log1p(model.values * (BASE_FREQUENCY / ALPHA)) * _UNITS)
    return dense


@functools.cache
def _worth() -> np.ndarray:
    """For each number of n-grams, what one of them is worth."""
    most = 3 * MAX_CHARACTERS
    return np.array([0.0, *(WORTH * count ** (GROWTH - 1.0) for count in range(1, most + 1))])
