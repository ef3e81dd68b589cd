"""langdetect's own answer, draw for draw, for many texts at once.

langdetect makes seven trials. Each begins with equally likely languages and a random smoothing constant around 0.5. It
picks n-grams of the text at random, multiplies each language's probability by how likely it uses the n-gram, and stops
when one language is certain. The answer is the mean over the trials.

Here the trials of a thousand texts run side by side, each in a row (a *lane*) of one matrix; when a text is finished,
another takes its lane. Each row goes through the same operations on 64-bit numbers as in langdetect, in the same order,
so the probabilities are equal to the last bit.

The random numbers are computed in advance. The detector seeds Python's generator again for each text, so all texts see
the same stream of 32-bit words, and differ only in their place in it. A pick among *n* n-grams takes the upper bits of
a word, and goes on to the next word until they are below *n*. So for each *n* the picks form one list, and the normal
deviate at the beginning of a trial depends only on the place in the stream.
"""

from __future__ import annotations

import functools
import math
import random
import sys
from dataclasses import dataclass

import numpy as np

from curation.functions.langdetect_profiles.ngrams import KnownNgrams, chunks
from curation.functions.langdetect_profiles.profiles import ALPHA, ALPHA_WIDTH, BASE_FREQUENCY, profiles

# langdetect's constants, under its names.
N_TRIAL, ITERATION_LIMIT, CONV_THRESHOLD, PROB_THRESHOLD = 7, 1000, 0.99999, 0.1
#: Picks between two checks whether a language is certain; before the first check there is one pick.
_STRIDE = 5
_STEPS = np.arange(_STRIDE)[:, None]
_LANES = 1024
#: With fewer lanes, one call for all languages is faster than one for each.
_FEW = 64
#: Words at first. A text needs about 14,000 if half of its picks are rejected, the most possible.
_WORDS = 1 << 14
#: Words for a pair of normal deviates: two numbers of 53 bits.
DEVIATE_WORDS = 4


def replay(texts: list[str], seed: int = 0) -> list[list[tuple[str, float]]]:
    """The result of `Detector.get_probabilities` with this seed for each text: codes and probabilities, the best first.

    Like langdetect, it lists only languages above 0.1. The list is empty where langdetect would answer `unknown`, or
    raise an error because it knows no n-gram of the text.
    """
    answers: list[list[tuple[str, float]]] = []
    for _, ngrams in chunks(texts):
        answers += _listed(_trials(ngrams, seed))
    return answers


def _listed(probabilities: np.ndarray) -> list[list[tuple[str, float]]]:
    languages = profiles().languages
    answers: list[list[tuple[str, float]]] = [[] for _ in probabilities]
    texts, columns = np.nonzero(probabilities > PROB_THRESHOLD)
    likely = probabilities[texts, columns]
    for text, column, probability in zip(texts.tolist(), columns.tolist(), likely.tolist(), strict=True):
        answers[text].append((languages[column], probability))
    for answer in answers:
        if len(answer) > 1:
            answer.sort(key=lambda pair: -pair[1])
    return answers


def _trials(ngrams: KnownNgrams, seed: int) -> np.ndarray:
    """float64 [texts, languages]: the mean over the trials of each text; zeros for a text without known n-grams."""
    answers = np.zeros((len(ngrams.counts), len(profiles().languages)))
    queue = np.flatnonzero(ngrams.counts)
    if not queue.size:
        return answers
    # Short texts take longest to become certain. They go first, so that they don't run alone at the end.
    queue = queue[np.argsort(ngrams.counts[queue], kind="stable")]
    lanes = _Lanes(ngrams, seed, queue[:_LANES])
    queue = queue[_LANES:]
    while lanes.text.size:
        lanes.go_on()
        finished = lanes.end_trials(answers)
        lanes.take(finished[: len(queue)], queue[: len(finished)])
        lanes.close(finished[len(queue) :])
        queue = queue[len(finished) :]
    return answers


