"""Publishing: several files take their places in one folder together, whatever ends the process (`publish`).

The folder may hold other people's files, so it can't be swapped for a new one. Everything is first written aside, under
`.work` of the same folder. Then one rename puts a journal there, which names the files that move and those that go. A
process killed before that has changed nothing, and the next sweep removes its files. After that the change counts: the
next process that finds the journal finishes it (`finish`).

Files that must not stand beside older ones, such as the two sides of a split, are all taken away before they are put in
place. A process killed in between leaves some of them missing, and never a mixture.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

from filelock import FileLock, Timeout

from curation.disk.path_names import impossible_name
from curation.disk.states import states
from curation.disk.whole_files import flush, write_whole
from curation.errors import CurationError, WorkspaceError

T = TypeVar("T")

#: The folder of unfinished work and locks, in a workspace and wherever files are published.
WORK = ".work"
#: Files in it while a process publishes.
JOURNAL = "publish.json"
LOCK = "publish.lock"
#: The folder of replaced files in a folder of unfinished work.
REPLACED = ".replaced"

STAGED = re.compile(r"[a-z]+-[0-9a-f]{12}")


def is_below(name: str) -> bool:
    """Whether a relative name stays inside its folder."""
    path = PurePosixPath(name)
    whole = path.as_posix() == name and name != "." and not path.is_absolute()
    return whole and ".." not in path.parts and "\\" not in name and not impossible_name(name)


@contextlib.contextmanager
def alone(place: Path) -> Iterator[None]:
    """Be the only process that publishes in a folder, with nothing left to finish.

    Raises `WorkspaceError`, `OSError`.
    """
    work = place / WORK
    while True:
        work.mkdir(parents=True, exist_ok=True)
        lock = FileLock(work / LOCK)
        lock.acquire()
        if _is_current(lock):
            break
        lock.release()  # the process before has removed the file of this lock
    try:
        _replay(place)
        yield
    finally:
        with contextlib.suppress(OSError):  # Windows removes no open file
            (work / LOCK).unlink()
        lock.release()
        with contextlib.suppress(OSError):
            work.rmdir()


def sweep_lock(place: Path) -> None:
    """Remove the lock of a process that was killed while publishing."""
    path = place / WORK / LOCK
    if path.exists():
        lock = FileLock(path)
        with contextlib.suppress(Timeout):  # its owner lives
            lock.acquire(timeout=0)
            with contextlib.suppress(OSError):
                path.unlink()
            lock.release()


def _is_current(lock: FileLock) -> bool:
    held = getattr(lock, "_context", None)
    descriptor = getattr(held, "lock_file_fd", None)
    if descriptor is None:
        return True
    try:
        return os.path.samestat(os.fstat(descriptor), Path(lock.lock_file).stat())
    except OSError:
        return False


def publish(
    staged: Path, place: Path, names: Sequence[str], *, removed: Sequence[str] = (), together: Sequence[str] = ()
) -> None:
    """Move the files `names` from the folder `staged` to `place`, and remove others, in one step.

    No file of `together` may stand beside an older one of them. The caller is `alone` in the folder; `staged` comes
    from its `Workspace.staging`, and everything there is on the disk. Raises `WorkspaceError` when something is in the
    way: then nothing has changed.
    """
    _require(staged, place, names)
    apart = [name for name in together if (place / name).exists()]
    journal = {
        "schema": 1, "staged": staged.name, "place": list(names), "remove": list(removed),
        "apart": apart if len({*together, *removed}) > 1 else [],
    }  # fmt: skip
    for folder in {staged, *((staged / name).parent for name in names)}:
        flush(folder)
    text = json.dumps(journal, ensure_ascii=False) + "\n"
    write_whole(place / WORK / JOURNAL, text.encode("utf-8", "surrogateescape"), staged / JOURNAL)
    _replay(place)


def _require(staged: Path, place: Path, names: Sequence[str]) -> None:
    """Raise `WorkspaceError` for an obstacle that would stop the files half way."""
    disk = staged.stat().st_dev
    for name in names:
        if (place / name).is_dir():
            raise WorkspaceError(
                f"{place / name} is a folder, and a file of that name is to be written there. What was there before is "
                "unchanged. Move the folder away, or choose another place with --out."
            )
        for above in (place / name).parents:
            if above == place:
                break
            if above.exists() and not above.is_dir():
                raise WorkspaceError(
                    f"{above} is a file, and a folder of that name is needed there. What was there before is "
                    "unchanged. Move the file away, or choose another place with --out."
                )
            if above.exists() and above.stat().st_dev != disk:
                raise WorkspaceError(
                    f"{above} lies on another disk than {place}, so files can't take their places there together. "
                    "What was there before is unchanged. Choose another place with --out."
                )


def finish(place: Path) -> bool:
    """Finish the publishing of a killed process; gives whether there was any.

    Raises `WorkspaceError` when it can't be finished.
    """
    if not is_unfinished(place):
        return False
    try:
        with alone(place):
            return True
    except OSError as error:
        raise WorkspaceError(
            f"A command was killed while its files took their places in {place}, and that can't be finished now: "
            f"{error.strerror or error}. Some files there may be missing until it is. Let the folder be written, or "
            "make room, and run the command again."
        ) from error


def is_unfinished(place: Path) -> bool:
    """Whether a process publishes in a folder, or was killed while publishing."""
    return os.path.lexists(place / WORK / JOURNAL)


def is_needed(staged: Path) -> bool:
    """Whether a folder of unfinished work holds files that a journal beside it has yet to put in place."""
    try:
        return bool(_journal(staged.parent.parent)["staged"] == staged.name)
    except FileNotFoundError:
        return False
    except (OSError, WorkspaceError):
        return True  # unknown


def give_up(place: Path) -> bool:
    """Remove the journal of a folder if it is damaged; gives whether it was. The folder stays as it is."""
    try:
        _journal(place)
    except FileNotFoundError:
        return False
    except WorkspaceError:
        (place / WORK / JOURNAL).unlink(missing_ok=True)
        return True
    return False


def _journal(place: Path) -> dict[str, Any]:
    """The journal of a folder. Raises `FileNotFoundError`, `WorkspaceError` for a damaged one."""
    path = place / WORK / JOURNAL
    try:
        journal: dict[str, Any] = json.loads(path.read_bytes().decode("utf-8", "surrogateescape"))
        lists = [journal[key] for key in ("place", "remove", "apart")]
        whole = all(isinstance(name, str) and is_below(name) for names in lists for name in names)
        if not whole or not STAGED.fullmatch(journal["staged"]):
            raise ValueError("it names a place that is none")
    except FileNotFoundError:
        raise
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise WorkspaceError(
            f"{path} is damaged ({error}), so what a killed command left half done in {place} can't be finished. "
            f"Remove it, and make the files anew: curation export, or curation report."
        ) from error
    return journal


def _replay(place: Path) -> None:
    """Do the rest of a journal, if there is one; the caller is `alone`. Raises `OSError`, `WorkspaceError`."""
    try:
        journal = _journal(place)
    except FileNotFoundError:
        return
    work = place / WORK
    staged = work / journal["staged"]
    folders = {place}
    for name in [*journal["apart"], *journal["remove"]]:
        there = place / name
        if (name in journal["remove"] or (staged / name).exists()) and there.is_file():
            aside = staged / REPLACED / name
            aside.parent.mkdir(parents=True, exist_ok=True)
            there.replace(aside)
            folders.add(there.parent)
    for name in journal["place"]:
        if (staged / name).exists():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (staged / name).replace(place / name)
            folders |= {above for above in (place / name).parents if above.is_relative_to(place)}
    for name in journal["remove"]:
        remove_empty_folders(place, place / name)
    for folder in folders:
        if folder.is_dir():
            flush(folder)
    (work / JOURNAL).unlink()
    flush(work)


def remove_empty_folders(place: Path, path: Path) -> None:
    """Remove the empty folders between `place` and a removed file."""
    for above in path.relative_to(place).parents[:-1]:
        with contextlib.suppress(OSError):  # something else lies there
            (place / above).rmdir()


def steady(folders: Sequence[Path], stamped: str, work: Callable[[], T]) -> T:
    """Do `work` on folders between two publications, and again when one comes meanwhile.

    Every publication replaces the file `stamped` of its folder. Raises what `work` raises.
    """

    def stamps() -> list[tuple[int, int, int] | None]:
        for folder in folders:
            finish(folder)
        return [_stamp(folder / stamped) for folder in folders]

    for _ in states(stamps(), lambda before: None if (now := stamps()) == before else now):
        failure = None
        try:
            answer = work()
        except (CurationError, OSError) as error:
            failure = error
    if failure is not None:
        raise failure
    return answer


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size
