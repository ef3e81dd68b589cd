"""How much of a search a worker gets at a time. This changes the duration of the search, never its result."""

from __future__ import annotations

from dataclasses import dataclass

#: Texts, members and pairs for one worker: enough that starting it costs little.
_TEXTS, _MEMBERS, _PAIRS = 1_000_000, 4_000_000, 2_000_000


@dataclass(frozen=True)
class Sizes:
    """Bounds of the work for one worker."""

    texts: int  # of a segment, about; some have twice as many
    members: int  # texts of one band that are sorted into buckets at a time
    pairs: int  # that are collected at a time
    partition: int | None = None  # bytes of candidates; None: the choice of `curation.functions.partitions`

    @classmethod
    def within(cls, memory: int) -> Sizes:
        """The sizes that keep a worker within so many bytes."""
        # A text needs about fifty bytes where sketches are read, a member and a pair about sixty while they are sorted.
        return cls(
            texts=max(1, min(_TEXTS, memory // 200)),
            members=max(1, min(_MEMBERS, memory // 128)),
            pairs=max(1, min(_PAIRS, memory // 256)),
        )
