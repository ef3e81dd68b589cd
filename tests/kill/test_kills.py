"""A few of the kills of `make kill-test`, which tries all of them: before a step, drawn from a fixed seed.

A command is watched, and what a kill would leave is drawn from all that it would leave at different moments, one out of
every equal part of them. How many are tried for each command is `CURATION_KILLS` (2 unless set).
"""

from __future__ import annotations

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
    draw = random.Random(f"{command.name} {KILLS}")
    for part in range(KILLS):
        step = there[int((part + draw.random()) / KILLS * len(there))]
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


def _names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))
