"""What goes to which stream, on a terminal, into a pipe, in an old locale, and what `--help` imports."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys

import pytest

from tests.cli.shell import COMMAND, PATIENCE, curation, environment, inside, jsonl, unspeakable

#: Packages that take long to import and that no help text needs.
HEAVY = ("duckdb", "polars", "pyarrow", "numpy", "pandas", "streamlit", "ftfy", "langdetect")

#: What is said when stdout takes no more.
FULL = b"curation: Can't read or write the result: No space left on device. What was there before is unchanged.\n"

ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def on_a_terminal(*words, data):
    """Run a command whose stdout and stderr are a terminal of 120 columns; gives its exit code and the screen."""
    ours, theirs = pty.openpty()
    env = environment(TERM="xterm-256color", COLUMNS="120", NO_COLOR=None)
    command = [*COMMAND, *map(str, words), "--data", str(data)]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=env)
    os.close(theirs)
    screen = b""
    try:
        while chunk := os.read(ours, 65536):
            screen += chunk
    except OSError:  # Linux says so when the other side is closed
        pass
    finally:
        os.close(ours)
    unspeakable(screen.decode())
    return process.wait(PATIENCE), screen.decode()


def test_a_progress_bar_moves_on_a_terminal(workspace, tmp_path):
    """On a terminal collect, run and export draw a bar with the posts so far, and clear it away."""
    posts = [{"id": str(n), "author": "mira", "text": f"an invented post, number {n}"} for n in range(9000)]
    path = jsonl(tmp_path / "many.jsonl", posts)
    for what, words in (
        ("Reading", ("collect", "file", path)),
        ("Curating", ("run", "huggingtweets")),
        ("Writing", ("export", "huggingtweets", "--format", "lines")),
    ):
        rc, screen = on_a_terminal(*words, data=workspace)
        assert rc == 0, screen
        assert "\x1b[?25l" in screen, "no bar was drawn"
        assert what in screen
        assert "posts" in ESCAPE.sub("", screen)
        assert screen.index("\x1b[?25l") < screen.index("\x1b[?25h"), "the cursor stays hidden"


def test_nothing_moves_without_a_terminal(workspace):
    """In a pipe nothing is animated: no escape sequence and no carriage return on either stream."""
    for words in (("run", "--again"), ("export", "--format", "lines"), ("ledger",)):
        said = curation(*words, data=workspace)
        assert said.rc == 0
        assert not re.search(r"[\x1b\r\x08]", said.out + said.err)


def test_a_strangers_text_does_not_steer_the_terminal(workspace, tmp_path):
    """On a terminal CSV and JSON too show escape sequences of an author's name as text."""
    post = {"id": "1", "author": "\x1b[2Jred\u202e\x9b", "text": "three words here"}
    assert inside("collect", "file", jsonl(tmp_path / "one.jsonl", [post]), data=workspace).rc == 0
    assert inside("run", data=workspace).rc == 0
    for format in ("csv", "json"):
        rc, screen = on_a_terminal("ledger", "--format", format, data=workspace)
        assert rc == 0
        assert "red" in screen
        assert not re.search("[\x1b\u202e\x9b]", screen)
    answer = curation("ledger", "--json", data=workspace)
    assert post["author"] in [row["author"] for row in answer.json["rows"]]
    assert not re.search("[\x1b\u202e\x9b]", answer.out)


def test_a_reader_that_stops_early_is_no_error(demonstrated):
    """`curation … | head -1` ends without a traceback or a complaint; here the reader is gone before the first line."""
    for words in (["rules"], ["ledger", "--json", "--data", str(demonstrated / "data")]):
        reads, writes = os.pipe()
        os.close(reads)
        done = subprocess.run([*COMMAND, *words], stdout=writes, stderr=subprocess.PIPE, env=environment(), check=False)
        os.close(writes)
        assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is a device of Linux")
def test_a_result_that_cannot_be_printed_is_said():
    """Stdout on a full disk: exit 1 and one sentence; a closed stdout: no error at all."""
    with open("/dev/full", "wb") as full:  # noqa: PTH123 - a device
        done = subprocess.run([*COMMAND, "rules"], stdout=full, stderr=subprocess.PIPE, env=environment(), check=False)
    assert (done.returncode, done.stderr) == (1, FULL)
    closed = subprocess.run(
        ["sh", "-c", '"$@" >&-', "sh", *COMMAND, "rules", "--json"],
        stderr=subprocess.PIPE,
        env=environment(),
        check=False,
    )
    assert (closed.returncode, closed.stderr) == (0, b"")


@pytest.mark.parametrize("words", [("ledger",), ("rules",), ("run", "--again")])
def test_an_ascii_locale_is_no_error(workspace, words):
    """With LC_ALL=C and no UTF-8 mode the lines and letters beyond ASCII are printed all the same."""
    env = environment(LC_ALL="C", LANG="C", PYTHONUTF8="0", PYTHONIOENCODING=None, PYTHONCOERCECLOCALE="0")
    said = curation(*words, data=workspace if words[0] != "rules" else None, env=env)
    assert said.rc == 0
    assert said.out


def test_a_path_beyond_ascii_is_no_error(tmp_path):
    """A workspace and an input with blanks, quotes and letters of other scripts in their names."""
    folder = tmp_path / "Überfahrt 'zwei' 港"
    folder.mkdir()
    post = jsonl(folder / "beiträge [1]*.jsonl", [{"id": "1", "author": "mira", "text": "three words here"}])
    data = folder / "daten %1 {x}"
    assert curation("collect", "file", post, data=data).rc == 0
    assert inside("run", data=data).rc == 0
    assert inside("ledger", "--json", data=data).json["total"]["kept"] == 1
    assert inside("export", "--format", "jsonl", data=data).rc == 0


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["run", "--help"]])
def test_help_imports_nothing_heavy(words):
    """`--help` answers without DuckDB, Polars, Arrow, Streamlit and ftfy."""
    script = (
        f"import sys; sys.argv = ['curation', *{words!r}]\n"
        "from curation.cli import main\n"
        "try:\n    main()\n"
        "except SystemExit as done:\n    assert not done.code\n"
        f"print(__import__('json').dumps(sorted(set(sys.modules) & set({HEAVY!r}))), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout
    assert json.loads(done.stderr) == []


def test_reading_a_file_loads_neither_pandas_nor_the_network(tmp_path):
    """`collect file` starts without packages that it doesn't need, and pandas is there for whoever wants it later."""
    path = jsonl(tmp_path / "one.jsonl", [{"id": "1", "author": "mira", "text": "three words here"}])
    script = (
        f"import sys; sys.argv = ['curation', 'collect', 'file', {str(path)!r}, '--data', {str(tmp_path / 'data')!r}]\n"
        "from curation.cli import main\n"
        "try:\n    main()\n"
        "except SystemExit as done:\n    assert not done.code\n"
        "print(sorted({'pandas', 'requests'} & {*sys.modules}))\n"
        "import pyarrow\n"
        "print(len(pyarrow.table({'a': [1, 2]}).to_pandas()))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("[]\n2\n")
