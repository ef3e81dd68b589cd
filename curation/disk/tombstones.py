r"""Tombstones: posts and authors that must never land again, without their names.

::

    DIR/forgotten.jsonl
    {"schema": 1, "salt": "5f0c…", "hash": "…how the hashes below are made…"}
    {"forgotten": "post", "hash": "91ab…", "at": "2026-03-04T05:06:07+00:00"}

A line is a post, or an author whose posts must not land. It holds a salted hash of platform and id (or handle); the
salt is random for each workspace, so the files of two workspaces have nothing in common. The file stores no names, but
anyone who has it can test a guess, since ids are short. Keep it as you keep the posts.

Lines are only added, and the file is replaced whole, under a lock. To take one back, delete its line (the lines of one
request have the same time) and collect the post again. Without the file everything may land again.
"""

from __future__ import annotations

import contextlib
import datetime
import functools
import json
import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import duckdb

from curation.disk.whole_files import write_whole, writing
from curation.disk.workspace import Workspace
from curation.errors import WorkspaceError
from curation.sql import database, literal

FILE = "forgotten.jsonl"

#: The lock of the workspace for adding tombstones.
LOCK = "tombstones"

#: The kinds of tombstones; `… anywhere` means on every platform.
POST, POST_ANYWHERE, AUTHOR, AUTHOR_ANYWHERE = KINDS = ("post", "post anywhere", "author", "author anywhere")

#: Seconds by which an older file may seem newer than a tombstone: file systems round times.
SLACK = 2.0

#: Hexadecimal digits of a hash: 128 bits.
DIGITS = 32
HOW = (
    f"the first {DIGITS} hex digits of SHA-256 over salt, what is forgotten, platform (empty for 'anywhere') and id or "
    "lower-case handle, with U+001F between each two"
)


