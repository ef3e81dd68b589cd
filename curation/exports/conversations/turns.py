"""The kept posts of conversations as turns, each with the post that it answers.

A turn is the posts of one author in a row: a post, the author's own answers to it, and so on, in the order of posting.
It answers the post that its first post answers. Texts come from kept posts only: a removed post is nobody's prompt, but
a part of a thread that a rule joined to another post stands in that post.

Memory holds only some numbers for each post. DuckDB joins and sorts the texts, and spills.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from curation import sql
from curation.exports.choosing.connected import components
from curation.exports.choosing.snapshot import PostSnapshot
from curation.options.export import ExportOptions
from curation.sql import arrow
from curation.sql.digests import upper_digest
from curation.sql.order import drawn

#: The most posts of another author's turn in a prompt: the answered post, and those before it. Otherwise a long thread
#: with many answers would be written whole for each answer.
BEFORE = 20

#: Marks of tokenizers and chat templates that would end a turn or begin one.
SPECIAL = re.compile(r"<\|(\w+)\|>")

#: SQL: the order of posting.
POSTED = "time NULLS LAST, length(id), id, platform"


@dataclass(frozen=True)
class LeftOut:
    """How many chosen posts with text are in no record, or in one without the post that they answer."""

    lost: int  # they answer a post that is not kept, or themselves, and there is no prompt for them
    alone: int  # they answer nobody, and there is no instruction to be their prompt
    orphans: int  # they answer a post that is not kept, and have a prompt: these are in records


class MessagePart(NamedTuple):
    """A post in a message."""

    platform: str
    id: str
    post: int  # its number
    text: str  # as it is written


@dataclass(frozen=True)
class Message:
    """The posts of one turn in a record."""

    role: str  # "user", or "assistant" for the author of the record
    parts: tuple[MessagePart, ...]  # with a line break between two
    created_at: str | None  # of the first post


@dataclass(frozen=True)
class Dialogue:
    """Messages in turn: a user's first, the assistant's last. After an instruction there is no user's message."""

    author: str
    platform: str
    messages: tuple[Message, ...]
    is_orphan: bool = False  # whether its first message, the author's, answers a post that is not kept

    def fields(self) -> dict[str, object]:
        """The fields of a record besides texts: the first answer, and the ids of all posts."""
        first = next(message for message in self.messages if message.role == "assistant")
        ids = [part.id for message in self.messages for part in message.parts]
        return {
            "id": first.parts[0].id,
            "author": self.author,
            "created_at": first.created_at,
            "platform": self.platform,
            "ids": ids,
        }


def neutralised(text: str) -> str:
    """A text in which nothing is a special token.

    >>> neutralised("a <|endoftext|> b <|im_start|>system")
    'a < |endoftext| > b < |im_start| >system'
    """
    return SPECIAL.sub(r"< |\1| >", text)


