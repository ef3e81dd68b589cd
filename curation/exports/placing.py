"""How files of an export come to be: written aside, brought to the disk, and put in their places together."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from curation.errors import WorkspaceError
from curation.exports import ranges, record
from curation.exports.base import Export, ExportedFile, Progress, Settings
from curation.exports.sink import Files, Written
from curation.workspace import Workspace, flush

if TYPE_CHECKING:
    from curation.exports.kept import Kept


@contextlib.contextmanager
def staging(out: Path) -> Iterator[Path]:
    """A folder for unfinished files on the disk of `out`; if nothing comes of it, `out` isn't made either."""
    workspace = Workspace(out)
    made = [folder for folder in (workspace.work, out, *out.parents) if not folder.exists()]
    try:
        with workspace.staging("export") as folder:
            yield folder
    except (OSError, duckdb.IOException, duckdb.OutOfMemoryException, WorkspaceError) as error:
        cause = error.__cause__ if isinstance(error, WorkspaceError) else error
        if isinstance(error, WorkspaceError) and not isinstance(cause, OSError):
            raise
        reason = getattr(cause, "strerror", None) or str(cause).partition("\n")[0]
        raise WorkspaceError(
            f"Can't write to {out}: {reason}. What was there before is unchanged. "
            "Choose another folder with --out DIR, or make room and run the command again."
        ) from error
    finally:
        for folder in made:
            with contextlib.suppress(OSError):  # something lies in it, and so it stays
                folder.rmdir()


def write(
    kept: Kept,
    pairs: Sequence[tuple[Export, str]],
    settings: Settings,
    folder: Path,
    out: Path,
    progress: Progress | None,
) -> tuple[ExportedFile, ...]:
    """Write every file into `folder` and bring it to the disk; the paths are those that they will have in `out`."""
    expected = sum(format.expected(kept, split, settings) for format, split in pairs) if progress else 0
    done = 0

    def tick(posts: int) -> None:
        nonlocal done
        done += posts
        if progress:
            progress(done, max(done, expected))

    described = []
    ready: dict[str, Export] = {}
    written: dict[str, dict[str, list[Written]]] = {}
    for unready, split in pairs:
        name = unready.name
        format = ready[name] = ready.get(name) or unready.prepared(kept, settings)
        files = Files(folder, format.names(kept, split), tick)
        sink = files.sink()
        try:
            format.write(kept, split, settings, sink)
            sink.close()
        except BaseException:
            sink.abort()
            raise
        written.setdefault(name, {})[split] = files.written
        for file in files.written:
            named = file.ranges.name(kept.connection, kept.table, file.sha256) if file.ranges else None
            to_disk(folder, file.name)
            posts, characters = format.figures(kept, split)
            if len(files.written) > 1 and named:
                posts, characters = named.figures()
            described.append(ExportedFile(out / file.name, format.name, split, posts, characters, file.sha256))
    for format in ready.values():
        for name, content in format.beside(settings, written[format.name]).items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
            to_disk(folder, name)
            digest = hashlib.sha256(content).hexdigest()
            described.append(ExportedFile(out / name, format.name, "", 0, 0, digest))
    return tuple(described)


def to_disk(folder: Path, name: str) -> None:
    """Bring a file, and what is said of its posts, to the disk."""
    for path in (folder / name, ranges.path_of(folder, name)):
        if path.exists():
            flush(path)


def put_in_place(
    space: Workspace, folder: Path, out: Path, new: record.Record, stale: Sequence[str] = ()
) -> list[str]:  # fmt: skip
    """Move finished files to their places, the record first and last: at no moment is a file there that it lacks.

    `stale` are names of files whose place others take. Gives warnings.
    """
    warnings = []
    try:
        record.remember(space, out)
    except OSError as error:
        warnings.append(
            f"{space.exports} can't be written ({error.strerror}), so nobody will know of this export: should a post "
            "be forgotten later, export again."
        )
    before = record.read(out) or []
    record.write(folder, out, record.merged(before, new, keep=True))
    for name in new.names:
        move(folder, out, name)
    for name in stale:
        remove(out, name)
    record.write(folder, out, record.merged(before, new, without=stale))
    for place in {(out / name).parent for name in new.names} | {out}:
        flush(place)
    return warnings


def move(folder: Path, out: Path, name: str) -> None:
    """Move a file, and what is said of its posts, from one folder to the other."""
    for source, place in ((ranges.path_of(folder, name), ranges.path_of(out, name)), (folder / name, out / name)):
        if source.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            source.replace(place)
        else:
            place.unlink(missing_ok=True)  # what was said of another file


def remove(folder: Path, name: str) -> None:
    """Remove a file, and what is said of its posts, and the folders that are empty without it."""
    ranges.remove_with_folders(folder, folder / name)
    ranges.remove(folder, name)
