"""A small workspace whose files are mutated, and command lines that are: what commands make of both."""

from __future__ import annotations

import atexit
import contextlib
import functools
import io
import json
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from unittest import mock

from curation import cli
from tests.fuzz import mutations
from tests.fuzz.harness import BrokenPromiseError
from tests.fuzz.posts import WORDS
from tests.fuzz.texts import OWN

#: Commands that make a workspace of every kind of file, in this order.
_MAKE = (
    "collect file posts.jsonl",
    "collect file more.csv --author tovi",
    "run mine.toml --workers 1",
    "pin 3 --keep --note herons",
    "export mine.toml --allow-small",
    "export mine.toml --format parquet --valid 0.3 --allow-small",
    "export mine.toml --format text --out elsewhere --allow-small",
    "report mine.toml --samples 1",
    "card mine.toml",
    "forget --id 5",
)

#: Commands that read it, most of which write nothing.
_READ = (
    "runs",
    "runs --json",
    "lineage data/exports/mine/train.jsonl",
    "lineage data/curated/mine",
    "ledger mine",
    "ledger mine --json",
    "explain 3 --recipe mine",
    "trace data/exports/mine/train.jsonl 3",
    "card mine",
    "check mine",
    "pin",
    "sources --status",
    "export mine --allow-small",
    "compact",
    "forget --id 7",
    "forget --author mira --dry-run",
    "run mine.toml --workers 1",
    "collect file posts.jsonl",
    "report mine",
    "recipes mine.toml",
    "compare mine mine --without ponds",
    "credit mine",
    "sweep mine min_words.min 1..3",
    "export mine --format chat --allow-small",
    "rules where",
    "lineage elsewhere/train.txt",
    "forget --resume",
)

#: Words that stand in a command line where others were meant.
_WORDS = (
    "",
    " ",
    "-",
    "--",
    "-1",
    "0",
    "9" * 30,
    "9" * 5000,
    "1e400",
    "nan",
    "\ud83d",
    "caf\udce9",
    "a\0b",
    "x" * 300,
    "d" * 200 + "/" + "e" * 300,
    "نص",
    "--json",
    "--data",
    "--author",
    "--where",
    "--search",
    "--only",
    "--as",
    "--note",
    "--instruction",
    "--valid",
    "--seed",
    "--top",
    "--by",
    "--format",
    "--epochs",
    "--map",
    "text=",
    "=text",
    "text=a.b[]",
    "mine.toml",
    "mine",
    "baseline",
    "%",
    "{}",
    "[1",
    "1..",
    "..1",
    "1..9999999999",
    "1,,2",
    "min_words.min=" + "9" * 400,
    "ponds.removes=" + "(" * 2000 + "1" + ")" * 2000,
    "(" * 900 + "true" + ")" * 900,
    "text LIKE '%a%'",
    "\n",
    "\u202e",
    "*",
    "?",
    "[",
    "~",
    "~nobody",
)

#: Options with texts of their own, by the commands that have them.
_OPTIONS = {
    "collect": {
        "--author": "mira",
        "--platform": "file",
        "--map": "text=text",
        "--encoding": "utf-8",
        "--dates": "auto",
    },
    "export": {
        "--author": "mira",
        "--where": "like_count > 0",
        "--search": "herons",
        "--instruction": "Write",
        "--out": "o",
    },
    "run": {"--set": "min_words.min=4", "--rules": "rules.py", "--memory-limit": "1GB", "--memo": "1MB"},
    "compare": {"--set": "min_words.min=4", "--without": "ponds", "--by": "month", "--fail-over": "5%"},
    "report": {"--against": "mine", "--set": "min_words.min=4", "--out": "r.html"},
    "pin": {"--note": "why", "--platform": "file", "--pins": "pins.toml"},
    "card": {"--contact": "mira@example.org", "--license": "mit", "--out": "c.md"},
    "ledger": {"--by": "month", "--format": "csv"},
    "forget": {"--author": "tovi", "--platform": "file"},
    "runs": {"--job": "run", "--last": "3"},
}