def make_turns(snapshot: PostSnapshot, options: ExportOptions) -> LeftOut:
    """Make the tables that `dialogues` reads. The options have the prompts of posts without the post they answer."""
    connection = snapshot.connection
    connection.execute(
        f"CREATE TABLE ranked AS SELECT (row_number() OVER (ORDER BY {POSTED}) - 1)::INTEGER AS n, platform, id, "
        "author, chosen, split, reply_to IS NOT NULL OR coalesce(is_reply, false) AS answers, reply_to "
        "FROM around WHERE has_text"
    )
    links = connection.sql(
        "SELECT answer.n, parent.n AS parent, answer.author = parent.author AS own FROM ranked AS answer "
        "LEFT JOIN joined ON joined.platform = answer.platform AND joined.id = answer.reply_to "
        "JOIN ranked AS parent ON parent.platform = answer.platform "
        "AND parent.id = coalesce(joined.first, answer.reply_to) WHERE parent.n <> answer.n"
    ).fetchnumpy()
    # A hash of the author is enough to tell one from another.
    posts = connection.sql(
        f"SELECT chosen, answers, {upper_digest('author')} AS author FROM ranked ORDER BY n"
    ).fetchnumpy()
    turns = _Turns(
        np.asarray(links["n"]), np.asarray(links["parent"]), np.asarray(links["own"]), np.asarray(posts["author"])
    )
    chosen, answers = np.asarray(posts["chosen"]), np.asarray(posts["answers"])
    speaks = np.zeros(turns.count, dtype=bool)
    speaks[turns.turn[chosen]] = True
    lost = (turns.parent < 0) & ((turns.first < 0) | answers[turns.first])
    alone = (turns.parent < 0) & ~lost
    prompted = (alone if options.instruction else False) | (lost if options.orphan_prompt else False)
    answering = speaks & ((turns.parent >= 0) | prompted)
    _write(
        snapshot, "answering",
        turn=np.flatnonzero(answering), chain=turns.chains(answering)[answering], parent=turns.parent[answering],
        orphan=lost[answering],
    )  # fmt: skip
    _write(snapshot, "spoken", n=np.arange(turns.count), turn=turns.turn, place=turns.places())
    connection.execute(
        "CREATE TABLE all_answers AS "
        "SELECT answering.*, ranked.author, spoken.turn AS parent_turn, spoken.place AS place FROM answering "
        "JOIN ranked ON ranked.n = answering.turn LEFT JOIN spoken ON spoken.n = answering.parent"
    )
    connection.execute("CREATE VIEW answers AS FROM all_answers")
    connection.execute(f"CREATE VIEW messages AS {_messages()}")
    of_turn = turns.turn[chosen]
    orphans, others = int(lost[of_turn].sum()), int(alone[of_turn].sum())
    return LeftOut(
        lost=0 if options.orphan_prompt else orphans, alone=0 if options.instruction else others,
        orphans=orphans if options.orphan_prompt else 0,
    )  # fmt: skip


class _Turns:
    """The turns of posts that are numbered in the order of time; a turn has the number of its earliest post."""

    def __init__(self, posts: np.ndarray, parents: np.ndarray, own: np.ndarray, authors: np.ndarray) -> None:
        self.count, self.authors = len(authors), authors
        above = np.full(self.count, -1, dtype=np.int32)
        above[posts] = parents
        self.turn = components(self.count, posts[own], parents[own])
        begins = np.ones(self.count, dtype=bool)
        begins[posts[own]] = False
        #: Of each turn the post that answers no post of it; -1 where they run in a circle, and where there is no turn.
        self.first = np.full(self.count, -1, dtype=np.int32)
        self.first[self.turn[begins]] = np.flatnonzero(begins)
        #: Of each turn the post that it answers, or -1.
        self.parent = np.where(self.first >= 0, above[self.first], -1)

    def places(self) -> np.ndarray:
        """Of each post its place in its turn, from 0."""
        order = np.argsort(self.turn, kind="stable")
        sorted_turns = self.turn[order]
        places = np.empty(self.count, dtype=np.int32)
        places[order] = np.arange(self.count) - np.searchsorted(sorted_turns, sorted_turns)
        return places

    def chains(self, answering: np.ndarray) -> np.ndarray:
        """Of each turn the earliest of its chain.

        A turn goes on a chain if it answers somebody who answers a turn of its author, unless an earlier one did.
        """
        turns = np.flatnonzero(answering & (self.parent >= 0))
        user = self.turn[self.parent[turns]]
        turns, user = turns[self.parent[user] >= 0], user[self.parent[user] >= 0]
        before = self.turn[self.parent[user]]
        # Only what came before is gone on with, so that nothing runs in a circle.
        goes_on = answering[before] & (self.authors[before] == self.authors[turns]) & (before < turns)
        before, where = np.unique(before[goes_on], return_index=True)
        return components(self.count, turns[goes_on][where], before)


def _write(snapshot: PostSnapshot, table: str, **columns: np.ndarray) -> None:
    numbers = {name: column.astype(np.int32) for name, column in columns.items()}
    snapshot.connection.register("given", arrow.table(numbers))
    snapshot.connection.execute(f"CREATE TABLE {table} AS FROM given")
    snapshot.connection.unregister("given")


