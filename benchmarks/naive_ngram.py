"""The 6-gram of `curation evaluate` as somebody would write it in an afternoon: dictionaries and a loop over bytes."""

from __future__ import annotations

import math
from collections import defaultdict

ORDER, BOUNDARY, SYMBOLS = 6, 256, 257


class Model:
    """Counts of what follows each context, and P(symbol | context) by Witten and Bell."""

    def __init__(self, texts: list[str]) -> None:
        self.follow: dict[tuple[int, ...], dict[int, int]] = defaultdict(lambda: defaultdict(int))
        self.totals: dict[tuple[int, ...], int] = defaultdict(int)
        for text in texts:
            symbols = padded(text)
            for at in range(ORDER - 1, len(symbols)):
                for length in range(ORDER):
                    context = symbols[at - length : at]
                    self.follow[context][symbols[at]] += 1
                    self.totals[context] += 1

    def bits(self, text: str) -> float:
        """Bits that a text takes, its end included."""
        symbols, bits = padded(text), 0.0
        for at in range(ORDER - 1, len(symbols)):
            likely = 1 / SYMBOLS
            for length in range(ORDER):
                context = symbols[at - length : at]
                follow = self.follow.get(context)
                if follow is None:
                    break
                kinds = len(follow)
                likely = (follow.get(symbols[at], 0) + kinds * likely) / (self.totals[context] + kinds)
            bits -= math.log2(likely)
        return bits


def padded(text: str) -> tuple[int, ...]:
    """The bytes of a text between boundaries."""
    return (*[BOUNDARY] * (ORDER - 1), *text.encode("utf-8", "surrogatepass"), BOUNDARY)
