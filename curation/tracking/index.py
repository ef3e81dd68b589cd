"""The index of the records: an SQLite file in which a digest, a version or a file is looked up.

It is made from the records. Besides it holds digests of files by path, size, time and inode: an unchanged file is
hashed once. Opening the index brings it up to date. A missing or damaged one is made anew, in memory where it can't be
written.
"""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from curation.disk.workspace import Workspace
from curation.tracking.artifacts import Artifact
from curation.tracking.run_record import RunRecord, files_of, read, runs_of
from curation.writing.characters import is_whole

FILE = "index.sqlite"

#: Seconds to wait for another process that is writing.
PATIENCE = 10.0

#: The version of the schema; a file with another number is made anew.
VERSION = 1

TABLES = """
CREATE TABLE runs (id TEXT PRIMARY KEY, size INTEGER, changed INTEGER, job TEXT, began_at TEXT, outcome TEXT);
CREATE TABLE artifacts (
    run TEXT, side TEXT, type TEXT, name TEXT, version INTEGER, digest TEXT, place TEXT, began_at TEXT
);
CREATE INDEX artifacts_by_digest ON artifacts (type, name, digest);
CREATE INDEX artifacts_by_run ON artifacts (run);
CREATE TABLE files (run TEXT, side TEXT, path TEXT, sha256 TEXT, began_at TEXT);
CREATE INDEX files_by_digest ON files (sha256);
CREATE INDEX files_by_path ON files (path);
CREATE INDEX files_by_run ON files (run);
CREATE TABLE digests (path TEXT PRIMARY KEY, size INTEGER, changed INTEGER, inode INTEGER, sha256 TEXT);
"""

INPUT, OUTPUT = "input", "output"


class RunIndex:
    """An open index; make one with `opened`."""

    def __init__(self, space: Workspace, connection: sqlite3.Connection) -> None:
        self.space = space
        self.connection = connection

    def catch_up(self) -> None:
        """Enter records that are new or have changed, and drop those that are gone."""
        there = {}
        for path in files_of(self.space):
            with contextlib.suppress(FileNotFoundError):  # another process has just removed it
                there[path.stem] = (path, path.stat())
        known = self.connection.execute("SELECT id, size, changed FROM runs").fetchall()
        stamps = {id: (size, changed) for id, size, changed in known}
        stale = [id for id in stamps if id not in there]
        fresh = [
            (path, stat) for id, (path, stat) in there.items() if stamps.get(id) != (stat.st_size, stat.st_mtime_ns)
        ]
        if not stale and not fresh:
            return
        with self.connection:
            for id in (*stale, *(path.stem for path, _ in fresh)):
                for table, column in (("runs", "id"), ("artifacts", "run"), ("files", "run")):
                    self.connection.execute(f"DELETE FROM {table} WHERE {column} = ?", [id])
            for path, stat in fresh:
                stamp = stat.st_size, stat.st_mtime_ns
                try:
                    self.connection.execute("SAVEPOINT record")
                    self._enter(path.stem, stamp, read(path))
                except (sqlite3.InterfaceError, sqlite3.ProgrammingError, ValueError, TypeError, OverflowError):
                    # SQLite can't hold one of its values: the record counts as damaged, and the others still go in.
                    self.connection.execute("ROLLBACK TO record")
                    self._enter(path.stem, stamp, None)
                self.connection.execute("RELEASE record")  # any other error undoes all of them

    def _enter(self, id: str, stamp: tuple[int, int], record: RunRecord | None) -> None:
        about = (record.job, record.began_at, record.outcome) if record else (None, None, "damaged")
        self._put("INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?)", [id, *stamp, *about])
        if record is None:
            return
        for side, artifacts in ((INPUT, record.inputs), (OUTPUT, record.outputs)):
            for each in artifacts:
                number = int(each.version[1:]) if each.version else None
                self._put(
                    "INSERT INTO artifacts VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    [id, side, each.type, each.name, number, each.digest, each.place, record.began_at],
                )
                rows = [[id, side, file.path, file.sha256, record.began_at] for file in each.files]
                written = (list(map(_written, row)) for row in rows)
                self.connection.executemany("INSERT INTO files VALUES (?, ?, ?, ?, ?)", written)

    def digest(self, path: Path, how: Callable[[Path], str] | None = None) -> str:
        """SHA-256 of a file, or what `how` gives, computed anew only when the file has changed.

        Raises `OSError`, and what `how` raises.
        """
        stat = path.stat()
        key = [f"{path.absolute()}{'#rows' if how else ''}", stat.st_size, stat.st_mtime_ns, stat.st_ino]
        statement = "SELECT sha256 FROM digests WHERE path = ? AND size = ? AND changed = ? AND inode = ?"
        for (cached,) in self._ask(statement, key):
            return str(cached)
        digest = (how or sha256_of)(path)
        now = path.stat()
        if (now.st_size, now.st_mtime_ns) == (stat.st_size, stat.st_mtime_ns):  # else it is being written
            with contextlib.suppress(sqlite3.Error), self.connection:  # only a cache
                self._put("INSERT OR REPLACE INTO digests VALUES (?, ?, ?, ?, ?)", [*key, digest])
        return digest

    def version(self, artifact: Artifact) -> str | None:
        """The version of an artifact: the earlier one of the same content, or the next number."""
        if artifact.digest is None:
            return None
        key = [artifact.type, artifact.name]
        same = "SELECT min(version) FROM artifacts WHERE type = ? AND name = ? AND digest = ?"
        [(number,)] = self._ask(same, [*key, artifact.digest])
        if number is None:
            following = "SELECT coalesce(max(version), -1) + 1 FROM artifacts WHERE type = ? AND name = ?"
            [(number,)] = self._ask(following, key)
        return f"v{number}"

    def makers(self, artifact: Artifact) -> list[str]:
        """Ids of the runs that made exactly this content, the first one first."""
        return self._ids(
            "SELECT run FROM artifacts WHERE side = ? AND type = ? AND name = ? AND digest = ? ORDER BY began_at, run",
            [OUTPUT, artifact.type, artifact.name, artifact.digest],
        )

    def makers_at(self, type: str, place: str) -> list[str]:
        """Ids of the runs that made something of this type in this place, the latest one first."""
        return self._ids(
            "SELECT run FROM artifacts WHERE side = ? AND type = ? AND place = ? ORDER BY began_at DESC, run DESC",
            [OUTPUT, type, place],
        )

    def writers(self, *, sha256: str | None = None, path: str | None = None) -> list[str]:
        """Ids of the runs that wrote a file with this content, or at this path, the latest one first."""
        column, value = ("sha256", sha256) if sha256 else ("path", path)
        return self._ids(
            f"SELECT run FROM files WHERE side = ? AND {column} = ? ORDER BY began_at DESC, run DESC", [OUTPUT, value]
        )

    def latest(self, job: str | None = None, last: int | None = None) -> list[str]:
        """Ids of runs, the newest first, at most `last` of them, of one job if it is named."""
        of_job = " AND job = ?" if job else ""
        return self._ids(
            f"SELECT id FROM runs WHERE job IS NOT NULL{of_job} ORDER BY began_at DESC, id DESC LIMIT ?",
            [*([job] if job else []), -1 if last is None else min(last, sys.maxsize)],
        )

    def record(self, id: str) -> RunRecord | None:
        """A record by its id; None when it is gone."""
        return read(runs_of(self.space) / f"{id}.json")

    def _ids(self, statement: str, values: list[Any]) -> list[str]:
        return list(dict.fromkeys(id for (id,) in self._ask(statement, values)))

    def _ask(self, statement: str, values: list[Any]) -> list[tuple[Any, ...]]:
        written = list(map(_written, values))
        try:
            return self.connection.execute(statement, written).fetchall()
        except sqlite3.DatabaseError as error:
            if type(error) is not sqlite3.DatabaseError:  # its subclasses don't say that the file is damaged
                raise
        # Damage shows where it is read, so the index may have opened. It says nothing that the records don't.
        self.connection.close()
        with contextlib.suppress(OSError):
            (runs_of(self.space) / FILE).unlink(missing_ok=True)
        self.connection = _connected(self.space)
        return self.connection.execute(statement, written).fetchall()

    def _put(self, statement: str, values: list[Any]) -> None:
        self.connection.execute(statement, list(map(_written, values)))


