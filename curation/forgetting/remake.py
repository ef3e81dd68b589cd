"""One export without the posts that were forgotten since.

The ranges of posts in its files are known (`curation.disk.ranges`). A file without a forgotten post stays as it is.
From another file the posts are cut, and every other byte stays, whatever happened to the corpus since: the split, the
order and the repetitions stay too. That takes a format in which posts stand beside one another (`Export.cuttable`) and
a file that nobody changed. Other files are made again from the cleaned corpus with the options of the record, and every
post stays on its side of the split.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from curation.corpus.corpus import Corpus
from curation.disk import export_manifest, publishing
from curation.disk.damage import fault_of
from curation.disk.export_manifest import ExportRecord
from curation.disk.exported_file import code_points
from curation.disk.ranges import BYTES, Ranges, schema
from curation.disk.states import ReplacedError
from curation.disk.tombstones import Tombstones
from curation.disk.whole_files import writing
from curation.disk.workspace import Workspace
from curation.errors import CurationError, UsageError, WorkspaceError
from curation.exports.choosing.snapshot import PreviousSplit
from curation.exports.files import publish, readme
from curation.exports.files.configuring import is_configuration
from curation.exports.formats.base import Export
from curation.exports.formats.sink import FilesSink
from curation.exports.job import write_export
from curation.exports.registry import format_of
from curation.forgetting.holder import Forgetting
from curation.options.export import ExportOptions

CUT, MADE_AGAIN, DELETED, LEFT = "cut", "made again", "deleted", "left"


@dataclass(frozen=True)
class Cleaned:
    """The outcome for some files of one export."""

    folder: Path
    files: tuple[str, ...]
    outcome: str  # CUT (only posts were removed), MADE_AGAIN, DELETED or LEFT (for the user to look at)
    why: str  # a clause for a person, or ""

    def line(self, dry_run: bool) -> str:
        """A line for a person."""
        files = f"{', '.join(self.files)} " if self.files else ""
        why = f": {self.why}" if self.why else ""
        return f"{self.folder}: {files}{'to be ' if dry_run else ''}{self.outcome}{why}"

    def to_json(self) -> dict[str, Any]:
        """For `curation forget --json`."""
        return {"folder": str(self.folder), "files": list(self.files), "outcome": self.outcome, "why": self.why}


@dataclass(frozen=True)
class Concerned:
    """One export that may hold forgotten posts."""

    work: Forgetting
    folder: Path
    record: ExportRecord
    corpus: Corpus | None  # the present one of its recipe

    def clean(self) -> Iterator[Cleaned]:
        """Take forgotten posts out of its files."""
        files = {file["name"]: file for file in self.record.files if file["name"] != readme.NAME}
        there = [name for name, file in files.items() if (self.folder / name).exists() and not self._is_theirs(file)]
        names = [name for name in there if files[name]["split"]]
        if self.corpus is None:
            yield self._delete(there, f"the corpus '{self.record.recipe}' is gone, so they can't be made again")
            return
        if not names:  # a report, which shows posts and their figures
            yield self._delete(there, "no post can be cut out of it; make it again if you need it")
            return
        held = {name: _holding(self.folder, name, self.work.tombstones) for name in names}
        if all(what and what.everything for what in held.values()):
            yield self._delete(there, "no post in them is left")
            return
        concerned = [name for name, what in held.items() if not what or what.gone]
        cut = {name: what for name in concerned if (what := held[name]) and self._cuttable(files[name])}
        again = [name for name in concerned if name not in cut]
        # A new tokenizer is learned without the posts, and both sides of the split need its token ids.
        anew = {files[name]["format"] for name in again}
        shared = anew & {file["format"] for file in files.values() if not file["split"]}
        again += [name for name in there if name not in again and files[name]["format"] in shared]
        if concerned and not self.work.dry_run:
            self.work.on_notice(f"Taking posts out of the export in {self.folder}.")
        previous = PreviousSplit.of(self.folder, self.record) if concerned else None
        if again and previous is None:  # a new split must not stand beside a part of the old one
            cut, again = {}, there
        if not self.work.dry_run:
            self._cut(cut, again)
        yield Cleaned(self.folder, tuple(cut), CUT, "")
        if self.work.dry_run:
            yield Cleaned(self.folder, tuple(again), MADE_AGAIN, "")
        elif again:
            yield self._again(again, previous)

    def _is_theirs(self, file: dict[str, Any]) -> bool:
        """Whether it is a trainer's configuration that somebody edited: it holds no post, and stays."""
        return is_configuration(file) and publish.is_edited(self.folder / file["name"], [file["sha256"]])

    def _cuttable(self, file: dict[str, Any]) -> bool:
        format = format_of(file["format"])
        return format is not None and format.cuttable

    def _cut(self, held: dict[str, _Held], again: Sequence[str]) -> None:
        """Cut files and update the manifest; files to be made `again` wait."""
        with publish.staging(self.work.space, self.folder) as work:
            files = []
            for file in self.record.files:
                name, format = file["name"], format_of(file["format"])
                if name in held and format:
                    files.append(_cut_file(format(), self.folder, file, held[name], work))
                elif name not in again:
                    files.append(_describe(self.folder, file))
            after = replace(
                self.record, options=self._options(), files=tuple(files), made_of=self._made_of(),
                tombstones=len(self.work.tombstones.marks),
            )  # fmt: skip
            with publishing.alone(self.folder):
                records: list[ExportRecord] = []
                for each in export_manifest.read(self.folder) or ():
                    records += [each.only(again), after] if _is_same(each, self.record) else [each]
                if after not in records:
                    raise ReplacedError  # another process has exported to the folder meanwhile
                records = readme.with_stale(self.folder, [each for each in records if each.files])
                publish.publish(work, self.folder, list(held), [], records)

    def _made_of(self) -> tuple[str, ...]:
        """The corpus's present files if they differ only by forgotten posts, else the files it was made of."""
        assert self.corpus
        was = {tuple(files) for files in self.corpus.manifest.get("was", ())}
        return tuple(self.corpus.manifest["files"]) if self.record.made_of in was else self.record.made_of

    def _options(self) -> dict[str, Any]:
        """The options without posts that are gone, and without authors who have no posts left."""
        options = dict(self.record.options)
        assert self.corpus
        if listed := _posts(options):
            there = "SELECT name FROM (SELECT platform || ':' || id AS name FROM posts) WHERE list_contains(?, name)"
            left = sorted(name for (name,) in self.corpus.rows(there, [listed]))
            options["where"] = {**options["where"], "posts": [" ".join(left)] if left else []}
        if not _authors(options):
            return options
        authors = set(self.corpus.authors())
        options["authors"] = [author for author in options.get("authors") or () if author in authors]
        where = dict(options.get("where") or {})
        if "author" in where:
            options["where"] = {**where, "author": [author for author in where["author"] if author in authors]}
        return options

    def _again(self, names: Sequence[str], previous: PreviousSplit | None) -> Cleaned:
        """Export files again with the options of the record, or delete them."""
        assert self.corpus
        options = self._options()
        try:
            if _authors(self.record.options) and not _authors(options):
                raise UsageError(f"of its authors there is no post left in the corpus '{self.record.recipe}'")
            if _posts(self.record.options) and not _posts(options):
                raise UsageError(f"of its posts there is none left in the corpus '{self.record.recipe}'")
            kept = ExportOptions.of_manifest(options, formats=self.record.formats, allow_small=True)
            result = write_export(self.corpus, kept, self.folder, only=names, previous=previous)
        except WorkspaceError as error:
            if isinstance(error.__cause__, OSError):
                raise  # the place can't be written, so nothing can be deleted there either
            return self._delete(names, str(error))
        except CurationError as error:  # no post left, a format that is gone, an option nobody knows
            return self._delete(names, str(error))
        written = {file.path.relative_to(self.folder).as_posix() for file in result.files}
        delete(self.work.space, self.folder, [name for name in names if name not in written])  # they have new names
        return Cleaned(self.folder, tuple(names), MADE_AGAIN, "")

    def _delete(self, names: Sequence[str], why: str) -> Cleaned:
        if not self.work.dry_run:
            delete(self.work.space, self.folder, names)
        return Cleaned(self.folder, tuple(names), DELETED, why)


