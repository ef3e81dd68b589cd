"""Landings and corpora between a workspace and an object store, `s3://bucket/prefix`.

They lie there as they lie here: `raw/<landing>/` and `curated/<recipe>/`, each with a manifest, which is sent last and
names the files that count. So whatever copies a folder whole, copies a workspace.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curation.disk.landings import cut_off
from curation.disk.manifest import MANIFEST, read_manifest
from curation.disk.objects import ObjectFolder
from curation.disk.states import ReplacedError
from curation.disk.whole_files import flush, put_in_place, swap_in, writing
from curation.disk.workspace import Workspace
from curation.errors import NothingToDoError, RefusedError, WorkspaceError, did_you_mean

if TYPE_CHECKING:
    from curation.disk.objects import ObjectEntry

#: Called with the bytes that are there, and with those of all.
OnProgress = Callable[[int, int], None]

RAW, CURATED = "raw", "curated"

#: What the folder of a landing or a corpus is called.
FOLDER = re.compile(r"raw/[0-9]+-[A-Za-z0-9_-]+|curated/[^./\\][^/\\]*")

#: What the manifest of a landing or a corpus says of where it is from, which never changes.
ORIGIN = ("source", "target", "began_at", "landed_at", "replaces", "created_at", "inputs")


@dataclass(frozen=True)
class Transferred:
    """What was copied; what was there already is not."""

    landings: tuple[str, ...]
    corpora: tuple[str, ...]
    bytes: int
    unchanged: int  # landings and corpora that were there already

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "schema": 1,
            "status": "complete" if self.landings or self.corpora else "unchanged",
            "landings": list(self.landings),
            "corpora": list(self.corpora),
            "bytes": self.bytes,
            "unchanged": self.unchanged,
        }


@dataclass
class _Progress:
    report: OnProgress | None
    of: int
    sent: int = field(default=0)

    def add(self, size: int) -> None:
        self.sent += size
        if self.report:
            self.report(self.sent, self.of)


def fetch(
    objects: ObjectFolder,
    space: Workspace,
    recipes: Sequence[str] = (),
    *,
    clean: Callable[[Workspace], object],
    on_progress: OnProgress | None = None,
    on_notice: Callable[[str], None] | None = None,
) -> Transferred:
    """Copy landings and corpora of a store into a workspace; of `recipes` alone when some are named.

    Each takes its place whole. What the workspace has forgotten is taken out before: `clean` is given a workspace of
    what was fetched, with the tombstones. A second fetch copies what is new. Raises `NothingToDoError` when there is
    nothing, `RefusedError` when another landing has the same name, `WorkspaceError`.
    """
    there = _contents(objects)
    corpora = [name for name in there if name.startswith(f"{CURATED}/") and (not recipes or name[8:] in recipes)]
    for recipe in recipes:
        if f"{CURATED}/{recipe}" not in there:
            names = [name[8:] for name in there if name.startswith(f"{CURATED}/")]
            raise NothingToDoError(f"There is no corpus '{recipe}' in {objects.url}.{did_you_mean(recipe, names)}")
    landings = [name for name in there if name.startswith(f"{RAW}/")]
    if not landings and not corpora:
        raise NothingToDoError(f"There is no landing and no corpus in {objects.url}.")
    manifests = {name: _manifest(objects, name) for name in (*landings, *corpora)}
    with writing(space.root), space.lock(RAW, on_notice):
        missing = [name for name in landings if not _is_here(space.root / name, manifests[name])]
        missing += [name for name in corpora if not _is_same(space.root / name, manifests[name])]
        progress = _Progress(on_progress, sum(entry.size for name in missing for entry in there[name]))
        with space.staging("fetch") as staging:
            for name in missing:
                _fetch_folder(objects, name, there[name], manifests[name], staging, progress)
            _clean(space, Workspace(staging), clean)
            for name in missing:
                if not (staging / name / MANIFEST).exists():
                    continue  # all of it is forgotten
                if name.startswith(RAW):
                    put_in_place(staging / name, space.root / name)
                else:
                    with space.lock(f"run-{name[8:]}", on_notice):
                        swap_in(staging / name, space.root / name)
    return _transferred(missing, progress.sent, len(landings) + len(corpora) - len(missing))


def upload(
    space: Workspace,
    objects: ObjectFolder,
    *,
    on_progress: OnProgress | None = None,
    on_notice: Callable[[str], None] | None = None,
) -> Transferred:
    """Copy the landings of a workspace into a store, each with its manifest last.

    A second upload sends what is new. Raises `NothingToDoError` when nothing has landed, `RefusedError` when another
    landing has the same name there, `WorkspaceError`.
    """
    with space.lock(RAW, on_notice):
        folders = space.landings()
        if not folders:
            raise NothingToDoError(f"Nothing has landed in {space.root} yet.")
        there = _contents(objects)
        missing: list[Path] = []
        for folder in folders:
            name = f"{RAW}/{folder.name}"
            if name not in there:
                missing.append(folder)
            elif objects.read(f"{name}/{MANIFEST}") != (folder / MANIFEST).read_bytes():
                raise RefusedError(
                    f"{objects.url}/{name} is another landing than {folder}. Choose another prefix, or remove the "
                    "objects there."
                )
        files = [folder / file for folder in missing for file in read_manifest(folder)["files"]]
        progress = _Progress(on_progress, sum(path.stat().st_size for path in files))
        for folder in missing:
            for file in read_manifest(folder)["files"]:
                objects.send(f"{RAW}/{folder.name}/{file}", folder / file)
                progress.add((folder / file).stat().st_size)
            try:
                objects.place(f"{RAW}/{folder.name}/{MANIFEST}", (folder / MANIFEST).read_bytes(), None)
            except ReplacedError as error:
                raise RefusedError(
                    f"Somebody else has put {objects.url}/{RAW}/{folder.name} there meanwhile. Upload again."
                ) from error
    return _transferred([f"{RAW}/{folder.name}" for folder in missing], progress.sent, len(folders) - len(missing))


def _transferred(names: Iterable[str], sent: int, unchanged: int) -> Transferred:
    kinds: dict[str, list[str]] = {RAW: [], CURATED: []}
    for name in names:
        kind, _, own = name.partition("/")
        kinds[kind].append(own)
    return Transferred(tuple(kinds[RAW]), tuple(kinds[CURATED]), sent, unchanged)


def _contents(objects: ObjectFolder) -> dict[str, list[ObjectEntry]]:
    """The complete landings and corpora of a store by their folders' names, with all objects of each."""
    folders: dict[str, list[ObjectEntry]] = {}
    for kind in (RAW, CURATED):
        for entry in objects.entries(kind):
            folder, _, _ = entry.name.rpartition("/")
            folders.setdefault(folder, []).append(entry)
    return {
        name: entries
        for name, entries in folders.items()
        if FOLDER.fullmatch(name) and any(entry.name == f"{name}/{MANIFEST}" for entry in entries)
    }


