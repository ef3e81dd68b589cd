"""Compaction: many small landings in few files, without losing where a post came from.

Every collect makes a folder, and every reader opens them all. Compacting puts the small ones together into one
folder, whose files hold whole landings one after the other. Rows keep their `landing`, `landed_at` and source, so
the latest version of a post counts as before, and all older versions stay. The new folder's manifest keeps the
manifests of the landings and names the folders that it replaces.

The new folder is put in place in one step, and from then on the old ones don't count, though they are still there;
then they go. A process that is killed leaves the landings as they were, or leaves folders that no longer count, which
the next sweep removes.
"""

from __future__ import annotations

import datetime
import json
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from curation import versions
from curation.disk import rewriting
from curation.disk.landings import landed_files, number_of, originals
from curation.disk.manifest import COMPACTED, read_manifest, write_manifest
from curation.disk.whole_files import put_in_place, swap_in, writing
from curation.disk.workspace import Workspace
from curation.errors import NothingToDoError, WorkspaceError
from curation.posts import POST_SCHEMA
from curation.writing.characters import json_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

#: A folder of at least so many bytes or rows is large enough, and a file is not made larger.
FILE_BYTES = 256_000_000
FILE_ROWS = 1_000_000


@dataclass(frozen=True)
class Compaction:
    """What a compaction did."""

    folder: Path  # the new one
    replaced: tuple[str, ...]  # names of the folders that are in it now
    files: tuple[str, ...]
    rows: int
    bytes_before: int
    bytes_after: int
    left: int  # folders that were large enough already

    def to_json(self) -> dict[str, Any]:
        """For `curation compact --json`."""
        return {
            "schema": 1,
            "folder": str(self.folder),
            "replaced": list(self.replaced),
            "files": [str(self.folder / name) for name in self.files],
            "rows": self.rows,
            "bytes_before": self.bytes_before,
            "bytes_after": self.bytes_after,
            "left": self.left,
        }


def compact(
    data: Workspace | Path | str,
    *,
    progress: Callable[[int, int], None] | None = None,
    waiting: Callable[[str], None] | None = None,
) -> Compaction:
    """Put the small landings of a workspace together.

    Raises `NothingToDoError` when there are not two of them, `WorkspaceError`.
    """
    from pathlib import Path

    space = data if isinstance(data, Workspace) else Workspace(Path(data))
    if not space.landings():
        raise NothingToDoError(f"Nothing has landed in {space.root} yet, so there is nothing to compact.")
    with space.lock("raw", waiting):
        space.sweep()
        landings = space.landings()
        small = [folder for folder in landings if _is_small(folder)]
        if len(small) < 2:
            raise NothingToDoError(
                f"There is nothing to compact in {space.root}: of {_landings(len(landings))} {len(small) or 'none'} "
                f"{'is' if len(small) < 2 else 'are'} small, and it takes two."
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
    name = uuid.uuid4().hex[:8]
    files: list[str] = []
    written = 0

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
            f"The landings in {space.raw} hold {written:,} rows, and their manifests say {total:,}. What was there "
            "before is unchanged. Put the landing that is damaged back from a copy."
        )
    _gather_rejected(small, staged)
    place = space.raw / f"{max(number_of(folder.name) for folder in small):06d}{COMPACTED}"
    # What an earlier compaction has replaced and nobody could remove since would count again without its replacer.
    earlier = {name for m in manifests.values() for name in m.get("replaces", ()) if (space.raw / name).exists()}
    replaces = sorted({*(folder.name for folder in small), *earlier} - {place.name})
    write_manifest(staged, _manifest(small, manifests, staged, files, replaces))
    after = sum((staged / file).stat().st_size for file in files)
    if place.exists():  # it is one of those that are compacted
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
    """The folders that go into one file each. No landing is cut: of its versions of a post the last row counts."""
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
    """What could not be read, of all landings, each record with the name of its landing."""
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
    counts: dict[str, int] = {}
    for each in landed:
        for key, number in each["counts"].items():
            counts[key] = counts.get(key, 0) + number
    return {
        "schema": 1,
        "source": COMPACTED.strip("-"),
        "target": _landings(len(landed)),
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
        "compacted_at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "replaces": replaces,
        "landings": landed,
    }


def _landings(number: int) -> str:
    return f"{number:,} landing{'' if number == 1 else 's'}"
