"""On which side of train and valid a post stands: no text on both, nor two that are nearly the same.

A split that deals out *posts* leaks: people repeat themselves, and a copy of a training post among the
validation posts flatters the model. Texts are copies when they are equal but for case, blanks and Unicode
composition, whoever posted them. They are near copies when the rule `near_duplicate` would say so: without links,
mentions and emoji they have at least 25 characters and share 70 % of their three letters in a row; `--near` says
another share than 0.7, and `--near 0` leaves near copies apart. A chain of them stays together: A with B, B with C.
`--split` says what decides.

`random`: the text. Copies have the same number, a hash of text and seed between 0 and 1, and it is on the valid
side if the number is below the share. It follows that

- copies of one text never stand on both sides;
- the same text is always on the same side for one seed, whatever else is in the corpus, unless it has near copies;
- a larger share moves posts to the valid side and none back.

Near copies have the number of one of them, always the same one for the same texts. If they are more posts than the
share allows, they are on the training side, and a note says so.

`time`: the newest posts are valid, as many as the share says; those without a time are training posts. Posts that
hang together stay together, by copies and near copies or by what a rule found to be the same (`duplicate_of`, also
by way of a post that was removed): if one of them is a training post, all are. A note says how many that moved.

`conversation`: posts that answer one another, or the same post, stay together as well, by `reply_to` and
`conversation_id`, also by way of removed posts. Such a group has a number as a text has at `random`. A group with
more posts than the share allows is on the training side, and a note says so: where many conversations have a
copy of one short text in common, they are one group. Posts without text link nothing.

`prompt-completion` and `chat` never cut a conversation. An export with one of them is split by conversation where it
would be at random, all of its files; by time a conversation is on the valid side if all of its posts are.

Near copies are looked up by signatures and compared in full, so no pair is joined wrongly but by way of others; one of
some thousands that are just .7 alike may be missed, of pairs more alike far fewer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from curation import sql
from curation.errors import UsageError, did_you_mean
from curation.exports.choosing import exact_key
from curation.exports.choosing.leakage_groups import NODE, make_groups, make_texts
from curation.options.export import CONVERSATION, LEAST_NEAR, NEAR, RANDOM, SPLITS, TIME, TRAIN
from curation.sql.order import drawn_number

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb


@dataclass(frozen=True)
class Split:
    """What decides on which side a post stands. `share` is that of the valid side, in [0, 1)."""

    share: float = 0.0
    by: str = RANDOM
    seed: int = 0
    conversations: bool = False  # none is cut, whatever decides
    near: float = NEAR  # similarity (Jaccard) from which texts stay together; 0: only copies do

    def require(self) -> None:
        """Raise `UsageError` for a number out of bounds, an unknown name, or a name without a share."""
        if not 0 <= self.share < 1:
            raise UsageError(f"The share for validation is {self.share}; it must be at least 0 and below 1, as 0.1.")
        if self.by not in SPLITS:
            raise UsageError(f"There is no split by '{self.by}'.{did_you_mean(self.by, SPLITS)}")
        if self.by != RANDOM and not self.share:
            raise UsageError(f"A split by {self.by} needs the share that is to be valid, such as --valid 0.1.")
        if self.near and not LEAST_NEAR <= self.near <= 1:
            raise UsageError(
                f"The similarity of near copies is {self.near}; it must be from {LEAST_NEAR} to 1, as {NEAR}, "
                "or 0, for which only copies stay together."
            )
        if self.near != NEAR and not self.share:
            raise UsageError("Near copies matter for a split; say the share that is to be valid, such as --valid 0.1.")

    def side(
        self, connection: duckdb.DuckDBPyConnection, condition: str, parameters: Sequence[Any], folder: Path
    ) -> tuple[str, list[str]]:
        """SQL that gives the side of a row of the table `posts`, and what the user should know of it.

        The posts that are dealt out are the kept ones under the condition. The connection's database is its own, and
        in `folder` is room for working files.
        """
        if not self.share:
            return sql.literal(TRAIN), []
        by_text = self.by == RANDOM and not self.conversations
        if by_text and not self.near:
            exact_key.register(connection)
            number = exact_key.number_of(exact_key.canonical_of("text"), self.seed)
            return f"CASE WHEN {number} < {sql.literal(self.share)} THEN 'valid' ELSE 'train' END", []
        make_texts(
            connection, condition, parameters, folder,
            near=self.near, seed=self.seed, removed=not by_text, prompts=self.conversations,
        )  # fmt: skip
        make_groups(connection, removed=not by_text, conversations=self.conversations or self.by == CONVERSATION)
        connection.execute(
            "CREATE TABLE dealt AS SELECT node, coalesce(together, node) AS together, coalesce(words, node) AS mark, "
            f"coalesce(number, {sql.literal(exact_key.number('', self.seed))}) AS number, "
            f"time, id, platform FROM (SELECT {NODE} AS node, created_at AS time, id, platform FROM posts "
            f"WHERE removed_by IS NULL AND {condition}) LEFT JOIN groups USING (node) LEFT JOIN texts USING (node)",
            list(parameters),
        )
        [(posts,)] = connection.execute("SELECT count(*) FROM dealt").fetchall()
        notes = self._newest(connection, posts) if self.by == TIME else self._drawn(connection, posts, by_text)
        if self.by == RANDOM and self.conversations:
            notes.append(
                "No conversation may be cut, so every file of this export is split as by --split conversation."
            )
        for table in ("groups", "texts", "dealt"):
            connection.execute(f"DROP TABLE {table}")
        return f"CASE WHEN {NODE} IN (FROM valid_nodes) THEN 'valid' ELSE 'train' END", notes

    def _drawn(self, connection: duckdb.DuckDBPyConnection, posts: int, by_text: bool) -> list[str]:
        """The groups whose number is below the share."""
        most = int(self.share * posts)
        # By the least of a group's texts, so that it stays where it is when others come or go.
        if by_text:
            drawn = f"arg_min(number, mark) < {sql.literal(self.share)}"
            bound = "min(mark) <> max(mark)"  # copies of one text are where their number says, however many
        else:
            number = drawn_number(self.seed, "split", ["min(mark)"])
            drawn = f"{number} < {sql.literal(self.share)} * 18446744073709551616.0"
            bound = "count(*) > 1"
        large = f"{bound} AND count(*) > {most}"
        connection.execute(
            "CREATE TABLE valid_nodes AS SELECT node FROM dealt SEMI JOIN (SELECT together FROM dealt "
            f"GROUP BY together HAVING {drawn} AND NOT ({large})) USING (together)"
        )
        [(number, members)] = connection.execute(
            "SELECT count(*), coalesce(sum(members), 0)::BIGINT FROM (SELECT count(*) AS members FROM dealt "
            f"GROUP BY together HAVING {large})"
        ).fetchall()
        if not number:
            return []
        groups = "one group" if number == 1 else f"{number:,} groups"
        return [
            f"{members:,} of {posts:,} posts hang together in {groups} with more posts than the share for validation "
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
            f"have the same text{', or nearly the same' if self.near else ''}"
            f"{', or are of the same conversation' if self.conversations else ''}."
        ]
