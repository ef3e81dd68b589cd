"""Posts for trainers of language models: the records of `jsonl`, ready to be tokenized."""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.exports.conversations.turns import neutralised
from curation.exports.formats.jsonl import Jsonl, on_one_line, quoted, record
from curation.exports.formats.sink import Sink

if TYPE_CHECKING:
    from curation.exports.choosing.snapshot import PostSnapshot
    from curation.options.export import ExportOptions


class Documents(Jsonl):
    """One JSON object a line, for trainers that read texts: `id`, `author`, `text`, `created_at`, as in `jsonl`.

    Posts without text, at which some trainers stop, are left out. `<|…|>` around a word becomes `< |…| >`, since most
    trainers read special tokens from a text. The file has one pass over the posts: trainers shuffle and repeat them.
    """

    name = "documents"
    extension = "documents.jsonl"
    needs_text = True
    boundaries = True

    def write(self, snapshot: PostSnapshot, split: str, options: ExportOptions, sink: Sink) -> None:
        """Write the records."""
        for chunk in snapshot.in_order("id, author, text, created_at, post", split, with_text=True):
            lines = [record(id, author, neutralised(text), at) + "\n" for id, author, text, at, _ in chunk]
            sink.posts([row[4] for row in chunk], [line.encode() for line in lines])
            sink.wrote(len(chunk))

    def piece(self, text: str) -> bytes | None:
        """What stands between the quotes."""
        return on_one_line(quoted(neutralised(text))[1:-1]).encode()
