"""Where tests write: in memory if there is room, since waiting for a disk is no part of what they test.

What a killed process leaves in memory's file system is there as it would be on a disk, so tests that kill are as good
there. What only a disk shows, a power cut, no test here can make.
"""

from __future__ import annotations

import gc
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# On a busy machine the first example may take seconds, which says nothing of the program.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")

#: Bytes that must be free; a run of all tests leaves less than a tenth of it.
ROOM = 4 << 30

IN_MEMORY = Path("/dev/shm")

writable = IN_MEMORY.is_dir() and os.access(IN_MEMORY, os.W_OK)
if "PYTEST_DEBUG_TEMPROOT" not in os.environ and writable and shutil.disk_usage(IN_MEMORY).free >= ROOM:
    os.environ["PYTEST_DEBUG_TEMPROOT"] = str(IN_MEMORY)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Leave thousands of collected tests out of every garbage collection from here on."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Let the end of the interpreter find everything, or extension modules complain of what is left."""
    gc.unfreeze()


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Bytes are called by their argument: a packed file has the time in it, and workers have to agree on names."""
    return argname if isinstance(val, bytes) else None