class _Lanes:
    """The texts in progress, each in its own trial."""

    def __init__(self, ngrams: KnownNgrams, seed: int, texts: np.ndarray) -> None:
        model = profiles()
        sizes, self._list_of_text = np.unique(ngrams.counts, return_inverse=True)
        if sizes[0] == 0:  # such a text has no lane, and no picks
            sizes, self._list_of_text = sizes[1:], self._list_of_text - 1
        # Every other trial draws a pair of deviates, from words that could have been picks.
        needed = N_TRIAL * (ITERATION_LIMIT + 1) + (N_TRIAL + 1) // 2 * DEVIATE_WORDS
        self._picks = picks(seed, sizes, needed)
        self._ngrams, self._probability = ngrams, model.probability
        languages = len(model.languages)

        self.text = texts.copy()
        self._begin = ngrams.bounds[texts]  # of the text's n-grams
        self._trial = np.zeros(len(texts), np.int64)
        self._place = np.zeros(len(texts), np.int64)  # in the stream, of the next trial's deviate
        self._pick = np.zeros(len(texts), np.int64)  # the next one
        self._iteration = np.zeros(len(texts), np.int64)  # of the last pick; -1 before the first
        self._ended = np.zeros(len(texts), bool)
        self._spare = np.zeros(len(texts))  # the second deviate of a pair
        # One for each language, though they are all equal: adding whole rows takes a quarter of the time.
        self._weight = np.zeros((len(texts), languages))
        self._now = np.zeros((len(texts), languages))  # the languages' probabilities in this trial
        self._sum = np.zeros((len(texts), languages))  # and their mean over the trials before it
        self._start(np.arange(len(texts)))

    def go_on(self) -> None:
        """Advance all lanes with a running trial to the next check whether a language is certain."""
        self._advance(np.flatnonzero(~self._ended) if self._ended.any() else slice(None), _STRIDE)

    def end_trials(self, answers: np.ndarray) -> np.ndarray:
        """Count the trials that have ended, start the next ones, and return the lanes of finished texts."""
        ended = np.flatnonzero(self._ended)
        if not ended.size:
            return ended
        self._sum[ended] += self._now[ended] / N_TRIAL
        self._trial[ended] += 1
        lists = self._list_of_text[self.text[ended]]
        self._place[ended] = self._picks.place_after(lists, self._pick[ended] - 1)
        over = self._trial[ended] == N_TRIAL
        self._start(ended[~over])
        finished: np.ndarray = ended[over]
        answers[self.text[finished]] = self._sum[finished]
        return finished

    def take(self, lanes: np.ndarray, texts: np.ndarray) -> None:
        """Give the lanes to other texts."""
        if not lanes.size:
            return
        self.text[lanes] = texts
        self._begin[lanes] = self._ngrams.bounds[texts]
        self._trial[lanes] = 0
        self._place[lanes] = 0
        self._sum[lanes] = 0.0
        self._start(lanes)

    def close(self, lanes: np.ndarray) -> None:
        """Remove the lanes."""
        if not lanes.size:
            return
        keep = np.ones(len(self.text), bool)
        keep[lanes] = False
        lists = (
            "text",
            "_begin",
            "_trial",
            "_place",
            "_pick",
            "_iteration",
            "_ended",
            "_spare",
            "_weight",
            "_now",
            "_sum",
        )
        for name in lists:
            setattr(self, name, getattr(self, name)[keep])

    def _start(self, lanes: np.ndarray) -> None:
        draws = lanes[self._trial[lanes] % 2 == 0]
        deviates = np.empty(len(self.text))
        deviates[lanes] = self._spare[lanes]
        deviates[draws], self._spare[draws] = self._picks.deviates[self._place[draws]].T
        self._place[draws] += DEVIATE_WORDS
        self._weight[lanes] = ((ALPHA + deviates[lanes] * ALPHA_WIDTH) / BASE_FREQUENCY)[:, None]
        self._pick[lanes] = self._picks.at(self._list_of_text[self.text[lanes]], self._place[lanes])
        self._now[lanes] = 1.0 / self._now.shape[1]
        self._iteration[lanes] = -1
        self._advance(lanes, 1)  # langdetect checks after the first pick, and then after every fifth

    def _advance(self, lanes: np.ndarray | slice, steps: int) -> None:
        now, weight, pick = self._now[lanes], self._weight[lanes], self._pick[lanes]
        picks = self._picks.values.take(pick + _STEPS[:steps])
        for rows in self._ngrams.rows.take(picks + self._begin[lanes]):
            factor = self._probability.take(rows, axis=0)  # one step at a time stays in the processor's cache
            factor += weight
            now *= factor
        columns = now.T.copy()  # one language after the other, even with few lanes
        sums = _sums(columns)
        now /= sums[:, None]
        self._now[lanes] = now
        self._pick[lanes] += steps
        self._iteration[lanes] += steps
        certain = columns.max(axis=0) / sums > CONV_THRESHOLD
        self._ended[lanes] = certain | (self._iteration[lanes] >= ITERATION_LIMIT)


