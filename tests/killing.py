"""Commands that are killed (kill -9) at one of the moments that count: when something has just reached the disk."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

from tests.cli.shell import PATIENCE, Said, environment, unspeakable

#: The command as it is; at the given one of its steps on the disk it kills itself, and 0 only counts them.
PROGRAM = """
import os, signal, sys
last, steps = int(sys.argv.pop(1)), 0
def counted(work):
    def step(*given, **named):
        global steps
        steps += 1
        if steps == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return work(*given, **named)
    return step
for name in ("fsync", "rename", "replace", "unlink", "rmdir", "link"):
    setattr(os, name, counted(getattr(os, name)))
from curation import cli
try:
    cli.main()
finally:
    print("steps:", steps, file=sys.stderr)
"""

#: How often each command is killed.
KILLS = int(os.environ.get("CURATION_KILLS", "5"))


def run(*words: object, data: Path, step: int = 0) -> Said:
    """Run a command that is killed before its `step` on the disk; at 0 it goes on to its end."""
    command = [sys.executable, "-c", PROGRAM, str(step), *map(str, words), "--data", str(data)]
    done = subprocess.run(command, capture_output=True, env=environment(), timeout=PATIENCE, check=False)
    said = Said(done.returncode, done.stdout.decode(), done.stderr.decode())
    unspeakable(said.err)
    return said


def steps_of(*words: object, data: Path) -> int:
    """How many steps on the disk a command takes; it is run for that."""
    said = run(*words, data=data)
    assert said.rc == 0, said.err
    return int(said.err.rpartition("steps: ")[2])


def moments(steps: int, name: str) -> list[int]:
    """Steps to be killed at, one out of every equal part, drawn from a fixed seed."""
    draw = random.Random(f"{name} {KILLS}")
    return sorted({1 + int((part + draw.random()) / KILLS * steps) for part in range(KILLS)})
