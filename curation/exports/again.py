"""Exports that may hold forgotten posts: made again from the cleaned corpus, or deleted where that can't be.

Whether a post stands in a file of training text can't be read from the file. It surely does not when the corpus that
the file was made of still stands, since forgetting gives a corpus with such a post other files. Any other export
that is older than the newest tombstone is made again with the options of its record. Without a record, without the
corpus, or when no post is left, its files are deleted.
"""

from __future__ import annotations

import contextlib
import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curation.corpus import Corpus
from curation.errors import CurationError, UsageError, WorkspaceError
from curation.exports import export, formats, record
from curation.exports.split import TRAIN, VALID
from curation.workspace import Workspace, flush, writing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from curation.forgetting.tombstones import Tombstones

#: Not older than its tombstone, by so many seconds: file systems keep times more or less exactly.
SLACK = 2.0

MADE_AGAIN, DELETED, LEFT = "made again", "deleted", "left"


@dataclass(frozen=True)
class Cleaned:
    """What became of files of one export."""

    folder: Path
    files: tuple[str, ...]
    outcome: str  # MADE_AGAIN, DELETED or LEFT (somebody must look)
    why: str  # a clause for a person; empty where nothing needs saying

    def to_json(self) -> dict[str, Any]:
        """For `curation forget --json`."""
        return {"folder": str(self.folder), "files": list(self.files), "outcome": self.outcome, "why": self.why}


def clean(
    space: Workspace,
    tombstones: Tombstones,
    *,
    changing: frozenset[str] = frozenset(),
    dry_run: bool = False,
    told: Callable[[str], None] | None = None,
) -> list[Cleaned]:
    """Make again or delete every export that may hold a forgotten post.

    `changing` are recipes whose corpora would be changed, in a `dry_run`. Raises `WorkspaceError`.
    """
    known = _known(space)
    done: list[Cleaned] = []
    for folder, inside in _folders(space):
        if not dry_run and folder.is_dir():
            Workspace(folder).sweep()  # of exports that were killed
        records = record.read(folder)
        if records is None and not inside:
            done.append(_lost(space, folder))
        for each in records or ():
            if len(tombstones.marks) > each.tombstones and (
                each.recipe in changing or each.made_of != known.get(each.recipe)
            ):
                if told and not dry_run:
                    told(f"Exporting again to {folder}.")
                outcome = _planned(folder, each, known) if dry_run else _again(space, folder, each)
                done += [outcome] if outcome.files else []
        if inside:
            owned = {name for each in records or () for name in each.names}
            unowned = [name for name in _ours(folder) if name not in owned and _older(folder / name, tombstones)]
            if unowned:
                done.append(Cleaned(folder, tuple(unowned), DELETED, "nobody knows what they were made of"))
                if not dry_run:
                    _delete(folder, unowned)
    return done


def _known(space: Workspace) -> dict[str, tuple[str, ...]]:
    """The files of each corpus."""
    found = {}
    for name in space.recipes_run():
        with contextlib.suppress(WorkspaceError):  # a damaged corpus proves nothing
            corpus = Corpus.open(space, name)
            found[corpus.recipe] = tuple(corpus.manifest["files"])
    return found


def _folders(space: Workspace) -> Iterator[tuple[Path, bool]]:
    """Folders with exports, and whether they are in the workspace's own folder for them."""
    if space.exports.is_dir():
        below = [space.exports, *space.exports.rglob("*")]
        yield from ((p, True) for p in sorted(below) if p.is_dir() and not _hidden(p.relative_to(space.exports)))
    for folder, _ in record.elsewhere(space):
        yield folder, False


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _ours(folder: Path) -> list[str]:
    """Names of files in a folder that are called as exports are."""
    names = {f"{split}.{format.extension}" for format in formats().values() for split in (TRAIN, VALID)}
    return sorted(path.name for path in folder.iterdir() if path.name in names and path.is_file())


def _older(path: Path, tombstones: Tombstones) -> bool:
    try:
        latest = datetime.datetime.fromisoformat(tombstones.latest).timestamp()
    except ValueError:  # somebody took the times out: then nothing is known to be newer
        return True
    return path.stat().st_mtime < latest + SLACK


def _lost(space: Workspace, folder: Path) -> Cleaned:
    gone = f"its {record.RECORD} is gone" if folder.is_dir() else "the folder is not there any more"
    note = next(note for place, note in record.elsewhere(space) if place == folder)
    return Cleaned(
        folder,
        (),
        LEFT,
        f"training text was exported there, and {gone}: see for yourself whether it holds what is forgotten. "
        f"If that is settled, remove {note}",
    )


def _planned(folder: Path, each: record.Record, known: dict[str, tuple[str, ...]]) -> Cleaned:
    names = tuple(name for name in each.names if (folder / name).exists())
    if each.recipe in known:
        return Cleaned(folder, names, MADE_AGAIN, "")
    return Cleaned(folder, names, DELETED, _gone(each))


def _gone(each: record.Record) -> str:
    return f"the corpus '{each.recipe}' is gone, so they can't be made again"


def _again(space: Workspace, folder: Path, each: record.Record) -> Cleaned:
    """Export again what the record says, or delete it."""
    names = tuple(name for name in each.names if (folder / name).exists())
    why = _gone(each)
    try:
        if names and each.recipe in space.recipes_run():
            corpus = Corpus.open(space, each.recipe)
            options = {**each.options, "authors": _still_there(corpus, each.options.get("authors") or [])}
            result = export(corpus, each.formats, folder, **options, allow_small=True, only=names)
            return Cleaned(folder, tuple(file.path.name for file in result.files), MADE_AGAIN, "")
    except WorkspaceError as error:
        if isinstance(error.__cause__, OSError):
            raise  # the place can't be written: then nothing can be deleted there either
        why = str(error)
    except (CurationError, TypeError) as error:  # no post left, a format that is gone, an option nobody knows
        why = str(error)
    _delete(folder, each.names)
    return Cleaned(folder, names, DELETED, why)


def _still_there(corpus: Corpus, authors: list[str]) -> list[str]:
    known = corpus.authors()
    left = [author for author in authors if author in known]
    if authors and not left:
        raise UsageError(f"of its authors there is no post left in the corpus '{corpus.recipe}'")
    return left


def _delete(folder: Path, names: tuple[str, ...] | list[str]) -> None:
    with writing(folder):
        for name in names:
            (folder / name).unlink(missing_ok=True)
        left = [each.only(set(each.names) - set(names)) for each in record.read(folder) or ()]
        record.write(folder, folder, [each for each in left if each.files])
        flush(folder)
