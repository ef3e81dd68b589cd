"""The packages of the extra `train`: whether they are installed, and how to keep them quiet."""

from __future__ import annotations

import os
import platform
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import PackageNotFoundError, version

from curation import versions
from curation.errors import RefusedError, UsageError

PACKAGES = ("torch", "transformers", "safetensors", "tokenizers")

#: No telemetry, no progress bars, no advice. The libraries read some of these when they are imported.
QUIET = {
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "DO_NOT_TRACK": "1",
    "TRANSFORMERS_NO_ADVISORY_WARNINGS": "1",
    "TQDM_DISABLE": "1",
}

#: Settings of torch's computing, which need no reset.
COMPUTING = {
    # Threads that wait for each other by spinning made steps of a small model ten times as slow on a busy machine.
    "OMP_WAIT_POLICY": "PASSIVE",
    # Needed for the same bytes each time on CUDA; read when cuBLAS begins.
    "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
}

#: Torch's words for short memory; the CPU's allocator has no error class.
SHORT = ("allocate memory", "out of memory", "not enough memory")


def require(purpose: str, *more: str) -> None:
    """Raise `UsageError` if the purpose, such as `Training`, needs a package that isn't installed.

    `more` are packages for some cases only, such as peft.
    """
    absent = [name for name in (*PACKAGES, *more) if not versions.is_installed(name)]
    if not absent:
        return
    pip = f"{sys.executable} -m pip install"
    first = f" Without a GPU, first the small build for CPUs: {pip} torch==2.13.0." if "torch" in absent else ""
    names = " and ".join(filter(None, (", ".join(absent[:-1]), absent[-1])))
    raise UsageError(
        f"{purpose} needs {names}, which {'is' if len(absent) == 1 else 'are'} not installed.{first} "
        f"Install what is missing with: {pip} 'curation[train]'"
    )


@contextmanager
def quiet(*, offline: bool = False) -> Iterator[None]:
    """Silence the libraries, and with `offline` keep them from the network."""
    for name, value in COMPUTING.items():
        os.environ.setdefault(name, value)
    settings = {**QUIET, **({"HF_HUB_OFFLINE": "1"} if offline else {})}
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    from transformers.utils import logging

    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
        for name, previous in before.items():
            if previous is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = previous


@contextmanager
def out_of_memory(advice: str) -> Iterator[None]:
    """Turn torch's errors of short memory into a sentence that ends with `advice`. Raises `RefusedError`."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not is_short(error):
            raise
        raise RefusedError(f"There is not enough memory. {advice}") from error


def is_short(error: Exception) -> bool:
    """Whether an error means that memory is short."""
    import torch

    return isinstance(error, (MemoryError, torch.OutOfMemoryError)) or any(words in str(error) for words in SHORT)


def first_line(error: Exception) -> str:
    """The first line of a library's message, to go on with in a sentence."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".:")


def package_versions() -> dict[str, str]:
    """Versions of Python, curation and the packages that make a model."""
    numbers = {"python": platform.python_version(), "curation": versions.CURATION}
    for name in (*PACKAGES, "peft"):
        with suppress(PackageNotFoundError):
            numbers[name] = version(name)
    return numbers
