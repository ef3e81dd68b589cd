"""The packages of clusters, which are extras: asked for when their engine is."""

from __future__ import annotations

import importlib.util
import sys

from curation.errors import UsageError


def require_package(package: str, extra: str, purpose: str) -> None:
    """Raise `UsageError`, with the way to install it, when a package is missing."""
    if importlib.util.find_spec(package) is None:
        raise UsageError(
            f"{purpose} needs {package}, which is not installed. Install it with: {sys.executable} -m pip install "
            f"'curation[{extra}]'"
        )
