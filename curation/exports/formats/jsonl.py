"""Posts as a JSON object a line: with their identity, or ready for trainers."""

from __future__ import annotations

import json

from curation.exports.choosing.snapshot import PostSnapshot
from curation.exports.conversations.turns import neutralised
from curation.exports.formats import columns
from curation.exports.formats.base import Export
from curation.exports.formats.columns import inside_quotes
from curation.exports.formats.sink import Sink
from curation.options.export import ExportOptions


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
        for batch in columns.pieces(snapshot, _record("text"), split):
            sink.column(batch)

    def text(self, piece: bytes) -> str:
        """The record's text."""
        return str(json.loads(piece)["text"])

    def piece(self, text: str) -> bytes | None:
        """What stands between the quotes."""
        return inside_quotes(text).encode()


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
        for batch in columns.pieces(snapshot, _record(columns.neutral("text")), split, with_text=True):
            sink.column(batch)

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


def _record(text: str) -> str:
    """SQL: one post as JSON on one line, for every reader's idea of a line."""
    fields = {"id": "id", "author": "author", "text": text}
    record = {name: columns.json_string(field) for name, field in fields.items()}
    return columns.json_record({**record, "created_at": columns.json_time("created_at")})
