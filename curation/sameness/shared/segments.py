"""Texts in their order of preference, cut into segments, and the signatures of each segment.

Each partition sorts its texts and provides a sample of them. The borders of the segments are chosen from all samples,
so segments have about the same length. A worker collects the texts between two borders from all partitions.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from curation.functions.partitions import Partitions
from curation.sameness.find import TEXTS_AT_ONCE
from curation.sameness.pairs import packed
from curation.sameness.preference import MOMENT, preferred
from curation.sameness.same import COMPARED, find_same
from curation.sameness.signatures import BANDS, signatures
from curation.sameness.store import Stored, Texts
from curation.sql import literal
from curation.sql.digests import lower_digest

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from curation.functions.exchange import Room

#: SQL: the order of the texts. No two rows are equal in all columns.
ORDER = f"key, {preferred()}, part, row"
_PLACE = f"ROW({ORDER})"
#: A partition's sample has every n-th text, where n is a segment's texts divided by this.
_SAMPLED = 64


@dataclass(frozen=True)
class Same:
    """Finds the copies in a partition, and sorts the texts that are long enough, one post of each."""

    partitions: Partitions
    partition: int
    shortest: int
    texts: int  # of a segment, about

    @property
    def rows(self) -> int:
        """The rows of the partition."""
        return self.partitions.rows[self.partition]

    def run(self, room: Room) -> tuple[Path, ...]:
        """Write the copies, the texts, and a sample of the texts."""
        same, texts, sample = room.path(".same.parquet"), room.path(".texts.parquet"), room.path(".sample.parquet")
        every = max(1, self.texts // _SAMPLED)
        with room.database() as (connection, _):
            connection.execute(f"CREATE VIEW candidates AS {self.partitions.select(self.partition)}")
            find_same(connection, same)
            _copy(
                connection,
                f"""
                SELECT key, canonical, preference, created_at, {MOMENT} AS moment, platform, id, part, row
                FROM (SELECT * {COMPARED} AND length(canonical) >= {self.shortest})
                ANTI JOIN read_parquet({literal(str(same))}) USING (part, row)
                ORDER BY {ORDER}
                """,
                texts,
            )
            _copy(
                connection,
                f"""
                SELECT * EXCLUDE (canonical) FROM read_parquet({literal(str(texts))})
                WHERE file_row_number % {every} = 0
                """,
                sample,
            )
        return same, texts, sample


def borders(connection: duckdb.DuckDBPyConnection, samples: list[Path], count: int, texts: int) -> list[dict[str, Any]]:
    """The row of the first text of each segment except the first segment; `count` is the number of all texts."""
    segments = -(-count // texts)
    if segments < 2:
        return []
    files = literal(str(path) for path in samples)
    ordered = connection.sql(
        f"""
        WITH ordered AS (
            SELECT *, row_number() OVER (ORDER BY {ORDER}) - 1 AS position, count(*) OVER () AS many
            FROM read_parquet({files})
        )
        SELECT key, preference, moment, platform, id, part, row FROM ordered
        WHERE position > 0 AND position * {segments} // many <> (position - 1) * {segments} // many
        ORDER BY position
        """
    )
    return [dict(zip(ordered.columns, row, strict=True)) for row in ordered.fetchall()]


@dataclass(frozen=True)
class Segment:
    """A segment with its files. The numbers of its texts begin with `first`."""

    first: int
    texts: Texts
    stored: Stored
    members: Path  # see `Sign`
    offsets: Path
    places: Path  # Parquet: `part`, `row` and `id` of each text
    groups: tuple[int | None, int | None]  # of the first and of the last text; None where there is none

    @property
    def last(self) -> int:
        """The number of its last text, plus one."""
        return self.first + self.texts.count


@dataclass(frozen=True)
class Sign:
    """Collects the texts from one border up to the next, and signs them.

    The file `members` holds the members of each band, `packed` and sorted. The values of a band are cut into `shares`
    parts; the file `offsets` holds the position of each part.
    """

    files: tuple[Path, ...]  # sorted texts of all partitions
    begin: dict[str, Any] | None
    end: dict[str, Any] | None
    band_rows: int
    shares: int
    rows: int

    def run(self, room: Room) -> tuple[Path, ...]:
        """Write the figures of the segment, its members, its places, and the files of `Texts` and `Stored`."""
        places, figures = room.path(".places.parquet"), room.path(".json")
        prefix = f"{room.stem.name}."
        with room.database() as (connection, spill):
            ordered = spill / "ordered.parquet"
            texts = f"""
                SELECT {lower_digest("key")} AS "group", canonical AS text, part, row, id
                FROM read_parquet({literal(str(path) for path in self.files)}) WHERE {self._within()}
            """
            _copy(connection, f"{texts} ORDER BY {ORDER}", ordered)
            read = f"FROM read_parquet({literal(str(ordered))})"
            reader = connection.sql(f'SELECT "group", text, part, row {read}').to_arrow_reader(TEXTS_AT_ONCE)
            stored_texts = Texts.write(room.stem.parent, reader, prefix)
            _copy(connection, f"SELECT part, row, id {read}", places)
            ends = connection.sql(f'SELECT first("group"), last("group") {read}').fetchall()[0]
        stored = self._sign(room, stored_texts, prefix)
        members, offsets = _share_out(room, stored, self.shares)
        figures.write_text(json.dumps({"texts": stored_texts.count, "groups": stored_texts.groups, "ends": ends}))
        kept = [room.path(f".{name}.bin") for name in ("texts", "ends", "groups", "sketches", "counts")]
        for name in ("places", "bands"):
            room.path(f".{name}.bin").unlink()
        return figures, members, offsets, places, *kept

    def _within(self) -> str:
        conditions = []
        if self.begin:
            conditions.append(f"{_PLACE} >= {_row(self.begin)}")
        if self.end:
            # DuckDB would turn two comparisons into a BETWEEN, which it can't compute for rows.
            conditions.append(f"NOT coalesce({_PLACE} >= {_row(self.end)}, false)")
        # The statistics of the files rule out most of their rows by these.
        sides = [(sign, border) for sign, border in ((">=", self.begin), ("<=", self.end)) if border]
        for column in ("key", "preference", "moment"):
            if any(border[column] is None for _, border in sides):
                break
            conditions += [f"{column} {sign} {literal(border[column])}" for sign, border in sides]
            if len({border[column] for _, border in sides}) > 1 or len(sides) < 2:
                break
        return " AND ".join(conditions) or "true"

    def _sign(self, room: Room, texts: Texts, prefix: str) -> Stored:
        stored = Stored.empty(room.stem.parent, texts.count, prefix)
        for first in range(0, texts.count, TEXTS_AT_ONCE):
            some = texts.slice(first, min(first + TEXTS_AT_ONCE, texts.count))
            stored.put(first, signatures(some, self.band_rows))
        return stored


def _row(border: dict[str, Any]) -> str:
    """SQL: a border, in the columns of `ORDER`."""
    values = {name: literal(value) for name, value in border.items()}
    order = ("key", "preference", "moment", "length", "id", "platform", "part", "row")
    values["length"] = f"length({values['id']})"
    return f"ROW({', '.join(values[name] for name in order)})"


def _share_out(room: Room, stored: Stored, shares: int) -> tuple[Path, Path]:
    """Write the members of all bands, texts with a shingle only, and the position of each share."""
    members, offsets = room.path(".members.bin"), room.path(".offsets.bin")
    texts = np.flatnonzero(stored.counts())
    begins = [np.zeros(1, dtype=np.int64)]
    with members.open("wb") as file:
        for band in range(BANDS):
            some = packed(stored.band(band)[texts], texts)
            some.sort()
            share = ((some >> np.uint64(32)) * np.uint64(shares)) >> np.uint64(32)
            until = np.searchsorted(share, np.arange(shares), side="right")
            begins.append(begins[-1][-1] + until)
            file.write(some.tobytes())
    offsets.write_bytes(np.concatenate(begins).astype(np.int64).tobytes())
    return members, offsets


def _copy(connection: duckdb.DuckDBPyConnection, query: str, out: Path) -> None:
    connection.execute(f"COPY ({query}) TO {literal(str(out))} (FORMAT parquet, COMPRESSION lz4, ROW_GROUP_SIZE 20480)")
