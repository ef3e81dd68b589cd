"""Arrays that are slow to compute and may soon be needed again: the latest stay in memory, up to a bound."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

#: Bytes that are kept by default.
MOST = 128_000_000


class Recent:
    """Groups of arrays by a key. Safe for threads."""

    def __init__(self, most: int = MOST) -> None:
        self.most = most  # bytes
        self._groups: OrderedDict[bytes, tuple[np.ndarray, ...]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, key: bytes) -> tuple[np.ndarray, ...] | None:
        """The arrays under a key; None if there are none, or not any more."""
        with self._lock:
            if key in self._groups:
                self._groups.move_to_end(key)
            return self._groups.get(key)

    def put(self, key: bytes, group: tuple[np.ndarray, ...]) -> None:
        """Keep arrays, and drop others with the same key."""
        with self._lock:
            self._bytes -= _size(self._groups.pop(key, ()))
            self._groups[key] = group
            self._bytes += _size(group)
            while self._bytes > self.most:
                self._bytes -= _size(self._groups.popitem(last=False)[1])


def _size(group: tuple[np.ndarray, ...]) -> int:
    return sum(array.nbytes for array in group)
