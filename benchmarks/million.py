"""A million invented posts: landed as a source gives them, landed as a feed gives them, and written in one call.

`python -m benchmarks.million land|feed|polars POSTS FOLDER` does one of the three and prints seconds as JSON; the
benchmarks run each as a process of its own, so that its peak memory is its own, too. A feed is walked through once
before, and `walk` has the seconds of that: making a record of each post is part of the other seconds, too.
"""

from __future__ import annotations

import collections
import json
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from curation.collecting.collection import collect
from curation.posts import batch
from curation.sources.base import PAGE_POSTS, Page, Source
from curation.sources.feed import Entry, Feed, FeedPage, Profile

#: Posts of a page, as Bluesky and X give them.
FEED_PAGE = 100
#: Posts that are really made; the others are the same with another number.
MADE = 50_000
BEGAN = datetime(2010, 1, 1, tzinfo=UTC)
WORDS = ("river", "carries", "small", "boats", "under", "old", "bridges", "people", "wave", "川", "мост", "جسر", "the")


def post(number: int) -> dict:
    """An invented post; no two are the same."""
    words = [WORDS[number * step % len(WORDS)] for step in (3, 5, 7, 11, 13, 17, 19, 23)]
    text = f"{' '.join(words)} {number} #{words[2]} https://example.org/{number}"
    return {
        "platform": "test",
        "id": str(number),
        "author": "ada",
        "author_name": "Ada",
        "created_at": BEGAN + timedelta(minutes=number),
        "text": text,
        "text_format": "plain",
        "lang": "en",
        "is_repost": False,
        "is_reply": number % 3 == 0,
        "like_count": number % 50,
        "source": "test",
        "source_file": "ada",
        "raw": json.dumps({"id": str(number), "text": text, "created_at": number, "user": {"name": "ada"}}),
    }


def batches(posts: int) -> Iterator[pa.RecordBatch]:
    """All posts, `PAGE_POSTS` at a time, in Arrow from the beginning."""
    made = pa.Table.from_batches([batch(map(post, range(min(posts, MADE))))]).combine_chunks()
    at = made.schema.get_field_index("id")
    for begin in range(0, posts, MADE):
        table = made.slice(0, min(MADE, posts - begin))
        ids = pc.cast(pc.add(pc.cast(table["id"], pa.int64()), begin), pa.string())
        yield from table.set_column(at, made.schema.field("id"), ids).to_batches(PAGE_POSTS)


class Million(Source):
    """The posts as a file would give them."""

    name: ClassVar[str] = "test"
    needs: ClassVar[str] = "nothing"
    gives: ClassVar[str] = "invented posts"
    target: ClassVar[str] = "ada"  # type: ignore[assignment]

    def __init__(self, posts: int) -> None:
        self._posts = posts

    def pages(self) -> Iterator[Page]:
        """All of them."""
        for posts in batches(self._posts):
            yield Page(posts)


class MillionFeed(Feed):
    """The posts as a server lists them, newest first."""

    name: ClassVar[str] = "test-feed"
    needs: ClassVar[str] = "nothing"
    gives: ClassVar[str] = "invented posts"
    target: ClassVar[str] = "ada"  # type: ignore[assignment]

    def __init__(self, posts: int) -> None:
        super().__init__()
        self._posts = posts
        self._made = [*map(post, range(min(posts, MADE)))]

    def profile(self) -> Profile:
        """How many there are."""
        return Profile("test", "ada", expected=self._posts)

    def read(self, cursor: str | None, stop: int | None) -> Iterator[FeedPage]:
        """From the newest down."""
        for top in range(int(cursor) if cursor else self._posts, 0, -FEED_PAGE):
            numbers = range(top - 1, max(top - FEED_PAGE, 0) - 1, -1)
            entries = [Entry({**self._made[number % MADE], "id": str(number)}, number) for number in numbers]
            yield FeedPage(entries, str(numbers[-1]) if numbers[-1] else None)


def main() -> None:
    """Do one of the three."""
    how, posts, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    walk = 0.0
    if how == "feed":
        feed = MillionFeed(posts)
        began = time.perf_counter()
        collections.deque(feed.read(None, None), maxlen=0)
        walk = time.perf_counter() - began
    began = time.perf_counter()
    if how == "polars":
        pl.from_arrow(pa.Table.from_batches(batches(posts))).write_parquet(folder / "posts.parquet")
        landed = posts
    else:
        landed = collect(folder, feed if how == "feed" else Million(posts)).landed
    print(json.dumps({"landed": landed, "seconds": time.perf_counter() - began, "walk": walk}))


if __name__ == "__main__":
    main()
