"""Publishes an export: writes its files aside, flushes them to the disk, and puts them in place in one step.

The manifest goes with them, and the dataset card if there is one. So the folder holds one export or the other at every
moment, even after a kill (`curation.disk.publishing`).
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from curation.disk import export_manifest, publishing, ranges
from curation.disk.exported_file import ExportedFile, code_points
from curation.disk.whole_files import flush, reason_of
from curation.disk.workspace import Workspace, staging_at
from curation.errors import WorkspaceError
from curation.exports.choosing.snapshot import PostSnapshot
from curation.exports.formats.base import Export, Progress
from curation.exports.formats.sink import FilesSink, Written
from curation.options.export import ExportOptions


@dataclass(frozen=True)
class Description:
    """A dataset card for the files of a folder."""

    records: Sequence[export_manifest.ExportRecord]  # of the folder, with the card
    names: tuple[str, ...] = ()  # of the files that were written
    notes: tuple[str, ...] = ()  # for the user


#: Writes the card, given the future records and the names of the files that go.
Describe = Callable[[Sequence[export_manifest.ExportRecord], Sequence[str]], Description]


@contextlib.contextmanager
def staging(space: Workspace | None, out: Path) -> Iterator[Path]:
    """A folder for unfinished files on the disk of `out`. If nothing is published, `out` isn't made either."""
    try:
        with staging_at(space, out, "export") as folder:
            yield folder
    except (OSError, duckdb.IOException, duckdb.OutOfMemoryException, WorkspaceError) as error:
        cause = error.__cause__ if isinstance(error, WorkspaceError) else error
        if isinstance(error, WorkspaceError) and not isinstance(cause, OSError):
            raise
        reason = reason_of(cause or error)
        before = "What was there before is unchanged. Choose another folder with --out DIR, or make"
        if publishing.is_unfinished(out):
            before = "The files are complete, and some may be missing there until they are in their places. Make"
        raise WorkspaceError(f"Can't write to {out}: {reason}. {before} room and run the command again.") from error


def write(
    snapshot: PostSnapshot,
    pairs: Sequence[tuple[Export, str]],
    options: ExportOptions,
    folder: Path,
    out: Path,
    progress: Progress | None,
) -> tuple[ExportedFile, ...]:
    """Write every file into `folder` and flush it; gives the files with the paths that they will have in `out`."""
    expected = sum(format.expected(snapshot, split, options) for format, split in pairs) if progress else 0
    posts_written = 0

    def tick(posts: int) -> None:
        nonlocal posts_written
        posts_written += posts
        if progress:
            progress(posts_written, max(posts_written, expected))

    exported = []
    ready: dict[str, Export] = {}
    written: dict[str, dict[str, list[Written]]] = {}
    for unready, split in pairs:
        name = unready.name
        format = ready[name] = ready.get(name) or unready.prepared(snapshot, options)
        sink = FilesSink(folder, format.names(snapshot, split), tick)
        try:
            format.write(snapshot, split, options, sink)
            sink.close()
        except BaseException:
            sink.abort()
            raise
        written.setdefault(name, {})[split] = sink.written
        for file in sink.written:
            named = file.ranges.name(snapshot.connection, snapshot.table, file.sha256) if file.ranges else None
            to_disk(folder, file.name)
            posts, characters = format.figures(snapshot, split)
            if len(sink.written) > 1 and named:
                posts, characters = named.figures()
            passes = format.passes(split, options)
            length = None if passes is None else code_points(folder / file.name)
            exported.append(
                ExportedFile(out / file.name, format.name, split, posts, characters, file.sha256, passes, length)
            )
    for format in ready.values():
        for name, content in format.beside(options, written[format.name]).items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
            to_disk(folder, name)
            digest = hashlib.sha256(content).hexdigest()
            exported.append(ExportedFile(out / name, format.name, "", 0, 0, digest))
    return tuple(exported)


def to_disk(folder: Path, name: str) -> None:
    """Flush a file and its ranges to the disk."""
    for path in (folder / name, ranges.path_of(folder, name)):
        if path.exists():
            flush(path)


def is_edited(path: Path, digests: Sequence[str | None]) -> bool:
    """Whether a file is there that no export wrote; `digests` are the SHA-256 of what exports wrote."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() not in digests
    except FileNotFoundError:
        return False
    except OSError:  # a folder of this name, or nothing that may be read
        return True


def put_in_place(
    space: Workspace,
    folder: Path,
    out: Path,
    new: export_manifest.ExportRecord,
    stale: Callable[[Sequence[export_manifest.ExportRecord]], Sequence[str]],
    describe: Describe | None = None,
    unless: Callable[[], bool] = lambda: False,
) -> list[str]:
    """Put finished files and their record in place; gives warnings.

    `stale` names the files of earlier exports that these replace. `describe` writes the card of all files into
    `folder`. Nothing is done if `unless` is true once nobody else publishes there.
    """
    warnings: list[str] = []
    with publishing.alone(out):
        before = export_manifest.read(out) or []
        gone = list(stale(before))
        records = export_manifest.merged(before, new, without=gone)
        written = [*new.names]
        if describe:
            description = describe(records, gone)
            records, written = list(description.records), [*written, *description.names]
            warnings += description.notes
        try:
            export_manifest.remember(space, out)
        except OSError as error:
            warnings.insert(
                0,
                f"{space.exports} can't be written ({error.strerror or error}), so nobody will know of this export: "
                "should a post be forgotten later, export again.",
            )
        if unless():
            return warnings
        publish(folder, out, written, gone, records)
    with contextlib.suppress(OSError):
        export_manifest.settle(space, out)
    return warnings


def publish(
    folder: Path, out: Path, names: Sequence[str], gone: Sequence[str], records: Sequence[export_manifest.ExportRecord]
) -> None:
    """Move files from `folder` to `out`, remove those that are `gone`, and write the record.

    The caller is alone in `out` (`publishing.alone`). The ranges of a file come and go with it.
    """
    export_manifest.write(folder, records)
    for name in (*names, *gone):
        if ranges.path_of(out, name).is_dir():
            ranges.remove(out, name)
    places = [(ranges.path_of(Path(), name).as_posix(), name) for name in names]
    written = [each for pair in places for each in pair if (folder / each).exists()]
    removed = [ranges.path_of(Path(), name).as_posix() for name in (*names, *gone)]
    removed = [each for each in [*removed, *gone] if each not in written]
    if (folder / export_manifest.RECORD).exists():
        written.append(export_manifest.RECORD)
    else:
        removed.append(export_manifest.RECORD)
    publishing.publish(folder, out, written, removed=[r for r in removed if (out / r).exists()], together=names)
