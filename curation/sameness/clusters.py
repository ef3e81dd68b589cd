"""Which texts stay: in the order in which they are preferred, each that is like none that stays.

So a text is never removed for one that is removed itself, nor for one that it was not compared with: of A like B
like C, A and C stay, if they are not alike.
"""

from __future__ import annotations

from array import array

import numpy as np

from curation.sameness.pairs import ends

#: Pairs that are Python's numbers at a time, which take ten times the room.
_AT_ONCE = 1 << 18


def keepers(alike: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The texts that go, ascending, and for each the first that stays and that it is like.

    `alike` are pairs of similar texts as `lesser << 32 | greater`, in any order; the lesser is the preferred one.
    """
    lesser, greater = ends(alike)
    order = np.lexsort((lesser, greater))
    members, where = np.unique(np.concatenate((greater[order], lesser[order])), return_inverse=True)
    texts, preferred = where[: len(order)], where[len(order) :]
    is_gone = bytearray(len(members))
    gone, kept = array("q"), array("q")
    for begin in range(0, len(order), _AT_ONCE):
        some = slice(begin, begin + _AT_ONCE)
        for text, other in zip(texts[some].tolist(), preferred[some].tolist(), strict=True):
            if not is_gone[text] and not is_gone[other]:
                is_gone[text] = True
                gone.append(text)
                kept.append(other)
    return members[np.frombuffer(gone, dtype=np.int64)], members[np.frombuffer(kept, dtype=np.int64)]
