"""The versions of this program and of the packages that a verdict may depend on."""

from __future__ import annotations

import platform
from importlib.metadata import version
from importlib.util import find_spec

CURATION = version("curation")


def of_packages() -> dict[str, str]:
    """The versions by name, for a manifest."""
    names = ["curation", "duckdb", *(["eldc"] if find_spec("eldc") else []), "ftfy", "langdetect", "pyarrow"]
    return {"python": platform.python_version(), **{name: version(name) for name in names}}
