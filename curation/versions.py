"""Installed packages: whether they are there, and the versions of this program and of what a verdict depends on."""

from __future__ import annotations

import functools
import importlib.util
import platform
from importlib.metadata import version

CURATION = version("curation")


def is_installed(module: str) -> bool:
    """Whether a module can be imported."""
    try:
        return importlib.util.find_spec(module) is not None
    except ValueError:  # something put None in its place
        return False


def of_packages() -> dict[str, str]:
    """The versions by name, for a manifest."""
    return dict(_of_packages())


@functools.cache
def _of_packages() -> dict[str, str]:
    names = ["curation", "duckdb", *(["eldc"] if is_installed("eldc") else []), "ftfy", "langdetect", "pyarrow"]
    return {"python": platform.python_version(), **{name: version(name) for name in names}}
