"""Caps of an export: at most so many posts of an author, of a month, or of an author in a month."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from curation.errors import UsageError, did_you_mean

#: What there may be a cap for, and the columns that posts of one group have in common.
CAPPED = {"author": "author", "month": "month", "author/month": "author, month"}


@dataclass(frozen=True)
class Cap:
    """At most `most` posts of each of `what`, a key of `CAPPED`."""

    what: str
    most: int

    def __str__(self) -> str:
        return f"{self.what}={self.most}"

    @property
    def in_words(self) -> str:
        """As a clause: "500 for each author"."""
        return f"{self.most:,} for each {self.what.replace('/', ' and ')}"


def parse_caps(words: Iterable[str | Cap]) -> tuple[Cap, ...]:
    """Caps as `--cap` has them, such as `author=500`. Raises `UsageError`.

    >>> parse_caps(["author/month=50"])
    (Cap(what='author/month', most=50),)
    """
    caps = []
    for word in map(str, words):
        what, separator, most = (part.strip() for part in word.partition("="))
        if what not in CAPPED or not separator:
            raise UsageError(
                f"There is no cap '{word}'; it is what it is for and a number, such as author=500."
                f"{did_you_mean(what, CAPPED)}"
            )
        if not (most.isascii() and most.isdigit() and int(most)):
            raise UsageError(f"The cap '{word}' needs a whole number of at least 1 behind the '=', such as {what}=500.")
        caps.append(Cap(what, int(most)))
    return tuple(caps)
