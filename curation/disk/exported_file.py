"""A file of training text, as its manifest counts it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

#: The end of a document in GPT-2's vocabulary, and what huggingtweets put around each post.
BOUNDARY = "<|endoftext|>"


def joined(posts: int, characters: int) -> int:
    """Code points of so many texts with so many characters, with a `BOUNDARY` between two."""
    return characters + len(BOUNDARY) * max(0, posts - 1)


@dataclass(frozen=True)
class ExportedFile:
    """A file of training text.

    `posts` are the different posts in it, however often each stands there. `characters` are the code points
    of their texts joined by `BOUNDARY`, as huggingtweets measured a timeline: every text once, one boundary
    between two; the same for every format, whatever the format adds.
    """

    path: Path
    format: str
    split: str  # "train" or "valid"; "" of one that belongs to both
    posts: int
    characters: int
    sha256: str