def _written(value: Any) -> Any:
    """A value as SQLite takes it; a name that is no UTF-8 as its bytes, which equal no text."""
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) and not is_whole(value) else value


@contextlib.contextmanager
def opened(space: Workspace) -> Iterator[RunIndex]:
    """The index of a workspace, up to date; in memory where there are no records, or it can't be written."""
    index = RunIndex(space, _connected(space))
    try:
        yield index
    finally:
        index.connection.close()


def _connected(space: Workspace) -> sqlite3.Connection:
    path = runs_of(space) / FILE
    for _ in range(2):
        if not path.parent.is_dir():
            break
        try:
            return _current(space, path)
        except sqlite3.OperationalError:  # it can't be written, or another process writes for very long
            break
        except sqlite3.DatabaseError:  # damaged
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
    return _current(space, ":memory:")


def _current(space: Workspace, path: Path | str) -> sqlite3.Connection:
    """A connection to an index that is up to date. Raises `sqlite3.DatabaseError`."""
    connection = sqlite3.connect(path, timeout=PATIENCE)
    try:
        _prepare(connection)
        RunIndex(space, connection).catch_up()
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    """Make the tables unless they exist; an index of another schema is emptied first."""
    # A power cut may damage the file. Making it anew costs less than waiting for the disk each time.
    connection.execute("PRAGMA synchronous = OFF")
    [(version,)] = connection.execute("PRAGMA user_version").fetchall()
    if version == VERSION:
        return
    connection.execute("BEGIN IMMEDIATE")
    [(version,)] = connection.execute("PRAGMA user_version").fetchall()  # another process may have been faster
    if version != VERSION:
        for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            connection.execute(f"DROP TABLE {table}")
        for statement in TABLES.split(";"):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.commit()


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal. Raises `OSError`."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