def _is_same(one: ExportRecord, other: ExportRecord) -> bool:
    """Whether two records are of one export with the same files; its card may differ."""
    files, others = (
        [(file["name"], file["sha256"]) for file in each.files if file["name"] != readme.NAME] for each in (one, other)
    )
    return (one.recipe, one.exported_at, files) == (other.recipe, other.exported_at, others)


def delete(space: Workspace, folder: Path, names: Sequence[str]) -> None:
    """Delete files of exports, and their entries in the manifest."""
    if not names:
        return
    with writing(folder), publish.staging(space, folder) as work, publishing.alone(folder):
        left = [each.only(set(each.names) - set(names)) for each in export_manifest.read(folder) or ()]
        left = [each for each in left if each.files]
        publish.publish(work, folder, [], names, left if readme.NAME in names else readme.with_stale(folder, left))


def _posts(options: dict[str, Any]) -> list[str]:
    """The posts that an export lists, as platform:id."""
    return [name for names in (options.get("where") or {}).get("posts") or () for name in names.split(" ")]


def _authors(options: dict[str, Any]) -> list[str]:
    return [*(options.get("authors") or ()), *((options.get("where") or {}).get("author") or ())]


@dataclass(frozen=True)
class _Held:
    """The forgotten posts in an exported file."""

    ranges: Ranges
    gone: tuple[tuple[int, int], ...]  # their ranges, in order and apart

    @property
    def everything(self) -> bool:
        """Whether the file holds no other post."""
        return self.ranges.length() == sum(end - begin for begin, end in self.gone)


