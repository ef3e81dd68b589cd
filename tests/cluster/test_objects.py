"""A folder in an object store: what it reads and writes, under which conditions, and what it says when that fails."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curation.disk import objects
from curation.disk.objects import ObjectFolder, is_object_url
from curation.disk.states import ReplacedError
from curation.errors import UsageError, WorkspaceError
from tests.cluster.object_stores import ObjectStore, own_folder


def test_what_is_sent_is_read(folder: ObjectFolder, tmp_path: Path) -> None:
    """Small and large objects, whole, in a file, and in parts."""
    table = pa.table({"number": list(range(2_000_000))})
    pq.write_table(table, tmp_path / "out.parquet", row_group_size=100_000)
    folder.send("raw/one/part.parquet", tmp_path / "out.parquet")
    folder.send("raw/one/manifest.json", b"{}")
    assert folder.read("raw/one/manifest.json") == b"{}"
    folder.fetch("raw/one/part.parquet", tmp_path / "back.parquet")
    assert (tmp_path / "back.parquet").read_bytes() == (tmp_path / "out.parquet").read_bytes()
    with pq.ParquetFile(folder.open("raw/one/part.parquet")) as file:
        assert file.read_row_group(3)["number"].to_pylist() == list(range(300_000, 400_000))


def test_entries_folders_copies_and_removal(folder: ObjectFolder) -> None:
    """Objects are listed below a folder alone; a removal of what is gone is none of its affair."""
    for name in ("raw/a/1", "raw/a/2", "raw/b/1", "rawer/1"):
        folder.send(name, b"text")
    assert [entry.name for entry in folder.entries("raw")] == ["raw/a/1", "raw/a/2", "raw/b/1"]
    assert folder.folders("raw") == ["a", "b"]
    assert [entry.size for entry in folder.below("raw").entries("b")] == [4]
    folder.copy("raw/a/1", "raw/c")
    assert folder.read("raw/c") == b"text"
    folder.remove(["raw/a/1", "raw/a/1", "raw/never"])
    assert folder.entry("raw/a/1") is None
    assert folder.entry("raw/a/2") is not None


def test_of_two_writers_one_wins(in_moto: ObjectFolder) -> None:
    """The second one learns that somebody was before it, whether there was an object or none."""
    in_moto.require_conditions()
    in_moto.place("manifest.json", b"first", None)
    with pytest.raises(ReplacedError):
        in_moto.place("manifest.json", b"second", None)
    before = in_moto.entry("manifest.json")
    in_moto.place("manifest.json", b"third", before)
    with pytest.raises(ReplacedError):
        in_moto.place("manifest.json", b"fourth", before)
    assert in_moto.read("manifest.json") == b"third"
    assert list(in_moto.entries(".work")) == []


def test_a_store_without_conditions_is_refused(
    request: pytest.FixtureRequest, stores: dict[str, ObjectStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would let two runs win."""
    with pytest.raises(WorkspaceError, match="overwrites objects although it is told not to"):
        own_folder(stores["s3rver"], request.node.name, monkeypatch).require_conditions()


def test_an_object_that_is_not_there(folder: ObjectFolder, tmp_path: Path) -> None:
    """Every way to read it says so, by its address."""
    reads: list[Callable[[], object]] = [
        lambda: folder.read("none"),
        lambda: folder.open("none"),
        lambda: folder.fetch("none", tmp_path / "none"),
    ]
    for read in reads:
        with pytest.raises(FileNotFoundError, match=r"There is no s3://.*/none"):
            read()


def test_a_bucket_that_is_not_there(in_moto: ObjectFolder) -> None:
    """It is named."""
    with pytest.raises(WorkspaceError, match="no bucket of the name in s3://nobody/team"):
        ObjectFolder.at("s3://nobody/team").read("x")


def test_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that is not there is one sentence, after the time that the network is given."""
    monkeypatch.setattr(objects, "PATIENCE", timedelta(seconds=1))
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "key")
    with pytest.raises(
        WorkspaceError, match=r"^Can't reach s3://away/team/x: .{1,200}\. Run the command again later\.$"
    ):
        ObjectFolder.at("s3://away/team").read("x")


def test_addresses() -> None:
    """What is an address, also where it went through a path; and what is none."""
    assert ObjectFolder.at(Path("s3://posts/team/")).url == "s3://posts/team"
    assert ObjectFolder.at("s3://posts").url == "s3://posts"
    assert is_object_url("s3://posts")
    assert is_object_url(Path("s3://posts"))
    assert not is_object_url("data/s3:")
    for wrong in ("s3://", "s3://A_B/x", "gs://posts"):
        with pytest.raises(UsageError):
            ObjectFolder.at(wrong)


def test_no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """The way to set them is said; the machine's role is asked for, which has none here."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_METADATA_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr(objects, "PATIENCE", timedelta(seconds=1))
    with pytest.raises(
        WorkspaceError, match=r"^There are no credentials for s3://nowhere/team/x\. Set AWS_ACCESS_KEY_ID"
    ):
        ObjectFolder.at("s3://nowhere/team").read("x")


class Expired(http.server.BaseHTTPRequestHandler):
    """Answers as S3 does when a token is too old."""

    def do_GET(self) -> None:
        """Refuse."""
        body = b"<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>"
        self.send_response(400)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: object) -> None:
        """Keep quiet."""


def test_a_token_that_expired(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said to be that, and what to do."""
    with http.server.HTTPServer(("127.0.0.1", 0), Expired) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
            monkeypatch.setenv(name, "key")
        monkeypatch.setattr(objects, "PATIENCE", timedelta(seconds=1))
        with pytest.raises(WorkspaceError, match="the credentials have expired"):
            ObjectFolder.at("s3://expired/team").read("x")
        server.shutdown()
