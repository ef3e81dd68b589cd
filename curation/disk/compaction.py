"""Compaction: many small landings in few files, without losing where a post came from.

Every collect makes a folder, and every reader opens all folders. Compacting puts the small ones together into one
folder, whose files hold whole landings one after the other. Rows keep their `landing`, `landed_at` and source, so the
latest version of a post counts as before, and all older versions stay. The new manifest keeps the manifests of the
landings and names the folders that it replaces.

The new folder takes its place in one step. From then on the old folders don't count, and then they go. A killed process
leaves the landings as they were, or old folders that the next sweep removes.
"""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curation import versions
from curation.disk import rewriting
from curation.disk.landings import landed_files, number_of, originals
from curation.disk.manifest import COMPACTED, read_manifest, write_manifest
from curation.disk.tombstones import now
from curation.disk.whole_files import put_in_place, swap_in, writing
from curation.disk.workspace import Workspace
from curation.errors import NothingToDoError, WorkspaceError
from curation.posts import POST_SCHEMA
from curation.writing.characters import json_text
from curation.writing.terminal import count

#: A folder of at least so many bytes or rows is large enough, and no file becomes larger.
FILE_BYTES = 256_000_000
FILE_ROWS = 1_000_000


@dataclass(frozen=True)
class Compaction:
    """The result of a compaction."""

    folder: Path  # the new one
    replaced: tuple[str, ...]  # names of the folders that are in it now
    files: tuple[str, ...]
    rows: int
    bytes_before: int
    bytes_after: int
    left: int  # folders that were large enough already

    def to_json(self) -> dict[str, Any]:
        """For `curation compact --json`."""
        files = [str(self.folder / name) for name in self.files]
        return {"schema": 1, **vars(self), "folder": str(self.folder), "replaced": list(self.replaced), "files": files}


def compact(
    data: Workspace | Path | str,
    *,
    progress: Callable[[int, int], None] | None = None,
    waiting: Callable[[str], None] | None = None,
) -> Compaction:
    """Put the small landings of a workspace together.

    Raises `NothingToDoError` when there are not two of them, `WorkspaceError`.
    """
    space = data if isinstance(data, Workspace) else Workspace(Path(data))
    if not space.landings():
        raise NothingToDoError(f"Nothing has landed in {space.root} yet, so there is nothing to compact.")
    with space.lock("raw", waiting):
        space.sweep()
        landings = space.landings()
        small = [folder for folder in landings if _is_small(folder)]
        if len(small) < 2:
            raise NothingToDoError(
                f"There is nothing to compact in {space.root}: of {count(len(landings), 'landing')} "
                f"{len(small) or 'none'} is small, and it takes two."
            )
        landed_files(small)
        with space.staging("compact") as staging, writing(space.root):
            compaction = _compact(space, small, len(landings) - len(small), staging / "landing", progress)
        space.sweep()
    return compaction


def _compact(
    space: Workspace, small: list[Path], left: int, staged: Path, progress: Callable[[int, int], None] | None
) -> Compaction:
    manifests = {folder: read_manifest(folder) for folder in small}
    total = sum(manifest["counts"]["rows"] for manifest in manifests.values())
    staged.mkdir()
    name, written = uuid.uuid4().hex[:8], 0
    files: list[str] = []

    def rows_of(folders: list[Path]) -> Iterator[Any]:
        copied = written
        for folder in folders:
            for path in (folder / part for part in manifests[folder]["files"]):
                for batch in rewriting.batches(path):
                    copied += batch.num_rows
                    if progress:
                        progress(copied, max(copied, total))
                    yield batch

    for folders in _files_full(small, manifests):
        files.append(f"part-{name}-{len(files):05d}.parquet")
        written += rewriting.write(rows_of(folders), staged / files[-1])
    if written != total:
        raise WorkspaceError(
            f"The landings in {space.raw} hold {count(written, 'row')}, and their manifests say {total:,}. "
            "What was there "
            "before is unchanged. Put the landing that is damaged back from a copy."
        )
    _gather_rejected(small, staged)
    place = space.raw / f"{max(number_of(folder.name) for folder in small):06d}{COMPACTED}"
    # Folders of an earlier compaction that could not be removed since would count again without its manifest.
    earlier = {name for m in manifests.values() for name in m.get("replaces", ()) if (space.raw / name).exists()}
    replaces = sorted({*(folder.name for folder in small), *earlier} - {place.name})
    write_manifest(staged, _manifest(small, manifests, staged, files, replaces))
    after = sum((staged / file).stat().st_size for file in files)
    if place.exists():  # it is one of the compacted folders
        swap_in(staged, place)
    else:
        put_in_place(staged, place)
    before = sum(_bytes(manifest) for manifest in manifests.values())
    return Compaction(place, tuple(folder.name for folder in small), tuple(files), written, before, after, left)


def _is_small(folder: Path) -> bool:
    manifest = read_manifest(folder)
    return _bytes(manifest) < FILE_BYTES and manifest["counts"]["rows"] < FILE_ROWS


def _bytes(manifest: dict[str, Any]) -> int:
    return int(manifest.get("bytes", 0))


def _files_full(small: list[Path], manifests: dict[Path, dict[str, Any]]) -> Iterator[list[Path]]:
    """The folders of each file. No landing is cut, since the last of its rows about a post counts."""
    waiting: list[Path] = []
    for folder in small:
        size = sum(_bytes(manifests[each]) for each in (*waiting, folder))
        rows = sum(manifests[each]["counts"]["rows"] for each in (*waiting, folder))
        if waiting and (size > FILE_BYTES or rows > FILE_ROWS):
            yield waiting
            waiting = []
        waiting.append(folder)
    yield waiting


def _gather_rejected(small: list[Path], staged: Path) -> None:
    """Put the rejected records of all landings into one file, each with the name of its landing."""
    there = [folder for folder in small if (folder / "rejected.jsonl").is_file()]
    if not there:
        return
    with (staged / "rejected.jsonl").open("w", encoding="utf-8") as gathered:
        for folder in there:
            with (folder / "rejected.jsonl").open(encoding="utf-8") as lines:
                for line in lines:
                    gathered.write(json_text({"landing": folder.name, **json.loads(line)}) + "\n")


def _manifest(
    small: list[Path], manifests: dict[Path, dict[str, Any]], staged: Path, files: list[str], replaces: list[str]
) -> dict[str, Any]:
    landed = sorted((each for folder in small for each in originals(folder)), key=lambda each: each["landing"])
    counts: Counter[str] = Counter()
    for each in landed:
        counts.update(each["counts"])
    return {
        "schema": 1,
        "source": COMPACTED.strip("-"),
        "target": count(len(landed), "landing"),
        "began_at": min(each["began_at"] for each in landed),
        "landed_at": max(each["landed_at"] for each in landed),
        "complete": all(each["complete"] for each in landed),
        "counts": counts,
        "ids_made": any(each["ids_made"] for each in landed),
        "notices": [],
        "files": files,
        "bytes": sum((staged / file).stat().st_size for file in files),
        "columns": POST_SCHEMA.names,
        "versions": versions.of_packages(),
        "compacted_at": now(),
        "replaces": replaces,
        "landings": landed,
    }
