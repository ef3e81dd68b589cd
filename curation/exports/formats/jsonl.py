"""Posts as a JSON object a line: with their identity, or ready for trainers."""

from __future__ import annotations

import json
import re

from curation.exports.choosing.snapshot import PostSnapshot
from curation.exports.conversations.turns import neutralised
from curation.exports.formats.base import Export
from curation.exports.formats.sink import Sink
from curation.options.export import ExportOptions

#: Line breaks that JSON may hold as they are, but at which line-based readers cut.
BREAKS = re.compile("[\x7f\x85\u2028\u2029]")

#: A value as JSON. One encoder for all: `json.dumps` would make one for each post.
quoted = json.JSONEncoder(ensure_ascii=False).encode


class Jsonl(Export):
    """One JSON object a line: `id`, `author`, `text`, `created_at`; by author, then by time.

    UTF-8; only what could break a line is escaped. `id` is text, since JavaScript and spreadsheets can't hold ids of X
    exactly. `created_at` is ISO 8601 in UTC with `Z`, null when the source doesn't say.

    The text is as the recipe left it, with a typed `<|endoftext|>`: a record ends with its line, so nothing in a text
    can move its boundary, and readers may want the text itself. Tell your tokenizer not to read special tokens from
    text. Posts without text are included.
    """

    name = "jsonl"
    extension = "jsonl"
    needs_text = False
    boundaries = False
    cuttable = True
    bytes_beside = 130
    reader = "json"

    def write(self, snapshot: PostSnapshot, split: str, options: ExportOptions, sink: Sink) -> None:
        """Write the records."""
        for chunk in snapshot.in_order("id, author, text, created_at, post", split):
            sink.posts([row[4] for row in chunk], [(record(*row[:4]) + "\n").encode() for row in chunk])
            sink.wrote(len(chunk))

    def text(self, piece: bytes) -> str:
        """The record's text."""
        return str(json.loads(piece)["text"])

    def piece(self, text: str) -> bytes | None:
        """What stands between the quotes."""
        return on_one_line(quoted(text)[1:-1]).encode()


class Documents(Jsonl):
    """One JSON object a line, for trainers that read texts: `id`, `author`, `text`, `created_at`, as in `jsonl`.

    Posts without text, at which some trainers stop, are left out. `<|…|>` around a word becomes `< |…| >`, since most
    trainers read special tokens from a text. The file has one pass over the posts: trainers shuffle and repeat them.
    """

    name = "documents"
    extension = "documents.jsonl"
    needs_text = True
    boundaries = True
    reader = ""

    def write(self, snapshot: PostSnapshot, split: str, options: ExportOptions, sink: Sink) -> None:
        """Write the records."""
        for chunk in snapshot.in_order("id, author, text, created_at, post", split, with_text=True):
            lines = [record(id, author, neutralised(text), at) + "\n" for id, author, text, at, _ in chunk]
            sink.posts([row[4] for row in chunk], [line.encode() for line in lines])
            sink.wrote(len(chunk))

    def piece(self, text: str) -> bytes | None:
        """What stands between the quotes."""
        return super().piece(neutralised(text))


class MlxText(Documents):
    """The records of `documents` in `mlx/train.jsonl` and `mlx/valid.jsonl`, the names that `mlx_lm.lora` reads."""

    name = "mlx-text"
    extension = "mlx-text.jsonl"  # not that of its files: in their folder, nothing is called as an export is

    def file(self, split: str) -> str:
        """The file, in its folder."""
        return f"mlx/{split}.jsonl"


def record(id: str, author: str, text: str, created_at: str | None) -> str:
    """One post as JSON on one line, for every reader's idea of a line."""
    fields = (
        f'"id": {quoted(id)}, "author": {quoted(author)}, "text": {quoted(text)}, "created_at": {quoted(created_at)}'
    )
    return on_one_line(f"{{{fields}}}")


def on_one_line(text: str) -> str:
    r"""JSON with every line break escaped, also those that JSON allows.

    >>> print(on_one_line('{"text": "one\u2028two"}'))
    {"text": "one\u2028two"}
    """
    return BREAKS.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
