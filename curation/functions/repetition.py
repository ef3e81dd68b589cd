"""How much of a text repeats what is right before it: `hahahaha`, `ああああ`, `buy buy buy`.

Regular expressions without back-references can't measure this, so the function joins all texts and compares the result
with itself, shifted by one character, by two, and so on.
"""

from __future__ import annotations

import numpy as np

from curation.functions.base import BatchFunction

#: The longest distance to a repeated character.
WINDOW = 24
#: The fewest characters in a row that count; two are often chance (`on on`, `was ist das`).
STRETCH = 3

_CODE_BITS = 21  # of a code point


def repetition(texts: list[str]) -> list[float]:
    """The share of each text's characters, from 0 to 1, that repeat what is at most `WINDOW` characters before.

    A character counts if it is one of at least `STRETCH` in a row that equal those a fixed number of characters before,
    in any case; a run of blanks is one. Unlike a count of distinct words, the measure does not grow with the text.

    >>> repetition(["wwwwwwwwww", "ha ha ha ha", "soft fog over the harbour"])
    [0.9, 0.7272727272727273, 0.0]
    """
    lowered = [" ".join(text.lower().split()) for text in texts]
    lengths = np.fromiter(map(len, lowered), dtype=np.int64, count=len(lowered))
    codes = np.frombuffer("".join(lowered).encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.int64)
    owner = np.repeat(np.arange(len(lowered), dtype=np.int64), lengths)
    marks = _begins(codes | owner << _CODE_BITS)
    repeated = marks.copy()
    for step in range(1, STRETCH):
        repeated[step:] |= marks[: len(marks) - step]
    counts = np.bincount(owner, weights=repeated, minlength=len(lowered))
    shares: list[float] = (counts / np.maximum(lengths, 1)).tolist()
    return shares


def _begins(characters: np.ndarray) -> np.ndarray:
    """Where stretches of repeated characters begin; characters of two texts are never equal."""
    marks = np.zeros(len(characters), dtype=bool)
    for shift in range(1, min(WINDOW, len(characters) - STRETCH) + 1):
        same = characters[shift:] == characters[:-shift]
        count = len(same) - STRETCH + 1
        if count <= 0:
            break
        stretch = same[:count].copy()
        for step in range(1, STRETCH):
            stretch &= same[step : step + count]
        marks[shift : shift + count] |= stretch
    return marks


REPETITION = BatchFunction("repetition_share", "1", "DOUBLE", repetition)
