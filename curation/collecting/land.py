"""Landing: posts from a source become Parquet in the workspace, whole or not at all.

First the posts of the source go to a staging folder, page by page, in bounded memory. Then, under the workspace's lock,
each post is compared with the landed ones, and new or newer posts move into `raw/` in one rename, with their manifest.
A process killed at any moment leaves `raw/` as it was, and the next try starts again.

Landed files are never edited. A post that comes again with new values lands as a newer version, and the latest landing
counts; see `curation.collecting.novelty`.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from curation import versions
from curation.collecting.identity import Identities, identify_posts
from curation.collecting.novelty import authors_of_new, compare_with_landed, exclude, left_out, write_new
from curation.collecting.rejections import Reason, Rejections
from curation.collecting.strangers import twins
from curation.disk.landings import landed_files
from curation.disk.manifest import MANIFEST, write_manifest
from curation.disk.reading import reading
from curation.disk.rewriting import RawWriter
from curation.disk.tombstones import now
from curation.disk.whole_files import put_in_place, writing
from curation.disk.workspace import Workspace
from curation.posts import POST_SCHEMA, RAW_SCHEMA
from curation.sources.base import Rejected, Source
from curation.sql import database
from curation.writing.characters import json_text

#: Memory of the database that compares a landing with the landed posts; more spills to disk.
MEMORY = "512MB"
#: The raw schema before every post has its id.
STAGED_SCHEMA = pa.schema([field.with_nullable(True) if field.name == "id" else field for field in RAW_SCHEMA])


@dataclass(frozen=True, kw_only=True)
class Landing:
    """The result of a landing."""

    source: str
    target: str
    status: str  # "complete", "partial" (part of the input could not be reached, or most of it read) or "unchanged"
    landed: int  # posts that were not there before
    updated: int  # posts that were there and brought new values
    already_had: int  # posts that were there, updated ones included
    rejected: tuple[Rejected, ...]  # the first NAMED of them
    rejected_count: int
    reasons: tuple[Reason, ...] = ()  # why records were rejected, the commonest first
    forgotten: int = 0  # posts that were left out because they are forgotten
    expected: int | None  # posts by the source's own count
    had: int | None = None  # of an account: its posts that are here now, from any source
    gaps: int = 0  # of a feed: parts of the list that have not been read
    files: tuple[str, ...]  # Parquet files that were added
    notices: tuple[str, ...]  # sentences for the user
    authors: tuple[str, ...] = ()  # of new posts, the most frequent, at most five
    taken: int = 0  # records that are posts
    incomplete: bool = False  # part of the input could not be reached

    @property
    def mostly_rejected(self) -> bool:
        """Whether more records were rejected than are posts."""
        return self.rejected_count > self.taken

    def to_json(self) -> dict[str, Any]:
        """For `curation collect --json`."""
        shown = {key: value for key, value in asdict(self).items() if key not in ("authors", "taken", "incomplete")}
        return {"schema": 1} | {key: [*value] if isinstance(value, tuple) else value for key, value in shown.items()}


@dataclass
class _Staged:
    """The pages of a source so far, and their files."""

    file: Path  # the posts, in the raw schema; some ids are still missing
    rejects: Path  # all rejected records, as JSON lines
    posts: int = 0
    mended: int = 0  # posts in which half of a surrogate pair became U+FFFD
    rejections: Rejections = field(default_factory=Rejections)
    ended_early: list[str] = field(default_factory=list)

    def notices(self) -> tuple[str, ...]:
        """Sentences for the user about the posts."""
        if not self.mended:
            return ()
        several = f"{self.mended:,} posts" if self.mended > 1 else "One post"
        return (f"{several} held half of a surrogate pair, which is no character; it became U+FFFD.",)

    @property
    def partial(self) -> bool:
        """Whether part of the input is missing, or most of it was rejected."""
        return bool(self.ended_early) or self.rejections.count > self.posts


def land(
    data: Workspace | Path | str,
    source: Source,
    *,
    progress: Callable[[int, int, int | None], None] | None = None,
    waiting: Callable[[str], None] | None = None,
) -> Landing:
    """Land the posts of a source.

    `progress` is called with the posts so far, the position and the size (bytes, or None); `waiting` when another
    process has to finish first. Raises `InputError` when nothing can be read, `WorkspaceError`.
    """
    space = data if isinstance(data, Workspace) else Workspace(Path(data))
    with space.staging("landing") as staging:
        began = datetime.datetime.now(datetime.UTC)
        number = _next_number(space)
        staged = _stage(source, staging, number, began, progress)
        with space.lock("raw", waiting), writing(space.root):
            return _commit(space, source, staging, staged, number, began)


def _stage(
    source: Source,
    staging: Path,
    number: int,
    began: datetime.datetime,
    progress: Callable[[int, int, int | None], None] | None,
) -> _Staged:
    staged = _Staged(staging / "staged.parquet", staging / "rejected.jsonl")
    pages = source.pages()
    with writing(staging):
        writer = RawWriter(staged.file, STAGED_SCHEMA)
        rejects = staged.rejects.open("w", encoding="utf-8")
    with writer, rejects:
        # Reading stands outside of `writing`: a source that fails is not a workspace that is full.
        for page in pages:
            with writing(staging):
                if page.posts.num_rows:
                    writer.add(_landed(page.posts, number, began))
                for record in page.rejected:
                    rejects.write(json_text({"where": record.where, "why": record.why}) + "\n")
            staged.posts += page.posts.num_rows
            staged.mended += page.mended
            staged.rejections.add(page.rejected)
            if page.ended_early:
                staged.ended_early.append(page.ended_early)
            if progress:
                progress(staged.posts, page.position, source.size)
        with writing(staging):
            writer.close()
            rejects.close()
    return staged


def _landed(posts: pa.RecordBatch, number: int, began: datetime.datetime) -> pa.RecordBatch:
    """Posts of a source with the columns that landing adds."""
    rows = posts.num_rows
    landing = pa.repeat(pa.scalar(number, pa.int32()), rows)
    moment = pa.repeat(pa.scalar(began, RAW_SCHEMA.field("landed_at").type), rows)
    return pa.RecordBatch.from_arrays([*posts.columns, landing, moment], schema=STAGED_SCHEMA)


def _commit(
    space: Workspace, source: Source, staging: Path, staged: _Staged, number: int, began: datetime.datetime
) -> Landing:
    """Compare staged posts with landed ones, and put new ones in place. The workspace is locked."""
    there = landed_files(space.landings())
    later = _next_number(space)
    connection = database.connect(memory_limit=MEMORY, spill=staging / "spill")
    with reading(there):
        ids = identify_posts(connection, staged.file, there)
    forgotten = exclude(connection, staged.file, space)
    with reading(there):
        counts = {**compare_with_landed(connection, staged.file, there), "forgotten": forgotten}
        some_are_new = 0 < counts["new"] < counts["posts"]
        authors = authors_of_new(connection, staged.file) if some_are_new else ids.authors
        ids_notices = (*ids.notices(), *twins(connection, there))
    notices = (*source.notices(), *staged.notices(), *ids_notices, *left_out(forgotten))
    files: tuple[str, ...] = ()
    if counts["rows"]:
        name = f"{later:06d}-{source.name}"
        folder = staging / "landing"
        folder.mkdir()
        part = folder / "part-00000.parquet"
        if counts["rows"] == staged.posts and later == number and not ids.makes_ids and not counts["filled"]:
            staged.file.rename(part)
        else:
            write_new(connection, staged.file, part, later)
        if staged.rejections.count:
            staged.rejects.rename(folder / "rejected.jsonl")
        write_manifest(folder, _manifest(source, part, staged, counts, ids, notices, began))
        put_in_place(folder, space.raw / name)
        files = (str(space.raw / name / part.name),)
    connection.close()
    return Landing(
        source=source.name,
        target=source.target,
        status="partial" if staged.partial else "complete" if counts["rows"] else "unchanged",
        landed=counts["new"],
        updated=counts["updated"],
        already_had=counts["posts"] - counts["new"],
        rejected=tuple(staged.rejections.named),
        rejected_count=staged.rejections.count,
        expected=source.expected,
        files=files,
        notices=(*staged.ended_early, *notices),
        authors=authors,
        forgotten=forgotten,
        taken=staged.posts,
        reasons=staged.rejections.reasons(),
        incomplete=bool(staged.ended_early),
    )


def _manifest(
    source: Source,
    part: Path,
    staged: _Staged,
    counts: dict[str, int],
    ids: Identities,
    notices: tuple[str, ...],
    began: datetime.datetime,
) -> dict[str, Any]:
    return {
        "schema": 1,
        "source": source.name,
        "target": source.target,
        "began_at": began.isoformat(timespec="seconds"),
        "landed_at": now(),
        "complete": not staged.partial,
        "counts": {**counts, "rejected": staged.rejections.count},
        "ids_made": ids.makes_ids,
        "notices": [*staged.ended_early, *notices],
        **source.about(),
        "files": [part.name],
        "bytes": part.stat().st_size,
        "columns": POST_SCHEMA.names,
        "versions": versions.of_packages(),
    }


def _next_number(space: Workspace) -> int:
    numbers = [int(path.name.partition("-")[0]) for path in space.raw.glob("[0-9]*-*") if (path / MANIFEST).is_file()]
    return max(numbers, default=0) + 1
