"""The base of formats that are made of conversations."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from curation.exports.conversations import turns
from curation.exports.formats.base import Export
from curation.exports.formats.jsonl import on_one_line, quoted

if TYPE_CHECKING:
    from curation.exports.choosing.snapshot import PostSnapshot
    from curation.exports.formats.sink import Sink
    from curation.options.export import ExportOptions

#: Records that are written at a time.
AT_ONCE = 1_024


class Conversational(Export):
    """A format with a JSON object a line, made of a turn or of a chain of turns."""

    needs_text = True
    boundaries = True
    conversations = True
    own_options = ("instruction",)

    unit: ClassVar[str]  # what makes a record: "turn" or "chain"

    @abstractmethod
    def pieces(self, dialogue: turns.Dialogue, instruction: str) -> Iterator[str | turns.Message]:
        """A record as JSON on one line, in pieces. A message stands for the string of its text."""

    def write(self, snapshot: PostSnapshot, split: str, options: ExportOptions, sink: Sink) -> None:
        """Write the records."""
        posts: list[int | None] = []
        written: list[bytes] = []
        for number, dialogue in enumerate(turns.dialogues(snapshot, split, self.unit), start=1):
            for piece in self.pieces(dialogue, options.instruction):
                for post, text in [(None, piece)] if isinstance(piece, str) else _string(piece):
                    posts.append(post)
                    written.append(on_one_line(text).encode())
            posts.append(None)
            written.append(b"\n")
            if number % AT_ONCE == 0:
                sink.posts(posts, written)
                sink.wrote(AT_ONCE)
                posts, written = [], []
        sink.posts(posts, written)
        sink.wrote(written.count(b"\n"))

    def text(self, piece: bytes) -> str:
        """The post's part of a string of JSON."""
        return str(json.loads(b'"' + piece + b'"'))

    def piece(self, text: str) -> bytes | None:
        """The same as such a part."""
        return on_one_line(quoted(turns.neutralised(text))[1:-1]).encode()

    def expected(self, snapshot: PostSnapshot, split: str, options: ExportOptions) -> int:
        """Number of records."""
        return turns.records(snapshot, split, self.unit)

    def draw(self, snapshot: PostSnapshot, seed: int, most: int) -> None:
        """Some records of the training file."""
        turns.draw(snapshot, self.unit, seed, most)

    def figures(self, snapshot: PostSnapshot, split: str) -> tuple[int, int]:
        """Different posts in the records, prompts included, and their characters."""
        return turns.figures(snapshot, split)


def _string(message: turns.Message) -> Iterator[tuple[int | None, str]]:
    """A message as a string of JSON, each post's part of it by itself."""
    between = '"'
    for part in message.parts:
        yield None, between
        yield part.post, quoted(part.text)[1:-1]
        between = quoted("\n")[1:-1]
    yield None, '"'
