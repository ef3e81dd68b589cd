"""Forgetting in exports: each folder with training text loses forgotten posts.

An export can't hold a forgotten post while its corpus stands, since forgetting gives a corpus with such a post other
files. The files of any other export that is older than the newest tombstone are read one by one
(`curation.forgetting.remake`). Files without a manifest, without a corpus, or without a post that is left are deleted.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from curation.corpus.corpus import Corpus
from curation.disk import export_manifest, publishing, ranges
from curation.disk.states import ReplacedError, states
from curation.disk.tombstones import Tombstones
from curation.disk.workspace import Workspace
from curation.errors import WorkspaceError
from curation.exports.files import readme
from curation.exports.files.configuring import renew
from curation.exports.registry import formats
from curation.forgetting.holder import Forgetting, Holder
from curation.forgetting.remake import DELETED, LEFT, MADE_AGAIN, Cleaned, Concerned, delete
from curation.options.export import TRAIN, VALID


class Exports(Holder):
    """Every folder with training text, in the workspace and wherever `--out` named."""

    name = "exports"

    def remove(self, work: Forgetting) -> Sequence[Cleaned]:
        """Take forgotten posts out of every export that may hold one."""
        corpora = _corpora(work.space) if work.tombstones.marks else {}
        changes: list[Cleaned] = []
        for path, inside in _folders(work.space) if work.tombstones.marks else ():
            folder = _Folder(work, path, inside, corpora)
            try:
                folder.remove()
                changes += folder.changes
            except WorkspaceError as error:
                work.unreadable.append(str(error))
        return changes

    def holds(self, space: Workspace, tombstones: Tombstones) -> bool:
        """Whether one of our own files may; other people's files are theirs to check."""
        work = Forgetting(space, tombstones, dry_run=True)
        return any(each.outcome != LEFT for each in self.remove(work)) or bool(work.unreadable)


@dataclass
class _Folder:
    work: Forgetting
    path: Path
    inside: bool  # whether it is in the workspace's own folder for exports
    corpora: dict[str, Corpus]
    changes: list[Cleaned] = field(default_factory=list)

    def remove(self) -> None:
        """Take forgotten posts out of the exports in it."""
        work, path = self.work, self.path
        if not work.dry_run and path.is_dir():
            _settle(path, work.on_notice)
        records = export_manifest.read(path)
        if not self.inside and not self._is_registered(records):
            return
        before = len(self.changes)
        self._clean_records(records)
        if self.inside:
            self._delete_unowned()
        if (len(self.changes) > before or readme.is_stale(path)) and (path / readme.NAME).exists():
            self.changes.append(self._card())
        if not work.dry_run:
            if configurations := renew(work.space, path):
                self.changes.append(Cleaned(path, tuple(configurations), MADE_AGAIN, ""))
            _drop_ranges(path)
            if records and not self.inside and not export_manifest.read(path):
                export_manifest.unsettle(work.space, path)  # everything is deleted; no export is lost there

    def _is_registered(self, records: list[export_manifest.ExportRecord] | None) -> bool:
        """Whether to go on with a folder elsewhere; a lost manifest is a change, unless no export was finished."""
        space, path = self.work.space, self.path
        note = next(note for place, note in export_manifest.elsewhere(space) if place == path)
        if records is None and export_manifest.is_begun(note) and path.is_dir():
            if not self.work.dry_run:
                note.unlink(missing_ok=True)
            return False
        if records is None:
            self.changes.append(_lost(path, note))
        elif not self.work.dry_run:
            export_manifest.settle(space, path)
        return True

    def _clean_records(self, records: list[export_manifest.ExportRecord] | None) -> None:
        work = self.work
        for state in states(records, lambda _: export_manifest.read(self.path)):
            with contextlib.suppress(ReplacedError):
                for each in state or ():
                    corpus = self.corpora.get(each.recipe)
                    stands = corpus and each.made_of == tuple(corpus.manifest["files"])
                    if len(work.tombstones.marks) > each.tombstones and (not stands or each.recipe in work.changing):
                        concerned = Concerned(work, self.path, each, corpus)
                        self.changes += [cleaned for cleaned in concerned.clean() if cleaned.files]
                return

    def _delete_unowned(self) -> None:
        """Delete files that have the name of an export and stand in no manifest."""
        space, path, may_be_of = self.work.space, self.path, self.work.tombstones.may_be_of
        owned = {name for each in export_manifest.read(path) or () for name in each.names} | _owned_above(space, path)
        unowned = [name for name in _ours(path) if name not in owned and may_be_of((path / name).stat().st_mtime)]
        if unowned:
            self.changes.append(Cleaned(path, tuple(unowned), DELETED, "nobody knows what they were made of"))
            if not self.work.dry_run:
                delete(space, path, unowned)

    def _card(self) -> Cleaned:
        """Write the card of an export again: it has figures and names of authors."""
        space, path, dry_run = self.work.space, self.path, self.work.dry_run
        if not readme.is_ours(path):
            why = "the export didn't write it, or it was changed: see for yourself whether it names who is forgotten"
            return Cleaned(path, (readme.NAME,), LEFT, why)
        left = [each for each in export_manifest.read(path) or () if any(file["split"] for file in each.files)]
        corpus = next((self.corpora[each.recipe] for each in left if each.recipe in self.corpora), None)
        if corpus is None:
            if not dry_run:
                delete(space, path, [readme.NAME])
            return Cleaned(path, (readme.NAME,), DELETED, "it describes what is gone")
        if not dry_run:
            readme.write(space, corpus, path)
        return Cleaned(path, (readme.NAME,), MADE_AGAIN, "")


