r"""Runs the examples of a page, so that what a page shows is what happens.

A page's examples run in order, in one folder that has `data/sample` in it, as a checkout has.

- A block ```` ```console ```` holds commands (`$ …`) for the shell, each followed by all that it prints, on
  stdout and stderr. A line with nothing but `…` stands for lines that are left out. In a block
  ```` ```console one-command ```` only the first line is a command, since others only look like one.
- A block with a name, such as ```` ```toml mine.toml ````, is a file of that name.
- A block ```` ```sql ```` is asked of DuckDB. The Markdown table after it is the answer; `…` works there too.
- Every other block (```` ```sh ````, ```` ```text ````) is not run.

Output is compared as text. Only the place of the checkout is taken out of paths, the random part of the names
of a corpus's files becomes `…`. Two commands have stand-ins, since tests install nothing: `make demo` is what
the Makefile runs when everything is installed, and `pip install --quiet .` makes the folder's modules and the
entry points of its pyproject.toml known, as the installation would.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

ROOT = Path(__file__).parent.parent
#: A line that stands for any lines.
LEFT_OUT = "…"
#: What `make demo` runs once everything is installed.
MAKE_DEMO = "curation demo --data build/demo"
#: The word after `console` for a block whose output has lines that look like commands.
ONE_COMMAND = "one-command"
#: Seconds that one command may take.
PATIENCE = 120

_FENCE = re.compile(r"^```(\w+)(?: (\S+))?$")
_RANDOM_PART = re.compile(r"(?<=part-)[0-9a-f]{8}(?=-\d{5}\.parquet)")


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    language: str
    name: str | None  # of the file that it is
    lines: tuple[str, ...]
    first: int  # index of its first line in the page, after the fence

    @property
    def end(self) -> int:
        """Index of the line after its last."""
        return self.first + len(self.lines)


@dataclass(frozen=True)
class Example:
    """Something that was run: what the page shows of it, and what came out."""

    source: str  # the command or the query
    shown: tuple[str, ...]
    actual: tuple[str, ...]
    first: int  # index of the first shown line in the page

    @property
    def holds(self) -> bool:
        """Whether what is shown is what came out."""
        return _matches(list(self.shown), list(self.actual))

    @property
    def refreshed(self) -> tuple[str, ...]:
        """What the page should show: as many lines before and after what is left out as it shows now."""
        left_out = [index for index, line in enumerate(self.shown) if line == LEFT_OUT]
        if self.holds or len(left_out) > 1:
            return self.shown
        if not left_out:
            return self.actual
        before, after = left_out[0], len(self.shown) - left_out[0] - 1
        return (*self.actual[:before], LEFT_OUT, *self.actual[len(self.actual) - after :])


def blocks(text: str) -> list[Block]:
    """The fenced blocks of a page that name a language."""
    found, lines, index = [], text.split("\n"), 0
    while index < len(lines):
        opening = _FENCE.match(lines[index])
        index += 1
        if opening:
            end = lines.index("```", index)
            found.append(Block(opening[1], opening[2], tuple(lines[index:end]), index))
            index = end + 1
    return found


#: Runs a line of a page in an environment; gives what it prints on stdout and stderr.
Runner = Callable[[str, dict[str, str]], str]


def in_a_shell(line: str, environment: dict[str, str]) -> str:
    """Run a line as a reader does who types it."""
    done = subprocess.run(
        ["sh", "-c", line], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, timeout=PATIENCE, check=False,
    )  # fmt: skip
    return done.stdout.decode("utf-8", "replace")


def run(page: Path, folder: Path, runner: Runner = in_a_shell) -> list[Example]:
    """Run a page's examples in `folder`, which should be empty."""
    text = page.read_text(encoding="utf-8")
    lines = text.split("\n")
    shutil.copytree(ROOT / "data" / "sample", folder / "data" / "sample")
    environment = _environment(folder)
    examples: list[Example] = []
    with contextlib.chdir(folder), contextlib.closing(duckdb.connect()) as connection:
        for block in blocks(text):
            if block.language == "console":
                examples += _console(block, folder, environment, runner)
            elif block.name:
                Path(block.name).parent.mkdir(parents=True, exist_ok=True)
                Path(block.name).write_text("\n".join(block.lines) + "\n", encoding="utf-8")
            elif block.language == "sql":
                examples += _sql(block, lines, connection)
    return examples