def _manifest(objects: ObjectFolder, name: str) -> bytes:
    """The manifest of a landing or a corpus. Raises `WorkspaceError` when it is damaged."""
    content = objects.read(f"{name}/{MANIFEST}")
    try:
        if not isinstance(json.loads(content), dict):
            raise ValueError("it is no object")
    except (ValueError, RecursionError) as error:
        raise WorkspaceError(f"{objects.url}/{name}/{MANIFEST} is damaged ({error}). Put it there again.") from error
    return content


def _is_here(folder: Path, manifest: bytes) -> bool:
    """Whether a landing is in the workspace. Raises `RefusedError` when another one has its name."""
    if folder.exists() and not _is_same(folder, manifest):
        raise RefusedError(
            f"{folder} is another landing than the one of that name in the store. Fetch into another workspace: "
            "--data DIR."
        )
    return folder.exists()


def _is_same(folder: Path, manifest: bytes) -> bool:
    """Whether a landing or a corpus is the one of this manifest, though posts may be forgotten of it since."""
    if not (folder / MANIFEST).is_file():
        return False
    here = read_manifest(folder)
    there = json.loads(manifest)
    return all(here.get(name) == there.get(name) for name in ORIGIN)


def _fetch_folder(
    objects: ObjectFolder,
    name: str,
    entries: Sequence[ObjectEntry],
    manifest: bytes,
    staging: Path,
    progress: _Progress,
) -> None:
    """Fetch a landing or a corpus into the staging folder, its manifest last."""
    folder = staging / name
    folder.mkdir(parents=True)
    (folder / MANIFEST).write_bytes(manifest)
    files = read_manifest(folder)["files"]
    (folder / MANIFEST).unlink()
    sizes = {entry.name.rpartition("/")[2]: entry.size for entry in entries}
    for file in files:
        if file not in sizes:
            raise WorkspaceError(
                f"{objects.url}/{name}/{file} is missing, which its manifest names. Put it there again."
            )
        objects.fetch(f"{name}/{file}", folder / file)
        if damage := cut_off(folder / file):
            raise WorkspaceError(f"{objects.url}/{name}/{file} {damage}. Put it there again.")
        flush(folder / file)
        progress.add(sizes[file])
    (folder / MANIFEST).write_bytes(manifest)
    flush(folder / MANIFEST)
    flush(folder)


def _clean(space: Workspace, fetched: Workspace, clean: Callable[[Workspace], object]) -> None:
    """Take what the workspace has forgotten out of what was fetched."""
    from curation.disk.tombstones import FILE

    if not (space.root / FILE).is_file():
        return
    shutil.copyfile(space.root / FILE, fetched.root / FILE)
    clean(fetched)
