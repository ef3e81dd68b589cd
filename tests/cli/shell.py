"""The command as a user and a script see it: in a process of its own, or, for long tables of cases, in this one."""

from __future__ import annotations

import atexit
import contextlib
import functools
import io
import json
import os
import pty
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from curation import cli
from curation.corpus.corpus import Corpus
from tests.forks import PATIENCE, Forks

COMMAND = (sys.executable, "-m", "curation")

#: A Python file with a rule of one's own.
OWN_RULE = Path(__file__).with_name("own_rule.py")

#: What no user may ever see: the mark of a defect, and what an extension module says of itself at exit.
NEVER_SAID = ("Traceback", "nanobind")


@dataclass(frozen=True)
class Said:
    """What a command printed, and its exit code."""

    rc: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON object that stdout holds, and nothing else."""
        answer, end = json.JSONDecoder().raw_decode(self.out)
        assert self.out[end:] == "\n", f"stdout goes on after its JSON object: {self.out[end:]!r}"
        assert answer["schema"] == 1
        return answer

    @property
    def complaint(self) -> str:
        """The one paragraph that a command failed with."""
        paragraphs = [line for line in self.err.splitlines() if line.startswith("curation: ")]
        assert len(paragraphs) == 1, self.err
        return paragraphs[0].removeprefix("curation: ")


def environment(**changes: str | None) -> dict[str, str]:
    """This process's environment without what would change the command, and with `changes`; None removes."""
    given = {k: v for k, v in os.environ.items() if not k.startswith(("CURATION_", "PYTEST_"))}
    for name, value in changes.items():
        given.pop(name, None)
        if value is not None:
            given[name] = value
    return given


def on_a_terminal(words: list[str], typed: str, width: int = 100) -> tuple[int, str]:
    """Run `curation WORDS…` on a terminal where somebody types; gives its exit code and the screen."""
    pid, terminal = pty.fork()
    if not pid:
        os.environ["COLUMNS"] = str(width)
        os.execv(COMMAND[0], [*COMMAND, *words])
    os.write(terminal, typed.encode())
    screen = bytearray()
    with contextlib.suppress(OSError):  # the end, on Linux
        while read := os.read(terminal, 65_536):
            screen += read
    rc = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.close(terminal)
    return rc, screen.decode().replace("\r\n", "\n")


def curation(
    *words: object, data: Path | None = None, cwd: Path | None = None, env: dict[str, str] | None = None
) -> Said:
    """Run `curation WORDS…` in a process of its own, with `--data` when given.

    With an environment it is a new interpreter, otherwise a fork of one that has imported everything.
    """
    given = [*map(str, words), *(["--data", str(data)] if data else [])]
    if env is None:
        ended = forks().command(given, environment(), cwd)
        said = Said(ended.rc, ended.out, ended.err)
    else:
        done = subprocess.run([*COMMAND, *given], capture_output=True, cwd=cwd, env=env, timeout=PATIENCE, check=False)
        said = Said(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))
    unspeakable(said.err)
    return said


@functools.cache
def forks() -> Forks:
    """What runs commands, until this process ends."""
    running = Forks()
    atexit.register(running.close)
    return running


def inside(*words: object, data: Path | None = None) -> Said:
    """The same without a new process: twenty times as quick, and a file that is left open fails the test."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="ascii") for _ in range(2))
    argv = ["curation", *map(str, words), *(["--data", str(data)] if data else [])]
    handlers = {number: signal.getsignal(number) for number in cli.ENDING}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", argv)
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        patch.delenv("CURATION_DATA", raising=False)
        try:
            with pytest.raises(SystemExit) as ended:
                cli.main()
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
    texts = []
    for stream in (out, err):
        stream.flush()
        texts.append(stream.buffer.getvalue().decode("utf-8"))  # type: ignore[attr-defined]
    said = Said(ended.value.code, *texts)  # type: ignore[arg-type]
    unspeakable(said.err)
    return said


def unspeakable(err: str) -> None:
    """Fail when stderr holds what no user may ever see."""
    for word in NEVER_SAID:
        assert word not in err, err


def kept(data: Path, recipe: str) -> list[tuple[str, str]]:
    """Id and text of every kept post, sorted."""
    corpus = Corpus.open(data, recipe)
    return corpus.rows("SELECT id, text FROM posts WHERE removed_by IS NULL ORDER BY id, text")


def landed(data: Path) -> list[tuple[str, str]]:
    """Id and text of every row of the raw files, sorted."""
    import pyarrow.parquet as pq

    rows: list[tuple[str, str]] = []
    for part in sorted(data.glob("raw/*/*.parquet")):
        table = pq.read_table(part, columns=["id", "text"])
        rows += zip(table["id"].to_pylist(), table["text"].to_pylist(), strict=True)
    return sorted(rows)


def made_once(folder: Path, make: Callable[[Path], None]) -> Path:
    """A folder that the first process of several to ask makes, and all read."""
    with FileLock(folder.with_suffix(".lock")):
        if not folder.exists():
            unfinished = folder.with_suffix(".unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir(parents=True)
            make(unfinished)
            unfinished.rename(folder)
    return folder


def jsonl(path: Path, posts: list[dict[str, Any]]) -> Path:
    """Write posts as JSON lines."""
    path.write_text("".join(json.dumps(post) + "\n" for post in posts), encoding="utf-8")
    return path
