"""Commands in processes of their own, a few hundred a minute: forks of one process that has imported everything.

A fork has its own streams, folder, environment and exit, like a command that a shell starts; only what the interpreter
reads at its start, such as `PYTHONUTF8`, is as it is here. The tests of streams, signals and workers start an
interpreter instead.

A step is a call that changes names on the disk, or waits for it: before the step that is named, the command kills
itself. What a kill leaves is what lies on the disk at that moment, so a command that is left alone can also be watched:
before every step a copy is made of what would be left (`Forks.watch`), and no command has to begin once for each step.
"""

from __future__ import annotations

import atexit
import gc
import io
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import traceback
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).parents[1]

#: What changes names on the disk, or waits for it.
STEPS = ("fsync", "rename", "replace", "unlink", "rmdir", "link", "mkdir")


#: Longer than any command takes on a busy machine, in seconds.
PATIENCE = 120


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    rc: int  # of a killed one -9
    out: str
    err: str
    steps: int = 0  # that it took, if they are counted; of a killed one 0


class Forks:
    """A process that runs commands in forks of itself; close it."""

    def __init__(self) -> None:
        given = {k: v for k, v in os.environ.items() if not k.startswith(("CURATION_", "PYTEST_"))}
        given |= {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.forks"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, env=given, text=True,
        )  # fmt: skip

    def command(
        self, words: Sequence[object], env: dict[str, str], cwd: Path | None = None, joined: bool = False
    ) -> Ended:
        """Run `curation WORDS…` in an environment and a folder; `joined` puts stderr into `out`, too."""
        request = {"words": [*map(str, words)], "env": env, "cwd": str(cwd or Path.cwd()), "joined": joined}
        return self._answered(request)

    def run(self, words: list[object], data: Path, step: int = 0) -> Ended:
        """Run `curation WORDS… --data DATA` and count its steps; it is killed before `step`, unless that is 0."""
        return self._answered({"words": [*map(str, words), "--data", str(data)], "step": step})

    def watch(self, words: list[object], data: Path, place: Path, into: Path) -> Ended:
        """Run it to its end, and copy `place` before each step to a folder of `into` that is called after the step.

        Of steps before which the same lies on the disk only the last has a folder.
        """
        request = {"words": [*map(str, words), "--data", str(data)], "step": 0}
        return self._answered({**request, "place": str(place), "into": str(into)})

    def _answered(self, request: dict[str, Any]) -> Ended:
        assert self._server.stdin
        assert self._server.stdout
        self._server.stdin.write(json.dumps(request) + "\n")
        self._server.stdin.flush()
        if not select.select([self._server.stdout], [], [], PATIENCE)[0]:
            self._server.kill()
            raise TimeoutError(f"{request['words']} takes longer than {PATIENCE} seconds")
        return Ended(**json.loads(self._server.stdout.readline()))

    def close(self) -> None:
        """End it."""
        assert self._server.stdin
        self._server.stdin.close()
        self._server.wait(10)
        if self._server.stdout:
            self._server.stdout.close()


def _serve() -> None:
    """Run what is requested, line by line."""
    _import_everything()
    gc.freeze()  # so that a fork's collector leaves what is shared alone
    answers = os.fdopen(os.dup(1), "w")
    for line in sys.stdin:
        request = _Request(**json.loads(line))
        files = [os.memfd_create(name) for name in ("out", "err", "steps")]
        process = os.fork()
        if not process:
            _run(request, *files)
        _, status = os.waitpid(process, 0)
        out, err, steps = map(_content, files)
        ended = Ended(os.waitstatus_to_exitcode(status), out, err, int(steps or 0))
        answers.write(json.dumps(asdict(ended)) + "\n")
        answers.flush()
    os._exit(0)  # DuckDB's extension module has something to say of forks at exit


@dataclass(frozen=True)
class _Request:
    """A command to run."""

    words: list[str]
    cwd: str = str(ROOT)
    env: dict[str, str] | None = None  # None for this process's
    joined: bool = False
    step: int | None = None  # to be killed at; None counts no steps
    place: str = ""
    into: str = ""


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


def _run(request: _Request, out: int, err: int, count: int) -> NoReturn:
    """The command, in the fork, to the end of the process."""
    from curation import cli

    os.chdir(request.cwd)
    if request.env is not None:
        os.environ.clear()
        os.environ.update(request.env)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(out, 1)
    os.dup2(out if request.joined else err, 2)
    if request.joined and isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(write_through=True)  # what is printed first stands first
    sys.argv = ["curation", *request.words]
    counter = None
    if request.step is not None:
        os.environ["LOKY_MAX_CPU_COUNT"] = "1"  # a killed command has no workers that go on
        watch = _Watch(request.place, request.into) if request.place else None
        counter = _Counter(request.step, watch)
    code = 70
    try:
        cli.main()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        # Without the end of the interpreter, which takes longer here than most commands: all modules are taken apart.
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        if counter:
            os.write(count, str(counter.steps).encode())
        os._exit(code)


class _Counter:
    """Counts the steps of this process, and kills it before one of them."""

    def __init__(self, last: int, watch: _Watch | None) -> None:
        from curation.disk import whole_files

        self.steps, self._last, self._watch, self._owner = 0, last, watch, os.getpid()
        for name in STEPS:
            setattr(os, name, self._counted(getattr(os, name)))
        whole_files._exchange = self._counted(whole_files._exchange)

    def _counted(self, work: Any) -> Any:
        def step(*given: Any, **named: Any) -> Any:
            if os.getpid() == self._owner and not (self._watch and self._watch.at_work):
                self.steps += 1
                if self.steps == self._last:
                    os.kill(self._owner, signal.SIGKILL)
                if self._watch:
                    self._watch.look(self.steps)
            return work(*given, **named)

        return step


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
        if "snscrape" in module.name or module.name.endswith("__main__"):
            continue
        try:
            importlib.import_module(module.name)
        except ImportError:
            continue


if __name__ == "__main__":
    _serve()
