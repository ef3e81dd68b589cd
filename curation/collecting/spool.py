"""Pages of a feed that are on disk and have not landed yet, and how far down the feed they go.

::

    DIR/targets/<source>-<target>-<hash>/target.json        the target, the last run, and the state of the feed
    DIR/targets/<source>-<target>-<hash>/pages-00000001.spool

A page on the disk has its posts and the state of the feed after them: a cursor is on disk exactly when the posts above
it are. Many pages land together, because a folder in `raw/` for each page of forty posts would slow every later reader.
A killed run leaves its pages here, and the next run lands them first.

Pages are flushed together, once a second, unless they have landed by then. The newest also stay in memory, so landing
doesn't read them again; a post of them that was forgotten meanwhile is left out there, as always.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyarrow as pa

from curation.disk import page_files
from curation.disk.page_files import StoredPage
from curation.disk.whole_files import flush, write_whole, writing
from curation.disk.workspace import Workspace
from curation.errors import WorkspaceError
from curation.posts import batch
from curation.sources.base import PAGE_POSTS, Page, Rejected, sound_batch
from curation.sources.feed import FeedState
from curation.writing.characters import json_text

RECORD = "target.json"
#: Seconds between two flushes.
FLUSH_SECONDS = 1.0
#: Bytes of the newest pages that stay in memory.
HELD_BYTES = 64 << 20
_UNSAFE = re.compile(r"[^a-z0-9._@-]+")


def folder_of(space: Workspace, source: str, target: str) -> Path:
    """The folder of a target's pages; two targets never share one, whatever their names."""
    readable = _UNSAFE.sub("-", target.lower())[:48].strip(".-") or "target"
    mark = hashlib.sha256(f"{source}\0{target}".encode()).hexdigest()[:10]
    return space.targets / f"{source}-{readable}-{mark}"


