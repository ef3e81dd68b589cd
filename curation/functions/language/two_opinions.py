"""The engine `eldc`: the library of that name, with langdetect's profiles as the second opinion.

eldc gives each of its 60 languages the mean of what a text's n-grams say for it, a number of about 20,000 for the
language of a post and of 6,000 for a text in a language that it lacks. Here that becomes a log-likelihood:

    eldc(l) = SCALE · mean(l) · √(characters / PER_UNIT)

The root, since the n-grams of a text depend on each other. langdetect's probability is added as
`log(probability + SMALLEST)`: together they are right more often than either (see docs/language.md). As that can move
two languages by at most `DECIDED`, langdetect is asked only where eldc's two best are closer, where the best is Dutch,
which eldc takes Afrikaans for, and where even the best mean is low.

A language that only langdetect knows has the likelihood of an unknown language, `UNKNOWN`, less a penalty, since
langdetect answers with them too often. A text that fits no language better than that is undetermined: Hindi in Latin
letters is the most frequent kind. Indonesian and Malay are one language to eldc: the answer is Indonesian, as most
posts in either are, unless only Malay may be answered. Langdetect tells the two ways to write Chinese apart.

The constants were fitted to 400 posts of each of seven languages and to 60 sentences, word pairs and words of each of
75 languages, apart from those that docs/language.md shows figures for.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

import numpy as np

from curation.functions.language.codes import UNDETERMINED, normal_code

#: langdetect's probabilities of texts, one of these languages each.
SecondOpinion = Callable[[list[str], tuple[str, ...]], np.ndarray]

SCALE = 0.0007
PER_UNIT = 8
SMALLEST = 0.005
#: What langdetect can add at most to the distance of two languages.
DECIDED = math.log((1 + SMALLEST) / SMALLEST)
UNKNOWN = 6_000.0
PENALTY, NOTHING = 1.5, 1.8
#: With fewer languages to choose from, one of them is the answer: somebody named them, or the script leaves no more.
OPEN = 20
#: Below this mean the text may be in a language that eldc lacks.
LOW = 10_000.0
#: Of Afrikaans, which eldc takes for Dutch with a mean of about 15,000; Dutch posts have 23,000.
AFRIKAANS = 17_000.0
#: How sharp the products are, so that of answers with a confidence of 0.9 nine in ten are right; less below `ENOUGH`
#: characters, by the fourth root.
SHARPNESS, ENOUGH = 0.4, 24
#: eldc's languages with a score for a text.
SCORED = 6
#: eldc computes 1 − exp(−mean / UNIT).
UNIT = 10_000.0


@functools.cache
def _eldc() -> Any:
    import eldc  # type: ignore[import-untyped]  # it says no types

    eldc.init()
    return eldc


@functools.cache
def codes() -> dict[str, str]:
    """The code of eldc for each of ours."""
    ours = {normal_code(code): code for code in _eldc().LANGUAGES}
    del ours["zh"]
    return {**ours, "id": "ms", "zh-cn": "zh", "zh-tw": "zh"}


@functools.lru_cache(maxsize=64)
def _detector(allowed: tuple[str, ...]) -> Any:
    """A detector for some of our languages."""
    detector = _eldc().instance()
    detector.set_scores(SCORED)
    detector.set_languages(sorted({codes()[code] for code in allowed}))
    return detector


#: Languages that eldc lacks and takes for others, with these and the mean that the others have then at most; inf where
#: only langdetect can tell them apart.
NEIGHBOURS: dict[str, tuple[tuple[str, ...], float]] = {
    "af": (("nl",), AFRIKAANS), "mk": (("bg", "sr"), 19_000.0), "ne": (("hi", "mr"), math.inf),
}  # fmt: skip


def probabilities(
    texts: list[str], allowed: Sequence[str], second: SecondOpinion, languages: Sequence[str]
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Probabilities of texts, float64 [texts, codes], and the codes; `und` where no language fits.

    `allowed` are the codes that may be answered, `second` gives langdetect's probabilities in the order of its
    `languages`. Where eldc knows none of the allowed languages, langdetect alone decides.
    """
    names = tuple(allowed)
    columns = {code: place for place, code in enumerate(names)}
    known = [code for code in names if code in codes() and not (code == "ms" and "id" in columns)]
    means = _means(texts, known, columns) if known else np.zeros((len(texts), len(names)))
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    units = np.sqrt(np.maximum(1.0, lengths / PER_UNIT))[:, None]
    first = SCALE * means
    first *= units
    np.putmask(first, means <= 0, -3.0)
    unknown = SCALE * UNKNOWN * units[:, 0]
    lacking = [code for code in names if code not in codes()]
    near: set[int] = set()
    for code in lacking:
        neighbours, most = NEIGHBOURS.get(code, ((), 0.0))
        places = [columns[one] for one in neighbours if one in columns]
        near.update(places)
        like = np.minimum(means[:, places].max(axis=1), most) if places else np.zeros(len(texts))
        first[:, columns[code]] = np.maximum(SCALE * like * units[:, 0], unknown - PENALTY)
    best = means.argmax(axis=1) if known else np.zeros(len(texts), int)
    unsure = _close(first) | (means.max(axis=1, initial=0.0) < LOW) | np.isin(best, sorted(near))
    total = np.empty((len(texts), len(names) + (len(names) >= OPEN)))
    np.add(first, math.log(SMALLEST) / 2, out=total[:, : len(names)])
    among = [code for code in names if code in languages]
    where = np.flatnonzero(unsure) if among else np.empty(0, int)
    if where.size:
        opinion = second([texts[place] for place in where.tolist()], tuple(among))
        at = [columns[code] for code in among]
        theirs = np.log(opinion[:, [languages.index(code) for code in among]] + SMALLEST)
        total[where[:, None], at] = first[where[:, None], at] + theirs
    if len(names) >= OPEN:
        total[:, -1] = unknown - NOTHING
        names = (*names, UNDETERMINED)
    total *= SHARPNESS
    total *= np.minimum(1.0, lengths / ENOUGH)[:, None] ** 0.25
    return _shares(total), names


