"""Plain training text: one long document with boundaries as huggingtweets made it, or a post a line."""

from __future__ import annotations

import re

from curation import sql
from curation.disk.exported_file import BOUNDARY
from curation.exports.choosing.snapshot import PostSnapshot
from curation.exports.formats import columns
from curation.exports.formats.base import NEUTRALISED, Export
from curation.exports.formats.sink import Sink
from curation.options.export import TEXT, TRAIN, ExportOptions
from curation.sql.order import POST, drawn

#: SQL: the columns of what is drawn.
WRITTEN = "platform, id, author, text, post, characters"

WARNED_BELOW = 40_000

#: The ends of lines for any reader: what Python's `str.splitlines` splits on.
LINE_BREAKS = re.compile("[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")


class Text(Export):
    """Posts with `<|endoftext|>` before, between and after them, in random order (fixed seed).

    The training file holds one pass over the posts, or as many as `--epochs` says, one after another: each has every
    post once, in an order of its own. huggingtweets wrote four (`--like huggingtweets`); with a file of several passes,
    train for one epoch. The command, `export.json`, the card and the page say how many passes a file holds and how long
    it is. The valid file holds one pass. Orders follow from the seed and the posts' ids, so the same corpus gives the
    same bytes on every machine.

    `balance` repeats smaller authors in each pass up to the characters of the largest, counted with one boundary a
    post: all posts of an author as many times as fit, then as many of them once more as fit, drawn anew for each pass.
    No author ends above the largest, or more than one post below it. Valid files are never balanced.

    Posts keep their line breaks. A `<|endoftext|>` that somebody typed becomes `< |endoftext| >`, since it would end
    the document there. Posts without text are left out.
    """

    name = TEXT
    extension = "txt"
    needs_text = True
    boundaries = True
    cuttable = True
    bytes_beside = len(BOUNDARY)
    has_epochs = True

    def write(self, snapshot: PostSnapshot, split: str, options: ExportOptions, sink: Sink) -> None:
        """Write the passes."""
        empty = True
        for epoch in range(self.passes(split, options)):
            for batch in columns.written(snapshot, f"text || {sql.literal(BOUNDARY)}", shuffled(split, options, epoch)):
                if empty:
                    sink.write(BOUNDARY.encode())
                    empty = False
                sink.column(batch)

    def passes(self, split: str, options: ExportOptions) -> int:
        """Those of the options in the training file, one in the valid file."""
        return options.passes if split == TRAIN else 1

    def order(self, options: ExportOptions) -> str:
        """Random, by the seed."""
        return _order("shuffle", options, 0, "0")

    def text(self, piece: bytes) -> str:
        """The text without the boundary after it."""
        return piece.decode().removesuffix(BOUNDARY)

    def piece(self, text: str) -> bytes | None:
        """The bytes of the text, a boundary in it neutralised."""
        return text.replace(BOUNDARY, NEUTRALISED).encode()

    def expected(self, snapshot: PostSnapshot, split: str, options: ExportOptions) -> int:
        """Posts of all passes; with `balance` about."""
        if not (options.balance and split == TRAIN):
            return super().expected(snapshot, split, options) * self.passes(split, options)
        return round(options.passes * sum(posts * times for _, posts, times in repeats(snapshot)))


class Lines(Export):
    r"""One post a line, by author, then by time.

    Line breaks inside a post, of every kind in Unicode, become one space, so that n posts are n lines in every reader.
    Lines end in `\n`. A `<|endoftext|>` that somebody typed becomes `< |endoftext| >`, since tokenizers read it as the
    end of a document in any file. Posts without text are left out.
    """

    name = "lines"
    extension = "lines.txt"
    needs_text = True
    boundaries = True
    cuttable = True
    reader = "text"

    def write(self, snapshot: PostSnapshot, split: str, options: ExportOptions, sink: Sink) -> None:
        """Write the lines."""
        for batch in columns.pieces(snapshot, f"{columns.one_line('text')} || chr(10)", split, with_text=True):
            sink.column(batch)

    def text(self, piece: bytes) -> str:
        """The line without its end."""
        return piece.decode().removesuffix("\n")

    def piece(self, text: str) -> bytes | None:
        """The same on one line."""
        return line(text).encode()


def line(text: str) -> str:
    r"""A text on one line.

    >>> line("one\r\ntwo\u2028three\n")
    'one two three'
    """
    return LINE_BREAKS.sub(" ", text).strip().replace(BOUNDARY, NEUTRALISED)


def repeats(snapshot: PostSnapshot) -> list[tuple[str, int, float]]:
    """For each author with training text: handle, posts, and how often `balance` repeats a post in one pass."""
    statement = f"{_weighed(TRAIN)} SELECT author, posts, largest / total FROM shares ORDER BY author"
    return [row for chunk in snapshot.rows(statement) for row in chunk]


def shuffled(split: str, options: ExportOptions, epoch: int) -> str:
    """SQL: the posts of one pass in its order, with their numbers, their texts as written, and their `characters`."""
    order = _order("shuffle", options, epoch, "copy")
    if not (options.balance and split == TRAIN):
        return f"{_weighed(split)} SELECT {WRITTEN} FROM (SELECT *, 0 AS copy FROM weighed) ORDER BY {order}"
    return (
        f"{_weighed(split)}, drawn AS ("
        f"SELECT {WRITTEN}, largest // total AS whole_rounds, "
        f"sum(weight) OVER (PARTITION BY author ORDER BY {_order('draw', options, epoch)} "
        "ROWS UNBOUNDED PRECEDING) <= largest % total AS once_more "
        "FROM weighed JOIN shares USING (author)), "
        f"copies AS (SELECT {WRITTEN}, "
        "unnest(range(whole_rounds + once_more::BIGINT)) AS copy FROM drawn) "
        f"SELECT {WRITTEN} FROM copies ORDER BY {order}"
    )


def _weighed(split: str) -> str:
    """SQL: the texts as they are written, each with its weight in characters, and the sums by author."""
    text = columns.without_boundary("kept.text")
    return (
        "WITH texts AS (SELECT platform, id, author, post, length(kept.text)::INTEGER AS characters, "
        f"{text} AS text FROM kept "
        f"WHERE has_text AND split = {sql.literal(split)}), "
        f"weighed AS (SELECT *, length(text) + {len(BOUNDARY)} AS weight FROM texts), "
        "totals AS (SELECT author, count(*) AS posts, sum(weight)::BIGINT AS total "
        "FROM weighed GROUP BY author), "
        "shares AS (SELECT *, (SELECT max(total) FROM totals) AS largest FROM totals)"
    )


def _order(purpose: str, options: ExportOptions, epoch: int, *keys: str) -> str:
    """An order that follows from seed, purpose, pass and post."""
    return f"{drawn(options.seed, purpose, [sql.literal(str(epoch)), *keys, *POST])}, platform, id"
