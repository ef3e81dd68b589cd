"""Commands in processes of their own, a few hundred a minute: forks of one process that has imported everything.

A step is a call that changes names on the disk, or waits for it: before the step that is named, the command kills
itself. What a kill leaves is what lies on the disk at that moment, so a command that is left alone can also be watched:
before every step a copy is made of what would be left (`Forks.watch`), and no command has to begin once for each step.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]

#: What changes names on the disk, or waits for it.
STEPS = ("fsync", "rename", "replace", "unlink", "rmdir", "link", "mkdir")


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    rc: int  # of a killed one -9
    out: str
    err: str
    steps: int  # that it took; of a killed one 0


class Forks:
    """A process that runs commands in forks of itself; close it."""

    def __init__(self) -> None:
        given = {k: v for k, v in os.environ.items() if not k.startswith(("CURATION_", "PYTEST_"))}
        given |= {"PYTHONPATH": str(ROOT), "LOKY_MAX_CPU_COUNT": "1", "OMP_NUM_THREADS": "1"}
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.kill.forks"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, env=given, text=True,
        )  # fmt: skip

    def run(self, words: list[object], data: Path, step: int = 0) -> Ended:
        """Run `curation WORDS… --data DATA`; it is killed before its `step`, unless that is 0."""
        return self._asked({"words": [*map(str, words), "--data", str(data)], "step": step})

    def watch(self, words: list[object], data: Path, place: Path, into: Path) -> Ended:
        """Run it to its end, and copy `place` before each step to a folder of `into` that is called after the step.

        Of steps before which the same lies on the disk only the last has a folder.
        """
        request = {"words": [*map(str, words), "--data", str(data)], "step": 0}
        return self._asked({**request, "place": str(place), "into": str(into)})

    def _asked(self, request: dict[str, Any]) -> Ended:
        assert self._server.stdin
        assert self._server.stdout
        self._server.stdin.write(json.dumps(request) + "\n")
        self._server.stdin.flush()
        return Ended(**json.loads(self._server.stdout.readline()))

    def close(self) -> None:
        """End it."""
        assert self._server.stdin
        self._server.stdin.close()
        self._server.wait(10)
        if self._server.stdout:
            self._server.stdout.close()


def _serve() -> None:
    """Run what is asked for, line by line."""
    _import_everything()
    answers = os.fdopen(os.dup(1), "w")
    for line in sys.stdin:
        request = json.loads(line)
        answers.write(json.dumps(_forked(**request)) + "\n")
        answers.flush()


def _forked(words: list[str], step: int, place: str = "", into: str = "") -> dict[str, Any]:
    files = [os.memfd_create(name) for name in ("out", "err", "steps")]
    process = os.fork()
    if not process:
        try:
            _run(words, step, _Watch(place, into) if place else None, *files)
        finally:
            os._exit(70)
    _, status = os.waitpid(process, 0)
    out, err, steps = map(_content, files)
    return {"rc": os.waitstatus_to_exitcode(status), "out": out, "err": err, "steps": int(steps or 0)}


def _content(descriptor: int) -> str:
    os.lseek(descriptor, 0, os.SEEK_SET)
    with os.fdopen(descriptor, "rb") as file:
        return file.read().decode("utf-8", "replace")


class _Watch:
    """Copies a folder as often as there is something new in it."""

    def __init__(self, place: str, into: str) -> None:
        self._place, self._into = place, Path(into)
        self._before: tuple[object, Path] | None = None
        self.at_work = False

    def look(self, step: int) -> None:
        self.at_work = True
        target = self._into / str(step)
        files = [os.stat(os.path.join(top, name)) for top, _, names in os.walk(self._place) for name in names]  # noqa: PTH116, PTH118
        names = [(top, sorted(folders), sorted(names)) for top, folders, names in os.walk(self._place)]
        there = sorted(names), sorted((file.st_ino, file.st_size, file.st_mtime_ns) for file in files)
        if self._before and self._before[0] == there:
            self._before[1].rename(target)
        else:
            shutil.copytree(self._place, target)
        self._before = there, target
        self.at_work = False


def _run(words: list[str], last: int, watch: _Watch | None, out: int, err: int, count: int) -> None:
    """The command, in the fork."""
    from curation import cli
    from curation.disk import whole_files

    os.dup2(out, 1)
    os.dup2(err, 2)
    steps = 0
    owner = os.getpid()

    def counted(work: Any) -> Any:
        def step(*given: Any, **named: Any) -> Any:
            nonlocal steps
            if os.getpid() == owner and not (watch and watch.at_work):
                steps += 1
                if steps == last:
                    os.kill(owner, signal.SIGKILL)
                if watch:
                    watch.look(steps)
            return work(*given, **named)

        return step

    for name in STEPS:
        setattr(os, name, counted(getattr(os, name)))
    whole_files._exchange = counted(whole_files._exchange)
    sys.argv = ["curation", *words]
    code = 70
    try:
        cli.main()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    sys.stdout.flush()
    sys.stderr.flush()
    os.write(count, str(steps).encode())
    os._exit(code)


def _import_everything() -> None:
    """All that a command may need; nothing of it may start a thread."""
    import importlib
    import pkgutil

    import duckdb  # noqa: F401
    import polars  # noqa: F401
    import pyarrow.parquet  # noqa: F401

    import curation
    import curation.cli.commands

    for module in pkgutil.walk_packages(curation.__path__, "curation."):
        if "snscrape" in module.name or module.name.endswith(("__main__", "on_wandb", "on_trackio")):
            continue
        try:
            importlib.import_module(module.name)
        except ImportError:
            continue


if __name__ == "__main__":
    _serve()