@dataclass(frozen=True)
class Tombstones:
    """The tombstones of a workspace."""

    salt: str
    marks: frozenset[tuple[str, str]] = field(default_factory=frozenset)  # kind and hash
    lines: tuple[str, ...] = ()  # of the file, as they stand there
    latest: str = ""  # when the last of them was made, UTC

    @classmethod
    def read(cls, space: Workspace) -> Tombstones:
        """The tombstones of a workspace; without any, none and a new salt.

        Raises `WorkspaceError` for a damaged file: a skipped line would let a forgotten post land again.
        """
        path = space.root / FILE
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return cls(secrets.token_hex(16))
        except (OSError, ValueError) as error:
            raise WorkspaceError(f"{path} can't be read ({error}). {_MEND}") from error
        salt, marks, latest = "", set(), ""
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                entry = json.loads(line)
                if not salt:
                    salt = _string(entry["salt"])
                    continue
                if entry["forgotten"] not in KINDS:
                    raise ValueError("it is no tombstone")
                marks.add((entry["forgotten"], _string(entry["hash"])))
                latest = max(latest, _string(entry.get("at", "")))
            except (ValueError, KeyError, TypeError, RecursionError) as error:
                raise WorkspaceError(f"{path} is damaged in line {number} ({error}). {_MEND}") from error
        if not salt:
            raise WorkspaceError(f"{path} is damaged: its first line, with the salt, is missing. {_MEND}")
        return cls(salt, frozenset(marks), tuple(lines), latest)

    def with_marks(self, marks: Iterable[tuple[str, str]], at: str) -> Tombstones:
        """These tombstones and `marks`, made at the time `at`."""
        new = sorted({*marks} - self.marks)
        added = [json.dumps({"forgotten": kind, "hash": hash, "at": at}) for kind, hash in new]
        first = self.lines or (json.dumps({"schema": 1, "salt": self.salt, "hash": HOW}),)
        latest = max(self.latest, at) if new else self.latest
        return replace(self, marks=self.marks.union(new), lines=(*first, *added), latest=latest)

    def add(
        self, space: Workspace, marks: Iterable[tuple[str, str]], at: str, waiting: Callable[[str], None] | None = None
    ) -> Tombstones:
        """Add tombstones on the disk, made at the time `at`; gives all that are there now. Raises `WorkspaceError`.

        The file is read again under its own lock, since another process may have added to it. A holder of this lock
        takes no other lock of the workspace.
        """
        with space.lock(LOCK, waiting):
            current = Tombstones.read(space)
            if not current.lines:
                current = self
            elif current.salt != self.salt:
                raise WorkspaceError(
                    f"{space.root / FILE} has another salt than before: it was replaced meanwhile. Do it once more."
                )
            new = current.with_marks(marks, at)
            if len(new.marks) > len(current.marks):
                with space.staging("tombstones") as folder, writing(space.root):
                    write_whole(space.root / FILE, "".join(f"{line}\n" for line in new.lines), folder / FILE)
            return new

    def has(self, *kinds: str) -> bool:
        """Whether there is a tombstone of one of these kinds."""
        return not self._kinds.isdisjoint(kinds)

    @functools.cached_property
    def _kinds(self) -> frozenset[str]:
        return frozenset(kind for kind, _ in self.marks)

    def hash(self, kind: str, platform: str, value: str) -> str:
        """SQL: the hash of a platform and an id or lower-case handle, which are expressions; NULL for NULL."""
        place = "''" if kind in (POST_ANYWHERE, AUTHOR_ANYWHERE) else platform
        parts = " || chr(31) || ".join((literal(self.salt), literal(kind), place, value))
        return f"left(sha256({parts}), {DIGITS})"

    def enter(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Fill the table `tombstones` (kind, hash, fresh) of a connection."""
        import pyarrow as pa

        kinds, hashes = zip(*self.marks, strict=True) if self.marks else ((), ())
        given = pa.table({"kind": pa.array(kinds, pa.string()), "hash": pa.array(hashes, pa.string())})
        connection.register("tombstones_of_the_file", given)
        connection.execute("CREATE TEMP TABLE tombstones AS SELECT *, false AS fresh FROM tombstones_of_the_file")
        connection.unregister("tombstones_of_the_file")

    @contextlib.contextmanager
    def connected(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A database with the table `tombstones`."""
        with contextlib.closing(database.reader()) as connection:
            self.enter(connection)
            yield connection

    def forgotten(self, author: str = "author") -> str:
        """SQL: whether a row with `platform`, `id` and an author is of a forgotten post or by a forgotten author."""
        conditions = (self.named(POST, "platform", "id"), self.named(AUTHOR, "platform", f"lower({author})"))
        return f"coalesce({' OR '.join(conditions)}, false)"

    def may_be_of(self, modified: float) -> bool:
        """Whether a file, last changed at this time (seconds since 1970), may be older than the latest tombstone."""
        try:
            return modified < datetime.datetime.fromisoformat(self.latest).timestamp() + SLACK
        except ValueError:  # somebody removed the times
            return True

    def named_anywhere(self, value: str) -> str:
        """SQL: whether there is a tombstone of a post with this id on every platform."""
        if not self.has(POST_ANYWHERE):
            return "false"
        hashes = f"SELECT hash FROM tombstones WHERE kind = {literal(POST_ANYWHERE)}"
        return f"coalesce({self.hash(POST_ANYWHERE, '', value)} IN ({hashes}), false)"

    def named(self, kind: str, platform: str, value: str) -> str:
        """SQL: whether there is a tombstone of a post (`POST`) or an author (`AUTHOR`), on its platform or anywhere."""
        kinds = (POST, POST_ANYWHERE) if kind == POST else (AUTHOR, AUTHOR_ANYWHERE)
        conditions = (
            f"coalesce({self.hash(each, platform, value)} IN "
            f"(SELECT hash FROM tombstones WHERE kind = {literal(each)}), false)"
            for each in kinds
            if self.has(each)
        )
        return " OR ".join(conditions) or "false"


def now() -> str:
    """The time, UTC, ISO 8601, to the second."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


_MEND = "Mend the line or put the file back from a copy. Nothing lands until then: what was forgotten might come back."


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("a text is missing")
    return value
