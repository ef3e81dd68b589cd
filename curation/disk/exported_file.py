"""A file of training text, as its manifest counts it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

#: The end of a document in GPT-2's vocabulary; huggingtweets put it around each post.
BOUNDARY = "<|endoftext|>"


def joined(posts: int, characters: int) -> int:
    """Code points of texts with so many `characters`, joined by `BOUNDARY`."""
    return characters + len(BOUNDARY) * max(0, posts - 1)


@dataclass(frozen=True)
class ExportedFile:
    """A file of training text.

    `posts` counts distinct posts. `characters` are the code points of their texts, each once, joined by `BOUNDARY`, as
    huggingtweets measured a timeline; the same for every format, whatever the format adds.
    """

    path: Path
    format: str
    split: str  # "train" or "valid"; "" for a file of both
    posts: int
    characters: int
    sha256: str
