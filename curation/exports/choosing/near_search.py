"""How a split learns which posts have near copies: from the `NearStore` of the corpus, or by a search."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from curation.exports.choosing.near_store import NearStore


@dataclass(frozen=True)
class NearSearch:
    """The column `near` of the table `texts`, which is being made, and the work on it afterwards.

    `texts` is made of rows with the columns `node`, `text`, `is_kept` and `chosen`.
    """

    connection: duckdb.DuckDBPyConnection
    threshold: float  # 0: no near copies
    eligible: str  # SQL: whether a row takes part
    is_whole: bool = False  # whether all kept posts do
    store: NearStore | None = None
    kept: float | None = None  # similarity of the near copies in the table `relatives`

    @classmethod
    def of(
        cls, connection: duckdb.DuckDBPyConnection, threshold: float, eligible: str, store: NearStore | None,
        *, is_whole: bool,
    ) -> NearSearch:  # fmt: skip
        """The search among the eligible posts; `is_whole`: these are all kept ones."""
        if not threshold:
            return cls(connection, 0.0, eligible)
        kept = store.load(connection, threshold) if store else None
        return cls(connection, threshold, eligible, is_whole, store, kept)

    @property
    def is_known(self) -> bool:
        """Whether nothing has to be searched."""
        return self.is_whole and self.kept == self.threshold

    @property
    def source(self) -> str:
        """SQL: what the rows are joined with."""
        return " LEFT JOIN relatives USING (node)" if self.is_known else ""

    @property
    def text(self) -> str:
        """SQL: the text that is compared; NULL for a row that has no near copy in any case."""
        if not self.threshold or self.is_known:
            return "NULL::VARCHAR"
        from curation.sameness.canonical import SHORTEN_REPETITIONS, canonical

        SHORTEN_REPETITIONS.register(self.connection)
        some = "" if self.kept is None else " AND node IN (SELECT node FROM relatives)"
        return f"CASE WHEN {self.eligible}{some} THEN {canonical('text')} END"

    @property
    def columns(self) -> str:
        """SQL: the columns of `texts`, with `text` as `near_text`."""
        if not self.threshold:
            return "NULL::BIGINT AS near"
        if self.is_known:
            return "near"
        from curation.exports.choosing.near_groups import near_of

        return f"near_text, {near_of('near_text')} AS near"

    def finish(self, folder: Path) -> None:
        """Give near copies the same `near`; working files lie in `folder`."""
        if self.threshold and not self.is_known:
            from curation.exports.choosing.near_groups import join_near

            join_near(self.connection, folder, self.threshold)
            self.connection.execute(
                "CREATE TABLE rooted AS SELECT * EXCLUDE (near, near_text), coalesce(root, near) AS near "
                "FROM texts LEFT JOIN joined_near USING (near)"
            )
            self.connection.execute("DROP TABLE texts; DROP TABLE joined_near; ALTER TABLE rooted RENAME TO texts")
        if self.kept is not None:
            self.connection.execute("DROP TABLE relatives")
        elif self.store and self.is_whole:
            self.store.keep(self.connection, self.threshold)
