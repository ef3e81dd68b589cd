"""Curating in an object store: a run on a cluster whose landings and corpus are objects.

This machine keeps a mirror of the store, with manifests and outlines of files and no text of a post. The run is that of
any workspace. Its end differs: parts are copied to their places, which nobody looks at, and then the manifest takes its
place on the condition that it is the one that stood there when the run began. So of two runs one wins, wherever their
processes are. A store has no pins: they are applied where its landings were fetched to.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import shutil
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from curation.corpus.curate import Run, curate
from curation.corpus.run_context import RunContext
from curation.disk.manifest import MANIFEST, read_manifest
from curation.disk.mirror import Mirror
from curation.disk.publishing import WORK
from curation.disk.states import ReplacedError
from curation.disk.whole_files import write_whole, writing
from curation.disk.workspace import KEPT_FOR, Workspace
from curation.engines.cluster import ClusterEngine
from curation.engines.object_depot import ObjectDepot
from curation.errors import NothingToDoError, RefusedError, UsageError, WorkspaceError

if TYPE_CHECKING:
    from curation.corpus.corpus import Corpus
    from curation.disk.objects import ObjectEntry, ObjectFolder
    from curation.recipes.recipe import Recipe

#: In the mirror: whose it is, and the names of parts that are being copied to their places.
OWNER, COPYING = "owner", "copying.json"


def curate_in_store(
    objects: ObjectFolder, recipe: Recipe, *, context: RunContext, again: bool = False, mirrors: Path | None = None
) -> Run:
    """Curate what lies in `raw/` of a store into `curated/<recipe>/` there, on the workers of a cluster.

    `mirrors` is the folder of this machine for mirrors of stores; by default in the user's cache. The corpus that is
    returned is an outline: its counts can be read, and no post. Raises what `curate` raises, `UsageError` for an engine
    that is no cluster's, `RefusedError` when another run put a corpus in place meanwhile.
    """
    if not isinstance(context.engine, ClusterEngine):
        raise UsageError(
            f"{objects.url} is curated on a cluster: give --engine ray, slurm or dask. To work on it here, copy it: "
            f"curation fetch {objects.url} --data DIR"
        )
    objects.require_conditions()
    place = mirrors or _cache()
    space = Workspace(place / hashlib.sha256(objects.url.encode()).hexdigest()[:16])
    with writing(space.root), space.lock("store", context.on_notice):
        mirror = Mirror(objects, space.root, _owner(space.root))
        store = _Store(mirror, recipe)
        before = store.refresh()
        if not space.landings():
            raise NothingToDoError(
                f"Nothing lies in {objects.url}/raw yet. Put landings there with: "
                f"curation upload {objects.url} --data DIR"
            )
        engine = dataclasses.replace(context.engine, depot=ObjectDepot(mirror))
        run = curate(
            space,
            recipe,
            context=dataclasses.replace(context, engine=engine, memo_limit=0),
            again=again,
            pins=False,  # they lie in a workspace
            publish=lambda corpus: store.publish(corpus, before),
        )
        store.tidy(run.corpus.manifest["files"])
        store.show(run.corpus)
    return dataclasses.replace(run, url=f"{objects.url}/curated/{recipe.name}")


@dataclass(frozen=True)
class _Store:
    """The landings and one corpus of a store, and their mirror."""

    mirror: Mirror
    recipe: Recipe

    @property
    def _corpus(self) -> Path:
        return self.mirror.root / "curated" / self.recipe.name

    def refresh(self) -> ObjectEntry | None:
        """Bring manifests and outlines up to date; gives what the store says of the corpus's manifest."""
        objects, raw = self.mirror.objects, self.mirror.root / "raw"
        there = {entry.name for entry in objects.entries("raw")}
        landings = {raw / name for name in objects.folders("raw") if f"raw/{name}/{MANIFEST}" in there}
        for folder in raw.iterdir() if raw.is_dir() else ():
            if folder not in landings:
                shutil.rmtree(folder)
        for folder in sorted(landings):
            self._refresh(folder)
        before = objects.entry(self.mirror.name_of(self._corpus / MANIFEST))
        if before:
            self._refresh(self._corpus)
        elif self._corpus.exists():
            shutil.rmtree(self._corpus)
        return before

    def _refresh(self, folder: Path) -> None:
        manifest = self.mirror.objects.read(self.mirror.name_of(folder / MANIFEST))
        path = folder / MANIFEST
        if not (path.is_file() and path.read_bytes() == manifest):
            if folder.exists():
                shutil.rmtree(folder)
            folder.mkdir(parents=True)
            write_whole(path, manifest)
        try:
            for name in read_manifest(folder)["files"]:
                self.mirror.outline(folder / name)
        except (WorkspaceError, FileNotFoundError, pa.ArrowException) as error:
            raise WorkspaceError(
                f"What lies in {self.mirror.objects.url}/{self.mirror.name_of(folder)} is damaged: {error} "
                "Put it there again from a copy, or remove it there."
            ) from error

    def publish(self, corpus: Path, before: ObjectEntry | None) -> None:
        """Copy a finished corpus to its place, its manifest last. Raises `RefusedError`."""
        objects = self.mirror.objects
        place = self.mirror.name_of(self._corpus)
        names: list[str] = read_manifest(corpus)["files"]
        write_whole(self.mirror.root / COPYING, json.dumps({"place": place, "names": names}))
        for name in names:
            objects.copy(self.mirror.name_of(corpus / name), f"{place}/{name}")
        try:
            objects.place(f"{place}/{MANIFEST}", (corpus / MANIFEST).read_bytes(), before)
        except ReplacedError as error:
            self._remove_copies(())
            raise RefusedError(
                f"Another run has put a corpus '{self.recipe.name}' into {objects.url} since this one began. "
                "Its corpus stays; run again if something has landed since."
            ) from error
        (self.mirror.root / COPYING).unlink()
        if self._corpus.exists():
            replaced = {*read_manifest(self._corpus)["files"]} - {*names}
            objects.remove(f"{place}/{name}" for name in sorted(replaced))

    def show(self, corpus: Corpus) -> None:
        """Let the authors of a corpus be counted by what its rules with a hint measured."""
        measured = [rule.name for rule in self.recipe.rules if rule.if_most_go]
        for name in corpus.manifest["files"] if measured else ():
            self.mirror.all_groups(corpus.folder / name, ["author", "removed_by", *measured])

    def tidy(self, files: list[str]) -> None:
        """Remove what earlier runs left: copies that no manifest names, and work that is old or one's own."""
        self._remove_copies(files)
        objects, root = self.mirror.objects, self.mirror.root
        # Work that can be taken up again has a folder here.
        taken_up = {path.name for path in (root / WORK).iterdir()} if (root / WORK).is_dir() else set()
        old = datetime.now(UTC) - timedelta(seconds=KEPT_FOR)
        for owner in objects.folders(WORK):
            entries = list(objects.entries(f"{WORK}/{owner}"))
            if owner == self.mirror.owner:
                entries = [entry for entry in entries if entry.name.split("/")[2] not in taken_up]
            elif max(entry.modified for entry in entries) > old:
                continue
            objects.remove(entry.name for entry in entries)

    def _remove_copies(self, files: list[str] | tuple[()]) -> None:
        """Remove the parts that a killed or refused run has copied, but for those that count."""
        record = self.mirror.root / COPYING
        if record.is_file():
            copying = json.loads(record.read_bytes())
            here = copying["place"] == self.mirror.name_of(self._corpus)
            left = {*copying["names"]} - ({*files} if here else set(self._named(copying["place"])))
            self.mirror.objects.remove(f"{copying['place']}/{name}" for name in sorted(left))
            record.unlink()

    def _named(self, place: str) -> list[str]:
        """The files that the manifest of another corpus names."""
        try:
            names: list[str] = json.loads(self.mirror.objects.read(f"{place}/{MANIFEST}"))["files"]
        except FileNotFoundError:
            return []
        return names


def _owner(root: Path) -> str:
    """A name for the unfinished work of this mirror: random, and kept."""
    path = root / OWNER
    if not path.is_file():
        write_whole(path, uuid.uuid4().hex[:12])
    return path.read_text(encoding="ascii")


def _cache() -> Path:
    """The folder of mirrors in the user's cache."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "curation" / "stores"
