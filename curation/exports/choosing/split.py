"""On which side of train and valid a post stands: no text on both sides, nor two that are nearly the same.

Splitting post by post leaks: people repeat themselves, and a copy of a training post among the validation posts
flatters the model. Texts are copies when they are equal but for case, blanks and Unicode composition, whoever posted
them. They are near copies when the rule `near_duplicate` would call them so: without links, mentions and emoji they
have at least 25 characters and share 70% of their three letters in a row. `--near` sets another share than 0.7, and
`--near 0` keeps only copies together. Near copies chain: if A is like B and B is like C, all three stay together.
`--split` says what decides.

`random`: the text. Copies have the same number, a hash of text and seed between 0 and 1, and go to the valid side if
the number is below the share. It follows that

- copies of one text never stand on both sides;
- the same text is always on the same side for one seed, whatever else is in the corpus, unless it has near copies;
- a larger share moves posts to the valid side and none back.

A group of near copies goes to one side, chosen by one fixed member. If it has more posts than the share allows, it is
on the training side, and a warning says so.

`time`: the newest posts are valid, as many as the share says; posts without a time are training posts. Posts that
belong together stay together: copies, near copies, and posts that a rule marked as the same (`duplicate_of`, also by
way of a removed post). If one of them is a training post, all are. A warning says how many posts that moved.

`conversation`: posts that answer one another, or the same post, stay together as well, by `reply_to` and
`conversation_id`, also by way of removed posts. Each group has a number as a text has with `random`. A group with more
posts than the share allows is on the training side, and a warning says so: many conversations that share a copy of one
short text are one group. Posts without text link nothing.

`prompt-completion` and `chat` never cut a conversation. With either format, `--split random` becomes `conversation`
for every file; with `time`, a conversation is on the valid side if all of its posts are.

Signatures propose pairs of near copies, and every pair is compared in full. Pairs are verified exactly, but groups can
chain. About one pair in several thousand at 0.7 similarity is missed, and far fewer of pairs that are more alike. The
first export of a corpus with a split searches for them and keeps the result; later ones, with another seed, share or
`--split` too, don't search again.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from curation import sql
from curation.exports.choosing import exact_key
from curation.exports.choosing.leakage_groups import Kinship, make_groups, make_texts
from curation.exports.choosing.near_store import NearStore
from curation.exports.choosing.node import LINKED
from curation.options.export import CONVERSATION, RANDOM, TIME, TRAIN, ExportOptions
from curation.sql.order import drawn_number, is_below

#: A moment after all posts, in microseconds.
_NEVER = 1 << 62


def side_of(
    connection: duckdb.DuckDBPyConnection,
    options: ExportOptions,
    condition: str,
    parameters: Sequence[Any],
    folder: Path,
    *,
    conversations: bool = False,
    store: NearStore | None = None,
) -> tuple[str, list[str]]:
    """SQL that gives the side of a row of the table `posts`, and sentences for the user.

    The kept posts under the condition are split. With `conversations` none of these is cut, whatever the options. The
    connection has its own database, and `folder` has room for working files. A `store` keeps near copies.
    """
    if not options.valid:
        return sql.literal(TRAIN), []
    by_text = options.split == RANDOM and not conversations
    if by_text and not options.near:
        exact_key.register(connection)
        number = exact_key.number_of(exact_key.canonical_of("text"), options.seed)
        return f"CASE WHEN {number} < {sql.literal(options.valid)} THEN 'valid' ELSE 'train' END", []
    kinship = Kinship(
        options.near, prompts=conversations, removed=not by_text,
        conversations=conversations or options.split == CONVERSATION,
    )  # fmt: skip
    make_texts(
        connection, condition, parameters, folder, kinship,
        seed=options.seed if by_text else None, lasting=options.split != TIME, store=store,
    )  # fmt: skip
    make_groups(connection, kinship)
    connection.execute(
        f"CREATE VIEW dealt AS SELECT node, coalesce(together, mark) AS together, mark, "
        f"coalesce(number, {sql.literal(exact_key.number('', options.seed))}) AS number, time "
        "FROM texts LEFT JOIN groups USING (mark) WHERE chosen"
    )
    [(posts,)] = connection.execute("SELECT count(*) FROM texts WHERE chosen").fetchall()
    if options.split == TIME:
        warnings = _newest(connection, options, posts, conversations)
    else:
        warnings = _random(connection, options, posts, by_text)
    if options.split == RANDOM and conversations:
        warnings.append("No conversation may be cut, so every file of this export is split as by --split conversation.")
    connection.execute("DROP VIEW dealt; DROP TABLE groups; DROP TABLE texts")
    return f"CASE WHEN {LINKED} IN (SELECT node FROM valid_nodes) THEN 'valid' ELSE 'train' END", warnings


def _random(connection: duckdb.DuckDBPyConnection, options: ExportOptions, posts: int, by_text: bool) -> list[str]:
    """The groups whose number is below the share."""
    most = int(options.valid * posts)
    # By the least of a group's texts, so that it stays where it is when others come or go.
    if by_text:
        columns, is_valid = "arg_min(number, mark) AS number", f"number < {sql.literal(options.valid)}"
        bound = "min(mark) <> max(mark)"  # copies of one text are where their number says, however many
    else:
        columns = f"{drawn_number(options.seed, 'split', ['min(mark)'])} AS place"
        is_valid = is_below(options.valid, "place")
        bound = "count(*) > 1"
    connection.execute(
        f"CREATE TABLE chosen_groups AS SELECT together, members, large FROM (SELECT together, {columns}, "
        f"count(*) AS members, {bound} AND count(*) > {most} AS large FROM dealt GROUP BY together) "
        f"WHERE large OR {is_valid}"
    )
    connection.execute(
        "CREATE TABLE valid_nodes AS SELECT node FROM dealt SEMI JOIN (FROM chosen_groups WHERE NOT large) "
        "USING (together)"
    )
    [(number, members)] = connection.execute(
        "SELECT count(*), coalesce(sum(members), 0)::BIGINT FROM chosen_groups WHERE large"
    ).fetchall()
    connection.execute("DROP TABLE chosen_groups")
    if not number:
        return []
    groups = "one group" if number == 1 else f"{number:,} groups"
    return [
        f"{members:,} of {posts:,} posts hang together in {groups} with more posts than the share for validation "
        "allows, and are all on the training side."
    ]


def _newest(
    connection: duckdb.DuckDBPyConnection, options: ExportOptions, posts: int, conversations: bool
) -> list[str]:
    """The groups that are wholly among the newest posts."""
    _make_newest(connection, int(options.valid * posts))
    connection.execute(
        "CREATE TABLE valid_nodes AS SELECT node FROM newest SEMI JOIN (SELECT together FROM marked "
        "GROUP BY together HAVING bool_and(is_newest)) USING (together)"
    )
    [(moved,)] = connection.execute(
        "SELECT (SELECT count(*) FROM newest) - (SELECT count(*) FROM valid_nodes)"
    ).fetchall()
    connection.execute("DROP VIEW newest; DROP TABLE marked")
    if not moved:
        return []
    return [
        f"{moved:,} of the newest posts {'is' if moved == 1 else 'are'} on the training side, since older ones "
        f"have the same text{', or nearly the same' if options.near else ''}"
        f"{', or are of the same conversation' if conversations else ''}."
    ]


def _make_newest(connection: duckdb.DuckDBPyConnection, number: int) -> None:
    """Make `marked`, the posts of `dealt` with whether they are among so many newest ones, and `newest`, those."""
    edge = (
        "SELECT time FROM texts WHERE chosen AND time IS NOT NULL ORDER BY time DESC "
        f"LIMIT {min(number, 1)} OFFSET {max(number - 1, 0)}"
    )
    # Fewer posts than these may have a time.
    [(time,)] = connection.execute(f"SELECT coalesce(({edge}), {-_NEVER if number else _NEVER})").fetchall()
    # Of the posts of one moment those with the greater ids.
    connection.execute(
        f"CREATE TABLE moment AS SELECT {LINKED} AS node FROM posts WHERE epoch_us(created_at) = {time} "
        f"AND {LINKED} IN (SELECT node FROM texts WHERE chosen AND time = {time}) "
        "ORDER BY length(id) DESC, id DESC, platform DESC "
        f"LIMIT greatest({number} - (SELECT count(*) FROM texts WHERE chosen AND time > {time}), 0)"
    )
    connection.execute(
        f"CREATE TABLE marked AS SELECT node, together, coalesce(time > {time}, false) "
        "OR node IN (SELECT node FROM moment) AS is_newest FROM dealt"
    )
    connection.execute("CREATE VIEW newest AS FROM marked WHERE is_newest; DROP TABLE moment")
