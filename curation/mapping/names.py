"""Names of clusters: the words that are most typical of each, against all other posts.

A word counts by the number of posts that have it (log-likelihood, Dunning 1993), and typical words come in the order of
their smoothed log ratio's lower end, so that neither chance nor frequent words come first.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from curation.mapping.neighbours import Numbers

#: Words of a name, least posts with a word, and the largest share of all posts: what everybody says is no topic.
WORDS, LEAST, LARGEST_SHARE = 3, 3, 0.02
#: Words; in scripts without spaces, runs of Han or of Katakana, which are mostly words.
_WORD = re.compile(
    "[一-鿿々]{2,}|[ァ-ヺー]{2,}|[ก-๛]{3,}"
    r"|[^\W\d_぀-ヿ一-鿿]{2,}(?:['’][^\W\d_]+)*"
)


def names_of(texts: Sequence[str], clusters: Numbers, number: int) -> list[str]:
    """A name for each cluster, words with commas between them; "" where no word is typical."""
    everywhere: Counter[str] = Counter()
    within: list[Counter[str]] = [Counter() for _ in range(number)]
    for text, cluster in zip(texts, clusters.tolist(), strict=True):
        words = _words(text)
        everywhere.update(words)
        if cluster >= 0:
            within[cluster].update(words)
    sizes = np.bincount(clusters[clusters >= 0], minlength=number)
    return [
        ", ".join(_typical(counts, everywhere, int(size), len(texts)))
        for counts, size in zip(within, sizes, strict=True)
    ]


def _words(text: str) -> set[str]:
    return {match[0] for match in _WORD.finditer(text.lower().replace("’", "'"))}


def _typical(counts: Counter[str], everywhere: Counter[str], size: int, posts: int) -> Iterator[str]:
    """The most typical words of a cluster; a word that says the same as one before is left out."""
    most = max(LARGEST_SHARE * posts, 2 * LEAST)
    words = [word for word, posts_with in counts.items() if posts_with >= LEAST and everywhere[word] <= most]
    if not words or size == posts:
        return
    a = np.array([counts[word] for word in words], dtype=np.float64)
    b = np.array([everywhere[word] for word in words], dtype=np.float64) - a
    rest = posts - size
    ratio = np.log2((a + 0.5) / (size + 1)) - np.log2((b + 0.5) / (rest + 1))
    margin = 1.96 / np.log(2) * np.sqrt(1 / (a + 0.5) - 1 / (size + 1) + 1 / (b + 0.5) - 1 / (rest + 1))
    # A word of many posts says more about a cluster than a rare one that nobody else has.
    weight = np.where(ratio > margin, (ratio - margin) * np.sqrt(a / size), -1.0)
    given: list[str] = []
    for place in np.lexsort((np.array(words), -weight)):
        word = words[place]
        if weight[place] <= 0 or len(given) == WORDS:
            return
        if not any(word in other or other in word for other in given):
            given.append(word)
            yield word
