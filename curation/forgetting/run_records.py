"""Forgetting in the records: no handle of a forgotten author stays in them, nor copies of posts at the trackers.

A record names accounts, files and options, and any of them may hold a handle. Tombstones are hashes, so every piece of
every name is hashed and looked up. What is found is replaced in all records, and in names of artifacts made of it.
What the trackers wrote under the workspace can't be edited, so a folder of theirs that names one, or that may hold
posts (`--track-files`), is deleted; what was sent elsewhere has to be deleted there.
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

#: What stands where a handle stood.
GONE = "forgotten"

#: What a handle is made of, and pieces of it: `mira`, `mira.example.social`, `mira@example.social`.
WORD = re.compile(r"[\w.@-]+")
PIECE = re.compile(r"[^\W_]+|_+|[.@-]")
#: Pieces that one handle has at most.
PIECES = 15


class RunRecords(Holder):
    """The records of runs, and what trackers wrote under the workspace."""

    name = "records"
    reported = False

    def remove(self, work: Forgetting) -> Sequence[Sentence]:
        """Take forgotten authors out of the records, and delete folders of trackers that name or hold them."""
        space = work.space
        records = list(filter(None, map(read, files_of(space))))
        damaged = []
        if work.tombstones.has(AUTHOR, AUTHOR_ANYWHERE):  # nobody can tell whom a damaged one names
            damaged = [path for path in files_of(space) if read(path) is None]
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
                path.unlink(missing_ok=True)  # it is made anew out of the records
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
        """Whether a record or a tracker's folder names somebody, or may, since it is damaged."""
        damaged = tombstones.has(AUTHOR, AUTHOR_ANYWHERE) and None in map(read, files_of(space))
        return damaged or super().holds(space, tombstones)


def _rewritten(records: Iterable[RunRecord], gone: Iterable[str]) -> list[RunRecord]:
    """The records that name one of the handles, without it."""
    pattern = re.compile("|".join(_spellings(gone)), re.IGNORECASE)
    without = ((record, RunRecord.of_json(_without(record.to_json(), pattern))) for record in records)
    return [replace(new, id=record.id) for record, new in without if new != record]


def _forgotten(space: Workspace, tombstones: Tombstones, records: Iterable[RunRecord]) -> set[str]:
    """The handles of forgotten authors that stand in the records."""
    if not tombstones.has(AUTHOR, AUTHOR_ANYWHERE):
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
    # Besides where those come from that are here: a tombstone may be of one platform alone.
    yield from platforms()
    for folder in readable(space.raw)[0]:
        # Where posts are taken out of landings, a damaged one is noted.
        with contextlib.suppress(duckdb.Error, WorkspaceError), contextlib.closing(database.reader()) as connection:
            if files := [str(path) for path in landed_files([folder])]:
                statement = f"SELECT DISTINCT platform FROM read_parquet({literal(files)})"
                yield from (platform for (platform,) in connection.execute(statement).fetchall())


def _pieces(word: str) -> Iterator[str]:
    """Everything in a word that may be a handle: its neighbouring pieces, put together."""
    pieces = PIECE.findall(word)
    for begin in range(len(pieces)):
        for end in range(begin + 1, min(begin + PIECES, len(pieces)) + 1):
            yield "".join(pieces[begin:end])


def _spellings(gone: Iterable[str]) -> list[str]:
    """Patterns of the handles as people write them and as artifacts' names have them, the longest first."""
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


#: Fields that hold no word of anybody: words of a record's own, and digests.
OWN = frozenset({"schema", "id", "job", "began_at", "outcome", "status", "type", "digest", "sha256", "version"})


def _without(value: Any, pattern: re.Pattern[str], key: str = "") -> Any:
    if key in OWN or key == "versions":
        return value
    if isinstance(value, str):
        return pattern.sub(GONE, value)
    if isinstance(value, dict):
        # Keys too: figures are called after files. Those of the records themselves are no handles.
        return {
            (k if key in ("", "inputs", "outputs") else pattern.sub(GONE, k)): _without(v, pattern, k)
            for k, v in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [_without(each, pattern, key) for each in value]
    return value


def _names(folder: Path, gone: Iterable[str]) -> bool:
    """Whether a file in a folder holds one of the handles, or is called after it."""
    patterns = [spelling for handle in gone for spelling in {handle, artifact_name(handle)}]
    if not patterns:
        return False
    pattern = re.compile("|".join(map(re.escape, patterns)), re.IGNORECASE)
    raw = re.compile(b"|".join(re.escape(p.encode()) for p in patterns), re.IGNORECASE)
    paths = sorted(folder.rglob("*"))
    return any(pattern.search(path.name) or (path.is_file() and raw.search(path.read_bytes())) for path in paths)
