"""The data folder: where things lie in it, and how they get there whole or not at all.

::

    DIR/raw/000001-x-archive/…          one folder a landing: part-*.parquet and manifest.json; never edited
    DIR/raw/000009-compacted/…          several landings in one, in place of their folders (`curation compact`)
    DIR/curated/<recipe>/…              one folder a corpus: part-*.parquet and manifest.json
    DIR/exports/<recipe>/…              training text
    DIR/evaluations/…                   what `curation evaluate` found, a file for each set of recipes
    DIR/targets/<source>-<target>-…/    how far down a feed we have come, and pages that have not landed yet
    DIR/.memo/…                         values of cached functions, from run to run
    DIR/forgotten.jsonl                 tombstones of what shall never land again (`curation forget`)
    DIR/pins.toml                       posts that must be kept or must go (`curation pin`)
    DIR/runs/…                          what commands did: a record each, and an index (`curation.tracking`)
    DIR/.work/…                         unfinished work, on the same disk so that a rename moves it

Whatever is written is written under `.work` and renamed into its place when it is complete and on disk. A
process that dies leaves rubbish in `.work` alone; the next one sweeps it, since a lock tells whether its
owner still lives (the operating system lets go of a lock when its holder dies, kill -9 included).
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import shutil
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from curation.disk.whole_files import flush, restore_replaced
from curation.errors import WorkspaceError
from curation.writing.characters import is_whole, json_text, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MANIFEST = "manifest.json"

#: Names of the locks of unfinished work, as `Workspace.staging` makes them.
STAGING_LOCK = re.compile(r".+-[0-9a-f]{12}\.lock")

#: What the name of a folder of several landings ends with; its manifest names the folders that it `replaces`.
COMPACTED = "-compacted"


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
    def evaluations(self) -> Path:
        """What `curation evaluate` found."""
        return self.root / "evaluations"

    @property
    def targets(self) -> Path:
        """What is known of accounts and other feeds on the network."""
        return self.root / "targets"

    @property
    def memo(self) -> Path:
        """Kept values of cached functions."""
        return self.root / ".memo"

    @property
    def work(self) -> Path:
        """Unfinished work and locks."""
        return self.root / ".work"

    def command(self, *words: str) -> str:
        """A command line for this workspace: with `--data`, unless it is found without."""
        usual = Path(os.environ.get("CURATION_DATA") or "data")
        return shlex.join(["curation", *words, *([] if self.root == usual else ["--data", str(self.root)])])

    def landings(self) -> list[Path]:
        """The folders of landings, oldest first. Raises `WorkspaceError` when one has lost its manifest.

        A folder that another one replaces does not count, though it may be there still.
        """
        self._require_folder()
        from curation.disk.landings import standing

        return standing(self.raw)

    def recipes_run(self) -> list[str]:
        """Names of the corpora that exist. Raises `WorkspaceError` when the workspace is no folder."""
        self._require_folder()
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
                    pid = "?"
                    with contextlib.suppress(OSError):  # it may have finished just now
                        pid = holder.read_text()
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
    def at_once(self, name: str) -> Iterator[None]:
        """Hold the lock `name` if nobody holds it. Raises `filelock.Timeout`."""
        with FileLock(self._lock_path(name), timeout=0):
            yield

    @contextlib.contextmanager
    def staging(self, purpose: str) -> Iterator[Path]:
        """A folder for unfinished work, removed at the end whatever happens."""
        with writing(self.root):
            self.sweep()
            folder = self.work / f"{purpose}-{uuid.uuid4().hex[:12]}"
            alive = FileLock(self._lock_path(folder.name))
            alive.acquire()  # at once, but for the moment in which another process may sweep the lock itself
        try:
            with writing(self.root):
                folder.mkdir()
            yield folder
        finally:
            self._remove(folder, alive)

    @contextlib.contextmanager
    def scratch(self, purpose: str) -> Iterator[Path]:
        """A folder for what a reader lays aside: in the workspace, whose next sweep finds it, if it can be written."""
        with contextlib.ExitStack() as stack:
            try:
                folder = stack.enter_context(self.staging(purpose))
            except WorkspaceError:
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=f"curation-{purpose}-")))
            yield folder

    def sweep(self) -> None:
        """Remove what dead processes left behind, or finish it, here and where they were at work outside of it.

        Raises `WorkspaceError` when something here can't be finished.
        """
        from curation.disk.landings import set_aside
        from curation.disk.publishing import NOTE, finish, sweep_lock, sweep_noted

        finish(self.root)
        sweep_lock(self.root)
        set_aside(self.raw, self.work)
        left = [path for path in self.work.glob("*-*") if path.is_dir()]
        left += [path.with_suffix("") for path in self.work.glob("*.lock") if STAGING_LOCK.fullmatch(path.name)]
        for folder in left:
            lock = FileLock(self._lock_path(folder.name))
            try:
                lock.acquire(timeout=0)
            except Timeout:
                continue  # its owner lives
            try:
                if (folder / NOTE).is_file():
                    sweep_noted(folder / NOTE)
            except (OSError, WorkspaceError):
                lock.release()  # whoever needs what lies there will say why it can't be finished
            else:
                self._remove(folder, lock)
        with contextlib.suppress(OSError):  # what is at work has its locks there
            self.work.rmdir()

    def _remove(self, folder: Path, lock: FileLock) -> None:
        """Remove unfinished work and its lock, which is held: whoever waits for it finds that its name is gone.

        What has still to be put in place by somebody stays.
        """
        from curation.disk.publishing import is_needed

        if is_needed(folder):
            lock.release()
            return
        shutil.rmtree(folder, ignore_errors=True)
        with contextlib.suppress(OSError):  # Windows removes no open file
            Path(lock.lock_file).unlink()
        lock.release()
        with contextlib.suppress(OSError):
            self.work.rmdir()

    def _require_folder(self) -> None:
        if not is_whole(str(self.root)):
            raise WorkspaceError(
                f"{shown(str(self.root))} can't be a workspace: DuckDB reads only names in UTF-8, and this one isn't. "
                "Rename the folder, or name another one with --data DIR."
            )
        at = next((path for path in (self.root, *self.root.parents) if path.exists()), None)
        if at and not at.is_dir():
            raise WorkspaceError(f"{self.root} can't be a workspace: {at} is a file. Name a folder with --data DIR.")

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
        reason = getattr(error, "strerror", None) or str(error).partition("\n")[0]
        raise WorkspaceError(
            f"Can't write to {place}: {reason}. What was there before is unchanged. "
            "Choose another folder with --data DIR, or make room and run the command again."
        ) from error


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest in `folder`. Raises `WorkspaceError` when it is damaged."""
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        damage = None if _is_manifest(manifest) else "it does not say which files belong to it"
    except OSError as error:
        damage = error.strerror or str(error)
    except ValueError as error:
        damage = str(error)
    except RecursionError:
        damage = "it is nested too deeply"
    if damage:
        raise damaged_manifest(folder, damage)
    return manifest


