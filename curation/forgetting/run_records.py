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
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from curation.disk.landings import landed_files, readable
from curation.disk.tombstones import AUTHOR, AUTHOR_ANYWHERE
from curation.errors import WorkspaceError
from curation.sources.platforms import platforms
from curation.sql import database, literal
from curation.tracking.artifacts import named
from curation.tracking.index import FILE
from curation.tracking.run_record import Record, files_of, read, runs_of, write
from curation.tracking.trackers import TRACKERS

if TYPE_CHECKING:
    from curation.disk.tombstones import Tombstones
    from curation.disk.workspace import Workspace

#: What stands where a handle stood.
GONE = "forgotten"

#: What a handle is made of, and pieces of it: `mira`, `mira.example.social`, `mira@example.social`.
WORD = re.compile(r"[\w.@-]+")
PIECE = re.compile(r"[^\W_]+|_+|[.@-]")
#: Pieces that one handle has at most.
PIECES = 15


def clean(space: Workspace, tombstones: Tombstones, on_notice: Callable[[str], None] | None = None) -> int:
    """Take forgotten authors out of the records; gives the number of records that were changed.

    `on_notice` hears which folders of trackers were deleted. Raises `WorkspaceError`.
    """
    records = list(filter(None, map(read, files_of(space))))
    for path in files_of(space) if tombstones.has(AUTHOR, AUTHOR_ANYWHERE) else ():
        if read(path) is None:
            path.unlink(missing_ok=True)  # damaged: nobody can tell whom it names
    gone = _forgotten(space, tombstones, records)
    changed = 0
    if gone:
        pattern = re.compile("|".join(_spellings(gone)), re.IGNORECASE)
        for record in records:
            new = Record.of_json(_without(record.to_json(), pattern))
            if new != record:
                write(space, replace(new, id=record.id))
                changed += 1
    if changed:
        for path in runs_of(space).glob(f"{FILE}*"):
            path.unlink(missing_ok=True)  # it is made anew out of the records
    posts_inside = any(record.configuration.get("track_files") for record in records) and bool(tombstones.marks)
    for name in TRACKERS:
        folder = runs_of(space) / name
        if folder.is_dir() and (posts_inside or _names(folder, gone)):
            shutil.rmtree(folder, ignore_errors=True)
            if on_notice:
                on_notice(
                    f"{folder} was deleted, since it named or held what is forgotten; the records of these runs stay. "
                    "What was sent to a server has to be deleted there."
                )
    return changed


def _forgotten(space: Workspace, tombstones: Tombstones, records: Iterable[Record]) -> set[str]:
    """The handles of forgotten authors that stand in the records."""
    if not tombstones.has(AUTHOR, AUTHOR_ANYWHERE):
        return set()
    words = {word for record in records for text in _texts(record.to_json()) for word in WORD.findall(text)}
    pieces = sorted({piece for word in words for piece in _pieces(word)})
    if not pieces:
        return set()
    with contextlib.closing(database.connect(threads=1)) as connection:
        tombstones.enter(connection)
        found = connection.execute(
            "SELECT DISTINCT handle FROM (SELECT unnest(?::VARCHAR[]) AS handle) "
            f"CROSS JOIN (SELECT unnest({literal(list(_platforms(space)))}) AS platform) "
            f"WHERE {tombstones.named(AUTHOR, 'platform', 'lower(handle)')}",
            [pieces],
        ).fetchall()
    return {handle for (handle,) in found}


def _platforms(space: Workspace) -> Iterator[str]:
    # Besides where those come from that are here: a tombstone may be of one platform alone.
    yield from platforms()
    for folder in readable(space.raw)[0]:
        # A damaged landing is said of where posts are taken out of landings.
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
    spelled = {spelling for handle in gone for spelling in (handle, named(handle)) if spelling != "unnamed"}
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
    patterns = [spelling for handle in gone for spelling in {handle, named(handle)}]
    if not patterns:
        return False
    pattern = re.compile("|".join(map(re.escape, patterns)), re.IGNORECASE)
    raw = re.compile(b"|".join(re.escape(p.encode()) for p in patterns), re.IGNORECASE)
    paths = sorted(folder.rglob("*"))
    return any(pattern.search(path.name) or (path.is_file() and raw.search(path.read_bytes())) for path in paths)
