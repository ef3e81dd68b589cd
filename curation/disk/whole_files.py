"""Files and folders that take their places whole: they reach the disk first, and then one rename moves them.

`write_whole` writes a single file. `curation.disk.publishing` puts several files in place together.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from curation.errors import WorkspaceError

#: Errors of a disk that a person can make room on.
FULL = (errno.ENOSPC, errno.EDQUOT)
#: DuckDB writes JSON (`"errno":"28"`), Arrow `[errno 28]`.
_NUMBER = re.compile(r"""errno["']?[:\s]+["']?(\d{1,4})\b""")

#: The content of a file: text, bytes, or a function that writes it to a path.
Content = str | bytes | Callable[[Path], object]


def flush(path: Path) -> None:
    """Wait until a file, or a folder's list of names, is on disk."""
    if sys.platform == "win32" and path.is_dir():
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_to_disk(path: Path, content: Content) -> None:
    """Write a file that nobody reads yet, and wait until it is on disk. Raises `OSError`."""
    if callable(content):
        content(path)
    else:
        path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    flush(path)


def write_whole(place: Path, content: Content, unfinished: Path | None = None) -> None:
    """Put a file in its place, whole and on disk, or leave the place as it was.

    The file is first written to `unfinished`, a path on the same disk; by default a hidden one beside the place, always
    the same, so the next try overwrites what a killed process left. Raises `OSError`, and what `content` raises.
    """
    unfinished = unfinished or place.with_name(f".{place.name}.new")
    try:
        write_to_disk(unfinished, content)
        place.parent.mkdir(parents=True, exist_ok=True)
        unfinished.replace(place)
    except BaseException:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise
    flush(place.parent)


def take_along(path: Path, to: Path) -> None:
    """Link a file to a second place, or copy it."""
    try:
        os.link(path, to)
    except OSError:  # a disk without hard links
        shutil.copy2(path, to)


def number_of(error: BaseException) -> int | None:
    """The operating system's number of an error, which DuckDB and Arrow hide in their messages."""
    number = getattr(error, "errno", None)
    if number is None and (match := _NUMBER.search(str(error))):
        number = int(match[1])
    return number


def is_full(error: BaseException) -> bool:
    """Whether a disk, or somebody's share of it, has no room left."""
    return number_of(error) in FULL


def reason_of(error: BaseException) -> str:
    """Why a disk refused, as a clause for a person: "No space left on device"."""
    number = number_of(error)
    return os.strerror(number) if number else str(error).partition("\n")[0].rstrip(".")


@contextlib.contextmanager
def writing(place: Path) -> Iterator[None]:
    """Turn the operating system's errors into a sentence with the place and the reason. Raises `WorkspaceError`."""
    import duckdb

    try:
        yield
    except (OSError, duckdb.IOException) as error:
        raise WorkspaceError(
            f"Can't write to {place}: {reason_of(error)}. What was there before is unchanged. "
            "Choose another folder with --data DIR, or make room and run the command again."
        ) from error


def put_in_place(staged: Path, place: Path) -> None:
    """Move a finished folder to a free place."""
    place.parent.mkdir(parents=True, exist_ok=True)
    staged.rename(place)
    flush(place.parent)


def swap_in(staged: Path, place: Path) -> None:
    """Put a finished folder in the place of an older one; at every moment one of the two stands there.

    Linux exchanges two names in one step. Elsewhere there are two renames, and between them the old folder is
    `.replaced-NAME`, where `restore_replaced` finds it.
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
    """Finish the work of a process that died between the two renames of `swap_in`."""
    for aside in parent.glob(".replaced-*"):
        place = parent / aside.name.removeprefix(".replaced-")
        if place.exists():
            shutil.rmtree(aside, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):  # another process was faster
                aside.rename(place)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two names in one step (`renameat2` with RENAME_EXCHANGE); False where the system can't."""
    if sys.platform != "linux":
        return False
    at_fdcwd, rename_exchange = -100, 2
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    return bool(renameat2(at_fdcwd, os.fsencode(one), at_fdcwd, os.fsencode(other), rename_exchange) == 0)
