"""`curation dashboard`: who may look, where, and what it leaves to nobody else's settings."""

from __future__ import annotations

import os
import signal
import socket
import sys
from pathlib import Path

import pytest

from dashboards import hosts
from tests.browser.serving import begin
from tests.cli.shell import environment, inside

#: Settings that somebody made for another application, and that would open this one.
OTHERS = """
[server]
address = "0.0.0.0"
port = 1
enableCORS = false
enableXsrfProtection = false
enableAgentApi = true
allowedHosts = ["*"]
baseUrlPath = "elsewhere"
[browser]
gatherUsageStats = true
[client]
showErrorDetails = "full"
[theme]
base = "https://outside.invalid/theme.toml"
font = "Outside:https://outside.invalid/font.css"
"""


@pytest.fixture
def replaced(monkeypatch):
    """What the process was replaced with: program, words, environment."""
    seen = []

    def execve(program, words, given):
        seen.append((program, words, given))
        raise SystemExit(0)

    monkeypatch.setattr(os, "execve", execve)
    return seen


def test_a_missing_folder_is_said(tmp_path, replaced):
    """A workspace that isn't there is wrong usage, and nothing is served."""
    said = inside("dashboard", data=tmp_path / "nowhere")
    assert (said.rc, said.out, replaced) == (2, "", [])
    assert "There is no folder" in said.complaint
    assert str(tmp_path / "nowhere") in said.complaint


def test_a_file_is_no_workspace(tmp_path, replaced):
    """A file in the place of the folder is said."""
    (tmp_path / "file").write_text("posts", encoding="utf-8")
    said = inside("dashboard", data=tmp_path / "file")
    assert (said.rc, replaced) == (1, [])
    assert "is a file" in said.complaint


def test_a_port_in_use_is_said(tmp_path, replaced):
    """A port that was asked for and is taken fails, and says how to choose another one."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = inside("dashboard", "--port", port, data=tmp_path)
    assert (said.rc, replaced) == (1, [])
    assert f"Port {port} on 127.0.0.1 can't be used: Address already in use" in said.complaint
    assert "--port N" in said.complaint


def test_without_a_port_the_next_free_one_is_taken(tmp_path, replaced, monkeypatch):
    """When the first port is taken, the one after it is tried."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setattr("curation.cli.dashboard.PORT", port)
        assert inside("dashboard", data=tmp_path).rc == 0
    [(_, words, _)] = replaced
    assert port < int(words[4]) < port + 20


@pytest.mark.parametrize("host", ["no.such.host.invalid", "203.0.113.7", "", "a" * 70 + ".invalid", "::zz"])
def test_a_host_that_is_not_this_machine_is_said(tmp_path, replaced, host):
    """An address that this machine doesn't have is wrong usage of --host, not of --port."""
    said = inside("dashboard", "--host", host, data=tmp_path)
    assert (said.rc, replaced) == (2, [])
    assert "--host" in said.complaint
    assert "--port" not in said.complaint


def test_whoever_opens_it_to_others_is_told(tmp_path, replaced):
    """Serving to other machines says that there is no password; serving to this one says nothing of it."""
    assert "no password" in inside("dashboard", "--host", "0.0.0.0", data=tmp_path).err
    assert "no password" not in inside("dashboard", data=tmp_path).err
    assert "run, pin and decide" in inside("dashboard", "--host", "0.0.0.0", "--allow-writes", data=tmp_path).err
    assert [words[3] for _, words, _ in replaced] == ["0.0.0.0", "127.0.0.1", "0.0.0.0"]
    assert [given["CURATION_WRITES"] for _, _, given in replaced] == ["", "local", "allowed"]


def test_rules_that_fail_are_said_before_anything_is_served(tmp_path, replaced):
    """A mistake in a file of rules is said on the terminal."""
    broken = tmp_path / "broken.py"
    broken.write_text("this is no Python", encoding="utf-8")
    said = inside("dashboard", "--rules", broken, data=tmp_path)
    assert (said.rc, replaced) == (2, [])
    assert "broken.py" in said.complaint