def _sums(columns: np.ndarray) -> np.ndarray:
    """The sum of each lane, as in Python's `sum`: one language after the other, since Python 3.12 with compensation."""
    if sys.version_info < (3, 12):
        if columns.shape[1] < _FEW:
            last: np.ndarray = np.add.accumulate(columns, axis=0)[-1]
            return last
        total: np.ndarray = columns[0].copy()
        for column in columns[1:]:
            total += column
        return total
    total, lost = columns[0].copy(), np.zeros(columns.shape[1])
    for column in columns[1:]:
        larger = total + column
        lost += np.where(total >= column, (total - larger) + column, (column - larger) + total)
        total = larger
    return total + lost


@dataclass(frozen=True, eq=False)
class Picks:
    """All picks of the stream among *n* n-grams, for several *n*: one list after the other."""

    words: int  # in the stream
    deviates: np.ndarray  # float64 [words - 3, 2]: the pair of standard normal deviates for each place in the stream
    places: np.ndarray  # int32 [all picks]: the place of each pick in the stream, plus its list's number * words
    values: np.ndarray  # uint16 [all picks]: which of the n n-grams it is

    def at(self, lists: np.ndarray, places: np.ndarray) -> np.ndarray:
        """The first pick of each list (by number) at or after a place in the stream."""
        # With keys of another type NumPy would copy all places at every call.
        keys: np.ndarray = lists * self.words + places
        return np.searchsorted(self.places, keys.astype(np.int32))

    def place_after(self, lists: np.ndarray, picks: np.ndarray) -> np.ndarray:
        """The place in the stream right after a pick."""
        places: np.ndarray = self.places[picks] - lists * self.words + 1
        return places


def picks(seed: int, sizes: np.ndarray, needed: int) -> Picks:
    """All picks among each of `sizes` (distinct, above 0), at least `needed` of them for each."""
    words = _WORDS
    while True:
        _, deviates = _stream(seed, words)
        sequences = [_below(seed, words, size) for size in sizes.tolist()]
        if all(len(places) >= needed for places, _ in sequences):
            break
        words *= 2
    places = [places + number * words for number, (places, _) in enumerate(sequences)]
    return Picks(words, deviates, np.concatenate(places), np.concatenate([values for _, values in sequences]))


@functools.lru_cache(maxsize=512)  # of some 70 KB each
def _below(seed: int, count: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    values = _stream(seed, count)[0] >> np.uint32(32 - size.bit_length())
    places = np.flatnonzero(values < size)
    return places.astype(np.int32), values[places].astype(np.uint16)


@functools.lru_cache(maxsize=4)
def _stream(seed: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The first words (uint32) of the generator for a seed, and the deviates for each place."""
    words = np.frombuffer(random.Random(seed).getrandbits(32 * count).to_bytes(4 * count, "little"), "<u4")
    # Like `Random.random`, a number from two words, and like `Random.gauss`, two deviates from two numbers. NumPy's
    # logarithm and sine may differ from the C library's in the last bit, so each one is computed separately.
    numbers = ((words[:-1] >> 5) * 67108864.0 + (words[1:] >> 6)) * (1.0 / 9007199254740992.0)
    pairs = zip(numbers[:-2].tolist(), numbers[2:].tolist(), strict=True)
    return words, np.array([_deviates(first, second) for first, second in pairs])


def _deviates(first: float, second: float) -> tuple[float, float]:
    angle, radius = first * math.tau, math.sqrt(-2.0 * math.log(1.0 - second))
    return math.cos(angle) * radius, math.sin(angle) * radius