def command(draw: Random, folder: Path) -> None:
    """A mutated command line in a sound workspace."""
    shutil.copytree(_workspace(), folder, dirs_exist_ok=True)
    words = draw.choice((*_READ, *_MAKE)).split()
    if draw.random() < 0.5:
        option, value = draw.choice(list(_OPTIONS.get(words[0], {"--data": "data"}).items()))
        words += [option, mutations.mutated_text(value, draw)[:3000] if draw.random() < 0.5 else draw.choice(_WORDS)]
    for _ in range(draw.choice((0, 1, 1, 2))):
        place = draw.randint(1, len(words))
        kind = draw.randrange(4)
        if kind == 0:
            words.insert(place, draw.choice(_WORDS))
        elif kind == 1 and place < len(words):
            words[place] = draw.choice(_WORDS)
        elif kind == 2 and place < len(words):
            words[place] = mutations.mutated_text(words[place], draw)[:3000]
        elif place < len(words):
            del words[place]
    _run(words, folder)


def workspace(draw: Random, folder: Path) -> None:
    """A sound command line in a workspace of which a file or two are mutated; then another one."""
    shutil.copytree(_workspace(), folder, dirs_exist_ok=True)
    files = sorted(
        path for path in folder.rglob("*") if path.is_file() and path.name not in ("posts.jsonl", "more.csv")
    )
    for path in draw.sample(files, draw.choice((1, 1, 2))):
        others = tuple(other.read_bytes()[:20_000] for other in draw.sample(files, 1) if other.exists())
        if draw.random() < 0.1:
            path.unlink()
        elif path.suffix == ".json" and draw.random() < 0.6:
            path.write_bytes(_mutated_json(path.read_bytes(), draw))
        else:
            path.write_bytes(mutations.mutated_bytes(path.read_bytes(), draw, others))
    for words in draw.sample(_READ, 2):
        _run(words.split(), folder)


def _mutated_json(data: bytes, draw: Random) -> bytes:
    return mutations.written(mutations.mutated_value(json.loads(data), draw), draw)


@functools.cache
def _workspace() -> Path:
    """A folder with a workspace in `data`, made once for a process."""
    folder = Path(tempfile.mkdtemp(prefix="fuzz-workspace-", dir=os.environ.get("PYTEST_DEBUG_TEMPROOT")))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    posts = [
        {
            "id": str(n), "author": ("mira", "名前")[n % 2], "text": f"{WORDS[n % 5]} {n}", "like_count": n,
            "created_at": f"202{n % 5}-03-05T10:00:00Z", "reply_to": str(n - 1) if n % 3 == 0 else None,
        }
        for n in range(1, 13)
    ]  # fmt: skip
    lines = [json.dumps(post) + "\n" for post in posts]
    (folder / "posts.jsonl").write_text("".join(lines), encoding="utf-8")
    (folder / "more.csv").write_text(
        "id,text\n21,a pond and a heron again\n22,ثلاث قطط تنام تحت الطاولة\n", encoding="utf-8"
    )
    (folder / "mine.toml").write_text(OWN, encoding="utf-8")
    for words in _MAKE:
        code, said = _said(words.split(), folder)
        if code:
            raise BrokenPromiseError(f"curation {words}: {code} {said}")
    return folder


def _run(words: Sequence[str], folder: Path) -> None:
    """Run a command line. Raises what a defect raises."""
    code, said = _said(words, folder)
    if code not in (0, 1, 2, 3, 4):
        raise BrokenPromiseError(f"curation {words}: exit code {code}")
    if code and not said.strip():
        raise BrokenPromiseError(f"curation {words}: exit code {code} and not a word")
    if len(said) > 100_000:
        raise BrokenPromiseError(f"curation {words}: {len(said):,} characters: {said[:200]}")


def _said(words: Sequence[str], folder: Path) -> tuple[int, str]:
    """Exit code, and what was said on stderr; of a command that reaches no network and nothing outside of `folder`."""
    if words and (
        words[0] in ("dashboard", "demo")
        or any(word.startswith(("/", "~")) or ".." in word.split("/") for word in words)
    ):
        return 0, ""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with (
        _alone(folder),
        mock.patch.object(sys, "argv", ["curation", *words]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        message, code = cli._run()
        if message:
            print(message, file=sys.stderr)
        for stream in (out, err):
            stream.flush()
    return code, err.buffer.getvalue().decode("utf-8")


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    def refuse(*given: object, **named: object) -> None:
        raise OSError("no network here")

    before = Path.cwd()
    os.chdir(folder)
    try:
        with (
            mock.patch.dict(os.environ, {"CURATION_DEBUG": "1"}),
            mock.patch.object(socket.socket, "connect", refuse),
            mock.patch.object(sys, "stdin", io.StringIO()),
        ):
            os.environ.pop("CURATION_DATA", None)
            yield
    finally:
        os.chdir(before)