def test_the_server_is_told_absolute_places_and_nobody_elses_settings(tmp_path, replaced, monkeypatch):
    """Relative places become absolute, settings of Streamlit's own stay behind, and modules here aren't imported."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STREAMLIT_SERVER_ADDRESS", "0.0.0.0")
    Path('it\'s "α" ; data').mkdir()
    assert inside("dashboard", "--no-open", data=Path('it\'s "α" ; data')).rc == 0
    [(program, words, given)] = replaced
    assert (program, words[:2]) == (sys.executable, [sys.executable, "-P"])
    assert given["CURATION_DATA"] == str(tmp_path / 'it\'s "α" ; data')
    assert not [name for name in given if name.startswith("STREAMLIT_")]
    assert "open" not in words


def test_settings_of_others_do_not_open_it(tmp_path):
    """With a file of settings, an environment and a module that would open it, it serves this machine alone."""
    home, data = tmp_path / "home", tmp_path / 'it\'s "α" ; 📁 $HOME'
    for folder in (home / ".streamlit", tmp_path / ".streamlit", data):
        folder.mkdir(parents=True)
    for folder in (home, tmp_path):
        (folder / ".streamlit/config.toml").write_text(OTHERS, encoding="utf-8")
    (tmp_path / "streamlit.py").write_text("raise SystemExit('imported')", encoding="utf-8")
    env = environment(
        HOME=str(home),
        STREAMLIT_SERVER_ADDRESS="0.0.0.0",
        STREAMLIT_SERVER_ALLOWED_HOSTS="*",
        PYTHONPATH=str(Path.cwd()),
    )
    dashboard = begin(data, tmp_path / "said.txt", env=env, cwd=tmp_path)
    port = int(dashboard.url.rpartition(":")[2])
    try:
        with pytest.raises(ConnectionRefusedError):  # another address of this machine
            socket.create_connection(("127.0.0.2", port), timeout=5)
        assert handshake(port) == 101
        assert handshake(port, origin="http://evil.example") == 403
        for foreign in ("evil.example", "127.0.0.1.evil.example", "evil.example.", ""):
            assert handshake(port, host=foreign, origin=f"http://{foreign}") == 403
            assert {
                status_of(port, path, host=foreign) for path in ("/", "/browse", "/_stcore/health", "/media/a")
            } == {403}
        for own in ("localhost", "LOCALHOST.", "127.0.0.1", "[::1]"):
            assert handshake(port, host=own, origin=f"http://{own}:{port}") == 101
            assert status_of(port, "/", host=own) == 200
        assert status_of(port, "/_stcore/agent/interact") in (403, 404, 405)
    finally:
        code = dashboard.end(signal.SIGINT)
    assert code == 130
    assert sorted(dashboard.log.split("\n")) == ["", "Ctrl-C ends it.", dashboard.url]


@pytest.mark.parametrize(
    ("host", "names"),
    [
        ("127.0.0.1", {"127.0.0.1", "localhost", "::1"}), ("::1", {"127.0.0.1", "localhost", "::1"}),
        ("127.0.0.2", {"127.0.0.1", "localhost", "::1", "127.0.0.2"}), ("0.0.0.0", set()), ("no.such.invalid", set()),
    ],
)  # fmt: skip
def test_a_server_answers_to_its_own_names(host, names):
    """A server that only this machine reaches has fixed names; one that others reach answers to any."""
    assert set(hosts.known(host)) == names


def handshake(port: int, host: str = "127.0.0.1", origin: str | None = None) -> int:
    """What the server answers to a page of `origin` that wants to look at posts under the name `host`."""
    origin = origin or f"http://127.0.0.1:{port}"
    return status_of(
        port,
        "/_stcore/stream",
        f"Origin: {origin}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
        host=f"{host}:{port}",
    )


def status_of(port: int, path: str, heads: str = "", host: str = "127.0.0.1") -> int:
    """The status of an answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n{heads}\r\n".encode())
        return int(connection.recv(4096).split()[1])
