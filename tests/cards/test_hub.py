"""Sending to the Hub: a server on this machine that answers as the Hub does, and says what it was sent."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import constants

from tests.cards.reading import parsed
from tests.cli.shell import curation, environment, inside
from tests.corpora import write_corpus
from tests.models import training_record, write_model

TOKEN = "hf_invented"
TABLE = "data/train-00000-of-00001.parquet"


class Hub(ThreadingHTTPServer):
    """What was asked of it, in order: the path, the token, and the body."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.asked: list[tuple[str, str, bytes]] = []
        self.status = 200  # of every answer

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def files(self) -> dict[str, bytes]:
        """What the commits held, by name."""
        lines = [
            json.loads(line) for path, _, body in self.asked if "/commit/" in path for line in body.splitlines() if line
        ]
        added = [line["value"] for line in lines if line["key"] == "file"]
        return {file["path"]: base64.b64decode(file["content"]) for file in added}


class Answers(BaseHTTPRequestHandler):
    """The Hub's answers, as far as they matter here."""

    server: Hub

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.asked.append((self.path, self.headers.get("Authorization", ""), body))
        here = f"{self.server.address}/datasets/ada/kettle"
        answer: dict[str, Any] = {"url": here, "id": "ada/kettle"}
        if "/preupload/" in self.path:
            names = [file["path"] for file in json.loads(body)["files"]]
            answer = {"files": [{"path": name, "uploadMode": "regular", "shouldIgnore": False} for name in names]}
        elif "/commit/" in self.path:
            answer = {"commitUrl": f"{here}/commit/abc", "commitOid": "abc", "hookOutput": ""}
        self._say(answer)

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers.get("Authorization", ""), b""))
        self._say({})

    def _say(self, answer: dict[str, Any]) -> None:
        content = json.dumps(answer if self.server.status == 200 else {"error": "no"}).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *words: Any) -> None:
        pass


@pytest.fixture
def hub() -> Iterator[Hub]:
    """A Hub of the test's own."""
    with Hub() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A workspace with one kept post, exported."""
    write_corpus(tmp_path / "data", [{"author": "ada", "text": "the kettle sings"}], recipe="baseline")
    assert inside("export", "--format", "parquet", data=tmp_path / "data").rc == 0
    return tmp_path / "data"


def test_card_and_files_go_in_one_commit(data: Path, hub: Hub) -> None:
    """A private repository is made, and the card goes there with the files that it names, with the user's token."""
    env = environment(
        HF_ENDPOINT=hub.address, HF_TOKEN=TOKEN, HF_HOME=str(data / "home"), NO_PROXY="127.0.0.1", no_proxy="127.0.0.1"
    )
    run = curation("card", "--push", "ada/kettle", data=data, env=env)
    assert run.rc == 0, run.err
    assert run.out.endswith("/datasets/ada/kettle/commit/abc\n")
    [(_, _, created)] = [each for each in hub.asked if each[0] == "/api/repos/create"]
    assert json.loads(created)["type"] == "dataset"
    assert "private" in json.dumps(json.loads(created))
    assert [path.partition("ada/kettle")[2] or path for path, _, _ in hub.asked] == [
        "/api/repos/create",
        "/api/validate-yaml",
        "/preupload/main",
        "/commit/main",
    ]
    assert {token for _, token, _ in hub.asked} == {f"Bearer {TOKEN}"}
    assert sum("/commit/" in path for path, _, _ in hub.asked) == 1
    assert sorted(hub.files) == ["README.md", TABLE]
    assert hub.files[TABLE] == (data / "exports" / "baseline" / TABLE).read_bytes()
    assert hub.files["README.md"].decode() == inside("card", data=data).out
    assert TOKEN not in run.out + run.err


def test_the_hub_that_refuses_is_quoted(data: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token that may not write ends in one sentence, and so does none at all, which asks nobody."""
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(data / "no-token"))
    monkeypatch.setattr(constants, "ENDPOINT", hub.address)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_TELEMETRY", True)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("HF_TOKEN", raising=False)
    none = inside("card", "--push", "ada/kettle", data=data)
    assert none.rc == 1
    assert "HF_TOKEN" in none.complaint
    assert not hub.asked
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    hub.status = 403
    refused = inside("card", "--push", "ada/kettle", "--kind", "model", data=data)
    assert refused.rc == 1
    assert "token may not write there" in refused.complaint
    assert TOKEN not in refused.out + refused.err


def test_a_model_goes_with_its_card_and_pictures(tmp_path: Path, hub: Hub) -> None:
    """Weights, tokenizer, card and pictures; never the record, nor the list of posts, nor anything hidden."""
    folder = write_model(tmp_path, training_record(forgotten_posts=2), [("x", "1", "mira")])
    (folder / ".hidden").write_text("mine", encoding="utf-8")
    (folder / "chat_templates").mkdir()
    (folder / "chat_templates" / "tool.jinja").write_text("{{ x }}", encoding="utf-8")
    env = environment(
        HF_ENDPOINT=hub.address, HF_TOKEN=TOKEN, HF_HOME=str(tmp_path / "home"), NO_PROXY="127.0.0.1",
        no_proxy="127.0.0.1",
    )  # fmt: skip
    run = curation("card", "--kind", "model", "--model", "mira-1", "--push", "ada/mira", data=tmp_path, env=env)
    assert run.rc == 0, run.err
    assert sorted(hub.files) == [
        "README.md", "chat_templates/tool.jinja", "config.json", "generation_config.json", "learning-curve.png",
        "model.safetensors", "tokenizer.json",
    ]  # fmt: skip
    assert hub.files["model.safetensors"] == (folder / "model.safetensors").read_bytes()
    card = hub.files["README.md"].decode()
    assert parsed(card)["thumbnail"] == "https://huggingface.co/ada/mira/resolve/main/learning-curve.png"
    assert 'model="ada/mira"' in card
    assert "learned from 2 posts that somebody wants forgotten" in run.err


@pytest.mark.parametrize(
    ("words", "hint"), [(["--push", "kettle"], "owner/name"), (["--push", "a/b", "--kind", "table"], "--kind dataset")]
)
def test_what_can_not_be_sent_is_said_before(tmp_path: Path, words: list[str], hint: str) -> None:
    """Exit code 2, and what would be right."""
    run = inside("card", *words, data=tmp_path)
    assert run.rc == 2
    assert hint in run.complaint


def test_without_the_package_it_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only `--push` needs it."""
    monkeypatch.setitem(__import__("sys").modules, "huggingface_hub", None)
    run = inside("card", "--push", "ada/kettle", data=tmp_path)
    assert run.rc == 2
    assert "pip install huggingface_hub" in run.complaint
