"""The packages of clusters, which are extras: asked for when their engine is."""

from __future__ import annotations

import importlib.util
import sys

from curation.errors import UsageError


def require_package(package: str, extra: str) -> None:
    """Raise `UsageError`, with the way to install it, when the package of an engine is missing."""
    if importlib.util.find_spec(package) is None:
        raise UsageError(
            f"--engine {extra} needs {package}, which is not installed. Install it with: "
            f"{sys.executable} -m pip install 'curation[{extra}]'"
        )
