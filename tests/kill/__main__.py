"""`make kill-test`: every command killed before every one of its steps; what does not hold is printed.

usage: python -m tests.kill [--seconds N] [--every N] [COMMAND …]
"""

from __future__ import annotations

import argparse
import itertools
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests import conftest
from tests.forks import Forks
from tests.kill.killing import Finding, command_called, examined, watched
from tests.kill.scene import COMMANDS, make


def main() -> int:
    """Kill, count and say."""
    parser = argparse.ArgumentParser(prog="python -m tests.kill")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="end after about so many")
    parser.add_argument("--every", type=int, default=1, help="kill before every so many steps")
    parser.add_argument("commands", nargs="*", help="names of commands; all, unless some are named")
    given = parser.parse_args()
    commands = [command_called(name) for name in given.commands] or COMMANDS
    began, kills, states = time.monotonic(), 0, 0
    findings: list[Finding] = []
    forks = Forks()
    memory = conftest.IN_MEMORY if conftest.writable else None
    with tempfile.TemporaryDirectory(prefix="curation-kill-", dir=memory) as name:
        scene, place, left = (Path(name) / each for each in ("scene", "place", "left"))
        make(scene, forks)
        for command in commands:
            steps, there = watched(command, scene, place, left, forks)
            done = 0
            for before, step in itertools.pairwise([0, *there]):
                if time.monotonic() - began > given.seconds:
                    break
                if (step - there[0]) % given.every == 0 or given.every == 1:
                    (left / str(step)).rename(place)
                    for found in examined(command, step, scene, place, forks):
                        findings.append(found)
                        print(f"  {found.command}, step {found.step}, then {found.next}: {found.what}", flush=True)
                    kills, states, done = kills + step - before, states + 1, done + step - before
            shutil.rmtree(left)
            print(f"{command.name}: {done} of {steps} steps, {time.monotonic() - began:.0f} s", flush=True)
    forks.close()
    print(f"{kills:,} kills, which left {states:,} different states on the disk; {len(findings):,} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