def damaged_manifest(folder: Path, damage: str) -> WorkspaceError:
    """What is said of a manifest that can't be read, and the way on."""
    again = f"Make it anew with: curation run {folder.name}"
    again = land_again(folder) if folder.parent.name == "raw" else again
    return WorkspaceError(f"{folder / MANIFEST} is damaged ({damage}). {again}")


def _is_manifest(manifest: object) -> bool:
    if not isinstance(manifest, dict):
        return False
    files, counts = manifest.get("files"), manifest.get("counts")
    return isinstance(counts, dict) and isinstance(files, list) and all(map(_is_name, files))


def _is_name(name: object) -> bool:
    return isinstance(name, str) and name not in ("", ".", "..") and not {"/", "\\", "\0"} & {*name}


def landed_files(landings: list[Path]) -> list[Path]:
    """The Parquet files of landings, each of which has its beginning and its end.

    Raises `WorkspaceError` for one that is missing or cut off.
    """
    files = [folder / name for folder in landings for name in read_manifest(folder)["files"]]
    for path in files:
        if damage := cut_off(path):
            raise WorkspaceError(f"{path} {damage}, so its posts can't be read. {land_again(path.parent)}")
    return files


@contextlib.contextmanager
def reading(files: list[Path]) -> Iterator[None]:
    """Turn what DuckDB says of a damaged landing into a sentence. Raises `WorkspaceError`."""
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        from curation.disk.damage import first_line, of_landing

        known = str(error)
        for table in sorted(map(of_landing, files), key=lambda table: str(table.path) not in known):
            if fault := table.fault():
                raise table.error(fault) from error
            if str(table.path) in known:
                raise table.error(f"is damaged ({first_line(error)})") from error
        raise


def cut_off(path: Path) -> str | None:
    """What is wrong with a Parquet file as a whole, as a clause: "is missing"; None when it has a footer."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        pq.read_metadata(path)
    except FileNotFoundError:
        return "is missing"
    except (OSError, pa.ArrowException):
        return "is damaged"
    return None


def land_again(folder: Path) -> str:
    """What to do about a landing that can't be read."""
    return (
        f"Put it back from a copy; or move the folder {folder} away and collect its input again. All else is unchanged."
    )


def write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    """Write the manifest last, when everything it speaks of is on disk."""
    for path in folder.iterdir():
        flush(path)
    path = folder / MANIFEST
    path.write_text(json_text(manifest, indent=2) + "\n", encoding="utf-8")
    flush(path)
    flush(folder)
