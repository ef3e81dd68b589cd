"""One kill: a copy of a workspace, the command up to a step, the next command, and what must hold."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests import workspaces
from tests.forks import Ended, Forks
from tests.kill import invariants
from tests.kill.scene import COMMANDS, FORGOTTEN, MARK, Killed

#: What comes next, by turns: the same command; another one that writes; one that reads exports and then one that
#: writes; the same; another; one that forgets.
NEXT = ("the same", "pin", "trace", "the same", "pin", "forget")


@dataclass(frozen=True)
class Finding:
    """Something that does not hold."""

    command: str
    step: int
    next: str
    what: str


def copied(scene: Path, before: str, place: Path) -> Path:
    """A copy of a workspace of the scene, which knows nothing of the place it comes from."""
    workspaces.copy(scene / before, place)
    return place


def words_of(command: Killed, scene: Path, place: Path) -> list[object]:
    """The command's words."""
    return [word.format(place, scene) if isinstance(word, str) else word for word in command.words]


def watched(command: Killed, scene: Path, place: Path, into: Path, forks: Forks) -> tuple[int, list[int]]:
    """What a kill before each step of a command would leave, in folders of `into` that are called after the steps.

    Gives the number of steps, and those of them that have a folder. The command is left alone, and what it makes must
    hold, too. `place` is where what was left has to lie for the next command.
    """
    copied(scene, command.before, place)
    into.mkdir()
    ended = forks.watch(words_of(command, scene, place), place / "data", place, into)
    assert ended.rc == 0, (command.name, ended.err)
    wrong = list(invariants.faults(place))
    assert not wrong, (command.name, wrong)
    shutil.rmtree(place)
    return ended.steps, sorted(int(path.name) for path in into.iterdir())


def kill(command: Killed, step: int, scene: Path, place: Path, forks: Forks) -> list[Finding]:
    """Kill a command before a step; gives what is wrong then, and after the next command."""
    copied(scene, command.before, place)
    killed = forks.run(words_of(command, scene, place), place / "data", step)
    assert killed.rc == -9, f"{command.name} has no step {step}: {killed.err}"
    return examined(command, step, scene, place, forks)


def examined(command: Killed, step: int, scene: Path, place: Path, forks: Forks) -> list[Finding]:
    """What is wrong with what a kill has left in `place`, and after the next command; nothing is there afterwards."""
    following = NEXT[step % len(NEXT)]
    try:
        found = [*invariants.mixtures(place)]
        before = set(invariants.landed(scene / command.before))
        if command.name != "forget" and (lost := before - set(invariants.landed(place))):
            found.append(f"{len(lost)} posts are lost")
        found += _go_on(following, command, words_of(command, scene, place), place, forks)
        return [Finding(command.name, step, following, what) for what in found]
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _go_on(following: str, command: Killed, words: list[object], place: Path, forks: Forks) -> Iterator[str]:
    data = place / "data"
    if following == "trace":
        for file in (data / "exports/swift/train.jsonl", place / "elsewhere/train.jsonl"):
            yield from _traced(file, forks, data)
    if following in ("pin", "trace") and (data / "curated").is_dir():
        yield from _ok("pin", forks.run(["pin", "1001", "--keep"], data), 0)
    elif following == "forget" and (data / "raw").is_dir():
        yield from _ok("forget", forks.run(["forget", "--author", FORGOTTEN], data), 0)
        yield from _of_the_forgotten(place)
    elif command.name == "forget" and (data / "forgotten.jsonl").exists():
        yield from _ok("forget", forks.run(["forget", "--resume"], data), 0)
        yield from _of_the_forgotten(place)
    else:
        # What is there already, or what nobody has any more, is no fault of the command.
        yield from _ok(command.name, forks.run(words, data), 0, 3)
    yield from invariants.faults(place)


def _of_the_forgotten(place: Path) -> Iterator[str]:
    yield from invariants.traces(place, [MARK])
    yield from invariants.traces(place / "data", [FORGOTTEN])  # a card elsewhere, which nobody knows of, may name them


def _traced(file: Path, forks: Forks, data: Path) -> Iterator[str]:
    if not file.parent.is_dir():
        return
    ended = forks.run(["trace", file, "0", "--json"], data)
    if ended.rc == 0:
        yield from _ok("lineage", forks.run(["lineage", file, "--json"], data), 0)
    elif file.exists() or ended.rc not in (1, 3) or "There is no file" not in ended.err:
        yield f"trace of {file} ended with {ended.rc}: {ended.err}"


def _ok(name: str, ended: Ended, *codes: int) -> Iterator[str]:
    if ended.rc not in codes or "Traceback" in ended.err or "that should not have" in ended.err:
        yield f"{name} afterwards ended with {ended.rc}: {ended.err}"


def command_called(name: str) -> Killed:
    """The command with this name."""
    return next(command for command in COMMANDS if command.name == name)
