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
from dataclasses import dataclass
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


#: Languages that eldc lacks and takes for others, with these and the mean that the others have then at most; inf where
#: only langdetect can tell them apart.
NEIGHBOURS: dict[str, tuple[tuple[str, ...], float]] = {
    "af": (("nl",), AFRIKAANS), "mk": (("bg", "sr"), 19_000.0), "ne": (("hi", "mr"), math.inf),
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Columns:
    """The columns of the languages that may be answered, and what each of them depends on."""

    names: tuple[str, ...]
    detector: Any  # of eldc, for those that it knows; None if it knows none of them
    scored: dict[str, int]  # the column of each code of eldc
    same: tuple[tuple[int, int], ...]  # a column with another one that has the same means: Chinese is one language
    lacking: np.ndarray  # those that eldc lacks
    neighbours: tuple[tuple[int, list[int], float], ...]  # those of them with neighbours, theirs, and the most
    near: np.ndarray  # bool [names]: whether it is a neighbour of one that eldc lacks
    second: np.ndarray  # those that langdetect knows
    places: np.ndarray  # their places among langdetect's languages


@functools.lru_cache(maxsize=64)
def _columns(names: tuple[str, ...], languages: tuple[str, ...]) -> _Columns:
    columns = {code: place for place, code in enumerate(names)}
    known = [code for code in names if code in codes() and not (code == "ms" and "id" in columns)]
    scored: dict[str, int] = {}
    for code in known:
        scored.setdefault(codes()[code], columns[code])
    lacking = [code for code in names if code not in codes()]
    near, neighbours = np.zeros(len(names), bool), []
    for code in lacking:
        theirs, most = NEIGHBOURS.get(code, ((), 0.0))
        if places := [columns[one] for one in theirs if one in columns]:
            near[places] = True
            neighbours.append((columns[code], places, most))
    second = [code for code in names if code in languages]
    return _Columns(
        names,
        _detector(sorted(scored)) if known else None,
        scored,
        tuple((columns[code], scored[codes()[code]]) for code in known if scored[codes()[code]] != columns[code]),
        np.array([columns[code] for code in lacking], np.intp),
        tuple(neighbours),
        near,
        np.array([columns[code] for code in second], np.intp),
        np.array([languages.index(code) for code in second], np.intp),
    )


def _detector(known: list[str]) -> Any:
    detector = _eldc().instance()
    detector.set_scores(SCORED)
    detector.set_languages(known)
    return detector


def probabilities(
    texts: list[str], allowed: Sequence[str], second: SecondOpinion, languages: Sequence[str]
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Probabilities of texts, float64 [texts, codes], and the codes; `und` where no language fits.

    `allowed` are the codes that may be answered, `second` gives langdetect's probabilities in the order of its
    `languages`. Where eldc knows none of the allowed languages, langdetect alone decides.
    """
    columns = _columns(tuple(allowed), tuple(languages))
    names = columns.names
    means = _means(texts, columns)
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    units = np.sqrt(np.maximum(1.0, lengths / PER_UNIT))[:, None]
    first = SCALE * means
    first *= units
    np.putmask(first, means <= 0, -3.0)
    unknown = SCALE * UNKNOWN * units
    first[:, columns.lacking] = np.maximum(0.0, unknown - PENALTY)
    for column, neighbours, most in columns.neighbours:
        like = np.minimum(means[:, neighbours].max(axis=1), most)[:, None]
        first[:, [column]] = np.maximum(SCALE * like * units, unknown - PENALTY)
    best = means.argmax(axis=1)
    unsure = _close(first) | columns.near[best] | (means[np.arange(len(texts)), best] < LOW)
    total = np.empty((len(texts), len(names) + (len(names) >= OPEN)))
    np.add(first, math.log(SMALLEST) / 2, out=total[:, : len(names)])
    where = np.flatnonzero(unsure) if columns.second.size else np.empty(0, int)
    if where.size:
        opinion = second([texts[place] for place in where.tolist()], tuple(names[at] for at in columns.second.tolist()))
        theirs = np.log(opinion.take(columns.places, axis=1) + SMALLEST)
        total[where[:, None], columns.second] = first[where[:, None], columns.second] + theirs
    if len(names) >= OPEN:
        total[:, -1:] = unknown - NOTHING
        names = (*names, UNDETERMINED)
    total *= SHARPNESS
    total *= np.minimum(1.0, lengths / ENOUGH)[:, None] ** 0.25
    return _shares(total), names


def _means(texts: list[str], columns: _Columns) -> np.ndarray:
    """float64 [texts, names]: eldc's mean for each of the best languages of a text, 0 for others."""
    means = np.zeros((len(texts), len(columns.names)))
    if not columns.detector:
        return means
    scores = [details.scores for details in map(columns.detector.detect_details, texts)]
    rows = np.repeat(np.arange(len(texts)), list(map(len, scores)))
    listed = [columns.scored[code] for code in chain.from_iterable(scores)]
    values = np.fromiter(chain.from_iterable(map(dict.values, scores)), np.float64, len(listed))
    means[rows, listed] = -np.log(np.maximum(1.0 - values, 1e-9)) * UNIT
    for column, other in columns.same:
        means[:, column] = means[:, other]
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