def _settle(folder: Path, on_notice: Callable[[str], None]) -> None:
    """Finish and sweep what killed commands left in a folder; drop what can't be finished."""
    try:
        Workspace(folder).sweep()
    except WorkspaceError:
        if not publishing.give_up(folder):
            raise
        on_notice(f"What a killed command left half done in {folder} can't be read, so it was removed.")
        Workspace(folder).sweep()


def _corpora(space: Workspace) -> dict[str, Corpus]:
    corpora = {}
    for name in space.recipes_run():
        with contextlib.suppress(WorkspaceError):  # a damaged corpus proves nothing
            corpus = Corpus.open(space, name)
            corpora[corpus.recipe] = corpus
    return corpora


def _folders(space: Workspace) -> Iterator[tuple[Path, bool]]:
    """Folders with exports, and whether they are in the workspace's own folder for exports."""
    if space.exports.is_dir():
        for path in sorted([space.exports, *space.exports.rglob("*")]):
            hidden = any(part.startswith(".") for part in path.relative_to(space.exports).parts)
            if path.is_dir() and not hidden:
                yield path, True
    for folder, _ in export_manifest.elsewhere(space):
        yield folder, False


def _ours(folder: Path) -> list[str]:
    """Names of files in a folder that have the name of an export, today's or an earlier one."""
    pairs = [(format(), split) for format in formats().values() for split in (TRAIN, VALID)]
    patterns = {format.pattern(split) for format, split in pairs}
    patterns |= {f"{split}.{format.extension}" for format, split in pairs}
    patterns |= {name for format, _ in pairs for name in format.others}
    paths = {path for pattern in patterns for path in folder.glob(pattern) if path.is_file()}
    return sorted(path.relative_to(folder).as_posix() for path in paths)


def _owned_above(space: Workspace, folder: Path) -> set[str]:
    """Names of files in a folder whose manifest lies in a folder above, as that of `mlx/train.jsonl` does."""
    names: set[str] = set()
    for parent in folder.parents:
        if not parent.is_relative_to(space.exports):
            break
        below = folder.relative_to(parent)
        files = (Path(name) for each in export_manifest.read(parent) or () for name in each.names)
        names |= {file.relative_to(below).as_posix() for file in files if file.is_relative_to(below)}
    return names


def _lost(folder: Path, note: Path) -> Cleaned:
    gone = f"its {export_manifest.RECORD} is gone" if folder.is_dir() else "the folder is not there any more"
    why = (
        f"training text was exported there, and {gone}: see for yourself whether it holds what is forgotten. "
        f"If that is settled, remove {note}"
    )
    return Cleaned(folder, (), LEFT, why)


def _drop_ranges(folder: Path) -> None:
    """Remove the ranges of files that are gone or have changed: ranges name posts."""
    digests = {file["name"]: file["sha256"] for each in export_manifest.read(folder) or () for file in each.files}
    for path in sorted((folder / ranges.FOLDER).rglob("*.parquet")):
        name = path.relative_to(folder / ranges.FOLDER).as_posix().removesuffix(".parquet")
        own = ranges.Ranges.of(folder, name)
        if own is None or digests.get(name) != own.sha256:
            ranges.remove(folder, name)
