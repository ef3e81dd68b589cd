"""Threads: what an author wrote in several posts, each an answer to the one before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pyarrow as pa

from curation.rules.base import Dedup, param
from curation.sameness.preference import EARLIEST
from curation.sql import literal

if TYPE_CHECKING:
    from curation.functions.exchange import Exchange

#: A post's `part` and `row` as one number; no file has as many rows.
ROWS = 1 << 40


@dataclass(frozen=True, kw_only=True)
class Thread(Dedup):
    """A later part of a thread; its text is joined to the first part's

    A thread is a post, its author's answers to it, their answers to those, and so on, in the order in which they
    were posted. What is kept is the first part with the text of all; a mention of the author at the beginning of a
    part is left out. A part whose predecessor is missing, or was removed by an earlier rule, begins a thread of its
    own. Put this rule behind those that rewrite single posts, and before those that count words.
    """

    use: ClassVar[str] = "thread"
    title: ClassVar[str] = "Joined to a thread"
    relation: ClassVar[str] = "that of"
    others: ClassVar[str] = "Joined to it"
    joins: ClassVar[bool] = True
    removed: ClassVar[tuple[str, str]] = ("later part", "later parts")

    separator: str = param("\n\n", doc="what stands between two parts")

    @classmethod
    def reason(cls, parameters: Mapping[str, Any]) -> str:
        return "it is the first part of the thread, and has the text of all parts"

    def compares(self) -> Mapping[str, str]:
        own = "'@' || lower(author) || ' '"
        answered = (
            f"CASE WHEN starts_with(lower(text), {own}) THEN ltrim(substr(text, length(author) + 2)) ELSE text END"
        )
        return {
            "key": "author",
            "reply_to": "reply_to",
            "text": f"CASE WHEN reply_to IS NULL THEN text ELSE {answered} END",
        }

    def marked(self) -> Mapping[str, str]:
        return {"duplicate_of": "VARCHAR", "text": "VARCHAR"}

    def removes(self) -> str:
        return f"{self.mark('duplicate_of')} IS NOT NULL"

    def find(self, exchange: Exchange) -> None:
        answers = exchange.connection.sql(
            f"""
            SELECT answer.part * {ROWS} + answer.row AS post, before.part * {ROWS} + before.row AS parent
            FROM candidates AS answer JOIN candidates AS before
            ON before.id = answer.reply_to AND before.platform = answer.platform AND before.key = answer.key
            """
        ).to_arrow_table()
        post, first = beginnings(answers["post"].to_numpy(), answers["parent"].to_numpy())
        exchange.connection.register("parts", _table(post=post, first=first))
        exchange.write(
            f"""
            WITH spoken AS (
                SELECT candidates.*, first, post = first AS begins
                FROM candidates JOIN parts ON post = part * {ROWS} + row
            ), whole AS (
                SELECT first, min(id) FILTER (begins) AS id, string_agg(
                    text, {literal(self.separator)} ORDER BY begins DESC, {EARLIEST}
                ) AS text
                FROM spoken GROUP BY first
            )
            SELECT part, row, CASE WHEN NOT begins THEN whole.id END AS duplicate_of,
                   CASE WHEN begins THEN whole.text END AS text
            FROM spoken JOIN whole USING (first)
            """
        )


def beginnings(posts: np.ndarray, parents: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The members of all threads, and for each the post that its thread begins with.

    `posts` are answers and `parents` what each of them answers, both int64, any numbers. The steps are as many as
    the logarithm of the longest thread has digits, so a diary of ten thousand answers costs no more. Answers that
    run in a circle, which no platform makes, belong to no thread.
    """
    members = np.unique(np.concatenate([posts, parents]))
    above = np.arange(len(members))
    above[np.searchsorted(members, posts)] = np.searchsorted(members, parents)
    begins = above == np.arange(len(members))
    for _ in range(len(members).bit_length()):
        above = above[above]
    whole = begins[above]
    return members[whole], members[above[whole]]


def _table(**columns: np.ndarray) -> pa.Table:
    # Out of buffers: `pa.array` would import pandas.
    arrays = [pa.Array.from_buffers(pa.int64(), len(c), [None, pa.py_buffer(c.data)]) for c in columns.values()]
    return pa.Table.from_arrays(arrays, names=list(columns))
