"""The package snscrape as it works today: imported on demand, in one version, and kept quiet.

snscrape's last release is of June 2023 and its licence is GPL-3.0-or-later, so it is an extra that nobody has to
install, and nothing of it is in this tree. We use names of it that begin with an underscore; hence the one version.

Its package `snscrape.modules` imports all of its modules with a function that Python 3.12 removed. An empty package of
that name in `sys.modules`, with the right folder, makes each module importable by itself.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.metadata
import importlib.util
import logging
import sys
import types
import warnings
from collections.abc import Iterator
from pathlib import Path

from curation.errors import InputError

VERSION = "0.7.0.20230622"
ISSUE = "https://github.com/JustAnotherArchivist/snscrape/issues/996"

_INSTALL = f"Install it with: {sys.executable} -m pip install snscrape=={VERSION} (its licence is GPL-3.0-or-later)."
_PACKAGE = "snscrape.modules"


def module(name: str) -> types.ModuleType:
    """The module of snscrape that is called `name`: `telegram`, `twitter`, …

    Raises `InputError` when snscrape is not installed, or in another version.
    """
    try:
        version = importlib.metadata.version("snscrape")
    except importlib.metadata.PackageNotFoundError as error:
        raise InputError(
            f"The source 'snscrape' needs the package snscrape, which is not installed. {_INSTALL}"
        ) from error
    if version != VERSION:
        raise InputError(f"The source 'snscrape' works with snscrape {VERSION}, and {version} is installed. {_INSTALL}")
    try:
        with quiet_snscrape():
            _register_empty_package()
            return importlib.import_module(f"{_PACKAGE}.{name}")
    except ImportError as error:
        raise InputError(f"snscrape {VERSION} can't be imported ({error}). {_INSTALL}") from error


@contextlib.contextmanager
def quiet_snscrape() -> Iterator[list[str]]:
    """Keep what snscrape logs and warns from the screen; yields its warnings, as they come.

    Nothing is left behind in `logging`, in `warnings`, or in urllib3, where a new scraper replaces the class of every
    later connection by one that logs.
    """
    from urllib3.connectionpool import HTTPSConnectionPool

    logger, heard = logging.getLogger("snscrape"), _Heard()
    before = logger.handlers, logger.propagate, logger.level
    connections = HTTPSConnectionPool.ConnectionCls
    logger.handlers, logger.propagate = [heard], False
    logger.setLevel(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield heard.messages
    finally:
        logger.handlers, logger.propagate = before[:2]
        logger.setLevel(before[2])
        HTTPSConnectionPool.ConnectionCls = connections


class _Heard(logging.Handler):
    """Keeps messages instead of writing them."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno == logging.WARNING:  # errors come as exceptions as well
            self.messages.append(record.getMessage())


def _register_empty_package() -> None:
    if _PACKAGE in sys.modules:
        return
    spec = importlib.util.find_spec("snscrape")
    folders = spec.submodule_search_locations if spec else None
    package = types.ModuleType(_PACKAGE)
    package.__path__ = [str(Path(folder) / "modules") for folder in folders or ()]
    sys.modules[_PACKAGE] = package
