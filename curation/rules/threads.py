"""Posts of one author beside one another: bursts, threads, and versions of an edited post."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from curation.functions.exchange import Exchange
from curation.options.bounds import AtLeast
from curation.rules.base import Dedup, Filter, column, param
from curation.sameness.preference import EARLIEST
from curation.sql import arrow, literal

#: Combines the `part` and `row` of a post into one number; no file has this many rows.
ROWS = 1 << 40


@dataclass(frozen=True, kw_only=True)
class Burst(Filter):
    """Posted while its author posted more than `max` posts within `seconds`

    The measure is the number of posts in the busiest such period around the post, among the author's posts that no
    earlier rule removes. In 281,000 posts of five people's archives, with threads joined, no minute had more than eight
    posts. Eleven come from a program, or from someone who pastes a long thread, so join threads before this rule. Posts
    without a date are not measured, and neither are posts at exactly midnight: in a table of dates without times, all
    posts of a day have that time.
    """

    use: ClassVar[str] = "burst"
    title: ClassVar[str] = "Bursts"
    within_key: ClassVar[bool] = True

    max: int = param(10, doc="posts", check=AtLeast(1), unit="posts")
    seconds: int = param(60, doc="seconds", check=AtLeast(1), unit="seconds")

    def compares(self) -> Mapping[str, str]:
        return {"key": "CASE WHEN epoch_us(created_at) % 86400000000 <> 0 THEN author END"}

    def marks(self) -> str:
        # First the posts in the period that begins with each post, then the busiest period that includes the post.
        within = self.seconds * 1_000_000 - 1  # microseconds
        frame = "OVER (PARTITION BY key ORDER BY moment RANGE BETWEEN {} AND {})"
        ahead = frame.format("CURRENT ROW", f"{within} FOLLOWING")
        behind = frame.format(f"{within} PRECEDING", "CURRENT ROW")
        return f"""
            WITH timed AS (
                SELECT part, row, key, epoch_us(created_at) AS moment FROM candidates
            ), counted AS (
                SELECT *, count(*) {ahead} AS ahead FROM timed
            )
            SELECT part, row, max(ahead) {behind} AS posts FROM counted
        """

    def marked(self) -> Mapping[str, str]:
        return {"posts": "BIGINT"}

    def measure(self) -> str:
        return self.mark("posts")

    def removes(self) -> str:
        return f"{column(self)} > {self.max}"


@dataclass(frozen=True, kw_only=True)
class Thread(Dedup):
    """A later part of a thread; its text is joined to the first part's

    A thread is a post, its author's answers to it, their answers to those, and so on, in the order of posting. The
    first part is kept, with the text of all parts, without a mention of the author at the beginning of a part. If the
    part before is missing, or an earlier rule removed it, a new thread begins. Put this rule after those that rewrite
    single posts, and before those that count words.
    """

    use: ClassVar[str] = "thread"
    title: ClassVar[str] = "Joined to a thread"
    relation: ClassVar[str] = "that of"
    others: ClassVar[str] = "Joined to it"
    joins: ClassVar[bool] = True
    within_key: ClassVar[bool] = True
    removed: ClassVar[tuple[str, str]] = ("later part", "later parts")

    separator: str = param("\n\n", doc="the text between two parts")

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
        exchange.connection.register("parts", arrow.table({"post": post, "first": first}))
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
    """The members of all threads, and for each the first post of its thread.

    `posts` are answers and `parents` the posts that they answer, both int64, any numbers. The number of steps grows
    with the logarithm of the number of posts, so a diary of ten thousand answers is no problem. Answers in a circle,
    which no platform makes, belong to no thread.
    """
    members = np.unique(np.concatenate([posts, parents]))
    above = np.arange(len(members))
    above[np.searchsorted(members, posts)] = np.searchsorted(members, parents)
    begins = above == np.arange(len(members))
    for _ in range(len(members).bit_length()):
        above = above[above]
    whole = begins[above]
    return members[whole], members[above[whole]]


@dataclass(frozen=True, kw_only=True)
class Superseded(Dedup):
    """An earlier version of a post that was edited later; the last version is kept

    X gives each version of a post its own id, so an archive, or two downloads, can contain several. The last version
    has the largest id; if it never landed, the last one that did is kept. On other platforms an edited post keeps its
    id: the latest version that landed counts, without any rule.

    No recipe needs to name this rule: if edited posts have landed, every recipe begins with it. Name it to move it, or
    to give it another name.
    """

    use: ClassVar[str] = "superseded"
    title: ClassVar[str] = "Superseded edits"
    relation: ClassVar[str] = "an earlier version of"
    others: ClassVar[str] = "Earlier versions of it that were removed"
    removed: ClassVar[tuple[str, str]] = ("earlier version", "earlier versions")

    @classmethod
    def reason(cls, parameters: Mapping[str, Any]) -> str:
        return "it is the last version of them that landed"

    def key(self) -> str:
        # Also for posts that name no first version: a post downloaded before its first edit doesn't know of it.
        return "platform || ':' || coalesce(edit_of, id)"

    def preference(self) -> str:
        moment = "epoch_us(coalesce(edited_at, created_at))"
        return f"-coalesce(TRY_CAST(id AS BIGINT), {moment}, -9223372036854775807)"
