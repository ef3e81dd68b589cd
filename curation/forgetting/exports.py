"""Exports that may hold forgotten posts: every folder is looked through, and what has to change changes.

An export can't hold a forgotten post when the corpus that it was made of still stands, since forgetting gives a corpus
with such a post other files. Of any other export that is older than the newest tombstone its files are looked at one by
one (`curation.forgetting.remake`). Without a record, without the corpus, or when no post is left, files are deleted.
"""

from __future__ import annotations

import contextlib
import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from curation.corpus.corpus import ATTEMPTS, Corpus
from curation.disk import export_manifest, publishing, ranges
from curation.disk.workspace import Workspace
from curation.errors import WorkspaceError
from curation.exports.files import readme
from curation.exports.files.configuring import renew
from curation.exports.registry import formats
from curation.forgetting.remake import DELETED, LEFT, MADE_AGAIN, ChangedError, Cleaned, Concerned, delete
from curation.options.export import TRAIN, VALID

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from curation.disk.tombstones import Tombstones

#: Not older than its tombstone, by so many seconds: file systems keep times more or less exactly.
SLACK = 2.0


def clean(
    space: Workspace,
    tombstones: Tombstones,
    *,
    changing: frozenset[str] = frozenset(),
    dry_run: bool = False,
    unreadable: list[str] | None = None,
    on_notice: Callable[[str], None] = lambda note: None,
) -> list[Cleaned]:
    """Take forgotten posts out of every export that may hold one.

    `changing` are recipes whose corpora would be changed, in a `dry_run`. `unreadable` takes sentences on folders that
    could not be looked through, without which they are raised. Raises `WorkspaceError`.
    """
    known = _known(space)
    done: list[Cleaned] = []
    for folder, inside in _folders(space):
        try:
            done += _clean(space, folder, inside, known, tombstones, changing, dry_run, on_notice)
        except WorkspaceError as error:
            if unreadable is None:
                raise
            unreadable.append(str(error))
    return done


def _clean(
    space: Workspace,
    folder: Path,
    inside: bool,
    known: dict[str, Corpus],
    tombstones: Tombstones,
    changing: frozenset[str],
    dry_run: bool,
    on_notice: Callable[[str], None],
) -> list[Cleaned]:
    """Take forgotten posts out of the exports in one folder."""
    done: list[Cleaned] = []
    if not dry_run and folder.is_dir():
        _settle(folder, on_notice)
    records = export_manifest.read(folder)
    if not inside:
        note = next(note for place, note in export_manifest.elsewhere(space) if place == folder)
        if records is None and export_manifest.is_begun(note) and folder.is_dir():
            if not dry_run:
                note.unlink(missing_ok=True)  # an export there was begun, and nothing came of it
            return []
        if records is None:
            done.append(_lost(folder, note))
        elif not dry_run:
            export_manifest.settle(space, folder)
    before = len(done)
    for _ in range(ATTEMPTS):
        try:
            for each in records or ():
                corpus = known.get(each.recipe)
                stands = corpus and each.made_of == tuple(corpus.manifest["files"]) and each.recipe not in changing
                if len(tombstones.marks) > each.tombstones and not stands:
                    concerned = Concerned(space, folder, each, corpus, tombstones, dry_run, on_notice)
                    done += [cleaned for cleaned in concerned.clean() if cleaned.files]
            break
        except ChangedError:
            records = export_manifest.read(folder)
    if inside:
        owned = {name for each in records or () for name in each.names} | _owned_above(space, folder)
        unowned = [name for name in _ours(folder) if name not in owned and _older(folder / name, tombstones)]
        if unowned:
            done.append(Cleaned(folder, tuple(unowned), DELETED, "nobody knows what they were made of"))
            if not dry_run:
                delete(space, folder, unowned)
    if (len(done) > before or readme.is_stale(folder)) and (folder / readme.NAME).exists():
        done.append(_card(space, folder, known, dry_run))
    if not dry_run:
        if configurations := renew(space, folder):
            done.append(Cleaned(folder, tuple(configurations), MADE_AGAIN, ""))
        _drop_ranges(folder)
    return done