def _means(texts: list[str], known: Sequence[str], columns: dict[str, int]) -> np.ndarray:
    """float64 [texts, columns]: eldc's mean for each of the best languages of a text, 0 for others."""
    places: dict[str, int] = {}
    for code in known:
        places.setdefault(codes()[code], columns[code])
    scores = [details.scores for details in map(_detector(tuple(known)).detect_details, texts)]
    rows = np.repeat(np.arange(len(texts)), list(map(len, scores)))
    listed = [places[code] for code in chain.from_iterable(scores)]
    values = np.array(list(chain.from_iterable(map(dict.values, scores))))
    means = np.zeros((len(texts), len(columns)))
    means[rows, listed] = -np.log(np.maximum(1.0 - values, 1e-9)) * UNIT
    for code in known:
        if places[codes()[code]] != columns[code]:
            means[:, columns[code]] = means[:, places[codes()[code]]]
    return means


def _close(first: np.ndarray) -> np.ndarray:
    """Whether langdetect could change the order of a text's two best languages."""
    if first.shape[1] < 2:
        return np.zeros(len(first), bool)
    at = first.argmax(axis=1)[:, None]
    best = np.take_along_axis(first, at, axis=1)
    np.put_along_axis(first, at, -np.inf, axis=1)
    close: np.ndarray = best[:, 0] - first.max(axis=1) < DECIDED
    np.put_along_axis(first, at, best, axis=1)
    return close


def _shares(total: np.ndarray) -> np.ndarray:
    """Probabilities out of their logarithms, in their place."""
    total -= total.max(axis=1)[:, None]
    np.exp(total, out=total)
    total /= total.sum(axis=1)[:, None]
    return total
