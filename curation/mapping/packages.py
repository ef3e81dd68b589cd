"""The packages of the extra `map`: whether they are installed, and their versions."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
import sys
from collections.abc import Iterator
from importlib.metadata import version

from curation import versions
from curation.errors import UsageError

#: What is imported, by the name on the package index.
PACKAGES = {"scikit-learn": "sklearn", "opentsne": "openTSNE"}
#: Fewer posts are not worth a second thread.
FEW = 20_000
#: They keep libraries that load models from looking for newer ones.
OFFLINE = {
    "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "DO_NOT_TRACK": "1",
}  # fmt: skip


def require() -> None:
    """Raise `UsageError`, with the way to install them, when the packages of the extra are missing."""
    if absent := [name for name, module in PACKAGES.items() if not versions.is_installed(module)]:
        raise UsageError(
            f"A map needs {' and '.join(absent)}, which {'is' if len(absent) == 1 else 'are'} not installed. Install "
            f"what is missing with: {sys.executable} -m pip install 'curation[map]'"
        )


def package_versions(*more: str) -> dict[str, str]:
    """Versions of what makes a map, and of `more` packages."""
    names = ("numpy", "scipy", *PACKAGES, *more)
    return {"curation": versions.CURATION, **{name: version(name) for name in names}}


def threads_for(posts: int, workers: int) -> int:
    """Threads for so many posts, for `workers` that were asked for (0: one for each core)."""
    # On a busy machine, threads of small steps wait for each other longer than they work.
    return 1 if posts < FEW else workers or os.cpu_count() or 1


@contextlib.contextmanager
def computing(posts: int, workers: int) -> Iterator[int]:
    """Let the libraries use the threads for so many posts; gives their number.

    Linear algebra uses one thread: with several, sums come out in another order, and another map.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # read when OpenMP begins
    # A limit only holds for libraries that are loaded.
    for module in ("sklearn.decomposition", "scipy.linalg", "openTSNE"):
        importlib.import_module(module)
    from threadpoolctl import threadpool_limits

    threads = threads_for(posts, workers)
    with threadpool_limits(limits=threads), threadpool_limits(limits=1, user_api="blas"):
        yield threads


@contextlib.contextmanager
def offline() -> Iterator[None]:
    """Keep libraries from the network."""
    before = {name: os.environ.get(name) for name in OFFLINE}
    os.environ.update(OFFLINE)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
