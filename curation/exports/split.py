"""On which side of train and valid a post stands: no text on both, whatever decides.

A split that deals out *posts* leaks: people repeat themselves, and a copy of a training post among the
validation posts flatters the model. Texts are copies when they are equal but for case, blanks and Unicode
composition, whoever posted them. `--split` says what decides.

`random`: the text. Copies have the same number, a hash of text and seed between 0 and 1, and it is on the valid
side if the number is below the share. It follows that

- copies of one text never stand on both sides;
- the same text is always on the same side for one seed, whatever else is in the corpus;
- a larger share moves posts to the valid side and none back.

Near-duplicates have other numbers: a recipe with a near-duplicate rule removes them before.

`time`: the newest posts are valid, as many as the share says; those without a time are training posts. Posts that
hang together stay together, by copies of one text or by what a rule found to be the same (`duplicate_of`, also
by way of a post that was removed): if one of them is a training post, all are. A note says how many that moved.

`conversation`: posts that answer one another, or the same post, stay together as well, by `reply_to` and
`conversation_id`, also by way of removed posts. Such a group has a number as a text has at `random`. A group with
more posts than the share allows is on the training side, and a note says so: where many conversations have a
copy of one short text in common, they are one group. Posts without text link nothing.

`prompt-completion` and `chat` never cut a conversation. An export with one of them is split by conversation where it
would be at random, all of its files; by time a conversation is on the valid side if all of its posts are.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from curation import sql
from curation.errors import UsageError, did_you_mean
from curation.exports.groups import NODE, make_groups

if TYPE_CHECKING:
    import duckdb

TRAIN, VALID = "train", "valid"

RANDOM, TIME, CONVERSATION = "random", "time", "conversation"
#: What may decide on which side a post stands.
SPLITS = (RANDOM, TIME, CONVERSATION)


def canonical(text: str) -> str:
    r"""What copies of a text have in common.

    >>> canonical("Good  Morning\n")
    'good morning'
    """
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def number(text: str, seed: int) -> float:
    r"""The number in [0, 1) that decides the side of `text`, from the first 52 bits of an MD5.

    >>> number("Good  Morning", seed=0) == number("good morning\n", seed=0)
    True
    """
    digest = hashlib.md5(f"split\0{seed}\0{canonical(text)}".encode(), usedforsecurity=False)
    return int(digest.hexdigest()[:13], 16) / 16**13


@dataclass(frozen=True)
class Split:
    """What decides on which side a post stands. `share` is that of the valid side, in [0, 1)."""

    share: float = 0.0
    by: str = RANDOM
    seed: int = 0
    conversations: bool = False  # none is cut, whatever decides

    def require(self) -> None:
        """Raise `UsageError` for a share out of bounds, an unknown name, or a name without a share."""
        if not 0 <= self.share < 1:
            raise UsageError(f"The share for validation is {self.share}; it must be at least 0 and below 1, as 0.1.")
        if self.by not in SPLITS:
            raise UsageError(f"There is no split by '{self.by}'.{did_you_mean(self.by, SPLITS)}")
        if self.by != RANDOM and not self.share:
            raise UsageError(f"A split by {self.by} needs the share that is to be valid, such as --valid 0.1.")

    def side(
        self, connection: duckdb.DuckDBPyConnection, condition: str, parameters: Sequence[Any]
    ) -> tuple[str, list[str]]:
        """SQL that gives the side of a row of the table `posts`, and what the user should know of it.

        The posts that are dealt out are the kept ones under the condition. The connection's database is its own.
        """
        if not self.share:
            return sql.literal(TRAIN), []
        if self.by == RANDOM and not self.conversations:
            _register_number(connection, self.seed)
            return f"CASE WHEN split_number(text) < {sql.literal(self.share)} THEN 'valid' ELSE 'train' END", []
        make_groups(connection, canonical, conversations=self.conversations or self.by == CONVERSATION)
        connection.execute(
            f"CREATE TABLE dealt AS SELECT node, coalesce(together, node) AS together, coalesce(words, node) AS mark, "
            f"time, id, platform FROM (SELECT {NODE} AS node, created_at AS time, id, platform FROM posts "
            f"WHERE removed_by IS NULL AND {condition}) LEFT JOIN groups USING (node) LEFT JOIN texts USING (node)",
            list(parameters),
        )
        [(posts,)] = connection.execute("SELECT count(*) FROM dealt").fetchall()
        notes = self._newest(connection, posts) if self.by == TIME else self._drawn(connection, posts)
        if self.by == RANDOM:
            notes.append(
                "No conversation may be cut, so every file of this export is split as by --split conversation."
            )
        for table in ("groups", "texts", "dealt"):
            connection.execute(f"DROP TABLE {table}")
        return f"CASE WHEN {NODE} IN (FROM valid_nodes) THEN 'valid' ELSE 'train' END", notes

    def _drawn(self, connection: duckdb.DuckDBPyConnection, posts: int) -> list[str]:
        """The groups whose number is below the share."""
        most = int(self.share * posts)
        # By the least of a group's texts, so that it stays where it is when others come or go.
        drawn = (
            f"md5_number_upper(concat_ws('/', 'split', {sql.literal(str(self.seed))}, min(mark))) "
            f"< {sql.literal(self.share)} * 18446744073709551616.0"
        )
        connection.execute(
            "CREATE TABLE valid_nodes AS SELECT node FROM dealt SEMI JOIN (SELECT together FROM dealt "
            f"GROUP BY together HAVING {drawn} AND (count(*) = 1 OR count(*) <= {most})) USING (together)"
        )
        [(number, large)] = connection.execute(
            "SELECT count(*), coalesce(sum(members), 0)::BIGINT FROM (SELECT count(*) AS members FROM dealt "
            f"GROUP BY together HAVING count(*) > greatest(1, {most}))"
        ).fetchall()
        if not number:
            return []
        groups = "one group" if number == 1 else f"{number:,} groups"
        return [
            f"{large:,} of {posts:,} posts hang together in {groups} with more posts than the share for validation "
            "allows, and are all on the training side."
        ]

    def _newest(self, connection: duckdb.DuckDBPyConnection, posts: int) -> list[str]:
        """The groups that are wholly among the newest posts."""
        connection.execute(
            "CREATE TABLE newest AS SELECT node FROM dealt WHERE time IS NOT NULL "
            f"ORDER BY time DESC, length(id) DESC, id DESC, platform DESC LIMIT {int(self.share * posts)}"
        )
        connection.execute(
            "CREATE TABLE valid_nodes AS SELECT node FROM newest ANTI JOIN (SELECT node FROM dealt SEMI JOIN "
            "(SELECT together FROM dealt ANTI JOIN newest USING (node)) USING (together)) USING (node)"
        )
        [(moved,)] = connection.execute(
            "SELECT (SELECT count(*) FROM newest) - (SELECT count(*) FROM valid_nodes)"
        ).fetchall()
        connection.execute("DROP TABLE newest")
        if not moved:
            return []
        return [
            f"{moved:,} of the newest posts {'is' if moved == 1 else 'are'} on the training side, since older ones "
            f"have the same text{' or are of the same conversation' if self.conversations else ''}."
        ]


def _register_number(connection: duckdb.DuckDBPyConnection, seed: int) -> None:
    import pyarrow as pa

    def numbers(texts):  # no annotations: DuckDB evaluates them, and here their names are unknown
        return pa.array([number(text, seed) for text in texts.to_pylist()], pa.float64())

    connection.create_function("split_number", numbers, ["VARCHAR"], "DOUBLE", type="arrow")
