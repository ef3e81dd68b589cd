"""The data folder: what lies where, and how it gets there whole or not at all.

::

    DIR/raw/000001-x-archive/…          one folder a landing: part-*.parquet and manifest.json; never edited
    DIR/raw/000009-compacted/…          several landings in one, in place of their folders (`curation compact`)
    DIR/curated/<recipe>/…              one folder a corpus: part-*.parquet and manifest.json; caches
    DIR/exports/<recipe>/…              training text
    DIR/recipes/<name>.toml             the workspace's own recipes
    DIR/evaluations/…                   results of `curation evaluate`, a file for each set of recipes
    DIR/maps/<corpus>/…                 kept posts as points (`curation map`)
    DIR/targets/<source>-<target>-…/    the state of a feed, and pages that have not landed yet
    DIR/.memo/…                         values of cached functions, from run to run
    DIR/.words/…                        counts of the words of each corpus (`curation words`)
    DIR/.evidence/…                     what rules compare in each corpus, and whom they removed (`curation sweep`)
    DIR/forgotten.jsonl                 tombstones of posts that must never land again (`curation forget`)
    DIR/pins.toml                       posts that must be kept or must go (`curation pin`)
    DIR/views.json                      views that have a name (`curation views`)
    DIR/.pins-undo.json                 the latest changes of them, which can be taken back
    DIR/reviews.json                    posts drawn at random for review (page *Decide*)
    DIR/runs/…                          a record of each command, and an index (`curation.tracking`)
    DIR/.work/…                         unfinished work, on the same disk so that a rename moves it

Everything is written under `.work` and renamed into its place when it is complete and on disk. A process that dies
leaves files only in `.work`, and the next one sweeps them: a lock tells whether their owner lives, since the operating
system releases the locks of a dead process, kill -9 included. For unfinished work outside of the workspace,
`staging_at` leaves a note under `.work`, and the next sweep includes the other folder.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shlex
import shutil
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from curation.disk.landings import active_landings, set_aside
from curation.disk.manifest import MANIFEST
from curation.disk.publishing import WORK, finish, is_needed, sweep_lock
from curation.disk.whole_files import restore_replaced, write_to_disk, writing
from curation.errors import UsageError, WorkspaceError
from curation.writing.characters import is_whole, shown

#: Names of the locks of unfinished work, as `Workspace.staging` makes them.
STAGING_LOCK = re.compile(r".+-[0-9a-f]{12}\.lock")

#: Seconds for which unfinished work that can be taken up again is kept.
KEPT_FOR = 7 * 24 * 3600

#: The note of `staging_at` in a folder of unfinished work.
NOTE = "place.json"


@dataclass(frozen=True)
class Workspace:
    """A data folder. Making one touches nothing; writing makes the folders."""

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
    def recipes(self) -> Path:
        """Recipes of its own."""
        return self.root / "recipes"

    @property
    def evaluations(self) -> Path:
        """Results of `curation evaluate`."""
        return self.root / "evaluations"

    @property
    def maps(self) -> Path:
        """Maps of kept posts."""
        return self.root / "maps"

    @property
    def targets(self) -> Path:
        """Accounts and other feeds on the network."""
        return self.root / "targets"

    @property
    def memo(self) -> Path:
        """Kept values of cached functions."""
        return self.root / ".memo"

    @property
    def words(self) -> Path:
        """Counts of the words of corpora."""
        return self.root / ".words"

    @property
    def evidence(self) -> Path:
        """What rules compare in corpora, and whom they removed."""
        return self.root / ".evidence"

    @property
    def work(self) -> Path:
        """Unfinished work and locks."""
        return self.root / WORK

    def command(self, *words: str) -> str:
        """A command line for this workspace, with `--data` unless it is the usual one."""
        usual = Path(os.environ.get("CURATION_DATA") or "data")
        return shlex.join(["curation", *words, *([] if self.root == usual else ["--data", str(self.root)])])

    def landings(self) -> list[Path]:
        """The folders of landings that count, oldest first. Raises `WorkspaceError` when one has lost its manifest."""
        self._require_folder()
        return active_landings(self.raw)

    def recipes_run(self) -> list[str]:
        """Names of the corpora that exist. Raises `WorkspaceError` when the workspace is no folder."""
        self._require_folder()
        restore_replaced(self.curated)
        return sorted(p.name for p in self.curated.glob("[!.]*") if (p / MANIFEST).is_file())

    @contextlib.contextmanager
    def lock(self, name: str, waiting: Callable[[str], None] | None = None) -> Iterator[None]:
        """Hold the lock `name`; a second process waits, after one call of `waiting` with the holder."""
        path = self._lock_path(name)
        holder = path.with_suffix(".holder")
        lock = FileLock(path)
        with writing(self.root):
            try:
                lock.acquire(timeout=0)
            except Timeout:
                if waiting:
                    pid = "?"
                    with contextlib.suppress(OSError):  # it may have just finished
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
            alive.acquire()  # at once, unless another process is just sweeping the lock itself
        try:
            with writing(self.root):
                folder.mkdir()
            yield folder
        finally:
            self._remove(folder, alive)

    @contextlib.contextmanager
    def resumable(self, purpose: str) -> Iterator[Path]:
        """A folder for unfinished work, the same for each process of this purpose. It is removed when the work is done.

        What an exception or a killed process leaves, the next one finds there, except for a wrong option or recipe. A
        sweep removes it after `KEPT_FOR`.
        """
        with writing(self.root):
            self.sweep()
            folder = self.work / _resumable_name(purpose)
            alive = FileLock(self._lock_path(folder.name))
            alive.acquire()
        try:
            with writing(self.root):
                folder.mkdir(exist_ok=True)
            yield folder
        except UsageError:
            self._remove(folder, alive)
            raise
        except BaseException:
            alive.release()  # its file stays, for the next sweep to find the folder by
            raise
        self._remove(folder, alive)

    def discard(self, purpose: str) -> None:
        """Remove what work of this purpose has left to be taken up, unless somebody is at it."""
        folder = self.work / _resumable_name(purpose)
        if folder.is_dir():
            self._sweep_folder(folder)

    @contextlib.contextmanager
    def scratch(self, purpose: str) -> Iterator[Path]:
        """A folder for temporary files of a reader: in the workspace, or elsewhere if that can't be written."""
        with contextlib.ExitStack() as stack:
            try:
                folder = stack.enter_context(self.staging(purpose))
            except WorkspaceError:
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=f"curation-{purpose}-")))
            yield folder

    def sweep(self, *, everything: bool = False) -> None:
        """Remove or finish the work of dead processes, here and in noted folders elsewhere.

        What can be taken up again stays for `KEPT_FOR`, unless `everything` shall go.
        Raises `WorkspaceError` when something here can't be finished.
        """
        finish(self.root)
        sweep_lock(self.root)
        set_aside(self.raw, self.work)
        left = [path for path in self.work.glob("*-*") if path.is_dir()]
        left += [path.with_suffix("") for path in self.work.glob("*.lock") if STAGING_LOCK.fullmatch(path.name)]
        for folder in left:
            if everything or not _is_kept(folder):
                self._sweep_folder(folder)
        with contextlib.suppress(OSError):  # others are at work
            self.work.rmdir()

    def _sweep_folder(self, folder: Path) -> None:
        lock = FileLock(self._lock_path(folder.name))
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return  # its owner lives
        try:
            if (folder / NOTE).is_file():
                _sweep_noted(folder / NOTE)
        except (OSError, WorkspaceError):
            lock.release()  # the next reader of that folder reports why it can't be finished
        else:
            self._remove(folder, lock)

    def _remove(self, folder: Path, lock: FileLock) -> None:
        """Remove unfinished work and its lock, which the caller holds, unless a journal needs it.

        A process that waits for the lock finds its name gone.
        """
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
def staging_at(space: Workspace | None, place: Path, purpose: str) -> Iterator[Path]:
    """A folder for unfinished work on the disk of the folder `place`, which is made only if something is put there.

    The workspace notes it, if it can be written.
    """
    created = [str(folder.absolute()) for folder in (place, *place.parents) if not folder.exists()]
    with contextlib.ExitStack() as stack:
        if space and space.root.absolute() != place.absolute():
            with contextlib.suppress(WorkspaceError):  # then only the next export there will sweep it
                note = stack.enter_context(space.staging(purpose)) / NOTE
                with contextlib.suppress(OSError):
                    write_to_disk(note, json.dumps({"schema": 1, "place": str(place.absolute()), "made": created}))
        try:
            with Workspace(place).staging(purpose) as folder:
                yield folder
        finally:
            _remove_empty(created)


def _resumable_name(purpose: str) -> str:
    """The name of a folder of `Workspace.resumable`: a digest of the purpose stands where others have a random one."""
    return f"{purpose}-{hashlib.sha256(purpose.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"


def _is_kept(folder: Path) -> bool:
    """Whether a folder holds work that can be taken up again, and somebody was at it of late."""
    if folder.name != _resumable_name(folder.name.rpartition("-")[0]):
        return False
    try:
        latest = max(path.stat().st_mtime for path in (folder, *folder.iterdir()))
    except OSError:
        return False
    return time.time() - latest < KEPT_FOR


def _sweep_noted(note: Path) -> None:
    """Sweep the folder that a note of `staging_at` names. Raises `WorkspaceError` where that can't be finished."""
    try:
        record = json.loads(note.read_text(encoding="utf-8"))
        place, created = Path(record["place"]), [str(folder) for folder in record["made"]]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return  # its process was killed while writing the note, and had made nothing
    if place.is_dir() and place.absolute() != note.parent.parent.parent.absolute():
        Workspace(place).sweep()
    _remove_empty(created)


def _remove_empty(folders: Sequence[str]) -> None:
    for folder in folders:
        with contextlib.suppress(OSError):  # it isn't empty
            Path(folder).rmdir()
