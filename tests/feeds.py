"""A list of posts that grows, shrinks and fails, as servers' lists do; a real `Feed` over it, without a socket."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from curation.errors import InputError
from curation.sources.base import Rejected
from curation.sources.feed import CursorExpiredError, Entry, Feed, FeedPage, Profile

BEGAN = datetime(2024, 1, 1, tzinfo=UTC)


def row(number: int, author: str = "ada") -> dict:
    """Post `number` of an author."""
    return {
        "platform": "test",
        "id": str(number),
        "author": author,
        "created_at": BEGAN + timedelta(minutes=number),
        "text": f"Post number {number}",
        "text_format": "plain",
        "is_repost": False,
        "raw": f'{{"id":{number}}}',
    }


@dataclass
class Server:
    """Posts 1, 2, … of one account, newest first, behind cursors that may expire."""

    rng: random.Random = field(default_factory=lambda: random.Random(0))
    posts: list[int] = field(default_factory=list)  # numbers that are listed, rising
    page_posts: int = 5
    pinned: int | None = None
    fails: float = 0.0  # share of requests that break off
    empties: float = 0.0  # share of requests that get an empty page with the same cursor's successor
    truncates: float = 0.0  # share of requests whose answer says that the list ends here
    expires: float = 0.0  # share of cursors that the server forgets between two runs
    repeats: float = 0.0  # share of requests that get the page above once more
    grows: float = 0.0  # share of requests before which a post arrives
    counts: bool = True  # whether the profile says how many posts there are
    can_renew: bool = True  # whether a cursor can be made of a place
    requests: int = 0
    forgotten: set[str] = field(default_factory=set)
    newest: int = 0

    def post(self, count: int = 1) -> None:
        """Let posts arrive."""
        for _ in range(count):
            self.newest += 1
            self.posts.append(self.newest)

    def delete(self, count: int = 1) -> None:
        """Delete some posts."""
        for _ in range(min(count, len(self.posts))):
            self.posts.remove(self.rng.choice(self.posts))

    def expire(self, cursors: list[str]) -> None:
        """Forget some cursors."""
        self.forgotten.update(cursor for cursor in cursors if self.rng.random() < self.expires)

    def page(self, cursor: str | None) -> FeedPage:
        """Answer a request, or raise as a client does that gets no answer."""
        self.requests += 1
        if self.rng.random() < self.grows:
            self.post()
        if self.rng.random() < self.fails:
            raise InputError("The connection to the server broke again and again.")
        if cursor in self.forgotten:
            raise CursorExpiredError("The server does not know this cursor.")
        below = int(cursor.removeprefix("below-").partition("!")[0]) if cursor else self.newest + 1
        if self.rng.random() < self.truncates:
            return FeedPage((), None)
        if self.rng.random() < self.empties:
            return FeedPage((), f"below-{below}!{self.requests}")
        if cursor and self.rng.random() < self.repeats:
            below = min(self.newest + 1, below + self.page_posts)
        listed = [number for number in reversed(self.posts) if number < below][: self.page_posts]
        entries = [Entry(row(number), number) for number in listed]
        more = bool(listed) and any(number < listed[-1] for number in self.posts)
        if cursor is None and self.pinned in self.posts:
            entries.insert(0, Entry(row(self.pinned), self.pinned, pinned=True))
        return FeedPage(entries, f"below-{listed[-1]}!{self.requests}" if more else None)


class ListedFeed(Feed):
    """The posts of `Server`."""

    name: ClassVar[str] = "test-feed"
    needs: ClassVar[str] = "nothing"
    gives: ClassVar[str] = "numbered posts"

    def __init__(self, server: Server, target: str = "ada", **options: object) -> None:
        super().__init__(**options)
        self._server, self._target = server, target

    @property
    def target(self) -> str:
        """The account."""
        return self._target

    def profile(self) -> Profile:
        """Who it is, and how many posts are listed."""
        return Profile("test", self._target, expected=len(self._server.posts) if self._server.counts else None)

    def read(self, cursor: str | None, stop: int | None) -> Iterator[FeedPage]:
        """The pages from the cursor down."""
        while True:
            page = self._server.page(cursor)
            yield page
            if page.next is None:
                return
            cursor = page.next

    def cursor_below(self, place: int) -> str | None:
        """A cursor of the server's own kind."""
        return f"below-{place}" if self._server.can_renew else None


def rejected(number: int) -> Rejected:
    """A record that can't be read."""
    return Rejected(f"test-feed: post {number}", "it has no text")
