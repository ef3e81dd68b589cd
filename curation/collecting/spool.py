"""Pages of a feed that are on disk and have not landed yet, and how far down the feed they go.

::

    DIR/targets/<source>-<target>-<hash>/target.json        the target, the last run, and the state of the feed
    DIR/targets/<source>-<target>-<hash>/page-00000001.parquet

A page's file holds its posts and the state of the feed after them: a cursor is on disk exactly when the posts above it
are. Many pages land together, because a folder in `raw/` for each page of forty posts would slow every later reader. A
killed run leaves its pages here, and the next run lands them first.

Pages don't use `write_whole`, which waits for the disk after each file: they are flushed together, once a second. After
a power cut the last ones may be missing or damaged; then they and all pages after them count as never fetched.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from curation.disk.whole_files import flush, write_whole, writing
from curation.disk.workspace import Workspace
from curation.errors import WorkspaceError
from curation.posts import POST_SCHEMA, batch, completed
from curation.sources.base import PAGE_POSTS, Page, Rejected, sound_batch
from curation.sources.feed import FeedState
from curation.writing.characters import json_text

RECORD = "target.json"
#: Seconds between two flushes.
FLUSH_SECONDS = 1.0
_STATE, _REJECTED = b"curation.state", b"curation.rejected"
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
    waiting: list[Path] = field(default_factory=list)  # pages that have not landed, oldest first
    posts: int = 0  # in them
    _fresh: list[Path] = field(default_factory=list)  # pages that the disk may not have yet
    _flushed_at: float = field(default_factory=time.monotonic)

    @classmethod
    def open(cls, folder: Path) -> Spool:
        """The spool of a target, an empty one if it is new. Raises `WorkspaceError` for a damaged record."""
        record = read_target_record(folder) or {"landed_to": 0}
        state = FeedState.from_json(record["state"]) if "state" in record else FeedState()
        spool = cls(folder, record, state)
        rubbish = list(folder.glob("*.unfinished"))
        for path in sorted(folder.glob("page-*.parquet")):
            page = _read(path) if _number(path) == spool._next else None
            if page is None:  # landed by a run that was killed before it removed the page, or lost in a power cut
                rubbish.append(path)
                continue
            spool.state = FeedState.from_json(json.loads(page.schema.metadata[_STATE]))
            spool.posts += page.num_rows
            spool.waiting.append(path)
        with writing(folder):
            for path in rubbish:
                path.unlink()
        return spool

    @property
    def _next(self) -> int:
        return (_number(self.waiting[-1]) if self.waiting else self.record["landed_to"]) + 1

    def append(self, rows: list[dict[str, Any]], rejected: Iterable[Rejected], state: FeedState) -> None:
        """Write the rows of a page, with the state after it. Raises `WorkspaceError`; then nothing has changed."""
        posts, unsound, _ = sound_batch(rows)
        refused = [[record.where, record.why] for record in (*rejected, *unsound)]
        metadata = {_STATE: json.dumps(state.to_json()), _REJECTED: json.dumps(refused)}
        table = pa.Table.from_batches([posts], schema=POST_SCHEMA).replace_schema_metadata(metadata)
        path = self.folder / f"page-{self._next:08d}.parquet"
        unfinished = path.with_suffix(".unfinished")
        with writing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            try:
                # Few rows and a short life: dictionaries and statistics would cost more than they save.
                pq.write_table(table, unfinished, compression="lz4", use_dictionary=False, write_statistics=False)
                unfinished.rename(path)
            finally:
                unfinished.unlink(missing_ok=True)
            self._fresh.append(path)
            if time.monotonic() - self._flushed_at >= FLUSH_SECONDS:
                self.flush()
        self.waiting.append(path)
        self.posts += posts.num_rows
        self.state = state

    def flush(self) -> None:
        """Wait until all pages are on the disk."""
        with writing(self.folder):
            for path in self._fresh:
                flush(path)
            if self._fresh:
                flush(self.folder)
        self._fresh, self._flushed_at = [], time.monotonic()

    def pages(self) -> Iterator[Page]:
        """The waiting posts, several of the server's pages in one. Raises `WorkspaceError` for a damaged page."""
        tables: list[pa.Table] = []
        for path in self.waiting:
            table = _read(path)
            if table is None:
                raise WorkspaceError(f"{path} was damaged just now. Run the command again; it is fetched once more.")
            tables.append(table)
            if sum(table.num_rows for table in tables) >= PAGE_POSTS:
                yield _joined(tables)
                tables = []
        if tables:
            yield _joined(tables)

    def landed(self, state: FeedState | None = None, **record: Any) -> None:
        """Note that all pages have landed, with other facts about the target, and remove the pages."""
        if state is not None:
            self.state = state
        self.record = {**self.record, **record, "schema": 1, "landed_to": self._next - 1, "state": self.state.to_json()}
        path = self.folder / RECORD
        with writing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            write_whole(path, json_text(self.record, indent=2) + "\n", path.with_suffix(".unfinished"))
            for page in self.waiting:
                page.unlink(missing_ok=True)
        self.waiting, self.posts, self._fresh = [], 0, []


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


def _read(path: Path) -> pa.Table | None:
    """A page with its state and what was rejected in its metadata; None for a damaged one."""
    try:
        with pq.ParquetFile(path) as file:
            return file.read(use_threads=False)
    except (OSError, pa.ArrowException):
        return None


def _joined(tables: list[pa.Table]) -> Page:
    rejected = (pair for table in tables for pair in json.loads(table.schema.metadata[_REJECTED]))
    whole = [completed(table.replace_schema_metadata(None), POST_SCHEMA) for table in tables]
    posts = pa.concat_tables(whole).combine_chunks()
    return Page(posts.to_batches()[0] if posts.num_rows else batch(()), tuple(Rejected(*pair) for pair in rejected))


def waiting_posts(folder: Path) -> int:
    """The number of posts of a target that have not landed, for a reader without the lock."""
    landed_to = (read_target_record(folder) or {"landed_to": 0})["landed_to"]
    waiting = (_read(path) for path in folder.glob("page-*.parquet") if _number(path) > landed_to)
    return sum(page.num_rows for page in waiting if page)  # a page may land meanwhile


def _number(path: Path) -> int:
    return int(path.stem.removeprefix("page-"))
