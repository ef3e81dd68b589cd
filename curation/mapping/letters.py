"""Vectors from sequences of letters: no model, any language, seconds for a hundred thousand posts.

Two to four letters in a row, within words, are counted, weighted by how rare they are (TF-IDF), and reduced to a few
dimensions (latent semantic analysis). Sequences of letters need no words, so Japanese and Thai work as English does,
and forms of one word are alike. On posts with hashtags, which were hidden, the nearest neighbours had the same one
about as often as those of a 4-bit multilingual-e5-small; see docs/map.md. It joins no two languages.

The weights are learned from a sample, so memory does not grow with the corpus.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
Progress = Callable[[int, int], None]

#: Posts that the weights are learned from, posts in memory at a time, and dimensions of a vector.
LEARNED, AT_A_TIME, DIMENSIONS = 40_000, 10_000, 64
#: Features, a power of two: sequences that share one by chance are too few to matter.
FEATURES = 1 << 18


def letter_vectors(texts: Sequence[str], seed: int, on_progress: Progress) -> Vectors:
    """A vector of length 1 for each text, at most `DIMENSIONS` long."""
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer

    hashing = HashingVectorizer(
        analyzer="char_wb", ngram_range=(2, 4), n_features=FEATURES, alternate_sign=False, norm=None, dtype=np.float32
    )
    weights = TfidfTransformer(sublinear_tf=True)
    chosen = np.sort(np.random.default_rng(seed).permutation(len(texts))[:LEARNED])
    total = len(chosen) + len(texts)
    pieces: list[Any] = []
    for first in range(0, len(chosen), AT_A_TIME):
        pieces.append(hashing.transform([texts[place] for place in chosen[first : first + AT_A_TIME]]))
        on_progress(min(first + AT_A_TIME, len(chosen)), total)
    from scipy.sparse import vstack

    counted = vstack(pieces, format="csr")
    # What one post alone has tells nothing, and is most of what there is.
    common = np.flatnonzero(np.bincount(counted.indices, minlength=FEATURES) > min(1, len(texts) // 100))
    learned = weights.fit_transform(counted[:, common])
    reduction = TruncatedSVD(min(DIMENSIONS, *(side - 1 for side in learned.shape)), n_iter=4, random_state=seed).fit(
        learned
    )
    vectors = np.empty((len(texts), reduction.n_components), dtype=np.float32)
    for first in range(0, len(texts), AT_A_TIME):
        some = texts[first : first + AT_A_TIME]
        vectors[first : first + len(some)] = reduction.transform(weights.transform(hashing.transform(some)[:, common]))
        on_progress(len(chosen) + first + len(some), total)
    return of_length_one(vectors)


def of_length_one(vectors: Vectors) -> Vectors:
    """The vectors with length 1; one of zeros stays."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    answer: Vectors = (vectors / np.maximum(lengths, 1e-9)).astype(np.float32)
    return answer
