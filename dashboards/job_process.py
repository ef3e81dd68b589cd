"""The command line as a child of the dashboard's server, which ends when the server does.

    python -P dashboards/job_process.py collect …

The server writes one line to its stdin: a JSON object of variables for the environment. Tokens take this way, since
every user of the machine can list the words of a process, and the disk never sees a pipe. Then the server keeps the
pipe open. When the pipe closes, even because the server was killed with -9, the command ends as by Ctrl-C.
"""

from __future__ import annotations

import json
import os
import runpy
import signal
import sys
import threading
import time
from pathlib import Path

# The folder of this file is not on the path, nor is the one that the package lies in.
sys.path[:0] = [folder for folder in [str(Path(__file__).parent.parent)] if folder not in sys.path]

#: Seconds that a command has for its end after its server is gone.
PATIENCE = 10.0


def main() -> None:
    """Run the command that the words name."""
    # Until the command line listens, a signal ends this process without a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    server = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.environ.update(json.loads(_line(server)))
    threading.Thread(target=_watch, args=(server,), name="server", daemon=True).start()
    sys.argv[0] = "curation"  # for messages
    runpy.run_module("curation", run_name="__main__")


def _line(pipe: int) -> bytes:
    """The first line, and no byte more."""
    line = bytearray()
    while not line.endswith(b"\n"):
        byte = os.read(pipe, 1)
        if not byte:
            sys.exit(130)  # the server ended just now
        line += byte
    return bytes(line)


def _watch(server: int) -> None:
    """End the command when the server ends."""
    while os.read(server, 1):
        pass
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(PATIENCE)
    # It leads a process group of its own, with its workers.
    os.killpg(os.getpgrp(), signal.SIGKILL)


if __name__ == "__main__":
    main()
