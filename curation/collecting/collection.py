"""Collecting: files land in one landing, feeds land page by page. Nothing is fetched twice, and nothing is lost.

A run of a feed begins at the top and reads down to the posts that have landed. Then it continues with the gaps of
earlier runs. Each page is on disk, with the state after it, before the run requests the next one; many pages land
together. A run that ends early (the network, a kill, a full disk, `--max-posts`) leaves a gap, and the next run
closes it.

A run is complete only when no gap is open and the profile counts no more posts than have landed.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from curation.collecting.land import Landing, land
from curation.collecting.rejections import NAMED, together
from curation.collecting.spool import Spool, folder_of
from curation.collecting.targets import landed_posts
from curation.disk.tombstones import now
from curation.disk.workspace import Workspace
from curation.errors import CurationError, InputError, UsageError
from curation.sources.base import Page, Source
from curation.sources.feed import CursorExpiredError, Feed, FeedPage, FeedState, Gap, Profile, Seen
from curation.writing.terminal import count

#: Pages land when they hold so many posts, or when so many seconds have passed.
LAND_POSTS = 100_000
LAND_SECONDS = 300.0
#: Most times that a server is asked again after the end of its list.
MOST_RETRIES = 2
#: Figures of a run that are the sums of its landings.
TOTALS = ("landed", "updated", "already_had", "rejected_count", "forgotten", "taken")

OnProgress = Callable[[int, int, int | None], None]


def collect(
    data: Workspace | Path | str,
    source: Source,
    *,
    again: bool = False,
    missing_ok: bool = False,
    progress: OnProgress | None = None,
    waiting: Callable[[str], None] | None = None,
    pausing: Callable[[str], None] | None = None,
) -> Landing:
    """Land the posts of a source; of a feed the new ones, and the gaps of earlier runs.

    `again` reads a feed from its top to its end, whatever has landed. `missing_ok` accepts that the profile counts more
    posts than the list gives. `progress` is called with the posts so far, the position and the size; `waiting` when
    another process has to finish first, `pausing` when the server asks to wait.
    Raises `InputError` when nothing can be read, `UsageError`, `WorkspaceError`.
    """
    space = data if isinstance(data, Workspace) else Workspace(Path(data))
    if not isinstance(source, Feed):
        if again or missing_ok:
            option = "--again" if again else "--missing-ok"
            raise UsageError(
                f"{option} is for lists over the network; the source '{source.name}' is read whole each time."
            )
        return land(space, source, progress=progress, waiting=waiting)
    folder = folder_of(space, source.name, source.target)
    with space.lock(f"target-{folder.name}", waiting):
        if pausing:
            source.listen(pausing)
        return _Run(space, source, Spool.open(folder), missing_ok, progress, waiting).follow(again)


class _Spooled(Source):
    """Fetched pages, as a source that lands like a file."""

    def __init__(self, feed: Feed, spool: Spool, profile: Profile) -> None:
        self.name = feed.name  # type: ignore[misc]  # a class attribute of other sources
        self._feed, self._spool, self._profile = feed, spool, profile

    @property
    def target(self) -> str:
        return self._feed.target

    @property
    def expected(self) -> int | None:
        return self._profile.expected

    def about(self) -> Mapping[str, Any]:
        return {"expected": self.expected, "feed": self._spool.state.to_json()}

    def pages(self) -> Iterator[Page]:
        return self._spool.pages()


@dataclass
class _Run:
    """One run of a feed; its target is locked."""

    space: Workspace
    feed: Feed
    spool: Spool
    missing_ok: bool
    progress: OnProgress | None
    waiting: Callable[[str], None] | None
    state: FeedState = field(default_factory=FeedState)  # after the last page that is on disk
    left: Gap = Gap()  # the rest of the gap that is being read
    profile: Profile = Profile("")
    landings: list[Landing] = field(default_factory=list)
    fetched: int = 0
    landed_at: float = field(default_factory=time.monotonic)
    ended: str | None = None  # why the run ended before the list did
    ends: set[Gap] = field(default_factory=set)  # gaps with nothing below them, by the server's repeated answer

    def follow(self, again: bool) -> Landing:
        """Read down the list, gap by gap."""
        began = now()
        self._land()  # the pages of a killed run
        self.profile = self.feed.profile()
        self.state = (FeedState() if again else self.spool.state).at_the_top()
        try:
            self._close_gaps()
        except BaseException:
            with contextlib.suppress(CurationError):
                self._land()
            raise
        self._land()
        return self._result(began)

    def _close_gaps(self) -> None:
        """Read the gaps from the top down, each as far as it goes."""
        closed: set[Gap] = set()
        while not self.ended and (gap := next((gap for gap in self.state.gaps if gap not in closed), None)):
            try:
                left = self._close(gap)
            except InputError as error:
                if not self.fetched and "state" not in self.spool.record:
                    raise  # a new target that gave nothing
                self.ended = str(error)
            else:
                closed.update([left] if left else [])

    def _close(self, gap: Gap) -> Gap | None:
        """Read one gap; gives its rest."""
        left, renewed, tries = gap, 0, 0
        while True:
            try:
                rest = self._read(left)
            except CursorExpiredError:
                if renewed == 2:
                    raise
                below = self.left.below
                fresh = self.feed.cursor_below(below) if below is not None and not renewed else None
                self.state, left = self.state.renewed(self.left, fresh)
                renewed += 1
                continue
            tries += 1
            if rest is None or not rest.ended or tries > MOST_RETRIES:
                break
            left = rest  # some servers end a list early now and then, so ask again
        if rest and rest.ended:
            self.ends.add(rest)
        return rest

    def _read(self, gap: Gap) -> Gap | None:
        """Read one gap page by page, once; gives its rest."""
        cursor, seen = gap.cursor, Seen()
        self.left = gap
        for page in self.feed.read(gap.cursor, gap.stop):
            if complaint := seen.complaint(page):
                self._keep(page, self.state)
                self.ended = f"{complaint[0].upper()}{complaint[1:]}."
                return self.left
            state, rest = self.state.after(self.left, page, cursor)
            self._keep(page, state)
            if rest is None or rest.ended:
                return rest
            self.left, cursor = rest, page.next
            if self.feed.max_posts is not None and self.fetched >= self.feed.max_posts:
                self.ended = f"--max-posts {self.feed.max_posts:,} was reached."
                return rest
        self.ended = f"The source '{self.feed.name}' ended before the list did."
        return self.left

    def _keep(self, page: FeedPage, state: FeedState) -> None:
        self.spool.append(self.feed.rows(page), page.rejected, state, self.feed.origin)
        self.state = state
        self.fetched += len(page.entries)
        if self.progress:
            self.progress(self.fetched, self.fetched, self.profile.expected)
        if self.spool.posts >= LAND_POSTS or time.monotonic() - self.landed_at > LAND_SECONDS:
            self._land()

    def _land(self) -> None:
        if self.spool.waiting:
            source = _Spooled(self.feed, self.spool, self.profile)
            self.landings.append(land(self.space, source, waiting=self.waiting))
            self.spool.landed()
        self.landed_at = time.monotonic()

    def _result(self, began: str) -> Landing:
        """The result of all landings; the target's record keeps it too."""
        had, expected = landed_posts(self.space, self.profile), self.profile.expected
        totals: dict[str, Any] = {name: sum(getattr(landing, name) for landing in self.landings) for name in TOTALS}
        forgotten = max(totals["forgotten"], self.spool.record.get("forgotten", 0))
        totals["forgotten"] = forgotten  # a list that is not read again still lacks what was left out of it
        missing = 0 if expected is None or had is None else max(expected - had - forgotten, 0)
        short = bool(missing) and not self.missing_ok
        open_gaps = [gap for gap in self.state.gaps if gap not in self.ends]
        # When the profile counts no more posts than are here, the list really ended.
        state = self.state if short else replace(self.state, gaps=tuple(open_gaps))
        incomplete = bool(open_gaps) or bool(self.ended) or short
        partial = incomplete or totals["rejected_count"] > totals["taken"]
        status = "partial" if partial else "complete" if totals["landed"] or totals["updated"] else "unchanged"
        run = {
            "began_at": began,
            "ended_at": now(),
            "status": status,
            "landed": totals["landed"],
            "gaps": len(open_gaps),
        }
        source: dict[str, Any] = {"source": self.feed.name, "target": self.feed.target}
        self.spool.landed(
            state, **source, base_url=self.feed.base_url, profile=vars(self.profile), last_run=run, forgotten=forgotten
        )
        return Landing(
            **source,
            **totals,
            status=status,
            rejected=tuple(r for landing in self.landings for r in landing.rejected)[:NAMED],
            reasons=together(landing.reasons for landing in self.landings),
            expected=expected,
            had=had,
            gaps=len(open_gaps),
            files=tuple(name for landing in self.landings for name in landing.files),
            notices=tuple(self._notices(expected, had, missing if short else 0, len(open_gaps))),
            authors=tuple(dict.fromkeys(name for landing in self.landings for name in landing.authors))[:5],
            incomplete=incomplete,
        )

    def _notices(self, expected: int | None, had: int | None, missing: int, gaps: int) -> Iterator[str]:
        yield from dict.fromkeys(notice for landing in self.landings for notice in landing.notices)
        yield from self.feed.notices()
        if self.ended:
            yield self.ended
        if gaps:
            several = f"{gaps} parts of the list are" if gaps > 1 else "A part of the list is"
            yield f"{several} not read yet. Run the same command again to go on where this run ended."
        if missing:
            sentence = (
                f"The profile counts {count(expected or 0, 'post')} and {count(had or 0, 'is', 'are')} here: "
                f"{count(missing, 'is', 'are')} missing."
            )
            yield (
                sentence
                if gaps
                else (
                    f"{sentence} The server's list ended without them: they may be private, deleted, or held back. The "
                    "next run asks again (with --again for the whole list); --missing-ok takes it as complete."
                )
            )
