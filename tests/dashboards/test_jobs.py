"""Jobs: commands in the background as real child processes, with progress, an end, and nothing left behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from curation.disk.workspace import Workspace
from curation.errors import RefusedError
from curation.sql import database
from dashboards import computing, jobs, session
from dashboards.parts.job_panel import progress_words
from tests.cli.shell import PATIENCE, environment

SAMPLE = Path("data/sample/x-archive-marlow_of_the_lamp.zip").absolute()
COLLECT = ("collect", "x-archive", str(SAMPLE))


@pytest.fixture
def space(tmp_path, monkeypatch):
    """An empty workspace of a server on loopback, with no job yet."""
    monkeypatch.setenv("CURATION_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("CURATION_WRITES", "local")
    own = jobs.Jobs()
    monkeypatch.setattr(jobs, "registry", lambda: own)
    yield Workspace(tmp_path / "data")
    own.end()


def until(condition) -> None:
    """Wait until it holds."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it never held"
        time.sleep(0.02)


def test_a_job_gives_the_result_of_its_command_and_its_progress(space):
    """The JSON, the notes and how far it got are the command line's."""
    job = jobs.start("collect", "Read an archive", COLLECT)
    assert job.wait(PATIENCE)
    assert (job.state, job.error, job.result["landed"]) == ("done", "", 157)
    assert list(job.notes) == ["Note: 5 posts got the whole text from note-tweet.js."]
    assert (job.progress.label, job.progress.share, job.progress.posts) == ("Reading", 1.0, 157)
    assert jobs.of("collect") is job
    assert len(space.landings()) == 1


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        (("run",), 3, "Nothing has landed"),
        (("collect", "file", "nowhere.json"), 1, "There is no nowhere.json"),
        (("run", "--nope"), 2, "No such option: --nope"),
    ],
)
def test_a_failed_job_has_the_paragraph_of_its_command(space, words, code, why):
    """What the terminal would show is its error, with no traceback."""
    job = jobs.start("fail", "Fail", words)
    assert job.wait(PATIENCE)
    assert (job.state, job.code, job.result) == ("failed", code, None)
    assert why in job.error
    assert "Traceback" not in job.error


def test_a_waiting_job_is_one_for_all_tabs_and_can_be_cancelled(space):
    """It says whom it waits for; a second click gives the same job; a cancelled one leaves nothing."""
    with space.lock("raw"):
        job = jobs.start("collect", "Read an archive", COLLECT)
        assert jobs.start("collect", "Read an archive", COLLECT) is job
        until(lambda: job.notes)
        assert f"process {os.getpid()}" in job.notes[0]
        job.cancel()
        assert job.wait(PATIENCE)
    assert (job.state, job.code) == ("cancelled", 130)
    assert job.error.startswith("Interrupted.")
    assert space.landings() == []
    assert list(space.work.glob("*-*")) == []
    assert jobs.running() == []


def test_a_secret_reaches_the_command_and_no_list_of_processes(space):
    """It is neither among the words nor in the environment that the system shows, and the command has it."""
    with space.lock("raw"):
        job = jobs.start("collect", "Read", COLLECT, secrets={"CURATION_PROGRESS": "s3cr3t"})
        until(lambda: job._others)  # the variable is there: it prints for people, not for a program
        process = Path(f"/proc/{job._process.pid}")
        for name in ("cmdline", "environ"):
            assert b"s3cr3t" not in (process / name).read_bytes()
        assert not list(job.notes)
        job.cancel()
        assert job.wait(PATIENCE)


def test_a_job_ends_with_its_server_however_that_ends(space, tmp_path):
    """A server that is killed with -9 leaves no process behind."""
    server = (
        "from dashboards import jobs\nimport time\n"
        f"job = jobs.start('collect', 'Read', {COLLECT!r})\n"
        "while not job.notes: time.sleep(.02)\n"
        "print(job._process.pid, flush=True)\ntime.sleep(600)"
    )
    env = environment(CURATION_DATA=str(space.root), CURATION_WRITES="local")
    with space.lock("raw"):
        process = subprocess.Popen([sys.executable, "-c", server], stdout=subprocess.PIPE, env=env)
        try:
            child = int(process.stdout.readline())
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
            process.stdout.close()
        until(lambda: not alive(child))
    assert space.landings() == []


def alive(process: int) -> bool:
    """Whether a process runs."""
    with contextlib.suppress(OSError):
        return "State:\tZ" not in Path(f"/proc/{process}/status").read_text()
    return False


def test_no_job_starts_where_the_visitor_may_not_write(space, monkeypatch):
    """The job refuses, whatever a page has drawn."""
    for how in ("", "allowed"):  # `allowed`, but no address of a visitor that would be this machine's
        monkeypatch.setenv("CURATION_WRITES", how)
        with pytest.raises(RefusedError, match="--allow-writes"):
            jobs.start("collect", "Read", COLLECT)
    assert not space.root.exists()


@pytest.mark.parametrize(
    ("host", "may"),
    [
        ("192.0.2.7:8501", True), ("[2001:db8::7]:8501", True), ("[2001:db8::7]", True), ("localhost:8501", True),
        ("localhost", True), ("evil.example:8501", False), ("evil.example", False), ("", False), (":8501", False),
        ("192.0.2.7.evil.example:8501", False), ("[evil]:80", False),
    ],
)  # fmt: skip
def test_a_name_of_others_that_points_here_may_not_write(monkeypatch, host, may):
    """With --allow-writes, an address may write; a foreign name (DNS rebinding) may not."""
    monkeypatch.setenv("CURATION_WRITES", "allowed")
    assert session.writes_from(host) is may


@pytest.mark.parametrize(
    ("done", "total", "unit", "words"),
    [
        (12_000, 40_000, "posts", "Curating · 12,000 of 40,000 posts · about 23 s left"),
        (40_000, 40_000, "posts", "Curating · 40,000 of 40,000 posts · finishing"),
        (2_500_000, 300_000_000, "bytes", "Curating · 2.5 of 300.0 MB · 7 posts"),  # too early for an estimate
        (120, None, "posts", "Curating · 120 posts"),
        (0, None, "steps", "Curating"),
    ],
)
def test_progress_in_words(monkeypatch, done, total, unit, words):
    """What is done, of how much, and the time left once it is more than a guess."""
    monkeypatch.setattr(time, "monotonic", lambda: 110.0)
    assert progress_words(jobs.Progress("Curating", done, total, unit, 7, began=100.0)) == words


def test_a_computation_is_cancelled_in_its_query(monkeypatch):
    """A query that would take minutes ends within seconds, whoever asks; nothing is opened afterwards."""
    monkeypatch.setenv("CURATION_WRITES", "")
    opened = threading.Event()

    def work(show):
        connection = database.connect()
        opened.set()
        connection.sql("SELECT sum(hash(a.range, b.range)) FROM range(1000000) a, range(1000000) b").fetchall()

    job = computing.start("endless", "Endless", work)
    assert computing.start("endless", "Endless", work) is job
    assert opened.wait(10)
    job.cancel()
    assert job.wait(10)
    assert (job.state, job.error) == ("cancelled", "")
    again = computing.start("endless", "Endless", lambda show: show(1, 2))
    assert again.wait(10)
    assert (again.state, again.progress.done, again.progress.total) == ("done", 1, 2)

    def fail(show):
        raise RefusedError("not today")

    failed = computing.start("fails", "Fails", fail)
    assert failed.wait(10)
    assert (failed.state, failed.error) == ("failed", "not today")
