"""Vectors of texts, kept on disk by text, so that a killed map goes on and the next one only computes what is new."""

from __future__ import annotations

import contextlib
import hashlib
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from curation.disk.whole_files import write_whole
from curation.disk.workspace import Workspace
from curation.mapping.letters import DIMENSIONS, Progress, Vectors, letter_vectors, of_length_one
from curation.mapping.models import TextModel

#: Texts whose vectors are computed and written at a time: at most this work is lost when the process is killed.
AT_A_TIME = 2_000


def vectors_of(
    texts: Sequence[str], model: TextModel | None, seed: int, space: Workspace, on_progress: Progress
) -> Vectors:
    """A vector of length 1 for each text, with at most `DIMENSIONS` dimensions. None stands for `letters`."""
    if model is None:
        return letter_vectors(texts, seed, on_progress)
    return _reduced(_kept(texts, model, space, on_progress), seed)


def _kept(texts: Sequence[str], model: TextModel, space: Workspace, on_progress: Progress) -> Vectors:
    """The model's vectors, from the disk where they are there."""
    folder = space.memo / f"vectors-{hashlib.sha256(model.identity.encode()).hexdigest()[:16]}"
    digests = [hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).digest() for text in texts]
    places: dict[bytes, list[int]] = {}
    for place, digest in enumerate(digests):
        places.setdefault(digest, []).append(place)
    answer: Vectors | None = None
    for path in sorted(folder.glob("*.npz")):
        with contextlib.suppress(OSError, ValueError, KeyError):  # a damaged file is computed anew
            with np.load(path) as file:
                keys, values = file["keys"].tobytes(), file["values"]
            if answer is None:
                answer = np.zeros((len(texts), values.shape[1]), dtype=np.float32)
            for row in range(len(values)):
                if found := places.pop(keys[16 * row : 16 * row + 16], None):
                    answer[found] = values[row]
    missing = list(places.items())
    done = len(texts) - sum(len(found) for _, found in missing)
    on_progress(done, len(texts))
    for first in range(0, len(missing), AT_A_TIME):
        some = missing[first : first + AT_A_TIME]
        values = model.vectors([texts[found[0]] for _, found in some]).astype(np.float16)
        if answer is None:
            answer = np.zeros((len(texts), values.shape[1]), dtype=np.float32)
        for row, (_, found) in enumerate(some):
            answer[found] = values[row]
            done += len(found)
        _keep(folder, b"".join(digest for digest, _ in some), values)
        on_progress(done, len(texts))
    assert answer is not None  # there is a text
    return of_length_one(answer)


def _keep(folder: Path, keys: bytes, values: np.ndarray) -> None:
    """Write vectors as a whole file, named after what it holds; on a full disk they are lost, without an error."""
    content = io.BytesIO()
    np.savez(content, keys=np.frombuffer(keys, dtype=np.uint8), values=values)
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / f"{hashlib.sha256(keys).hexdigest()[:24]}.npz", content.getvalue())


def _reduced(vectors: Vectors, seed: int) -> Vectors:
    """The vectors in at most `DIMENSIONS` dimensions, by those in which they differ most."""
    if vectors.shape[1] <= DIMENSIONS or len(vectors) <= DIMENSIONS:
        return vectors
    from sklearn.decomposition import PCA

    chosen = np.random.default_rng(seed).permutation(len(vectors))[:40_000]
    reduction = PCA(DIMENSIONS, svd_solver="randomized", random_state=seed).fit(vectors[np.sort(chosen)])
    pieces = [reduction.transform(vectors[first : first + 20_000]) for first in range(0, len(vectors), 20_000)]
    return of_length_one(np.concatenate(pieces).astype(np.float32))
