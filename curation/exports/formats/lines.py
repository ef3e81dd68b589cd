"""Training text for tools that take a line for a document."""

from __future__ import annotations

import re

from curation.disk.exported_file import BOUNDARY
from curation.exports.choosing.snapshot import PostSnapshot
from curation.exports.formats.base import NEUTRALISED, Export
from curation.exports.formats.sink import Sink
from curation.options.export import ExportOptions

#: Everything that some reader takes for the end of a line: what Python's `str.splitlines` splits on.
LINE_BREAKS = re.compile("[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")


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
        for chunk in snapshot.in_order("text, post", split, with_text=True):
            sink.posts([post for _, post in chunk], [(line(text) + "\n").encode() for text, _ in chunk])
            sink.wrote(len(chunk))

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
