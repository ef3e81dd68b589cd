"""A fault's input made smaller: as many of its bytes are left out as can be, with the fault still there."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Callable
from pathlib import Path
from random import Random

from curation.errors import CurationError
from tests.fuzz import inputs
from tests.fuzz.harness import in_time, place_of
from tests.fuzz.single_files import Input
from tests.fuzz.trials import ON_FILES

#: How often an input is tried again.
MOST = 2000


def smallest(kind: str, seed: int, number: int) -> Input | None:
    """The input of a kind that has files, shrunk; None where nothing is wrong with it."""
    given = inputs.draw_input(Random(f"{kind} {seed} {number}"))
    fault = _fault(kind, given)
    if fault is None:
        return None
    for name in given.files:

        def still(data: bytes, name: str = name, given: Input = given) -> bool:
            return _fault(kind, _with(given, name, data)) == fault

        given = _with(given, name, shrunk(given.files[name], still))
    return given


def shrunk(data: bytes, fails: Callable[[bytes], bool]) -> bytes:
    """Less of the data, with which it fails still: pieces are left out, smaller and smaller ones."""
    size, tries = (len(data) + 1) // 2, 0
    while size and tries < MOST:
        begin = 0
        while begin < len(data) and tries < MOST:
            less = data[:begin] + data[begin + size :]
            tries += 1
            if fails(less):
                data = less
            else:
                begin += size
        size = size // 2
    return data


def _with(given: Input, name: str, data: bytes) -> Input:
    return dataclasses.replace(given, files={**given.files, name: data})


def _fault(kind: str, given: Input) -> str | None:
    with tempfile.TemporaryDirectory() as folder:
        try:
            with in_time():
                ON_FILES[kind](given, Path(folder))
        except CurationError:
            return None
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            return place_of(error)
    return None
