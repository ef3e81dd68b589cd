"""What can be set of a comparison of two recipes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from curation.options.bounds import AtLeast
from curation.options.option import Options, option


@dataclass(frozen=True)
class CompareOptions(Options):
    """What is compared besides the two names."""

    changes: Sequence[str] = option((), "Change a parameter of B: min_words.min=4. May be repeated.", flag="--set")
    without: Sequence[str] = option((), "Leave this rule out of B. May be repeated.")
    by: str = option("author", "author, month, length or language.")
    authors: Sequence[str] = option((), "Only this author. May be repeated.", flag="--author")
    samples: int = option(10, "Changed posts to show.", bound=AtLeast(0))
    seed: int = option(0, "Seed of the samples.")
