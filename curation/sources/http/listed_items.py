"""The items of a page that a server listed, as entries of a feed.

A bad item costs only itself: it is rejected with its place, and the others land.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from curation.sources.base import Rejected
from curation.sources.feed import Entry
from curation.sources.files.json_items import compact_json
from curation.sources.records.any_json import whole_characters
from curation.sources.records.not_a_post import LeftOutRecord, NotAPost

_REQUIRED = {"id": "it has no id", "created_at": "it has no date", "text": "it has no text"}


@dataclass
class ListedItems:
    """Makes entries of items, and remembers why some were left out."""

    entry_of: Callable[[Mapping[str, Any]], Entry]  # raises `NotAPost`, or `LeftOutRecord` for one that isn't wanted
    left_out: Counter[str] = field(default_factory=Counter)

    def read(self, items: Iterable[object], where: str) -> tuple[list[Entry], tuple[Rejected, ...]]:
        """The entries, each row with its `raw`, and what could not be read; `where` is the page's address."""
        entries, rejected = [], []
        for number, item in enumerate(items, start=1):
            try:
                entries.append(self._entry(item))
            except LeftOutRecord as why:
                self.left_out[str(why)] += 1
            except NotAPost as why:
                rejected.append(Rejected(f"{where} item {number}", str(why)))
        return entries, tuple(rejected)

    def notices(self) -> tuple[str, ...]:
        """A sentence on each reason why items were left out."""
        return tuple(
            f"{times:,} posts were left out: {why}." if times > 1 else f"One post was left out: {why}."
            for why, times in self.left_out.items()
        )

    def _entry(self, item: object) -> Entry:
        if not isinstance(item, Mapping):
            raise NotAPost("it is no object")
        try:
            raw = compact_json(item)
        except RecursionError:
            raise NotAPost("it is nested too deeply") from None
        entry = self.entry_of(item)
        for column, why in _REQUIRED.items():
            if entry.row.get(column) is None:
                raise NotAPost(why)
        entry.row.update(whole_characters(entry.row), raw=raw)
        return entry
