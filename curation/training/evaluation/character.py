"""The kept text: how much of it repeats."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from curation.training.evaluation.kept_text import KeptText


@dataclass(frozen=True)
class RepetitionFigures:
    """How much of a recipe's kept text repeats; shares lie in [0, 1], None without any text to measure."""

    exact_copies: float | None  # share of posts that repeat another one's text, but for case and blanks
    near_copies: float | None  # share of posts that are one too many of a group of near copies (.7), copies included
    zlib_ratio: float | None  # bytes of the text ÷ bytes after zlib's level 6, by author and time; more: more repeats
    distinct_3: float | None  # different runs of three words ÷ all of them, in text of the equal budget

    @classmethod
    def of(cls, kept: KeptText, chosen: np.ndarray) -> RepetitionFigures:
        """Measure a text; `chosen` are the posts of the equal budget, since more text always has fewer new runs."""
        posts = len(kept.texts)
        runs = kept.trigrams[chosen[kept.trigram_posts]] if posts else kept.trigrams
        squeeze, size, squeezed = zlib.compressobj(6), 0, 0
        for text in kept.texts:
            data = text.encode("utf-8", "surrogatepass") + b"\n"
            size, squeezed = size + len(data), squeezed + len(squeeze.compress(data))
        squeezed += len(squeeze.flush())
        return cls(
            exact_copies=kept.exact_copies / posts if posts else None,
            near_copies=kept.near_copies / posts if posts else None,
            zlib_ratio=size / squeezed if posts else None,
            distinct_3=len(np.unique(runs)) / len(runs) if len(runs) else None,
        )