def _holding(folder: Path, name: str, tombstones: Tombstones) -> _Held | None:
    """The forgotten posts in the file `name`; None where its ranges are missing, or belong to another file."""
    ranges = Ranges.of(folder, name)
    if ranges is None or fault_of(ranges.path, schema().names):
        return None
    with (folder / name).open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != ranges.sha256:
            return None
    with tombstones.connected() as connection:
        gone = connection.execute(
            f'SELECT DISTINCT begin, "end" FROM read_parquet(?) WHERE {tombstones.forgotten()} ORDER BY begin',
            [str(ranges.path)],
        ).fetchall()
    return _Held(ranges, tuple(gone))


def _cut_file(format: Export, folder: Path, file: dict[str, Any], held: _Held, into: Path) -> dict[str, Any]:
    """Write a file of an export and its ranges into a folder, without forgotten posts; gives its new description.

    `file` is the old description. Both files are on the disk afterwards.
    """
    sink = FilesSink(into, [file["name"]], lambda posts: None)
    try:
        gone = held.gone
        if held.ranges.unit == BYTES and held.everything:
            gone = ((0, (folder / file["name"]).stat().st_size),)  # no boundary either where no post is left
        format.cut(folder / file["name"], gone, sink)
        sink.close()
    except BaseException:
        sink.abort()
        raise
    held.ranges.without(held.gone, into, file["name"], sink.sha256)
    publish.to_disk(into, file["name"])
    return _describe(into, file)


def _describe(folder: Path, file: dict[str, Any]) -> dict[str, Any]:
    """The description of a file, updated from its ranges where these are newer."""
    ranges = Ranges.of(folder, file["name"])
    if ranges is None or ranges.sha256 == file["sha256"]:
        return file
    posts, characters = ranges.figures()
    after = {**file, "posts": posts, "characters": characters, "sha256": ranges.sha256}
    return after | ({"file_characters": code_points(folder / file["name"])} if "file_characters" in file else {})
