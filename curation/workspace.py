"""The data folder: where things lie in it, and how they get there whole or not at all.

::

    DIR/raw/000001-x-archive/…          one folder a landing: part-*.parquet and manifest.json; never edited
    DIR/curated/<recipe>/…              one folder a corpus: part-*.parquet and manifest.json
    DIR/exports/<recipe>/…              training text
    DIR/.work/…                         unfinished work, on the same disk so that a rename moves it

Whatever is written is written under `.work` and renamed into its place when it is complete and on disk. A
process that dies leaves rubbish in `.work` alone; the next one sweeps it, since a lock tells whether its
owner still lives (the operating system lets go of a lock when its holder dies, kill -9 included).
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import shutil
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from curation.errors import WorkspaceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Workspace:
    """A data folder. Making one touches nothing; folders are made when something is written."""

    root: Path

    @property
    def raw(self) -> Path:
        """Landings."""
        return self.root / "raw"

    @property
    def curated(self) -> Path:
        """Corpora."""
        return self.root / "curated"

    @property
    def exports(self) -> Path:
        """Training text."""
        return self.root / "exports"

    @property
    def work(self) -> Path:
        """Unfinished work and locks."""
        return self.root / ".work"

    def landings(self) -> list[Path]:
        """The folders of finished landings, oldest first."""
        return sorted(p for p in self.raw.glob("[0-9]*") if (p / MANIFEST).is_file())

    def recipes_run(self) -> list[str]:
        """Names of the corpora that exist."""
        restore_replaced(self.curated)
        return sorted(p.name for p in self.curated.glob("[!.]*") if (p / MANIFEST).is_file())

    @contextlib.contextmanager
    def lock(self, name: str, waiting: Callable[[str], None] | None = None) -> Iterator[None]:
        """Hold the lock `name`; a second process waits, and `waiting` is told once for whom."""
        path = self._lock_path(name)
        holder = path.with_suffix(".holder")
        lock = FileLock(path)
        with writing(self.root):
            try:
                lock.acquire(timeout=0)
            except Timeout:
                if waiting:
                    pid = holder.read_text() if holder.is_file() else "?"
                    waiting(f"Waiting for another curation process ({name}, process {pid}).")
                lock.acquire()
        try:
            with writing(self.root):
                holder.write_text(str(os.getpid()))
            yield
        finally:
            holder.unlink(missing_ok=True)
            lock.release()

    @contextlib.contextmanager
    def staging(self, purpose: str) -> Iterator[Path]:
        """A folder for unfinished work, removed at the end whatever happens."""
        with writing(self.root):
            self.sweep()
            folder = self.work / f"{purpose}-{uuid.uuid4().hex[:12]}"
            alive = FileLock(self._lock_path(folder.name))
            alive.acquire(timeout=0)
            folder.mkdir()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            alive.release()
            Path(alive.lock_file).unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove what dead processes left behind."""
        for folder in self.work.glob("*-*"):
            if not folder.is_dir():
                continue
            lock = FileLock(self._lock_path(folder.name))
            try:
                lock.acquire(timeout=0)
            except Timeout:
                continue
            shutil.rmtree(folder, ignore_errors=True)
            lock.release()
            Path(lock.lock_file).unlink(missing_ok=True)

    def _lock_path(self, name: str) -> Path:
        with writing(self.root):
            self.work.mkdir(parents=True, exist_ok=True)
        return self.work / f"{name}.lock"


@contextlib.contextmanager
def writing(place: Path) -> Iterator[None]:
    """Turn the operating system's refusals to write into a sentence with the place and the reason.

    Raises `WorkspaceError`.
    """
    import duckdb

    try:
        yield
    except (OSError, duckdb.IOException) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise WorkspaceError(
            f"Can't write to {place}: {reason}. What was there before is unchanged. "
            "Choose another folder with --data DIR, or make room and run the command again."
        ) from error


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest in `folder`. Raises `WorkspaceError` when it is damaged."""
    path = folder / MANIFEST
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise WorkspaceError(f"{path} is damaged ({error}). Run the command that made it again.") from error


def write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    """Write the manifest last, when everything it speaks of is on disk."""
    for path in folder.iterdir():
        flush(path)
    path = folder / MANIFEST
    path.write_text(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    flush(path)


def flush(path: Path) -> None:
    """Wait until a file, or a folder's list of names, is on disk."""
    if sys.platform == "win32" and path.is_dir():
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def put_in_place(staged: Path, place: Path) -> None:
    """Move a finished folder to where nothing stands yet."""
    place.parent.mkdir(parents=True, exist_ok=True)
    staged.rename(place)
    flush(place.parent)


def swap_in(staged: Path, place: Path) -> None:
    """Put a finished folder in the place of an older one; at every moment one of the two stands there.

    Linux exchanges two names in one step. Elsewhere there are two renames, and between them the old folder
    is called `.replaced-NAME`, where `restore_replaced` finds it again.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    restore_replaced(place.parent)
    if not place.exists():
        put_in_place(staged, place)
        return
    if _exchange(staged, place):
        flush(place.parent)
        shutil.rmtree(staged, ignore_errors=True)
        return
    aside = place.parent / f".replaced-{place.name}"
    place.rename(aside)
    staged.rename(place)
    flush(place.parent)
    shutil.rmtree(aside, ignore_errors=True)


def restore_replaced(parent: Path) -> None:
    """Finish what a process that died between the two renames of `swap_in` left half done."""
    for aside in parent.glob(".replaced-*"):
        place = parent / aside.name.removeprefix(".replaced-")
        if place.exists():
            shutil.rmtree(aside, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):  # another process was faster
                aside.rename(place)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two names in one step (`renameat2` with RENAME_EXCHANGE); False where that does not exist."""
    if sys.platform != "linux":
        return False
    at_fdcwd, rename_exchange = -100, 2
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    return renameat2(at_fdcwd, os.fsencode(one), at_fdcwd, os.fsencode(other), rename_exchange) == 0
