"""A file of training text, as its manifest counts it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curation.writing.terminal import count

#: The end of a document in GPT-2's vocabulary; huggingtweets put it around each post.
BOUNDARY = "<|endoftext|>"


#: The bytes that continue a code point in UTF-8.
_CONTINUING = bytes(range(0x80, 0xC0))


def joined(posts: int, characters: int) -> int:
    """Code points of texts with so many `characters`, joined by `BOUNDARY`: how huggingtweets measured a timeline."""
    return characters + len(BOUNDARY) * max(0, posts - 1)


def code_points(path: Path) -> int:
    """Code points of a file in UTF-8."""
    with path.open("rb") as file:
        return sum(len(block.translate(None, _CONTINUING)) for block in iter(lambda: file.read(1 << 20), b""))


@dataclass(frozen=True)
class ExportedFile:
    """A file of training text.

    `posts` counts distinct posts. `characters` are the code points of their texts, each text once; the same for every
    format, whatever the format adds. A file that repeats its posts also says how often, and how long it is.
    """

    path: Path
    format: str
    split: str  # "train" or "valid"; "" for a file of both
    posts: int
    characters: int
    sha256: str
    passes: int | None = None  # over the posts, one after another; None: the format has just one
    file_characters: int | None = None  # code points of the file: all passes, and the marks between posts

    def facts(self) -> dict[str, Any]:
        """Its fields by name, those that it has."""
        return {name: value for name, value in vars(self).items() if value is not None}

    def in_words(self) -> str:
        """Its figures for a person: "311 posts, 51,256 characters"; "" for a file that is no side of a split."""
        if not self.split:
            return ""
        words = f"{count(self.posts, 'post')}, {count(self.characters, 'character')}"
        if self.passes is None or self.file_characters is None:
            return words
        passes = "1 pass" if self.passes == 1 else f"{self.passes:,} passes"
        return f"{words}; {passes}, {count(self.file_characters, 'character')} in the file"
