"""Finds the post at a place of an exported file, or the posts that contain a sentence.

The folder of the file tells what the file was made of (`curation.disk.export_manifest`) and where each post stands
(`curation.disk.ranges`), so a place needs no search and a sentence no corpus. If the workspace has the corpus, the
answer also has the post before the rules. A file that changed after its export is refused, since its places differ.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from curation.corpus.corpus import Corpus
from curation.disk import export_manifest, publishing, ranges
from curation.disk.ranges import Ranges
from curation.disk.workspace import Workspace
from curation.errors import InputError, NothingToDoError, UsageError, WorkspaceError
from curation.exports.formats.base import Export
from curation.exports.registry import format_of
from curation.exports.search import OCCURRENCE, Occurrence, search
from curation.sql import database, literal

#: The most bytes of a file whose digest is checked for one place; of a larger file only the length is.
AFFORDABLE = 1 << 29

#: The most places of one post that are listed.
PLACES = 100

DIGEST, LENGTH = "digest", "length"


@dataclass(frozen=True)
class PostOrigin:
    """A post as the corpus has it."""

    created_at: str | None  # UTC
    url: str | None
    raw_text: str
    text: str  # as the rules left it
    rewritten_by: tuple[str, ...]
    removed_by: str | None  # a part of a thread is removed by the rule that joined it; None: kept


ORIGIN = tuple(PostOrigin.__dataclass_fields__)


@dataclass(frozen=True)
class LocatedPost:
    """A post that stands in the file, with its places."""

    platform: str
    id: str
    author: str
    begin: int  # inclusive, in bytes, rows or tokens; `end` is exclusive
    end: int
    times: int = 1  # that it stands in the file
    places: tuple[tuple[int, int], ...] = ()  # the first hundred of these
    parts: tuple[LocatedPost, ...] = ()  # posts of a thread that were joined to it
    origin: PostOrigin | None = None  # None where the corpus doesn't have it any more

    def to_json(self) -> dict[str, Any]:
        """For `curation trace --json`."""
        who = ("platform", "id", "author")
        parts = [{**_fields(each, *who), "part_of": self.id, **_fields(each.origin, *ORIGIN)} for each in self.parts]
        places = [list(place) for place in self.places]
        own = _fields(self, *who, "begin", "end", "times")
        return {**own, "places": places, "parts": parts, **_fields(self.origin, *ORIGIN)}


@dataclass(frozen=True)
class Location:
    """Posts of an exported file, and what is known of the file."""

    file: Path
    format: str
    split: str
    unit: str  # of places: bytes, rows or tokens
    recipe: str
    fingerprint: str | None
    exported_at: str  # UTC
    checked: str  # DIGEST or LENGTH: what was compared to be sure that the file is the exported one
    corpus: str  # "the same", "another" (made anew since), or "gone"
    posts: tuple[LocatedPost, ...]
    between: bool = False  # whether the place is between posts; then these are the posts of its line
    exact: bool = True  # whether the sentence stands there as it was written, in case and blanks too
    more: int = 0  # further posts that have the sentence

    def to_json(self) -> dict[str, Any]:
        """What `curation trace --json` prints."""
        fields = {**vars(self), "file": str(self.file), "posts": [post.to_json() for post in self.posts]}
        return {"schema": 1, **fields}


def _fields(record: LocatedPost | PostOrigin | None, *names: str) -> dict[str, Any]:
    return {name: getattr(record, name, None) for name in names}


def locate(
    space: Workspace, file: Path, *, offset: int | None = None, text: str | None = None, most: int = 10
) -> Location:
    """The posts at an `offset` of an exported file, or at most `most` of those that have a `text`.

    The offset is a byte, the number of a row or the position of a token, from 0, as the file's format counts. A text
    is searched as it is written, then without regard to case, kinds of blanks and Unicode composition.

    Raises `UsageError` unless one of them is given, or for an offset that the file doesn't have, `InputError` for a
    file that no export wrote or that was changed since, `NothingToDoError` when no post is there.
    """
    if (offset is None) == (text is None):
        raise UsageError("Say a place in the file, or a sentence with --text: one of them.")
    if most < 1:
        raise UsageError(f"--most {most}: it must be at least 1.")
    if text is not None and not text.strip():
        raise UsageError("--text is empty; say a part of the post that is looked for.")
    folders = file.resolve().parents
    return publishing.steady(folders, export_manifest.RECORD, lambda: _locate(space, file, offset, text, most))


def _locate(space: Workspace, file: Path, offset: int | None, text: str | None, most: int) -> Location:
    exported = _Exported.of(file)
    if offset is not None:
        return exported.answer(space, *exported.at(offset))
    exported = exported.checked_by_digest()
    exact, hits, more = search(exported.format, exported.path, exported.ranges, text or "", most)
    if not hits:
        raise NothingToDoError(
            f"No post in {file} has this text, even if case and spaces are ignored. A sentence must lie within one "
            "post: try a part of it."
        )
    return replace(exported.answer(space, hits), exact=exact, more=more)


@dataclass(frozen=True)
class _Exported:
    """A file as an export wrote it."""

    path: Path
    record: export_manifest.ExportRecord
    entry: dict[str, Any]
    ranges: Ranges
    format: Export
    end: int  # the first place after the file, in its unit
    checked: str = LENGTH

    @classmethod
    def of(cls, file: Path) -> _Exported:
        """The file, by the record in its folder or in one above. Raises `InputError`."""
        path = file.resolve()
        if not path.is_file():
            raise InputError(f"There is no file {file}.")
        folder, each, entry = _remembered(file, path)
        if not entry["split"]:
            raise InputError(f"{file} goes with files of an export, and holds no posts itself.")
        format_class = format_of(entry["format"])
        if format_class is None:
            raise InputError(f"{file} is of the format '{entry['format']}', which no installed package has.")
        places = ranges.Ranges.of(folder, entry["name"])
        if places is None and entry["posts"]:
            raise InputError(
                f"Where each post stands in {file} is not known: {ranges.path_of(folder, entry['name'])} is missing or "
                f"can't be read. Export again: curation export {each.recipe}"
            )
        if places is None:
            raise NothingToDoError(f"{file} holds no post.")
        if places.sha256 != entry["sha256"]:
            raise InputError(f"{ranges.path_of(folder, entry['name'])} is of another file than {file}. Export again.")
        [(last,)] = _query(places, 'SELECT max("end") FROM ranges')
        exported = cls(path, each, entry, places, format_class(), _end(path, places.unit, last))
        if exported.end < last:
            raise exported.changed()
        return exported.checked_by_digest() if path.stat().st_size <= AFFORDABLE else exported

    def checked_by_digest(self) -> _Exported:
        """The same, if the file has the SHA-256 of the export. Raises `InputError`."""
        if self.checked == DIGEST:
            return self
        with self.path.open("rb") as opened:
            if hashlib.file_digest(opened, "sha256").hexdigest() != self.entry["sha256"]:
                raise self.changed()
        return replace(self, checked=DIGEST)

    def changed(self) -> InputError:
        """The error for a file that is not as it was exported."""
        return InputError(
            f"{self.path} was changed since it was exported at {self.record.exported_at}, so its places are not those "
            f"that were noted. Export again: curation export {self.record.recipe}"
        )

    def at(self, offset: int) -> tuple[list[Occurrence], bool]:
        """The post at a place, or else the posts of its line; and whether it is those. Raises `UsageError`."""
        if not 0 <= offset < self.end:
            raise UsageError(
                f"There is no place {offset} in {self.path.name}: its {self.ranges.unit} have the numbers from 0 to "
                f"{self.end - 1}."
            )
        own = 'part_of IS NULL AND begin <= ? AND "end" > ?'
        there = _query(self.ranges, f"SELECT {OCCURRENCE} FROM ranges WHERE {own}", [offset, offset])
        is_between = not there
        if is_between and not self.format.conversations:
            [(begin,)] = _query(self.ranges, "SELECT min(begin) FROM ranges WHERE begin > ?", [offset])
            after = f" The next one begins at {begin}." if begin is not None else ""
            raise NothingToDoError(f"At {offset} stands no post: it is a boundary between documents.{after}")
        if is_between:
            begin, end = self._line(offset)
            there = _query(self.ranges, f"SELECT {OCCURRENCE} FROM ranges WHERE {own} ORDER BY begin", [end - 1, begin])
        return [Occurrence._make(row) for row in there], is_between

    def _line(self, offset: int) -> tuple[int, int]:
        """Begin and end of the line around a byte."""
        import mmap

        with self.path.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return content.rfind(b"\n", 0, offset) + 1, content.find(b"\n", offset) + 1 or len(content)

    def answer(self, space: Workspace, posts: list[Occurrence], between: bool = False) -> Location:
        """The answer with these posts."""
        located = [self._located(post) for post in posts]
        try:
            corpus = Corpus.open(space, self.record.recipe)
        except (NothingToDoError, WorkspaceError):
            state = "gone"
        else:
            state = "the same" if tuple(corpus.manifest["files"]) == self.record.made_of else "another"
            origins = _origins(corpus, [each for post in located for each in (post, *post.parts)])
            located = [_with(post, origins) for post in located]
        return Location(
            self.path, self.format.name, self.entry["split"], self.ranges.unit, self.record.recipe,
            self.record.corpus.get("fingerprint"), self.record.exported_at, self.checked, state,
            tuple(located), between,
        )  # fmt: skip

    def _located(self, post: Occurrence) -> LocatedPost:
        """The post with its other places and its parts."""
        of_post, who = "FROM ranges WHERE platform = ? AND", [post.platform, post.id]
        [(times,)] = _query(self.ranges, f"SELECT count(*) {of_post} id = ? AND part_of IS NULL", who)
        places = _query(
            self.ranges, f'SELECT begin, "end" {of_post} id = ? AND part_of IS NULL ORDER BY begin LIMIT {PLACES}', who
        )
        parts = _query(
            self.ranges,
            f"SELECT {OCCURRENCE} {of_post} part_of = ? AND begin = ? ORDER BY length(id), id",
            [*who, post.begin],
        )
        joined = tuple(LocatedPost(*part) for part in parts)
        return LocatedPost(*post, times=times, places=tuple(places), parts=joined)


def _remembered(file: Path, path: Path) -> tuple[Path, export_manifest.ExportRecord, dict[str, Any]]:
    """The folder of the export that wrote a file, its record, and the file's entry there."""
    for folder in path.parents:
        name = path.relative_to(folder).as_posix()
        for each in reversed(export_manifest.read(folder) or ()):
            for entry in each.files:
                if entry["name"] == name:
                    return folder, each, entry
    raise InputError(
        f"{file} is no file that an export wrote: no {export_manifest.RECORD} in its folder, or above it, names it. "
        "A copy is traced in the folder that it was exported to."
    )


