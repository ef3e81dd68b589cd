"""Stretches of samples that stand word for word in the training text, each with the post that it comes from.

Samples are short and the training text is long. So the samples are indexed, and the training text is read once, in
batches: time grows with its length, and memory doesn't. Wherever a stretch of 40 characters begins, it holds a whole
block of 20 that begins at a multiple of 20. So only these blocks of the training text are hashed and compared with the
hashes of all 20-character windows of the samples. A hash only tells where to look: each hit is extended to both sides,
character by character.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np

#: Code points from which on a stretch counts as copied.
LEAST = 40

#: Code points of a block; half of `LEAST`, so that each stretch holds a whole one.
BLOCK = LEAST // 2

#: Hits that are extended at a time.
AT_ONCE = 1 << 16

#: Numbers around texts and around samples. They are no characters, so a match ends there.
_AROUND_TEXTS, _AROUND_SAMPLES = 0x110000, 0x110001

#: A match is one number, so that the greatest is the best: its length, then the post's number, the first the greatest.
_BITS = 40
_FIRST = (1 << _BITS) - 1

#: The first bits of a hash. They are looked up before the whole hash is.
_LISTED = 16


class Post(NamedTuple):
    """A post, and its text as the model saw it."""

    platform: str
    id: str
    text: str


class Stretch(NamedTuple):
    """A part of a sample that stands in a post."""

    begin: int  # code points of the sample
    end: int  # exclusive
    platform: str
    id: str


def copied(samples: Sequence[str], batches: Iterable[Sequence[Post]], prompt: int = 0) -> list[list[Stretch]]:
    """For each sample, the fewest stretches that cover every character in a verbatim stretch of 40 or more.

    They are in order and may overlap. Each is as long as any that begins there; of several posts with the same stretch
    the first is named. `batches` are the posts of the training text in its order. The first `prompt` code points of a
    sample are not the model's, so no stretch ends in them.
    """
    index = _Index(samples)
    for posts in batches:
        index.compare(posts)
    return [index.stretches(number, prompt) for number in range(len(samples))]


class _Index:
    """The windows of the samples, and the best match of each so far."""

    def __init__(self, samples: Sequence[str]) -> None:
        import numpy as np

        self._text, self._begins = _code_points(samples, _AROUND_SAMPLES)
        self._lengths = [len(sample) for sample in samples]
        windows = np.lib.stride_tricks.sliding_window_view(self._text, BLOCK)
        hashes = _hashes(windows)
        self._windows = np.argsort(hashes, kind="stable")
        self._hashes = hashes[self._windows]
        self._listed = np.zeros(1 << _LISTED, dtype=bool)
        self._listed[_shortened(self._hashes)] = True
        # best[w, n]: the longest match that holds window w and n characters before it; its length counts from w. It
        # falls with n.
        self._best = np.zeros((len(self._text), BLOCK), dtype=np.int64)
        self._names: dict[int, tuple[str, str]] = {}
        self._posts = 0

    def compare(self, posts: Sequence[Post]) -> None:
        """Look for the samples in further posts."""
        import numpy as np

        text, begins = _code_points([post.text for post in posts], _AROUND_TEXTS)
        blocks, windows = self._hits(text)
        at = 0
        while at < len(blocks):
            many = np.cumsum(windows[1][at : at + AT_ONCE] - windows[0][at : at + AT_ONCE])
            part = slice(at, at + max(1, int(np.searchsorted(many, AT_ONCE, "right"))))
            at = part.stop
            first, end = windows[0][part], windows[1][part]
            places = np.repeat(blocks[part] * BLOCK, end - first)
            rank = np.arange(len(places)) - np.repeat(np.cumsum(end - first) - end, end - first)
            matched = self._matches(self._windows[rank], places, text, begins)
            for number in np.unique(matched).tolist():
                self._names[self._posts + number] = posts[number][:2]
        self._posts += len(posts)

    def _hits(self, text: np.ndarray) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]:
        """Numbers of the blocks that share a hash with windows, and the range of these among the sorted windows."""
        import numpy as np

        hashes = _hashes(text[: len(text) // BLOCK * BLOCK].reshape(-1, BLOCK))
        blocks = np.flatnonzero(self._listed[_shortened(hashes)])
        first, end = (np.searchsorted(self._hashes, hashes[blocks], side) for side in ("left", "right"))
        hit = end > first
        return blocks[hit], (first[hit], end[hit])

    def _matches(self, windows: np.ndarray, places: np.ndarray, text: np.ndarray, begins: np.ndarray) -> np.ndarray:
        """Extend hits, and store those that are better than before. Gives the numbers of their posts."""
        import numpy as np

        def better(before: np.ndarray | int) -> np.ndarray:
            """Which hits may go on farther than the best with so many characters before it: one more is equal."""
            farther = self._best[windows, before] >> _BITS
            goes_on: np.ndarray = self._text[windows + farther] == text[np.minimum(places + farther, len(text) - 1)]
            return goes_on

        hit = better(BLOCK - 1)
        windows, places = windows[hit], places[hit]
        before = self._equal(windows - 1, places - 1, text, -1, BLOCK - 1)
        hit = better(before)
        windows, places, before = windows[hit], places[hit], before[hit]
        after = self._equal(windows, places, text, 1)
        hit = after >= BLOCK
        windows, places, before, after = windows[hit], places[hit], before[hit], after[hit]
        posts = np.searchsorted(begins, places, "right") - 1
        values = after << _BITS | _FIRST - (self._posts + posts)
        for many in range(BLOCK):
            enough = before >= many
            np.maximum.at(self._best, (windows[enough], many), values[enough])
        return posts

    def _equal(
        self, windows: np.ndarray, places: np.ndarray, text: np.ndarray, step: int, most: int | None = None
    ) -> np.ndarray:
        """How many characters are equal from there on, in steps of 1 or -1."""
        import numpy as np

        length = np.zeros(len(windows), dtype=np.int64)
        left = np.arange(len(windows))
        many = 0
        while len(left) and many != most:
            left = left[self._text[windows[left] + many * step] == text[places[left] + many * step]]
            many += 1
            length[left] = many
        return length

    def stretches(self, number: int, prompt: int) -> list[Stretch]:
        """The stretches of a sample."""
        import numpy as np

        begin, length = int(self._begins[number]), self._lengths[number]
        longest = np.zeros(length, dtype=np.int64)
        for many in range(min(BLOCK, length)):
            best = self._best[begin + many : begin + length, many]
            longest[: length - many] = np.maximum(longest[: length - many], np.where(best, best + (many << _BITS), 0))
        ends = np.arange(length) + (longest >> _BITS)
        copies = ((longest >> _BITS) >= LEAST) & (ends > prompt)
        farthest = np.maximum.accumulate(np.where(copies, ends, 0))
        copies &= farthest > np.concatenate(([0], farthest[:-1]))  # none lies within an earlier one
        maximal = [
            Stretch(at, int(ends[at]), *self._names[_FIRST - (int(longest[at]) & _FIRST)])
            for at in np.flatnonzero(copies).tolist()
        ]
        return _fewest(maximal)


def _fewest(stretches: list[Stretch]) -> list[Stretch]:
    """As few as cover the same characters. `stretches` are in order, and none lies within another."""
    chosen: list[Stretch] = []
    at = 0
    while at < len(stretches):
        covered = chosen[-1].end if chosen else 0
        # The last that begins before there is a gap reaches farthest.
        while at + 1 < len(stretches) and stretches[at + 1].begin <= max(covered, stretches[at].begin):
            at += 1
        chosen.append(stretches[at])
        at += 1
    return chosen


def _code_points(texts: Sequence[str], around: int) -> tuple[np.ndarray, np.ndarray]:
    """All texts in one array, with a number before each and after the last, and where each begins."""
    import numpy as np

    begins = np.cumsum([1, *(len(text) + 1 for text in texts)])
    # More of them after the last text make it long enough for a window.
    joined = "\0" + "".join(f"{text}\0" for text in texts) + "\0" * BLOCK
    points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).copy()
    points[begins - 1] = around
    points[begins[-1] :] = around
    return points, begins[:-1]


def _hashes(windows: np.ndarray) -> np.ndarray:
    """A 64-bit number for each row of `BLOCK` code points."""
    import numpy as np

    powers = np.random.default_rng(BLOCK).integers(1, 1 << 63, BLOCK, dtype=np.uint64) | np.uint64(1)
    total = np.zeros(len(windows), dtype=np.uint64)
    for column, power in enumerate(powers):
        total += windows[:, column].astype(np.uint64) * power
    return total


def _shortened(hashes: np.ndarray) -> np.ndarray:
    import numpy as np

    return hashes >> np.uint64(64 - _LISTED)
