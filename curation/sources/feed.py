"""A feed: posts that a server lists newest first, page by page, and how far down the list has been read.

Between two runs a feed grows at its top, and any run may stop on its way down. The state is a `head` and `gaps`::

    top of the list ─▶ ┌──────────┐
                       │ new posts│  not known yet: the next run begins here and reads down to the head
              head ─▶  ├──────────┤
                       │ landed   │
            cursor ─▶  ├──────────┤
                       │ gap      │  a run died here: the next one goes on at the cursor
              stop ─▶  ├──────────┤
                       │ landed   │
                       └──────────┘

A place in the list is a number that only falls on the way down: a post's number where the platform counts posts up,
else its time in microseconds. Only places of one feed compare with each other.
"""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

from curation.errors import InputError
from curation.posts import UNKNOWN_AUTHOR, batch
from curation.sources.base import Page, Rejected, Source
from curation.sources.http.patience import Patience


class CursorExpiredError(InputError):
    """The server has forgotten the cursor; the gap begins again from its other end."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A post in a list."""

    row: dict[str, Any]  # a row of `curation.posts.POST_SCHEMA`, with its `raw`
    place: int
    pinned: bool = False  # on top though it is old, so it says nothing of how far down the page is


@dataclass(frozen=True)
class FeedPage:
    """A page of a list, newest first."""

    entries: Sequence[Entry]
    next: str | None  # cursor of the page below; None: the server says that there is none
    rejected: tuple[Rejected, ...] = ()
    sure: bool = False  # with `next` None: the server cannot have ended early

    @property
    def lowest(self) -> int | None:
        """Place of the last post that is not pinned."""
        return next((entry.place for entry in reversed(self.entries) if not entry.pinned), None)

    @property
    def highest(self) -> int | None:
        """The highest place among the posts that are not pinned."""
        return max((entry.place for entry in self.entries if not entry.pinned), default=None)


@dataclass(frozen=True)
class Profile:
    """Whose posts a feed lists, as the server says."""

    platform: str
    author: str | None = None  # handle as it is landed; None for a feed of many authors
    author_id: str | None = None
    expected: int | None = None  # posts that the profile counts
    counts_reposts: bool = True  # whether `expected` counts reposts, too


@dataclass(frozen=True)
class Gap:
    """A part of the list that has not been read."""

    cursor: str | None = None  # where to go on; None: at the top
    stop: int | None = None  # place of the highest post below that has landed; None: to the end of the list
    below: int | None = None  # place of the lowest post above that has landed
    ended: bool = False  # the server said that nothing is below the cursor, though the profile counts more posts


@dataclass(frozen=True)
class FeedState:
    """How much of a list has landed: everything from `head` down, but for the gaps."""

    head: int | None = None
    gaps: tuple[Gap, ...] = ()  # from the top down

    def to_json(self) -> dict[str, Any]:
        """As it is kept on disk."""
        return {"head": self.head, "gaps": [vars(gap) for gap in self.gaps]}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> FeedState:
        """What `to_json` gave. Raises `KeyError` or `TypeError` for anything else."""
        return cls(value["head"], tuple(Gap(**gap) for gap in value["gaps"]))

    def at_the_top(self) -> FeedState:
        """The state with a gap from the top of the list to the head, where a run begins."""
        if self.head is None:  # no post has landed yet, so no gap is between two of them
            return replace(self, gaps=(Gap(),))
        if self.gaps and self.gaps[0].cursor is None:
            return self.without(self.gaps[0], replace(self.gaps[0], ended=False))
        return replace(self, gaps=(Gap(stop=self.head), *self.gaps))

    def renewed(self, gap: Gap, cursor: str | None) -> tuple[FeedState, Gap]:
        """The state with another cursor in `gap`; without one it begins again at the top, as one with all above."""
        if cursor is not None:
            fresh = replace(gap, cursor=cursor, ended=False)
            return self.without(gap, fresh), fresh
        fresh = Gap(stop=gap.stop)
        return replace(self, gaps=(fresh, *self.gaps[self.gaps.index(gap) + 1 :])), fresh

    def without(self, gap: Gap, *instead: Gap) -> FeedState:
        """The state with `gap` closed, or others in its place."""
        at = self.gaps.index(gap)
        return replace(self, gaps=(*self.gaps[:at], *instead, *self.gaps[at + 1 :]))

    def after(self, gap: Gap, page: FeedPage, cursor: str | None) -> tuple[FeedState, Gap | None]:
        """The state once `page`, found at `cursor` of `gap`, is on disk, and what is left of the gap.

        A page reaches the stop when its last post is below it: one post out of order, or pinned, closes no gap.
        """
        head, lowest = self.head, page.lowest
        if gap == self.gaps[0] and (highest := page.highest) is not None:
            head = highest if head is None else max(head, highest)
        below = gap.below if lowest is None else lowest if gap.below is None else min(gap.below, lowest)
        reached = gap.stop is not None and lowest is not None and lowest < gap.stop
        left: Gap | None
        if reached or (page.next is None and page.sure):
            left = None
        elif page.next is None:
            left = replace(gap, cursor=cursor, below=below, ended=True)
        else:
            left = replace(gap, cursor=page.next, below=below, ended=False)
        state = self.without(gap, *([left] if left else []))
        return replace(state, head=head), left


