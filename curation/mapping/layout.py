"""Where posts lie on the map: t-SNE (van der Maaten and Hinton 2008; openTSNE, Poličar et al. 2024).

The beginning are the two directions in which vectors differ most, so that the map has the same large parts each time.
Larger maps are pulled together a little (exaggeration, Kobak and Berens 2019), or groups would have no space between
them. The result depends on vectors and seed, not on the number of threads.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from curation.mapping.letters import Progress, Vectors
from curation.mapping.neighbours import Numbers

Points = npt.NDArray[np.float32]

#: Steps that form groups, steps that draw them, and steps between two reports.
FORMING, DRAWING, EVERY = 150, 350, 25
#: From so many posts on, gradients are interpolated on a grid, which grows with n; the exact way is quicker below.
MANY = 3_000
#: The share of posts whose distance from the middle is the map's radius.
USUAL = 0.97


def layout(
    vectors: Vectors, places: Numbers, similarities: Vectors, *, seed: int, workers: int, on_progress: Progress
) -> Points:
    """The x and y of each post, from 0 to 1 along the longer side."""
    from openTSNE import TSNEEmbedding
    from openTSNE.affinity import PerplexityBasedNN
    from openTSNE.nearest_neighbors import PrecomputedNeighbors

    distances = np.sqrt(np.maximum(2.0 - 2.0 * similarities.astype(np.float64), 0.0))
    known = PrecomputedNeighbors(places, distances)
    affinities = PerplexityBasedNN(
        knn_index=known, perplexity=places.shape[1] / 3, n_jobs=workers or -1, random_state=seed
    )
    embedding = TSNEEmbedding(
        _beginning(vectors), affinities, negative_gradient_method="fft" if len(vectors) > MANY else "bh",
        n_jobs=workers or -1, random_state=seed,
    )  # fmt: skip
    total = FORMING + DRAWING
    gathered = float(np.interp(np.log10(len(vectors)), [3.0, 5.5], [1.0, 4.0]))
    for phase, steps, exaggeration, momentum in ((0, FORMING, 12.0, 0.5), (FORMING, DRAWING, gathered, 0.8)):
        for step in range(0, steps, EVERY):
            embedding.optimize(EVERY, exaggeration=exaggeration, momentum=momentum, inplace=True)
            on_progress(phase + step + EVERY, total)
    return _in_unit(np.asarray(embedding, dtype=np.float64))


def _beginning(vectors: Vectors) -> npt.NDArray[np.float64]:
    """The first two principal components, small; signs are fixed, which an SVD leaves open."""
    centred = vectors.astype(np.float64) - vectors.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    main = axes[:, -2:][:, ::-1]
    main = main * np.sign(main[np.argmax(np.abs(main), axis=0), range(main.shape[1])])
    begin = centred @ main
    if begin.shape[1] < 2:
        begin = np.hstack([begin, np.zeros((len(begin), 2 - begin.shape[1]))])
    answer: npt.NDArray[np.float64] = begin / max(float(begin[:, 0].std()), 1e-12) * 1e-4
    return answer


def _in_unit(points: npt.NDArray[np.float64]) -> Points:
    """The points in the unit square. Groups that drifted far away are drawn nearer, or they would take all the room."""
    from_middle = points - np.median(points, axis=0)
    distance = np.maximum(np.linalg.norm(from_middle, axis=1, keepdims=True), 1e-12)
    usual = float(np.quantile(distance, USUAL))
    beyond = np.maximum(distance / max(usual, 1e-12) - 1.0, 0.0)
    drawn = from_middle * np.where(beyond > 0, usual * (1.0 + 0.3 * np.tanh(beyond)) / distance, 1.0)
    low = drawn.min(axis=0)
    answer: Points = ((drawn - low) / max(float((drawn.max(axis=0) - low).max()), 1e-12)).astype(np.float32)
    return answer
