"""Uploads over a real socket: whose request counts, what lies where, and that nothing stays."""

from __future__ import annotations

import http.client
import json
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import zipfile
from collections import namedtuple
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route

from curation.disk.workspace import Workspace
from dashboards import jobs, uploads
from tests.browser.serving import begin
from tests.cli.shell import PATIENCE, environment, inside

TIMELINE = "id,author,created_at,text\n1,{who},2024-01-02,{text}\n2,{who},2024-01-03,{text} 2\n"


@pytest.fixture(scope="module")
def port():
    """The port of a server that takes uploads."""
    server = uvicorn.Server(
        uvicorn.Config(Starlette(routes=[Route(uploads.PATH, uploads.receive, methods=["POST"])]), log_level="error")
    )
    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    yield listening.getsockname()[1]
    server.should_exit = True
    thread.join()
    listening.close()


@pytest.fixture
def space(tmp_path, monkeypatch):
    """An empty workspace of a server on loopback."""
    monkeypatch.setenv("CURATION_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("CURATION_WRITES", "local")
    own, running = uploads.Trays(), jobs.Jobs()
    monkeypatch.setattr(uploads, "trays", lambda: own)
    monkeypatch.setattr(jobs, "registry", lambda: running)
    yield Workspace(tmp_path / "data")
    running.end()
    own.close()


def send(port: int, tray: str, name: str, body: bytes, **heads: str) -> tuple[int, dict[str, Any]]:
    """Send a file; gives the status and the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    query = urlencode({"tray": tray, "name": name}, quote_via=quote)
    given = {"X-Curation-Token": uploads.token(), **{key.replace("_", "-"): value for key, value in heads.items()}}
    connection.request("POST", f"{uploads.PATH}?{query}", body, given)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, json.loads(content)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"), ("..", "file"), ("", "file"),
        ("-rf.json", "rf.json"), ("*?[a].csv", "___a_.csv"),
        ("C:\\me\\tweets.js", "tweets.js"), ("a\x00b\nc.csv", "a_b_c.csv"),
        ("投稿 ไทย منشورات.csv", "投稿 ไทย منشورات.csv"),
        ("\u202egnp.csv", "gnp.csv"), ("x" * 400 + ".csv", "x" * 176 + ".csv"),
    ],
)  # fmt: skip
def test_a_name_stays_a_name(port, space, name, kept):
    """Whatever a browser calls a file, it lies in the tray, and nowhere else."""
    tray = uploads.trays().promise()
    assert send(port, tray, name, b"posts") == (200, {"name": kept, "size": 5})
    folder = uploads.trays().find(tray).folder
    assert [path.name for path in folder.iterdir()] == [kept]
    assert folder.parent == space.work.absolute()
    assert send(port, tray, name, b"others")[1]["name"] not in ("", kept)  # nothing is overwritten
    uploads.trays().find(tray).close()
    assert not folder.exists()


def test_only_a_page_of_this_server_may_send(port, space, monkeypatch):
    """Without its token, from another page, to a tray that it promised to nobody, or read-only: nothing is written."""
    tray = uploads.trays().promise()
    assert send(port, tray, "a.csv", b"x", X_Curation_Token="guessed")[0] == 403
    assert send(port, tray, "a.csv", b"x", Origin="http://evil.example")[0] == 403
    assert send(port, "guessed", "a.csv", b"x")[0] == 410
    assert send(port, tray, "a.csv", b"x", Host="evil.example")[0] == 403
    monkeypatch.setenv("CURATION_WRITES", "allowed")
    assert send(port, tray, "a.csv", b"x", Host="evil.example")[0] == 403
    monkeypatch.setenv("CURATION_WRITES", "")
    status, answer = send(port, tray, "a.csv", b"x")
    assert (status, "--allow-writes" in answer["error"]) == (403, True)
    assert not space.root.exists()
    monkeypatch.setenv("CURATION_WRITES", "local")
    assert send(port, tray, "a.csv", b"x", Origin=f"http://127.0.0.1:{port}")[0] == 200


def test_a_broken_upload_leaves_no_file(port, space):
    """A connection that breaks, or a disk without room: the part that came is removed, and the reason is a sentence."""
    tray = uploads.trays().promise()
    assert send(port, tray, "first.csv", b"x")[0] == 200
    with socket.create_connection(("127.0.0.1", port)) as connection:
        head = f"POST {uploads.PATH}?tray={tray}&name=cut.csv HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        head += f"X-Curation-Token: {uploads.token()}\r\nContent-Length: 1000000\r\n\r\n"
        connection.sendall(head.encode() + b"some of it")
        folder = uploads.trays().find(tray).folder
        until(lambda: (folder / "cut.csv").exists())
    until(lambda: not (folder / "cut.csv").exists())
    assert [upload.name for upload in uploads.trays().find(tray).uploads] == ["first.csv"]


def test_a_disk_without_room_is_said(port, space, monkeypatch):
    """Before anything is written."""
    tray = uploads.trays().promise()
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: namedtuple("Usage", "free")(600_000_000))
    status, answer = send(port, tray, "big.zip", b"x" * 1000)
    assert status == 200
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: namedtuple("Usage", "free")(400_000_000))
    status, answer = send(port, tray, "big.zip", b"x" * 1000)
    assert (status, "400 MB free" in answer["error"]) == (413, True)
    assert len(list(uploads.trays().find(tray).folder.iterdir())) == 1


def test_what_a_killed_server_leaves_is_swept(tmp_path):
    """Its files go with the next command."""
    space = Workspace(tmp_path / "data")
    server = (
        "import time\nfrom pathlib import Path\nfrom curation.disk.workspace import Workspace\n"
        "from dashboards.uploads import Trays\ntrays = Trays()\n"
        f"tray = trays.open(trays.promise(), Workspace(Path({str(space.root)!r})))\n"
        "(tray.folder / 'archive.zip').write_bytes(b'private')\nprint(tray.folder, flush=True)\ntime.sleep(600)"
    )
    process = subprocess.Popen([sys.executable, "-c", server], stdout=subprocess.PIPE, env=environment())
    folder = Path(process.stdout.readline().decode().strip())
    space.sweep()
    assert (folder / "archive.zip").exists()  # its server lives
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    space.sweep()
    assert not folder.exists()


def test_a_server_for_others_takes_no_file(tmp_path):
    """`curation dashboard --host` without --allow-writes refuses over its real socket."""
    (tmp_path / "data").mkdir()
    dashboard = begin(tmp_path / "data", tmp_path / "said.txt", "--host", "127.0.0.2", host="127.0.0.2")
    try:
        connection = http.client.HTTPConnection("127.0.0.2", int(dashboard.url.rpartition(":")[2]), timeout=PATIENCE)
        connection.request("POST", f"{uploads.PATH}?tray=x&name=a.csv", b"x")
        answer = connection.getresponse()
        assert (answer.status, "--allow-writes" in json.loads(answer.read())["error"]) == (403, True)
        connection.close()
    finally:
        dashboard.end()
    assert list((tmp_path / "data").iterdir()) == []


def test_an_uploaded_file_lands_under_its_own_name(port, space):
    """A table in Japanese is looked at and landed by jobs; its copy goes, and the name of the file is its target."""
    name, tray = "投稿 一覧.csv", uploads.trays().promise()
    send(port, tray, name, TIMELINE.format(who="hana", text="なるほど、そうですね").encode())
    held = uploads.trays().find(tray)
    look = jobs.start("look", "Look", ["collect", "file", "--dry-run", "--", name], folder=held.folder)
    assert look.wait(PATIENCE)
    assert (look.result["posts"], look.result["authors"]) == (2, [{"name": "hana", "posts": 2}])
    assert look.result["samples"][0]["text"] == "なるほど、そうですね"
    assert space.landings() == []
    land = jobs.start(
        "land", "Land", ["collect", "file", "--", name], folder=held.folder, cleanup=lambda _: held.close()
    )
    assert land.wait(PATIENCE)
    assert (land.state, land.result["landed"], land.result["target"]) == ("done", 2, name)
    assert list(space.work.glob("upload-*")) == []


def bomb(path: Path) -> None:
    """A zip whose tweets unpack to 64 MB of blanks from 64 kB."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("data/tweets.js", "w") as member:
        member.write(b"window.YTD.tweets.part0 = [")
        for _ in range(64):
            member.write(b" " * 1_000_000)


def sparse(path: Path) -> None:
    """A file of twenty gigabytes that takes no room."""
    with path.open("wb") as file:
        file.truncate(20_000_000_000)


def private(path: Path) -> None:
    """An archive of X with messages that nobody may open."""
    with zipfile.ZipFile(path, "w") as archive:
        tweet = {"tweet": {"id_str": "1", "full_text": "hello there", "created_at": "Wed Jan 03 10:00:00 +0000 2024"}}
        archive.writestr("data/tweets.js", f"window.YTD.tweets.part0 = [{json.dumps(tweet)}]")
        archive.writestr("data/account.js", 'window.YTD.account.part0 = [{"account": {"username": "ada"}}]')
        for name in ("direct-messages.js", "phone-number.js", "email-address-change.js"):
            archive.writestr(f"data/{name}", "S3CR3T")


@pytest.mark.parametrize(
    ("name", "make", "code", "why"),
    [
        ("broken.zip", lambda path: path.write_bytes(b"PK\x03\x04 and then nothing"), 1, "broken.zip"),
        ("bomb.zip", bomb, 1, "bomb.zip"),
        ("empty.json", lambda path: path.write_bytes(b""), 3, "is empty"),
        ("huge.json", sparse, 3, "is empty (20,000,000,000 bytes)"),
        ("photo.jpg", lambda path: path.write_bytes(b"\xff\xd8\xff\xe0" + bytes(100)), 1, "photo.jpg"),
    ],
)
def test_what_is_no_posts_is_a_sentence(tmp_path, monkeypatch, name, make, code, why):
    """A look at it ends soon, in one paragraph, and nothing is written."""
    make(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    began = time.monotonic()
    said = inside("collect", "file", "--dry-run", "--json", "--", name, data=None)
    assert (said.rc, why in said.complaint) == (code, True), said
    assert time.monotonic() - began < 60
    assert not (tmp_path / "data").exists()


def test_messages_in_an_archive_stay_closed(tmp_path, monkeypatch):
    """A look names whose archive it is, how many files stay closed, and quotes nothing of them."""
    private(tmp_path / "archive.zip")
    monkeypatch.chdir(tmp_path)
    said = inside("collect", "file", "--dry-run", "--json", "archive.zip")
    assert (said.json["posts"], said.json["authors"]) == (1, [{"name": "ada", "posts": 1}])
    assert [file["closed"] for file in said.json["files"]] == [3]
    assert "S3CR3T" not in said.out + said.err
    assert "3 other files in it stay closed" in inside("collect", "x-archive", "--dry-run", "archive.zip").out


def test_columns_are_named_where_nothing_is_recognised(tmp_path):
    """The JSON has them for a form, the error is the usual one, and a map makes posts of them."""
    path = tmp_path / "wer.csv"
    path.write_text("wer;was\nanna;hallo du da\nbob;noch ein Text\n", encoding="utf-8")
    said = inside("collect", "file", path, "--dry-run", "--json")
    assert (said.rc, said.json["posts"], said.json["files"][0]["columns"]) == (1, 0, ["wer", "was"])
    assert "--map text=" in said.complaint
    mapped = inside("collect", "file", path, "--map", "text=was", "--map", "author=wer", "--dry-run", "--json").json
    assert (mapped["posts"], mapped["files"][0]["fields"]) == (2, {"text": "was", "author": "wer"})


def until(condition) -> None:
    """Wait until it holds."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it never held"
        time.sleep(0.02)