def _query(file_ranges: Ranges, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """The answer to a query over the table `ranges`."""
    with contextlib.closing(database.reader()) as connection:
        named = f"WITH ranges AS (FROM read_parquet({literal(str(file_ranges.path))})) {statement}"
        return connection.execute(named, list(parameters)).fetchall()


def _end(path: Path, unit: str, last: int) -> int:
    """The first place after a file, of which the last post ends at `last`."""
    size = path.stat().st_size
    if unit == ranges.ROWS:
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            return pq.read_metadata(path).num_rows
        except (OSError, pa.ArrowException) as error:
            raise InputError(f"{path} was changed since it was exported, and is no table any more: {error}.") from error
    if unit == ranges.TOKENS:
        return size // (4 if size >= 4 * last else 2)  # bytes of a number
    return size


def _origins(corpus: Corpus, posts: list[LocatedPost]) -> dict[tuple[str, str], PostOrigin]:
    rows = corpus.rows(
        "SELECT platform, id, strftime(created_at::TIMESTAMP, '%Y-%m-%dT%H:%M:%SZ'), url, raw_text, text, "
        "rewritten_by, removed_by FROM posts WHERE list_contains(?, id)",
        [[post.id for post in posts]],
    )
    return {row[:2]: PostOrigin(row[2], row[3], row[4], row[5], tuple(row[6] or ()), row[7]) for row in rows}


def _with(post: LocatedPost, origins: dict[tuple[str, str], PostOrigin]) -> LocatedPost:
    parts = tuple(_with(part, origins) for part in post.parts)
    return replace(post, parts=parts, origin=origins.get((post.platform, post.id)))
