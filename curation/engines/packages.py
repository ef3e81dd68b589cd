"""The packages of clusters, which are extras: looked for when their engine is named."""

from __future__ import annotations

import sys

from curation import versions
from curation.errors import UsageError
from curation.options.cluster import DASK, RAY, SLURM

#: What is imported, by the engine, whose extra has the same name.
PACKAGES = {RAY: "ray", SLURM: "submitit", DASK: "distributed"}


def require_package(engine: str) -> None:
    """Raise `UsageError`, with the way to install it, when the package of an engine is missing."""
    package = PACKAGES[engine]
    if not versions.is_installed(package):
        raise UsageError(
            f"--engine {engine} needs {package}, which is not installed. Install it with: "
            f"{sys.executable} -m pip install 'curation[{engine}]'"
        )
