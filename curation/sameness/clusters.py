"""Which texts stay: in the order of preference, each text that is similar to none that stays.

A text is never removed for one that is removed itself, nor for one that it was not compared with. If A is similar to B
and B to C, but A not to C, then A and C stay.
"""

from __future__ import annotations

from array import array

import numpy as np

from curation.sameness.pairs import ends, turned

#: Pairs that are converted to Python's numbers at a time. These need ten times the memory.
_AT_ONCE = 1 << 18


def keepers(alike: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The texts that go, ascending, and for each the first similar text that stays.

    `alike` are pairs of similar texts as `lesser << 32 | greater`, in any order; the lesser is the preferred one.
    """
    # One text after the other, each with all its preferred ones.
    pairs = turned(alike)
    pairs.sort()
    bits = (int(pairs[-1]) >> 35) + 1 if len(pairs) else 0
    may_go = np.zeros(bits, dtype=np.uint8)
    for begin in range(0, len(pairs), _AT_ONCE):
        text = ends(pairs[begin : begin + _AT_ONCE])[0]
        np.bitwise_or.at(may_go, text >> 3, _bit(text))
    is_gone = bytearray(bits)  # a bit for each text
    gone, kept = array("I"), array("I")
    for begin in range(0, len(pairs), _AT_ONCE):
        texts, others = _needed(*ends(pairs[begin : begin + _AT_ONCE]), may_go)
        for text, other in zip(texts.tolist(), others.tolist(), strict=True):
            if not (is_gone[text >> 3] >> (text & 7) & 1 or is_gone[other >> 3] >> (other & 7) & 1):
                is_gone[text >> 3] |= 1 << (text & 7)
                gone.append(text)
                kept.append(other)
    return np.array(gone, dtype=np.int64), np.array(kept, dtype=np.int64)


def _needed(texts: np.ndarray, others: np.ndarray, may_go: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The pairs without those that decide nothing: a text goes at the latest for the first one that stays for sure.

    That is one without a preferred one of its own. `may_go` has a bit for each text.
    """
    begins = np.flatnonzero(np.diff(texts, prepend=-1))
    stays = may_go[others >> 3] & _bit(others) == 0
    first = np.minimum.reduceat(np.where(stays, np.arange(len(texts)), len(texts)), begins)
    needed = np.arange(len(texts)) <= np.repeat(first, np.diff(begins, append=len(texts)))
    return texts[needed], others[needed]


def _bit(texts: np.ndarray) -> np.ndarray:
    bits: np.ndarray = np.uint8(1) << (texts & 7).astype(np.uint8)
    return bits