def _settle(folder: Path, on_notice: Callable[[str], None]) -> None:
    """Finish and sweep what killed commands left in a folder; what can't be finished is looked at as it stands."""
    try:
        Workspace(folder).sweep()
    except WorkspaceError:
        if not publishing.is_damaged(folder):
            raise
        publishing.give_up(folder)
        on_notice(f"What a killed command left half done in {folder} can't be read, so it was removed.")
        Workspace(folder).sweep()


def _known(space: Workspace) -> dict[str, Corpus]:
    """The corpora."""
    found = {}
    for name in space.recipes_run():
        with contextlib.suppress(WorkspaceError):  # a damaged corpus proves nothing
            corpus = Corpus.open(space, name)
            found[corpus.recipe] = corpus
    return found


def _folders(space: Workspace) -> Iterator[tuple[Path, bool]]:
    """Folders with exports, and whether they are in the workspace's own folder for them."""
    if space.exports.is_dir():
        below = [space.exports, *space.exports.rglob("*")]
        yield from ((p, True) for p in sorted(below) if p.is_dir() and not _hidden(p.relative_to(space.exports)))
    for folder, _ in export_manifest.elsewhere(space):
        yield folder, False


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _ours(folder: Path) -> list[str]:
    """Names of files in a folder that are called as exports are, or were."""
    pairs = [(format(), split) for format in formats().values() for split in (TRAIN, VALID)]
    patterns = {format.pattern(split) for format, split in pairs}
    patterns |= {f"{split}.{format.extension}" for format, split in pairs}
    patterns |= {name for format, _ in pairs for name in format.others}
    found = {path for pattern in patterns for path in folder.glob(pattern) if path.is_file()}
    return sorted(path.relative_to(folder).as_posix() for path in found)


def _owned_above(space: Workspace, folder: Path) -> set[str]:
    """Names of files in a folder of which the record lies in a folder above, as that of `mlx/train.jsonl` does."""
    names: set[str] = set()
    for parent in folder.parents:
        if not parent.is_relative_to(space.exports):
            break
        below = folder.relative_to(parent)
        files = (Path(name) for each in export_manifest.read(parent) or () for name in each.names)
        names |= {file.relative_to(below).as_posix() for file in files if file.is_relative_to(below)}
    return names


def _older(path: Path, tombstones: Tombstones) -> bool:
    try:
        latest = datetime.datetime.fromisoformat(tombstones.latest).timestamp()
    except ValueError:  # somebody took the times out: then nothing is known to be newer
        return True
    return path.stat().st_mtime < latest + SLACK


def _lost(folder: Path, note: Path) -> Cleaned:
    gone = f"its {export_manifest.RECORD} is gone" if folder.is_dir() else "the folder is not there any more"
    return Cleaned(
        folder,
        (),
        LEFT,
        f"training text was exported there, and {gone}: see for yourself whether it holds what is forgotten. "
        f"If that is settled, remove {note}",
    )


def _card(space: Workspace, folder: Path, known: dict[str, Corpus], dry_run: bool) -> Cleaned:
    """Write the card beside an export again, which has figures and names of authors."""
    if not readme.is_ours(folder):
        why = "the export didn't write it, or it was changed: see for yourself whether it names who is forgotten"
        return Cleaned(folder, (readme.NAME,), LEFT, why)
    left = [each for each in export_manifest.read(folder) or () if any(file["split"] for file in each.files)]
    corpus = next((known[each.recipe] for each in left if each.recipe in known), None)
    if corpus is None:
        if not dry_run:
            delete(space, folder, [readme.NAME])
        return Cleaned(folder, (readme.NAME,), DELETED, "it describes what is gone")
    if not dry_run:
        readme.write(space, corpus, folder)
    return Cleaned(folder, (readme.NAME,), MADE_AGAIN, "")


def _drop_ranges(folder: Path) -> None:
    """Remove what is said of the posts in files that are gone, or are others by now: it names them."""
    digests = {file["name"]: file["sha256"] for each in export_manifest.read(folder) or () for file in each.files}
    for path in sorted((folder / ranges.FOLDER).rglob("*.parquet")):
        name = path.relative_to(folder / ranges.FOLDER).as_posix().removesuffix(".parquet")
        found = ranges.Ranges.of(folder, name)
        if found is None or digests.get(name) != found.sha256:
            ranges.remove(folder, name)
