"""The order of writing in a line that has both directions: the implicit part of the Unicode Bidirectional Algorithm.

Steps W1 to W7, N0 to N2, I1, I2 and L2 of UAX #9, on clusters instead of characters. There are no embeddings and
isolates: their marks are removed before a text is drawn.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Sequence

#: Marks that set a direction: embeddings, overrides, isolates.
MARKS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

#: Brackets that are in pairs.
BRACKETS = {"(": ")", "[": "]", "{": "}"}

_NUMBERS = ("EN", "AN")


def is_right_to_left(text: str) -> bool:
    """Whether the first letter with a direction is written from right to left (rules P2 and P3)."""
    kinds = (unicodedata.bidirectional(character) for character in text)
    return next((kind != "L" for kind in kinds if kind in ("L", "R", "AL")), False)


def levels(clusters: Sequence[str], right_to_left: bool) -> list[int]:
    """The level of each cluster of a paragraph: even from left to right, odd from right to left."""
    outer = "R" if right_to_left else "L"
    kinds = [unicodedata.bidirectional(cluster[0]) or "L" for cluster in clusters]
    kinds = _weak(kinds, outer)
    _settle_brackets(clusters, kinds, outer)
    resolved = _neutral(kinds, outer)
    if right_to_left:
        return [1 if kind == "R" else 2 for kind in resolved]
    return [{"R": 1, "EN": 2, "AN": 2}.get(kind, 0) for kind in resolved]


def visual(runs: Sequence[int]) -> list[int]:
    """The numbers of runs with these levels, from left to right (rule L2)."""
    order = list(range(len(runs)))
    for level in range(max(runs, default=0), 0, -1):
        begin = 0
        for high, group in itertools.groupby([runs[number] >= level for number in order]):
            end = begin + len(list(group))
            if high:
                order[begin:end] = order[begin:end][::-1]
            begin = end
    return order


def _weak(kinds: list[str], outer: str) -> list[str]:
    """Rules W1 to W7: numbers, and the signs beside them."""
    kinds = list(kinds)
    before, strong = outer, outer
    for at, kind in enumerate(kinds):
        if kind in ("NSM", "BN"):
            kinds[at] = before
        elif kind == "EN" and strong == "AL":
            kinds[at] = "AN"
        before = kinds[at]
        if before in ("L", "R", "AL"):
            strong = before
    kinds = ["R" if kind == "AL" else kind for kind in kinds]
    for at in range(1, len(kinds) - 1):
        one, kind, other = kinds[at - 1 : at + 2]
        if one == other and ((kind == "CS" and one in _NUMBERS) or (kind == "ES" and one == "EN")):
            kinds[at] = one
    begin = 0
    for kind, group in itertools.groupby(list(kinds)):
        end = begin + len(list(group))
        if kind == "ET" and "EN" in (*kinds[max(0, begin - 1) : begin], *kinds[end : end + 1]):
            kinds[begin:end] = ["EN"] * (end - begin)
        begin = end
    strong = outer
    for at, kind in enumerate(kinds):
        if kind in ("L", "R"):
            strong = kind
        elif kind == "EN" and strong == "L":
            kinds[at] = "L"
    return kinds


def _settle_brackets(clusters: Sequence[str], kinds: list[str], outer: str) -> None:
    """Rule N0: a pair has the paragraph's direction if anything in it has, else that of what is in it and before it."""
    for begin, end in _pairs(clusters, kinds):
        inside = {_strong(kind) for kind in kinds[begin + 1 : end]} - {None}
        if not inside:
            continue
        direction = outer
        if outer not in inside:
            before = (strong for kind in reversed(kinds[:begin]) if (strong := _strong(kind)))
            direction = next(before, outer)
        kinds[begin] = kinds[end] = direction


def _pairs(clusters: Sequence[str], kinds: Sequence[str]) -> list[tuple[int, int]]:
    """Begins and ends of the brackets that belong together, in the order of their begins."""
    pairs: list[tuple[int, int]] = []
    opened: list[int] = []
    for at, cluster in enumerate(clusters):
        if kinds[at] != "ON":
            continue
        if cluster in BRACKETS:
            opened.append(at)
        elif (begin := next((n for n in reversed(opened) if BRACKETS[clusters[n]] == cluster), None)) is not None:
            pairs.append((begin, at))
            opened = opened[: opened.index(begin)]
    return sorted(pairs)


def _strong(kind: str) -> str | None:
    """The direction that a kind has; numbers are written as in right-to-left text here."""
    return "L" if kind == "L" else "R" if kind in ("R", *_NUMBERS) else None


def _neutral(kinds: list[str], outer: str) -> list[str]:
    """Rules N1 and N2: what has no direction takes that of both sides if they agree, else the paragraph's."""
    settled = ("L", "R", *_NUMBERS)
    resolved = list(kinds)
    begin = 0
    for neutral, group in itertools.groupby(kinds, lambda kind: kind not in settled):
        end = begin + len(list(group))
        if neutral:
            sides = [
                "L" if kind == "L" else "R"
                for kind in (kinds[begin - 1] if begin else outer, kinds[end] if end < len(kinds) else outer)
            ]
            resolved[begin:end] = [sides[0] if sides[0] == sides[1] else outer] * (end - begin)
        begin = end
    return resolved
