"""Ctrl-C always ends a command: also where Python or a library drops what is raised, at once if it comes twice."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest

from tests.cli.shell import PATIENCE, environment

#: A command that loses what is raised in it: in a finalizer, in a handler of errors, or in a clean-up that takes long.
LOSING = {
    "finalizer": """
class Closing:
    def __del__(self):
        ready()
        time.sleep(3)
closing = Closing()
del closing
work()
""",
    "handled": """
try:
    ready()
    work()
except BaseException:
    pass
work()
""",
    "replaced": """
def replaced():
    try:
        ready()
        work()
    except BaseException:
        raise OSError("a library says something else") from None
try:
    replaced()
except OSError:
    pass
work()
""",
    "clean-up": """
try:
    ready()
    work()
finally:
    time.sleep(600)
""",
}
PROGRAM = """
import time
from curation import cli
def ready():
    print("ready", flush=True)
def work():
    for _ in range(6000):
        time.sleep(.1)
def run():
    exec(compile({body!r}, "body", "exec"), dict(globals()))
    return None, 0
cli._run = run
cli.main()
"""


@pytest.mark.parametrize("where", LOSING)
def test_ctrl_c_ends_it_wherever_it_comes(where):
    """Exit code 130 and one sentence; only a clean-up that takes long needs a second Ctrl-C."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(body=LOSING[where])],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    try:
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(signal.SIGINT)
        if where == "clean-up":
            time.sleep(1.5)
            assert process.poll() is None
            process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
    assert process.returncode == 130
    assert err.decode().splitlines() == [
        "curation: Interrupted. What was there before is unchanged; run the command again to complete it."
    ]
