"""Forgetting in the records of runs: they lose the handles of forgotten authors, and trackers lose copies of posts.

A record names accounts, files and options, and any of them may hold a handle. Tombstones are hashes, so every piece of
every name is hashed and looked up. A handle is replaced in all records, and in names of artifacts made from it. The
files of trackers under the workspace can't be edited: a tracker's folder that holds a handle, or may hold posts
(`--track-files`), is deleted. The user has to delete what was sent elsewhere.
"""

from __future__ import annotations

import contextlib
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb

from curation.disk.landings import landed_files, readable
from curation.disk.tombstones import AUTHOR, AUTHOR_ANYWHERE, Tombstones
from curation.disk.workspace import Workspace
from curation.errors import WorkspaceError
from curation.forgetting.holder import Forgetting, Holder, Sentence
from curation.sources.platforms import platforms
from curation.sql import database, literal
from curation.tracking.artifacts import artifact_name
from curation.tracking.index import FILE
from curation.tracking.run_record import RunRecord, files_of, read, runs_of, write
from curation.tracking.trackers import TRACKERS
from curation.writing.terminal import count

#: The word that replaces a handle.
GONE = "forgotten"

#: A handle, and a piece of one: `mira`, `mira.example.social`, `mira@example.social`.
WORD = re.compile(r"[\w.@-]+")
PIECE = re.compile(r"[^\W_]+|_+|[.@-]")
#: Most pieces of one handle.
PIECES = 15


class RunRecords(Holder):
    """The records of runs, and the folders of trackers in the workspace."""

    name = "records"
    reported = False

    def remove(self, work: Forgetting) -> Sequence[Sentence]:
        """Take forgotten authors out of the records, and delete folders of trackers that name or hold them."""
        space = work.space
        by_path = {path: read(path) for path in files_of(space)}
        records = list(filter(None, by_path.values()))
        damaged = [path for path, record in by_path.items() if record is None and _may_name(work.tombstones)]
        gone = _forgotten(space, work.tombstones, records)
        rewritten = _rewritten(records, gone) if gone else []
        posts_inside = any(record.configuration.get("track_files") for record in records) and work.tombstones.marks
        trackers = [folder for name in TRACKERS if (folder := runs_of(space) / name).is_dir()]
        trackers = [folder for folder in trackers if posts_inside or _names(folder, gone)]
        if not work.dry_run:
            for path in damaged:
                path.unlink(missing_ok=True)
            for record in rewritten:
                write(space, record)
            for path in runs_of(space).glob(f"{FILE}*") if rewritten else ():
                path.unlink(missing_ok=True)  # the index is made anew from the records
            for folder in trackers:
                shutil.rmtree(folder, ignore_errors=True)
        changes = [
            f"{folder} was deleted, since it named or held what is forgotten; the records of these runs stay. "
            "What was sent to a server has to be deleted there."
            for folder in trackers
        ]
        if rewritten:
            changes.append(f"{count(len(rewritten), 'record')} of runs written anew without names.")
        return list(map(Sentence, changes))

    def holds(self, space: Workspace, tombstones: Tombstones) -> bool:
        """Whether a record or a tracker's folder names a forgotten author, or may, since it is damaged."""
        damaged = _may_name(tombstones) and None in map(read, files_of(space))
        return damaged or super().holds(space, tombstones)


def _may_name(tombstones: Tombstones) -> bool:
    return tombstones.has(AUTHOR, AUTHOR_ANYWHERE)


def _rewritten(records: Iterable[RunRecord], gone: Iterable[str]) -> list[RunRecord]:
    """The records that hold one of the handles, without it."""
    pattern = re.compile("|".join(_spellings(gone)), re.IGNORECASE)
    without = ((record, RunRecord.of_json(_without(record.to_json(), pattern))) for record in records)
    return [replace(new, id=record.id) for record, new in without if new != record]


def _forgotten(space: Workspace, tombstones: Tombstones, records: Iterable[RunRecord]) -> set[str]:
    """The handles of forgotten authors in the records."""
    if not _may_name(tombstones):
        return set()
    words = {word for record in records for text in _texts(record.to_json()) for word in WORD.findall(text)}
    pieces = sorted({piece for word in words for piece in _pieces(word)})
    if not pieces:
        return set()
    with tombstones.connected() as connection:
        handles = connection.execute(
            "SELECT DISTINCT handle FROM (SELECT unnest(?::VARCHAR[]) AS handle) "
            f"CROSS JOIN (SELECT unnest({literal(list(_platforms(space)))}) AS platform) "
            f"WHERE {tombstones.named(AUTHOR, 'platform', 'lower(handle)')}",
            [pieces],
        ).fetchall()
    return {handle for (handle,) in handles}


def _platforms(space: Workspace) -> Iterator[str]:
    """The platforms that a tombstone may be of: known ones, and those of landings."""
    yield from platforms()
    for folder in readable(space.raw)[0]:
        # The holder of landings notes a damaged one.
        with contextlib.suppress(duckdb.Error, WorkspaceError), contextlib.closing(database.reader()) as connection:
            if files := [str(path) for path in landed_files([folder])]:
                statement = f"SELECT DISTINCT platform FROM read_parquet({literal(files)})"
                yield from (platform for (platform,) in connection.execute(statement).fetchall())


def _pieces(word: str) -> Iterator[str]:
    """All parts of a word that may be a handle: neighbouring pieces, joined."""
    pieces = PIECE.findall(word)
    for begin in range(len(pieces)):
        for end in range(begin + 1, min(begin + PIECES, len(pieces)) + 1):
            yield "".join(pieces[begin:end])


def _spellings(gone: Iterable[str]) -> list[str]:
    """Patterns of the handles as people write them and as names of artifacts hold them, the longest first."""
    spelled = {spelling for handle in gone for spelling in (handle, artifact_name(handle)) if spelling != "unnamed"}
    return [rf"(?<![^\W_]){re.escape(each)}(?![^\W_])" for each in sorted(spelled, key=lambda s: (-len(s), s))]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield str(key)
            yield from _texts(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _texts(each)


#: Fields without any user's words: a record's own words, and digests.
OWN = frozenset(
    {"schema", "id", "job", "began_at", "outcome", "status", "type", "digest", "sha256", "version", "versions"}
)


def _without(value: Any, pattern: re.Pattern[str], key: str = "") -> Any:
    if key in OWN:
        return value
    if isinstance(value, str):
        return pattern.sub(GONE, value)
    if isinstance(value, dict):
        # Keys too: figures have names of files. The keys of a record itself are no handles.
        return {
            (k if key in ("", "inputs", "outputs") else pattern.sub(GONE, k)): _without(v, pattern, k)
            for k, v in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [_without(each, pattern, key) for each in value]
    return value


def _names(folder: Path, gone: Iterable[str]) -> bool:
    """Whether a file in a folder holds one of the handles, or has it in its name."""
    patterns = [spelling for handle in gone for spelling in {handle, artifact_name(handle)}]
    if not patterns:
        return False
    pattern = re.compile("|".join(map(re.escape, patterns)), re.IGNORECASE)
    raw = re.compile(b"|".join(re.escape(p.encode()) for p in patterns), re.IGNORECASE)
    paths = sorted(folder.rglob("*"))
    return any(pattern.search(path.name) or (path.is_file() and raw.search(path.read_bytes())) for path in paths)
