"""The packages of the extra `train`, imported when a command needs them, quiet and offline where they can be."""

from __future__ import annotations

import importlib.util
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


def require(*more: str) -> None:
    """Raise `UsageError` when a package isn't there; `more` are those that only some trainings need."""
    absent = [name for name in (*PACKAGES, *more) if importlib.util.find_spec(name) is None]
    if not absent:
        return
    pip = f"{sys.executable} -m pip install"
    first = f" Without a GPU, first the small build for CPUs: {pip} torch==2.13.0." if "torch" in absent else ""
    names = f"{', '.join(absent[:-1])} and {absent[-1]}" if len(absent) > 1 else absent[0]
    raise UsageError(
        f"Training needs {names}, which {'are' if len(absent) > 1 else 'is'} not installed.{first} "
        f"Install what is missing with: {pip} 'curation[train]'"
    )


def quiet() -> None:
    """No telemetry, no progress bars and no advice from the libraries; called before the first of them is imported."""
    for name in ("HF_HUB_DISABLE_TELEMETRY", "HF_HUB_DISABLE_PROGRESS_BARS", "DO_NOT_TRACK"):
        os.environ.setdefault(name, "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    # Threads that wait for each other by spinning made steps of a small model ten times as slow on a busy machine.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    # Needed for the same bytes each time on CUDA; read when cuBLAS begins.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    # What one library deprecates, the other one still calls.
    warnings.filterwarnings("ignore", category=FutureWarning, module=r"(peft|transformers)\.")
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()


def package_versions() -> dict[str, str]:
    """Versions of curation and of the packages that make a model."""
    found = {"python": platform.python_version(), "curation": versions.CURATION}
    for name in (*PACKAGES, "peft"):
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


@contextmanager
def out_of_memory(advice: str) -> Iterator[None]:
    """Turn what torch raises when memory is short into a sentence that ends with `advice`. Raises `RefusedError`."""
    import torch

    try:
        yield
    except (torch.OutOfMemoryError, MemoryError) as error:
        raise RefusedError(f"There is not enough memory for this training. {advice}") from error
    except RuntimeError as error:
        # The CPU's allocator raises nothing of its own.
        if "allocate memory" not in str(error) and "out of memory" not in str(error):
            raise
        raise RefusedError(f"There is not enough memory for this training. {advice}") from error
