"""A few of the kills of `make kill-test`, which tries all of them: before a step, drawn from a fixed seed.

A command is watched. Of all that a kill would leave, the first state is tried in which readers see something else than
before, since what is put in place in the wrong order shows there; and others are drawn, one out of every equal part.
How many are tried for each command is `CURATION_KILLS` (2 unless set).
"""

from __future__ import annotations

import itertools
import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import shared  # noqa: F401 - a fixture
from tests.cli.shell import made_once
from tests.forks import Forks
from tests.kill.killing import examined, kill, watched
from tests.kill.scene import COMMANDS, Killed, make

KILLS = int(os.environ.get("CURATION_KILLS", "2"))

pytestmark = pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="it takes Linux")


@pytest.fixture(scope="module")
def forks() -> Iterator[Forks]:
    """The process that runs commands."""
    running = Forks()
    yield running
    running.close()


@pytest.fixture(scope="module")
def scene(shared: Path, forks: Forks) -> Path:  # noqa: F811
    """The workspaces; only read."""

    def fill(folder: Path) -> None:
        make(folder / "scene", forks)

    return made_once(shared / "kills", fill) / "scene"


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_killed_at_a_step(scene: Path, forks: Forks, tmp_path: Path, command: Killed) -> None:
    """A kill leaves what was there before or the whole result, and the next command leaves nothing of it."""
    _, there = watched(command, scene, tmp_path / "place", tmp_path / "left", forks)
    for step in moments(command, tmp_path / "left", there):
        (tmp_path / "left" / str(step)).rename(tmp_path / "place")
        assert examined(command, step, scene, tmp_path / "place", forks) == []


def test_what_is_watched_is_what_a_kill_leaves(scene: Path, forks: Forks, tmp_path: Path) -> None:
    """A copy that is made before a step holds the same files as a command leaves that is killed there."""
    command = next(command for command in COMMANDS if command.name == "pin")
    steps, there = watched(command, scene, tmp_path / "place", tmp_path / "left", forks)
    assert there[-1] == steps
    for step in there:
        left = _names(tmp_path / "left" / str(step))
        assert kill(command, step, scene, tmp_path / "place", forks) == []
        (tmp_path / "left" / str(step)).rename(tmp_path / "place")
        assert _names(tmp_path / "place") == left
        assert examined(command, step, scene, tmp_path / "place", forks) == []


def moments(command: Killed, left: Path, there: list[int]) -> list[int]:
    """The steps before which the command is killed."""
    changed = [step for before, step in itertools.pairwise(there) if seen(left / str(before)) != seen(left / str(step))]
    others = [step for step in there if step not in changed[:1]]
    draw, parts = random.Random(f"{command.name} {KILLS}"), KILLS - len(changed[:1])
    return changed[:1] + [others[int((part + draw.random()) / parts * len(others))] for part in range(parts)]


def seen(folder: Path) -> list[tuple[str, int]]:
    """The files that readers see, and their sizes: all but those of unfinished work."""
    files = [path for path in folder.rglob("*") if path.is_file() and ".work" not in path.parts]
    return sorted((path.relative_to(folder).as_posix(), path.stat().st_size) for path in files)


def _names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))