def refresh(page: Path, folder: Path) -> list[Example]:
    """Run a page's examples and write what came out into the page; gives those that still don't hold."""
    lines = page.read_text(encoding="utf-8").split("\n")
    examples = run(page, folder)
    for example in reversed(examples):
        lines[example.first : example.first + len(example.shown)] = example.refreshed
    page.write_text("\n".join(lines), encoding="utf-8")
    return [e for e in examples if not _matches(list(e.refreshed), list(e.actual))]


def _console(block: Block, folder: Path, environment: dict[str, str], runner: Runner) -> Iterator[Example]:
    stand_ins = {
        "make demo": lambda: MAKE_DEMO,
        "pip install --quiet .": lambda: _installed(folder, environment),
    }
    starts = [index for index, line in enumerate(block.lines) if line.startswith("$ ")]
    if block.name == ONE_COMMAND:
        starts = starts[:1]
    for start, end in zip(starts, [*starts[1:], len(block.lines)], strict=True):
        command = block.lines[start].removeprefix("$ ")
        line = stand_ins[command]() if command in stand_ins else command
        output = _normal(runner(line, environment), folder)
        yield Example(command, block.lines[start + 1 : end], output, block.first + start + 1)


def _sql(block: Block, lines: list[str], connection: duckdb.DuckDBPyConnection) -> Iterator[Example]:
    query = "\n".join(block.lines).rstrip().removesuffix(";")
    if query.startswith("CREATE"):
        connection.execute(query)
        return
    first = block.end + 2  # after the fence and a blank line
    last = first
    while last < len(lines) and (lines[last].startswith("|") or lines[last] == LEFT_OUT):
        last += 1
    answer = connection.sql(f"SELECT COLUMNS(*)::VARCHAR FROM ({query})")
    rows = [answer.columns, ["---"] * len(answer.columns), *answer.fetchall()]
    actual = ["| " + " | ".join(map(_cell, row)) + " |" for row in rows]
    if first == last:  # no answer is shown yet: a blank line keeps a new one from what follows
        actual.append("")
    yield Example(query, tuple(lines[first:last]), tuple(actual), first)


def _cell(value: str | None) -> str:
    return "NULL" if value is None else " ".join(value.split()).replace("|", "\\|")


def _environment(folder: Path) -> dict[str, str]:
    """The reader's environment: the commands beside this interpreter, English, nothing of this project set."""
    commands = Path(sys.executable).parent
    mine = {"PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"}
    path = [str(commands), os.environ["PATH"]]
    if not (commands / "curation").exists():  # not installed: do what the installed command would do
        shim = folder / ".bin" / "curation"
        shim.parent.mkdir()
        shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m curation "$@"\n', encoding="utf-8")
        shim.chmod(0o755)
        path.insert(0, str(shim.parent))
        mine["PYTHONPATH"] = str(ROOT)
    mine["PATH"] = os.pathsep.join(path)
    theirs = {k: v for k, v in os.environ.items() if not k.startswith(("CURATION_", "POLARS_FMT", "COLUMNS"))}
    return theirs | mine


def _installed(folder: Path, environment: dict[str, str]) -> str:
    """Make known what an installation of the package in `folder` would make known; gives a command for it."""
    project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    info = folder / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    info.mkdir()
    head = f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    (info / "METADATA").write_text(head, encoding="utf-8")
    groups = project["entry-points"]
    text = "".join(
        f"[{group}]\n" + "".join(f"{name} = {place}\n" for name, place in entries.items())
        for group, entries in groups.items()
    )
    (info / "entry_points.txt").write_text(text, encoding="utf-8")
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(folder), environment.get("PYTHONPATH")]))
    return "true"


def _normal(output: str, folder: Path) -> tuple[str, ...]:
    for place in (folder.resolve(), folder, ROOT):
        output = output.replace(f"{place}/", "")
    output = _RANDOM_PART.sub(LEFT_OUT, output)
    return tuple(line.rstrip() for line in output.splitlines())


def _matches(shown: list[str], actual: list[str]) -> bool:
    """Whether `actual` is `shown`, a line `…` being any lines."""
    if LEFT_OUT not in shown:
        return shown == actual
    index = shown.index(LEFT_OUT)
    if shown[:index] != actual[:index]:
        return False
    rest = shown[index + 1 :]
    return any(_matches(rest, actual[begin:]) for begin in range(index, len(actual) + 1))
