"""How many posts may change between kept and removed before a check fails: `5%`, `0.05` or `120 posts`."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction

from curation.asking.comparison.result import Comparison
from curation.errors import UsageError
from curation.writing.terminal import count

_NUMBER = r"([0-9]+(?:\.[0-9]+)?|\.[0-9]+)"
_SHARE = re.compile(rf"\s*{_NUMBER}\s*(%?)\s*")
_POSTS = re.compile(r"\s*([0-9][0-9,_]*)\s*posts?\s*")


@dataclass(frozen=True)
class Tolerance:
    """How many posts may change."""

    text: str  # as given
    share: Fraction | None  # of the posts
    posts: int | None

    @classmethod
    def parse(cls, text: str) -> Tolerance:
        """A share such as `5%` or `0.05`, or a number such as `120 posts`. Raises `UsageError`."""
        if match := _POSTS.fullmatch(text):
            return cls(text.strip(), None, int(re.sub("[,_]", "", match[1])))
        if match := _SHARE.fullmatch(text):
            share = Fraction(match[1]) / (100 if match[2] else 1)
            if share < 1 or (match[2] and share == 1):
                return cls(text.strip(), share, None)
        raise UsageError(
            f"--fail-over {text}: write a share of the posts, 5% or 0.05, or a number of them, '120 posts'."
        )

    def broken_by(self, comparison: Comparison) -> str | None:
        """A sentence if more posts change than allowed, and by how many; else None."""
        changed, posts = comparison.total.changed, comparison.posts
        most = self.posts if self.share is None else math.floor(self.share * posts)
        assert most is not None
        if changed <= most:
            return None
        return (
            f"{changed:,} of {count(posts, 'post')} ({percent(changed, posts)}) "
            f"{'changes' if changed == 1 else 'change'} between kept and removed, "
            f"{changed - most:,} more than the {most:,} that --fail-over {self.text} allows. "
            f"'{comparison.b.name}' loses {comparison.total.only_a:,} and gains {comparison.total.only_b:,}."
        )


def percent(part: int, whole: int) -> str:
    """A share as a percentage, never rounded to nothing or to all."""
    if not whole:
        return "0%"
    share = 100 * part / whole
    if 0 < share < 0.05:
        return "< 0.1%"
    if 99.95 <= share < 100:
        return "> 99.9%"
    return f"{share:.1f}%"


def left_out_sentence(posts: int) -> str:
    """What is said of the posts that one of two corpora lacks."""
    which = "that only one of the two corpora has"
    return f"{count(posts, f'post {which} is', f'posts {which} are')} left out."
