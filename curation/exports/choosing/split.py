"""On which side of train and valid a post stands: no text on both sides, nor two that are nearly the same.

Splitting post by post leaks: people repeat themselves, and a copy of a training post among the validation posts
flatters the model. Texts are copies when they are equal but for case, blanks and Unicode composition, whoever posted
them. They are near copies when the rule `near_duplicate` would call them so: without links, mentions and emoji they
have at least 25 characters and share 70 % of their three letters in a row. `--near` sets another share than 0.7, and
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
chain. About one pair in several thousand at 0.7 similarity is missed, and far fewer of pairs that are more alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from curation import sql
from curation.exports.choosing import exact_key
from curation.exports.choosing.leakage_groups import LINKED, NODE, make_groups, make_texts
from curation.options.export import CONVERSATION, RANDOM, TIME, TRAIN, ExportOptions
from curation.sql.order import drawn_number


def side_of(
    connection: duckdb.DuckDBPyConnection,
    options: ExportOptions,
    condition: str,
    parameters: Sequence[Any],
    folder: Path,
    *,
    conversations: bool = False,
) -> tuple[str, list[str]]:
    """SQL that gives the side of a row of the table `posts`, and sentences for the user.

    The kept posts under the condition are split. With `conversations` none of these is cut, whatever the options. The
    connection has its own database, and `folder` has room for working files.
    """
    if not options.valid:
        return sql.literal(TRAIN), []
    by_text = options.split == RANDOM and not conversations
    if by_text and not options.near:
        exact_key.register(connection)
        number = exact_key.number_of(exact_key.canonical_of("text"), options.seed)
        return f"CASE WHEN {number} < {sql.literal(options.valid)} THEN 'valid' ELSE 'train' END", []
    make_texts(
        connection, condition, parameters, folder,
        near=options.near, seed=options.seed if by_text else None, removed=not by_text, prompts=conversations,
    )  # fmt: skip
    make_groups(connection, removed=not by_text, conversations=conversations or options.split == CONVERSATION)
    connection.execute(
        f"CREATE TABLE dealt AS SELECT node, coalesce(together, node) AS together, coalesce(words, {NODE}) AS mark, "
        f"coalesce(number, {sql.literal(exact_key.number('', options.seed))}) AS number, "
        f"time, id, platform FROM (SELECT {LINKED} AS node, created_at AS time, id, platform FROM posts "
        f"WHERE removed_by IS NULL AND {condition}) LEFT JOIN groups USING (node) LEFT JOIN texts USING (node)",
        list(parameters),
    )
    [(posts,)] = connection.execute("SELECT count(*) FROM dealt").fetchall()
    if options.split == TIME:
        warnings = _newest(connection, options, posts, conversations)
    else:
        warnings = _random(connection, options, posts, by_text)
    if options.split == RANDOM and conversations:
        warnings.append("No conversation may be cut, so every file of this export is split as by --split conversation.")
    connection.execute("CREATE TABLE valid_posts AS SELECT platform, id FROM dealt SEMI JOIN valid_nodes USING (node)")
    for table in ("groups", "texts", "dealt"):
        connection.execute(f"DROP TABLE {table}")
    return (
        "CASE WHEN (platform, id) IN (SELECT (platform, id) FROM valid_posts) THEN 'valid' ELSE 'train' END",
        warnings,
    )


def _random(connection: duckdb.DuckDBPyConnection, options: ExportOptions, posts: int, by_text: bool) -> list[str]:
    """The groups whose number is below the share."""
    most = int(options.valid * posts)
    # By the least of a group's texts, so that it stays where it is when others come or go.
    if by_text:
        is_valid = f"arg_min(number, mark) < {sql.literal(options.valid)}"
        bound = "min(mark) <> max(mark)"  # copies of one text are where their number says, however many
    else:
        drawn = drawn_number(options.seed, "split", ["min(mark)"])
        is_valid = f"{drawn} < {sql.literal(options.valid)} * 18446744073709551616.0"
        bound = "count(*) > 1"
    large = f"{bound} AND count(*) > {most}"
    connection.execute(
        "CREATE TABLE valid_nodes AS SELECT node FROM dealt SEMI JOIN (SELECT together FROM dealt "
        f"GROUP BY together HAVING {is_valid} AND NOT ({large})) USING (together)"
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


def _newest(
    connection: duckdb.DuckDBPyConnection, options: ExportOptions, posts: int, conversations: bool
) -> list[str]:
    """The groups that are wholly among the newest posts."""
    connection.execute(
        "CREATE TABLE newest AS SELECT node FROM dealt WHERE time IS NOT NULL "
        f"ORDER BY time DESC, length(id) DESC, id DESC, platform DESC LIMIT {int(options.valid * posts)}"
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
        f"have the same text{', or nearly the same' if options.near else ''}"
        f"{', or are of the same conversation' if conversations else ''}."
    ]