def _messages() -> str:
    """SQL: the posts of each answer (`role` 1) and of what it answers (`role` 0)."""
    return (
        "SELECT turn, chain, answers.author, 1 AS role, n, orphan FROM answers JOIN spoken USING (turn) "
        "JOIN ranked USING (n) WHERE ranked.chosen "
        "UNION ALL SELECT prompts.turn, chain, author, 0, n, 0 FROM (SELECT turn, chain, author, parent_turn, "
        f"unnest(range(greatest(place - {BEFORE - 1}, 0), place + 1)) AS place FROM answers WHERE parent >= 0) "
        "AS prompts JOIN spoken ON spoken.turn = prompts.parent_turn AND spoken.place = prompts.place"
    )


def _of_split(columns: str, split: str) -> str:
    """SQL: columns of the messages, with their posts, of the records on one side."""
    # An answer's posts are all on one side; the side of a prompt's posts doesn't matter.
    return (
        f"SELECT {columns} FROM messages JOIN ranked USING (n) JOIN around USING (platform, id) "
        "SEMI JOIN (SELECT turn FROM answers JOIN spoken USING (turn) JOIN ranked USING (n) "
        f"WHERE ranked.chosen AND ranked.split = {sql.literal(split)}) AS side ON side.turn = messages.turn"
    )


def dialogues(snapshot: PostSnapshot, split: str, record: str) -> Iterator[Dialogue]:
    """The records of a split by author, then by time. `record` is what makes one: a `turn`, or a `chain` of them."""
    columns = (
        f"messages.{record}, messages.turn, role, text, messages.author, around.created_at, "
        "around.platform, around.id, around.post, orphan"
    )
    statement = f"{_of_split(columns, split)} ORDER BY messages.author, messages.{record}, messages.turn, role, n"
    rows = itertools.chain.from_iterable(snapshot.whole(statement))
    for _, posts in itertools.groupby(rows, key=lambda row: row[0]):
        messages, is_orphan = [], False
        for (_, role), group in itertools.groupby(posts, key=lambda row: row[1:3]):
            rows_of = list(group)
            parts = tuple(MessagePart(row[6], row[7], row[8], neutralised(row[3])) for row in rows_of)
            messages.append(Message("assistant" if role else "user", parts, rows_of[0][5]))
            author, platform = rows_of[0][4], parts[0].platform
            is_orphan = bool(rows_of[0][9]) if len(messages) == 1 else is_orphan
        yield Dialogue(author, platform, tuple(messages), is_orphan)


def records(snapshot: PostSnapshot, split: str, record: str) -> int:
    """Number of records."""
    [[(number,)]] = snapshot.whole(f"SELECT count(DISTINCT {record}) FROM ({_of_split('messages.' + record, split)})")
    return int(number)


def figures(snapshot: PostSnapshot, split: str) -> tuple[int, int]:
    """Different posts in the records, and the code points of their texts."""
    [[(posts, characters)]] = snapshot.whole(
        "SELECT count(*), coalesce(sum(length), 0)::BIGINT FROM "
        f"(SELECT DISTINCT n, length FROM ({_of_split('n, length(text) AS length', split)}))"
    )
    return posts, characters


def draw(snapshot: PostSnapshot, record: str, seed: int, most: int) -> None:
    """Keep only some records of the training side."""
    snapshot.connection.execute(
        f"CREATE TABLE drawn AS SELECT DISTINCT {record} FROM ({_of_split('messages.' + record, 'train')}) "
        f"ORDER BY {drawn(seed, 'preview', [record])}, {record} LIMIT {int(most)}"
    )
    snapshot.connection.execute(f"CREATE OR REPLACE VIEW answers AS FROM all_answers SEMI JOIN drawn USING ({record})")


def cut_out(snapshot: PostSnapshot, record: str, most: int, first: int) -> None:
    """Keep only `most` records of the training side, in the order of the file, without the `first` ones."""
    snapshot.connection.execute(
        f"CREATE TABLE drawn AS SELECT DISTINCT author, {record} FROM "
        f"({_of_split(f'messages.author, messages.{record}', 'train')}) "
        f"ORDER BY author, {record} LIMIT {int(most)} OFFSET {int(first)}"
    )
    snapshot.connection.execute(f"CREATE OR REPLACE VIEW answers AS FROM all_answers SEMI JOIN drawn USING ({record})")
