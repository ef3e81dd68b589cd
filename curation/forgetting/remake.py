"""One export without the posts that were forgotten since.

Where posts stand in its files is known (`curation.disk.ranges`). A file that holds no forgotten post stays as it is.
Out of another one they are cut, and the rest stays byte for byte (`curation.forgetting.cutting`). Where posts can't
be cut out, as in a conversation, or where the ranges are missing, files are made again from the cleaned corpus with the
options of the record, and every post is on the side of the split where it stood.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curation.disk import export_manifest, publishing
from curation.disk.states import ReplacedError
from curation.disk.whole_files import writing
from curation.errors import CurationError, UsageError, WorkspaceError
from curation.exports.choosing.snapshot import PreviousSplit
from curation.exports.files import publish, readme
from curation.exports.files.configuring import is_configuration
from curation.exports.job import write_export
from curation.exports.registry import format_of
from curation.forgetting import cutting
from curation.options.export import ExportOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from curation.corpus.corpus import Corpus
    from curation.disk.tombstones import Tombstones
    from curation.disk.workspace import Workspace

CUT, MADE_AGAIN, DELETED, LEFT = "cut", "made again", "deleted", "left"


@dataclass(frozen=True)
class Cleaned:
    """What became of files of one export."""

    folder: Path
    files: tuple[str, ...]
    outcome: str  # CUT (posts, out of files that are else as they were), MADE_AGAIN, DELETED or LEFT (see for yourself)
    why: str  # a clause for a person; empty where nothing needs saying

    def line(self, dry_run: bool) -> str:
        """It as a line for a person."""
        files = f"{', '.join(self.files)} " if self.files else ""
        why = f": {self.why}" if self.why else ""
        return f"{self.folder}: {files}{'to be ' if dry_run else ''}{self.outcome}{why}"

    def to_json(self) -> dict[str, Any]:
        """For `curation forget --json`."""
        return {"folder": str(self.folder), "files": list(self.files), "outcome": self.outcome, "why": self.why}


@dataclass(frozen=True)
class Concerned:
    """One export, of which posts may have been forgotten."""

    space: Workspace
    folder: Path
    record: export_manifest.ExportRecord
    corpus: Corpus | None  # of its recipe, that is there now
    tombstones: Tombstones
    dry_run: bool
    on_notice: Callable[[str], None]

    def clean(self) -> Iterator[Cleaned]:
        """Do what has to be done."""
        files = {file["name"]: file for file in self.record.files if file["name"] != readme.NAME}
        there = [name for name, file in files.items() if (self.folder / name).exists() and not self._is_theirs(file)]
        names = [name for name in there if files[name]["split"]]
        if self.corpus is None:
            yield self._delete(there, f"the corpus '{self.record.recipe}' is gone, so they can't be made again")
            return
        held = {name: cutting.holding(self.folder, name, self.tombstones) for name in names}
        if all(what and what.everything for what in held.values()):
            yield self._delete(there, "no post in them is left")
            return
        concerned = [name for name, what in held.items() if not what or what.gone]
        cut = {name: what for name in concerned if (what := held[name]) and self._cuttable(files[name])}
        again = [name for name in concerned if name not in cut]
        # A tokenizer is learned anew without the posts, and then both sides need the numbers of its tokens.
        anew = {files[name]["format"] for name in again}
        shared = anew & {file["format"] for file in files.values() if not file["split"]}
        again += [name for name in there if name not in again and files[name]["format"] in shared]
        if concerned and not self.dry_run:
            self.on_notice(f"Taking posts out of the export in {self.folder}.")
        previous = PreviousSplit.of(self.folder, self.record) if concerned else None
        if again and previous is None:  # a new split must not stand beside a part of the old one
            cut, again = {}, there
        if not self.dry_run:
            self._cut(cut, again)
        yield Cleaned(self.folder, tuple(cut), CUT, "")
        if self.dry_run:
            yield Cleaned(self.folder, tuple(again), MADE_AGAIN, "")
        elif again:
            yield self._again(again, previous)

    def _is_theirs(self, file: dict[str, Any]) -> bool:
        """Whether it is the configuration of a trainer that somebody edited: it holds no post, and stays."""
        return is_configuration(file) and publish.is_edited(self.folder / file["name"], [file["sha256"]])

    def _cuttable(self, file: dict[str, Any]) -> bool:
        format = format_of(file["format"])
        return format is not None and format.cuttable

    def _cut(self, held: dict[str, cutting.Holding], again: Sequence[str]) -> None:
        """Cut files, and write down that it was done; what is to be made `again` is left for later."""
        with publish.staging(self.space, self.folder) as work:
            files = []
            for file in self.record.files:
                name, format = file["name"], format_of(file["format"])
                if name in held and format:
                    files.append(cutting.cut(format(), self.folder, file, held[name], work))
                elif name not in again:
                    files.append(cutting.describe_cut_file(self.folder, file))
            after = replace(
                self.record, options=self._options(), files=tuple(files), made_of=self._made_of(),
                tombstones=len(self.tombstones.marks),
            )  # fmt: skip
            with publishing.alone(self.folder):
                records: list[export_manifest.ExportRecord] = []
                for each in export_manifest.read(self.folder) or ():
                    records += [each.only(again), after] if _is_same(each, self.record) else [each]
                if after not in records:
                    raise ReplacedError  # another process has exported to the folder meanwhile
                records = readme.with_stale(self.folder, [each for each in records if each.files])
                publish.publish(work, self.folder, list(held), [], records)

    def _made_of(self) -> tuple[str, ...]:
        """The corpus's files now, if these just lack what was forgotten; else what it was made of."""
        assert self.corpus
        was = {tuple(files) for files in self.corpus.manifest.get("was", ())}
        return tuple(self.corpus.manifest["files"]) if self.record.made_of in was else self.record.made_of

    def _options(self) -> dict[str, Any]:
        """The options without the names of authors of whom no post is left."""
        options = dict(self.record.options)
        if not _authors(options):
            return options
        assert self.corpus
        authors = set(self.corpus.authors())
        options["authors"] = [author for author in options.get("authors") or () if author in authors]
        where = dict(options.get("where") or {})
        if "author" in where:
            options["where"] = {**where, "author": [author for author in where["author"] if author in authors]}
        return options

    def _again(self, names: Sequence[str], previous: PreviousSplit | None) -> Cleaned:
        """Export files again as the record says, or delete them."""
        assert self.corpus
        options = self._options()
        try:
            if _authors(self.record.options) and not _authors(options):
                raise UsageError(f"of its authors there is no post left in the corpus '{self.record.recipe}'")
            kept = ExportOptions.of_manifest(options, formats=self.record.formats, allow_small=True)
            result = write_export(self.corpus, kept, self.folder, only=names, previous=previous)
        except WorkspaceError as error:
            if isinstance(error.__cause__, OSError):
                raise  # the place can't be written: then nothing can be deleted there either
            return self._delete(names, str(error))
        except CurationError as error:  # no post left, a format that is gone, an option nobody knows
            return self._delete(names, str(error))
        written = {file.path.relative_to(self.folder).as_posix() for file in result.files}
        # Files are called otherwise now.
        delete(self.space, self.folder, [name for name in names if name not in written])
        return Cleaned(self.folder, tuple(names), MADE_AGAIN, "")

    def _delete(self, names: Sequence[str], why: str) -> Cleaned:
        if not self.dry_run:
            delete(self.space, self.folder, names)
        return Cleaned(self.folder, tuple(names), DELETED, why)


def _is_same(one: export_manifest.ExportRecord, other: export_manifest.ExportRecord) -> bool:
    """Whether it is one export, with the same files; the card beside them may be another."""
    files, others = (
        [(file["name"], file["sha256"]) for file in each.files if file["name"] != readme.NAME] for each in (one, other)
    )
    return (one.recipe, one.exported_at, files) == (other.recipe, other.exported_at, others)


def delete(space: Workspace, folder: Path, names: Sequence[str]) -> None:
    """Delete files of exports, and what the record says of them."""
    if not names:
        return
    with writing(folder), publish.staging(space, folder) as work, publishing.alone(folder):
        left = [each.only(set(each.names) - set(names)) for each in export_manifest.read(folder) or ()]
        left = [each for each in left if each.files]
        publish.publish(work, folder, [], names, left if readme.NAME in names else readme.with_stale(folder, left))


def _authors(options: dict[str, Any]) -> list[str]:
    """Authors that an export was limited to."""
    return [*(options.get("authors") or ()), *((options.get("where") or {}).get("author") or ())]