@dataclass
class Spool:
    """The pages of one target; its owner holds the target's lock."""

    folder: Path
    record: dict[str, Any]  # the content of `target.json`; `landed_to` is the number of the last landed page
    state: FeedState  # after the last page
    waiting: list[int] = field(default_factory=list)  # numbers of the pages that have not landed, oldest first
    posts: int = 0  # in them
    _held: dict[int, StoredPage] = field(default_factory=dict)  # the newest of them, by their numbers
    _held_bytes: int = 0
    _journal: Path | None = None  # where this run writes
    _known: tuple[int, int] = (0, 0)  # the journal as this run left it
    _is_flushed: bool = True
    _flushed_at: float = field(default_factory=time.monotonic)

    @classmethod
    def open(cls, folder: Path) -> Spool:
        """The spool of a target, an empty one if it is new. Raises `WorkspaceError` for a damaged record."""
        record = read_target_record(folder) or {"landed_to": 0}
        state = FeedState.from_json(record["state"]) if "state" in record else FeedState()
        spool = cls(folder, record, state)
        rubbish: list[Path] = []
        for page in page_files.waiting(folder, record["landed_to"], rubbish):
            spool.state = FeedState.from_json(page.state)
            spool.posts += page.posts.num_rows
            spool.waiting.append(page.number)
        with writing(folder):
            for path in [*folder.glob("*.unfinished"), *rubbish]:
                path.unlink()
        return spool

    @property
    def _next(self) -> int:
        last: int = self.waiting[-1] if self.waiting else self.record["landed_to"]
        return last + 1

    def append(
        self,
        rows: list[dict[str, Any]],
        rejected: Iterable[Rejected],
        state: FeedState,
        origin: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Write the rows of a page, with the state after it. Raises `WorkspaceError`; then nothing has changed.

        `origin` has the columns whose value is the same in all rows.
        """
        posts, unsound, _ = sound_batch(rows, origin)
        refused = [[record.where, record.why] for record in (*rejected, *unsound)]
        page = StoredPage(self._next, state.to_json(), refused, pa.Table.from_batches([posts]))
        with writing(self.folder):
            self._write(page)
            if time.monotonic() - self._flushed_at >= FLUSH_SECONDS:
                self.flush()
        self.waiting.append(page.number)
        self.posts += posts.num_rows
        self.state = state
        self._hold(page)

    def _write(self, page: StoredPage) -> None:
        pages = [page]
        if self._journal and not self._stands():
            self._journal = None
            pages = [*self._not_sealed(), page]
        if self._journal is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._journal = self.folder / f"pages-{pages[0].number:08d}.spool"
        self._known = page_files.append(self._journal, pages)
        self._is_flushed = False

    def _stands(self) -> bool:
        """Whether the journal is as this run left it; `curation forget` may have sealed it meanwhile."""
        try:
            return self._journal is not None and page_files.known(self._journal) == self._known
        except FileNotFoundError:
            return False

    def _not_sealed(self) -> list[StoredPage]:
        """The pages that were written while the journal was sealed, and are not in the sealed file."""
        last = self.record["landed_to"]
        for page in page_files.waiting(self.folder, last):
            last = page.number
        missing = [number for number in self.waiting if number > last]
        if not all(number in self._held for number in missing):
            raise self._changed()
        return [self._held[number] for number in missing]

    def _hold(self, page: StoredPage) -> None:
        self._held[page.number] = page
        self._held_bytes += page.posts.get_total_buffer_size()  # thirty times as fast as `nbytes`
        while self._held_bytes > HELD_BYTES and len(self._held) > 1:
            oldest = self._held.pop(next(iter(self._held)))
            self._held_bytes -= oldest.posts.get_total_buffer_size()

    def _changed(self) -> WorkspaceError:
        return WorkspaceError(
            f"Pages in {self.folder} were removed or damaged just now. Run the command again; "
            "they are fetched once more."
        )

    def flush(self) -> None:
        """Wait until all pages are on the disk."""
        if not self._is_flushed and self._journal:
            with writing(self.folder), contextlib.suppress(FileNotFoundError):  # it was sealed, so it is on the disk
                flush(self._journal)
                flush(self.folder)
        self._is_flushed, self._flushed_at = True, time.monotonic()

    def pages(self) -> Iterator[Page]:
        """The waiting posts, several of the server's pages in one. Raises `WorkspaceError` for a damaged page."""
        some: list[StoredPage] = []
        for page in self._stored():
            some.append(page)
            if sum(one.posts.num_rows for one in some) >= PAGE_POSTS:
                yield _joined(some)
                some = []
        if some:
            yield _joined(some)

    def _stored(self) -> Iterator[StoredPage]:
        """The waiting pages, those on the disk first, since the newest are in memory."""
        last: int = self.record["landed_to"]
        if on_disk := [number for number in self.waiting if number not in self._held]:
            for page in page_files.waiting(self.folder, last):
                if (page.first or page.number) > on_disk[-1]:
                    break
                yield page
                last = page.number
            if last < on_disk[-1]:
                raise self._changed()
        yield from (page for number, page in self._held.items() if number > last)

    def landed(self, state: FeedState | None = None, **record: Any) -> None:
        """Note that all pages have landed, with other facts about the target, and remove the pages."""
        if state is not None:
            self.state = state
        self.record = {**self.record, **record, "schema": 1, "landed_to": self._next - 1, "state": self.state.to_json()}
        path = self.folder / RECORD
        with writing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            write_whole(path, json_text(self.record, indent=2) + "\n", path.with_suffix(".unfinished"))
            for pages in page_files.files_of(self.folder):
                pages.unlink(missing_ok=True)
        self.waiting, self.posts, self._journal = [], 0, None
        self._held, self._held_bytes = {}, 0
        self._is_flushed, self._flushed_at = True, time.monotonic()


def read_target_record(folder: Path) -> dict[str, Any] | None:
    """The record of a target; None when there is none yet. Raises `WorkspaceError` for a damaged one."""
    path = folder / RECORD
    try:
        record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(record["landed_to"], int) or ("state" in record and not FeedState.from_json(record["state"])):
            raise ValueError("it is no record of a target")
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, AttributeError, OSError, RecursionError) as error:
        raise WorkspaceError(
            f"{path} is damaged ({error}). Remove it and run the command again; the list is then read from its top, "
            "and nothing lands twice."
        ) from error
    return record


def _joined(pages: list[StoredPage]) -> Page:
    rejected = tuple(Rejected(*pair) for page in pages for pair in page.rejected)
    posts = pa.concat_tables([page.posts for page in pages]).combine_chunks()
    return Page(posts.to_batches()[0] if posts.num_rows else batch(()), rejected)


def waiting_posts(folder: Path) -> int:
    """The number of posts of a target that have not landed, for a reader without the lock."""
    landed_to = (read_target_record(folder) or {"landed_to": 0})["landed_to"]
    return sum(page.posts.num_rows for page in page_files.waiting(folder, landed_to))
