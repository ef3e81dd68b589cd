"""A sample of a JSON document: its beginning as a tree, with a few elements of each list and map."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from curation.sources.files.json_cursor import Broken
from curation.sources.files.json_paths import Step
from curation.sources.files.json_walk import JsonWalk

#: Elements of a list or map that are kept, and values of a document.
ELEMENTS = 200
_MOST = 20_000
#: Bytes after which the sample may be enough for the first time; then after four times as many, and so on.
_FIRST_LOOK = 1 << 20


class _Branch(dict[Step, Any]):
    """A list or an object; its values are branches or complete values."""

    def value(self) -> Any:
        held = {key: child.value() if isinstance(child, _Branch) else child for key, child in self.items()}
        return list(held.values()) if held and isinstance(next(iter(held)), int) else held


class JsonSample:
    """The sampled part of the documents of a stream."""

    def __init__(self) -> None:
        self.broken: Broken | None = None  # the first damage
        self.ended_early: str | None = None
        self._tops = _Branch()
        self._kept = 0

    @property
    def documents(self) -> list[Any]:
        """The values at the top, each with its sampled part."""
        return [top.value() if isinstance(top, _Branch) else top for top in self._tops.values()]

    def read(self, chunks: Iterable[bytes], enough: Callable[[JsonSample], bool]) -> None:
        """Sample a stream until `enough`, or to its end."""
        walk = JsonWalk(chunks)
        look = _FIRST_LOOK
        for node in walk:
            if isinstance(node, Broken):
                self.broken = self.broken or node
            else:
                self._keep((walk.documents, *node.keys), node.value)
            if walk.position > look:
                look = walk.position * 4
                if enough(self):
                    return
        self.ended_early = walk.ended_early

    def _keep(self, keys: tuple[Step, ...], value: Any) -> None:
        """Put a value in its place in the tree, unless enough values lie there."""
        holder = self._tops
        for depth, key in enumerate(keys):
            last = depth == len(keys) - 1
            if key not in holder:
                if len(holder) >= ELEMENTS or self._kept >= _MOST:
                    return
                holder[key] = value if last else _Branch()
                self._kept += 1
            if not last:
                holder = holder[key]
                if not isinstance(holder, _Branch):
                    return
