"""A look at a source before anything lands: what it is, whose posts, how many, since when, and what can't be read.

A file is read whole, page by page, in bounded memory, so the counts are those of a landing in an empty workspace, but
for posts that are in it twice. Of a list over the network only the profile is requested; nothing if a
request costs money.
"""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from curation.collecting.rejections import Reason, Rejections
from curation.errors import InputError
from curation.sources.base import Rejected, Source
from curation.sources.feed import Feed

#: Posts that are shown, characters of each, authors that are named, and names that are counted apart.
SAMPLES, CHARACTERS, AUTHORS, NAMES = 8, 600, 20, 200_000
#: Rejected records and reasons that are named.
REJECTED, REASONS = 20, 20

_SHOWN = ["platform", "id", "author", "author_name", "created_at", "text", "text_format", "is_repost", "is_reply"]


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What would land."""

    source: str
    target: str
    posts: int = 0
    authors: tuple[tuple[str, int], ...] = ()  # the most frequent, with their posts
    author_count: int = 0
    platforms: tuple[tuple[str, int], ...] = ()
    first: str | None = None  # time of the earliest post, ISO 8601
    last: str | None = None
    without_time: int = 0
    reposts: int = 0
    replies: int = 0
    samples: tuple[Mapping[str, Any], ...] = ()
    rejected: tuple[Rejected, ...] = ()
    rejected_count: int = 0
    reasons: tuple[Reason, ...] = ()
    notices: tuple[str, ...] = ()
    files: tuple[Mapping[str, Any], ...] = ()  # what each file is, as `--explain-format` tells
    expected: int | None = None  # of an account: posts that its profile counts
    offer: str = ""  # what a run costs
    error: str = ""  # why nothing can be read

    def to_json(self) -> dict[str, Any]:
        """For `curation collect --dry-run --json`."""
        values = {key: [*value] if isinstance(value, tuple) else value for key, value in asdict(self).items()}
        named = {"authors": self.authors, "platforms": self.platforms}
        pairs = {key: [{"name": name, "posts": posts} for name, posts in few] for key, few in named.items()}
        return {"schema": 1, "status": "preview", **values, **pairs}


def preview(source: Source, *, progress: Callable[[int, int, int | None], None] | None = None) -> Preview:
    """Look at a source. What can't be read at all is an `error` in it. Raises `UsageError`, `NothingToDoError`."""
    if isinstance(source, Feed):
        return _of_feed(source)
    files = _files(source)
    seen = _Seen()
    try:
        for page in source.pages():
            seen.take(page.posts)
            seen.rejections.add(page.rejected)
            if page.ended_early:
                seen.ended_early.append(page.ended_early)
            if progress:
                progress(seen.posts, page.position, source.size)
    except InputError as error:
        return Preview(source=source.name, target=source.target, files=files, error=str(error))
    return seen.preview(source, files)


def _of_feed(feed: Feed) -> Preview:
    """Who it is, or what it would cost to ask."""
    if offer := feed.offer():
        return Preview(source=feed.name, target=feed.target, offer=offer.sentence)
    profile = feed.profile()
    return Preview(
        source=feed.name,
        target=feed.target,
        authors=((profile.author, profile.expected or 0),) if profile.author else (),
        author_count=int(profile.author is not None),
        platforms=((profile.platform, profile.expected or 0),),
        expected=profile.expected,
        notices=feed.notices(),
    )


def _files(source: Source) -> tuple[dict[str, Any], ...]:
    from curation.sources.file import FileSource
    from curation.sources.files.x_archive_files import NotAnArchiveError, open_archive
    from curation.sources.x_archive import XArchive

    if isinstance(source, FileSource):
        return tuple(source.explain())
    if not isinstance(source, XArchive):
        return ()
    try:
        listing = open_archive(source.path)
    except NotAnArchiveError:
        return tuple(FileSource([source.path]).explain())
    except InputError:
        return ()
    listing.close()
    facts = {"file": source.target, "format": source.name, "what": "an archive of X", "closed": listing.closed}
    return (facts,)


@dataclass
class _Seen:
    """What the pages held so far."""

    posts: int = 0
    authors: Counter[str] = field(default_factory=Counter)
    platforms: Counter[str] = field(default_factory=Counter)
    first: datetime | None = None
    last: datetime | None = None
    without_time: int = 0
    reposts: int = 0
    replies: int = 0
    samples: list[dict[str, Any]] = field(default_factory=list)
    rejections: Rejections = field(default_factory=Rejections)
    ended_early: list[str] = field(default_factory=list)

    def take(self, posts: pa.RecordBatch) -> None:
        """Count a page."""
        if not posts.num_rows:
            return
        self.posts += posts.num_rows
        for name, counter in (("author", self.authors), ("platform", self.platforms)):
            counted: Any = pc.value_counts(posts.column(name))
            for value in counted.to_pylist():
                if value["values"] in counter or len(counter) < NAMES:
                    counter[value["values"] or "unknown"] += value["counts"]
        times = posts.column("created_at")
        self.without_time += times.null_count
        edges: Any = pc.min_max(times).as_py()
        self.first = min((t for t in (self.first, edges["min"]) if t), default=None)
        self.last = max((t for t in (self.last, edges["max"]) if t), default=None)
        self.reposts += pc.sum(posts.column("is_repost")).as_py() or 0
        self.replies += pc.sum(posts.column("is_reply")).as_py() or 0
        if len(self.samples) < SAMPLES:
            head = posts.slice(0, SAMPLES - len(self.samples))
            rows: list[dict[str, Any]] = head.select(_SHOWN).to_pylist()
            for row in rows:
                row["created_at"] = row["created_at"].isoformat() if row["created_at"] else None
                shown = html.unescape(row["text"]) if row.pop("text_format") == "escaped" else row["text"]
                row["text"] = shown[:CHARACTERS]
                self.samples.append(row)

    def preview(self, source: Source, files: tuple[dict[str, Any], ...]) -> Preview:
        """The result."""
        return Preview(
            source=source.name,
            target=source.target,
            posts=self.posts,
            authors=tuple(self.authors.most_common(AUTHORS)),
            author_count=len(self.authors),
            platforms=tuple(self.platforms.most_common(AUTHORS)),
            first=self.first.isoformat() if self.first else None,
            last=self.last.isoformat() if self.last else None,
            without_time=self.without_time,
            reposts=self.reposts,
            replies=self.replies,
            samples=tuple(self.samples),
            rejected=tuple(self.rejections.named[:REJECTED]),
            rejected_count=self.rejections.count,
            reasons=self.rejections.reasons()[:REASONS],
            notices=(*self.ended_early, *source.notices()),
            files=files,
            expected=source.expected,
        )