class Feed(Source):
    """Posts of an account, a tag or a search, which a server lists newest first."""

    options: ClassVar[tuple[str, ...]] = ("base_url", "max_posts", "max_wait")

    def __init__(
        self, *, base_url: str | None = None, max_posts: int | None = None, patience: Patience | None = None
    ) -> None:
        """`base_url` is another server that speaks the same, `max_posts` the bound of one run."""
        self.base_url = base_url
        self.max_posts = max_posts
        self.patience = patience or Patience()

    @classmethod
    def open(cls, targets: Sequence[str], options: Mapping[str, Any]) -> Self:
        """One target; `max_wait` is in seconds."""
        return super().open(targets, feed_options(options))

    @abstractmethod
    def profile(self) -> Profile:
        """Ask who it is; the first request of a run.

        Raises `InputError` for an account that doesn't exist, is private, or whose server can't be reached.
        """

    @abstractmethod
    def read(self, cursor: str | None, stop: int | None) -> Iterator[FeedPage]:
        """The pages from `cursor` (None: the top) down, one request or a few for each.

        `stop` is a place that has landed: a server that can list only what is newer is asked for that. The caller
        stops when it has come far enough. Raises `CursorExpiredError`, `InputError`.
        """

    def cursor_below(self, place: int) -> str | None:
        """A new cursor for the posts below a place; None if only the server can make one."""
        return None

    def listen(self, waiting: Callable[[str], None]) -> None:
        """Call `waiting` at every wait with a clause for a person, and with "" when it is over."""

    @property
    def origin(self) -> Mapping[str, str]:
        """Where all posts of the feed came from, by column."""
        return {"source": self.name, "source_file": self.target}

    def rows(self, page: FeedPage) -> list[dict[str, Any]]:
        """The rows of a page, each with an author, and without the columns of `origin`."""
        rows = [entry.row for entry in page.entries]
        return [row if row.get("author") else row | {"author": UNKNOWN_AUTHOR} for row in rows]

    def pages(self) -> Iterator[Page]:
        """All pages from the top to the end, for callers that keep no state."""
        for page in self.read(None, None):
            yield Page(batch(self.rows(page), self.origin), page.rejected)


class PagedFeed(Feed):
    """A feed whose server lists page after page, each with the cursor of the next."""

    def read(self, cursor: str | None, stop: int | None) -> Iterator[FeedPage]:
        """Page after page."""
        while True:
            page = self.page_at(cursor)
            yield page
            if page.next is None:
                return
            cursor = page.next

    @abstractmethod
    def page_at(self, cursor: str | None) -> FeedPage:
        """One page. Raises `CursorExpiredError`, `InputError`."""


def feed_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options as a feed's constructor takes them: `max_wait` is the ceiling of its patience."""
    given = dict(options)
    if "max_wait" in given:
        given["patience"] = Patience(ceiling=given.pop("max_wait"))
    return given


@dataclass
class Seen:
    """Guards a walk against a list that goes round in circles or has no posts for ever."""

    limit: int = 100  # pages without a post in a row
    rounds: int = 3  # times that one cursor may come: a server may give a page twice
    cursors: Counter[str] = field(default_factory=Counter)
    empty: int = 0

    def complaint(self, page: FeedPage) -> str | None:
        """Why the walk should end here; None when it may go on."""
        self.empty = 0 if page.entries else self.empty + 1
        if self.empty >= self.limit:
            return f"the server gave {self.limit} pages without a post in a row"
        if page.next is None:
            return None
        self.cursors[page.next] += 1
        if self.cursors[page.next] > self.rounds:
            return "the server gave the same cursor again and again, so its list goes round in circles"
        return None
