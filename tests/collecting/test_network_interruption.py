"""Killed at any moment, or out of disk, a run over the network loses nothing, and running again completes it.

How many moments are tried is `CURATION_KILLS` (3 unless set), drawn from a fixed seed, one out of every equal part
of the time that the run took when it was left alone.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from curation.disk.manifest import read_manifest
from curation.disk.workspace import Workspace
from tests.cli.shell import PATIENCE, Said, curation, environment, landed, unspeakable
from tests.sources.loopback import Asked, Loopback, serving

KILLS = int(os.environ.get("CURATION_KILLS", "3"))
POSTS = 400
PATH = "/api/v1/accounts/7/statuses"

#: The command as it is, but that it lands every hundred posts, so that many moments lie within a landing.
COMMAND = (
    sys.executable,
    "-c",
    "from curation import cli; from curation.collecting import collection; collection.LAND_POSTS = 100; cli.main()",
)


def status(number: int, length: int = 1) -> dict:
    """Post `number` of an invented account."""
    return {
        "id": str(number),
        "uri": f"https://example.social/users/ada/statuses/{number}",
        "url": f"https://example.social/@ada/{number}",
        "created_at": f"2024-03-{number % 28 + 1:02}T10:00:00.000Z",
        "content": f"<p>Post {number} of the harbour {random.Random(number).randbytes(length * 400).hex()}</p>",
        "visibility": "public",
        "account": {"id": "7", "acct": "ada", "username": "ada", "url": "https://example.social/@ada"},
    }


def listing(server: Loopback, posts: int, seconds: float = 0.0, length: int = 1) -> None:
    """Let the server list so many posts, forty a page, each answer so many seconds late."""

    def page(asked: Asked) -> list[dict]:
        time.sleep(seconds)
        below = int(asked.query.get("max_id", posts + 1))
        return [status(number, length) for number in range(below - 1, max(below - 41, 0), -1)]

    server.on("/api/v1/accounts/lookup", {"id": "7", "acct": "ada", "username": "ada", "statuses_count": posts})
    server.on(PATH, page)


def words(server: Loopback) -> list[str]:
    """The command that collects them."""
    return ["collect", "mastodon", "ada@example.social", "--base-url", server.address, "--json"]


def started(server: Loopback, data: Path) -> subprocess.Popen:
    """The command, under way."""
    command = [*COMMAND, *words(server), "--data", str(data)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())


def ended(process: subprocess.Popen) -> Said:
    """What it said until it ended."""
    out, err = process.communicate(timeout=PATIENCE)
    return Said(process.returncode, out.decode(), err.decode())


def numbers(data: Path) -> list[int]:
    """The numbers of the posts that have landed, one for each row."""
    return sorted(int(id.rpartition("/")[2]) for id, _ in landed(data))


def test_kill_9_at_any_moment(tmp_path: Path) -> None:
    """After kill -9 at a random moment everything that had landed is there, and the next run completes it."""
    draw = random.Random(11)
    with serving() as server:
        listing(server, POSTS, seconds=0.02)
        began = time.monotonic()
        whole = ended(started(server, tmp_path / "whole"))
        took = time.monotonic() - began
        assert (whole.rc, whole.json["landed"]) == (0, POSTS), whole.err
        for index in range(KILLS):
            data = tmp_path / f"killed-{index}"
            process = started(server, data)
            time.sleep((index + draw.random()) / KILLS * took)
            process.kill()
            process.communicate()
            before = numbers(data)
            assert before == sorted(set(before))
            server.asked.clear()
            after = ended(started(server, data))
            assert (after.rc, after.json["gaps"], after.json["had"]) == (0, 0, POSTS), after.err
            assert numbers(data) == list(range(1, POSTS + 1))
            assert not list((data / "targets").rglob("page-*"))
            assert not [path for path in (data / ".work").iterdir() if path.is_dir()]


def test_what_a_killed_run_fetched_is_not_fetched_again(tmp_path: Path) -> None:
    """Pages that were on disk when the run was killed are landed by the next one, which goes on below them."""
    with serving() as server:
        listing(server, POSTS, seconds=0.1)
        process = started(server, tmp_path)
        until = time.monotonic() + PATIENCE
        while len(server.asked_for(PATH)) < 6:
            assert time.monotonic() < until
            time.sleep(0.01)
        process.kill()
        process.communicate()
        fetched = len(server.asked_for(PATH)) - 1
        server.asked.clear()
        after = ended(started(server, tmp_path))
        assert after.rc == 0, after.err
        assert len(server.asked_for(PATH)) <= 1 + POSTS // 40 - (fetched - 1) + 1 + 2


@contextlib.contextmanager
def small_disk(folder: Path, size: str) -> Iterator[None]:
    """A disk of its own for a folder; skips where nothing can be mounted."""
    folder.mkdir()
    mount = shutil.which("mount")
    if not mount or subprocess.run([mount, "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder]).returncode:
        pytest.skip("no small disk can be mounted here (it takes root)")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def test_a_disk_that_fills_up(tmp_path: Path) -> None:
    """A full disk ends the run with the place and the reason; what had landed stays, and a re-run completes it."""
    data = tmp_path / "data"
    with serving() as server, small_disk(data, "1m"):
        listing(server, 40, length=4)
        assert curation(*words(server), data=data).rc == 0
        listing(server, POSTS, length=4)
        full = ended(started(server, data))
        unspeakable(full.err)
        assert full.rc == 1
        assert "No space left on device" in full.err
        assert set(range(1, 41)) <= set(numbers(data))
        again = ended(started(server, data))
        assert (again.rc, "No space left on device" in again.err) == (1, True)
        subprocess.run(["mount", "-o", "remount,size=64m", data], check=True)
        whole = ended(started(server, data))
        assert (whole.rc, whole.json["status"], whole.json["had"]) == (0, "complete", POSTS), whole.err
        assert numbers(data) == list(range(1, POSTS + 1))
        assert all(read_manifest(folder)["counts"]["rows"] for folder in Workspace(data).landings())
