"""Files and folders that come into their place whole: brought to the disk, and put there by one rename."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import sys
from pathlib import Path


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
