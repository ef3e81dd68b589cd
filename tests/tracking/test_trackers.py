"""Trackers, with the real packages and without a network: what they wrote is read back."""

from __future__ import annotations

import json
import sqlite3
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from curation.disk.workspace import Workspace
from curation.tracking.artifacts import Artifact
from curation.tracking.run_record import RunRecord, files_of, read
from curation.tracking.trackers import Parcels, environment
from tests.cli.shell import Said, curation
from tests.cli.shell import environment as around
from tests.tracking.conftest import POSTS

#: A block of the file that W&B writes, which has LevelDB's log format after a header of its own.
BLOCK, HEADER = 32768, 7


@pytest.fixture(scope="module")
def mirrored(made: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Said]:
    """An export that both trackers were told of, in an environment in which anything sent would fail."""
    import shutil

    data = Path(shutil.copytree(made / "data", tmp_path_factory.mktemp("mirrored") / "data"))
    dead = "http://127.0.0.1:9"
    env = around(
        CURATION_TRACK="wandb trackio", HTTPS_PROXY=dead, HTTP_PROXY=dead, ALL_PROXY=dead,
        HOME=str(data.parent / "home"),
        WANDB_MODE=None, WANDB_DIR=None, WANDB_PROJECT=None, TRACKIO_DIR=None,
    )  # fmt: skip
    said = curation("export", "--allow-small", "--format", "jsonl", "--json", data=data, env=env)
    assert said.rc == 0, said.err
    return data, said


def the_run(data: Path) -> RunRecord:
    """The record of the export that was mirrored."""
    record = read(list(files_of(Workspace(data)))[-1])
    assert record is not None
    return record


def written(data: Path) -> Iterator[Any]:
    """The records in the one offline run of W&B."""
    from wandb.proto import wandb_internal_pb2

    [path] = data.glob("runs/wandb/wandb/offline-run-*/run-*.wandb")
    content, at, whole = path.read_bytes(), HEADER, b""
    assert content.startswith(b":W&B")
    while at + HEADER <= len(content):
        if BLOCK - at % BLOCK < HEADER:  # nothing begins so near the end of a block
            at += BLOCK - at % BLOCK
            continue
        _, length, kind = struct.unpack_from("<IHB", content, at)
        whole += content[at + HEADER : at + HEADER + length]
        at += HEADER + length
        if kind in (1, 4):  # whole, or the last piece
            yield wandb_internal_pb2.Record.FromString(whole)
            whole = b""


def test_wandb_has_the_run(mirrored):
    """Name, job type, project, configuration, figures, and the artifact with its digests and inputs."""
    data, _ = mirrored
    record = the_run(data)
    found = {entry.WhichOneof("record_type"): entry for entry in written(data)}
    run = found["run"].run
    assert (run.display_name, run.job_type, run.project) == (record.id, "export", "curation")
    config = {update.key: json.loads(update.value_json) for update in run.config.update}
    assert config["configuration"] == record.configuration
    assert config["recipe"] == record.recipe
    history = {".".join(i.nested_key) or i.key: json.loads(i.value_json) for i in found["history"].history.item}
    assert {name: history[name] for name in record.metrics} == record.metrics
    artifact = found["artifact"].artifact
    assert (artifact.name, artifact.type) == ("baseline-train", "train-dataset")
    is_as_recorded(json.loads(artifact.metadata), record)
    assert [entry.path for entry in artifact.manifest.contents] == ["digests.json"]


def test_trackio_has_the_run(mirrored):
    """The same in its SQLite file."""
    data, _ = mirrored
    record = the_run(data)
    with sqlite3.connect(data / "runs/trackio/curation.db") as connection:
        [(name, config)] = connection.execute("SELECT run_name, config FROM configs").fetchall()
        [(metrics,)] = connection.execute("SELECT metrics FROM metrics").fetchall()
        [(artifact, type)] = connection.execute("SELECT name, type FROM artifacts").fetchall()
        [(manifest, metadata)] = connection.execute("SELECT manifest, metadata FROM artifact_versions").fetchall()
    connection.close()
    assert name == record.id
    assert (json.loads(config)["job_type"], json.loads(config)["seeds"]) == ("export", {"seed": 0})
    assert {key: json.loads(metrics)[key] for key in record.metrics} == record.metrics
    assert (artifact, type) == ("baseline-train", "train-dataset")
    is_as_recorded(json.loads(metadata), record)
    assert [entry["path"] for entry in json.loads(manifest)] == ["digests.json"]


def is_as_recorded(metadata: dict[str, Any], record: RunRecord) -> None:
    """An artifact's metadata has the digests of the record, and its inputs."""
    [made], [given] = record.outputs, record.inputs
    assert (metadata["digest"], metadata["version"], metadata["rows"]) == (made.digest, made.version, made.rows)
    assert [file["sha256"] for file in metadata["files"]] == [file.sha256 for file in made.files]
    assert metadata["inputs"] == [{key: getattr(given, key) for key in ("type", "name", "version", "digest")}]


def test_no_post_is_in_what_they_wrote(mirrored):
    """No file of theirs holds a post's text, and nothing was written into the home folder."""
    data, _ = mirrored
    files = [path for name in ("wandb", "trackio") for path in (data / "runs" / name).rglob("*") if path.is_file()]
    assert len(files) > 4
    texts = [post["text"].encode() for post in POSTS]
    assert not [path for path in files for text in texts if text in path.read_bytes()]
    assert not list((data.parent / "home").rglob("*"))


def test_the_result_is_the_only_thing_on_stdout(mirrored):
    """What trackers like to say is not said, and no tracker failed."""
    _, said = mirrored
    assert said.json["files"][0]["format"] == "jsonl"
    assert not [name for name in ("trackio", "wandb") if name in said.err.lower()]


def test_files_go_in_on_request(data, tmp_path):
    """With `--track-files` an artifact holds its files under their names in their folder, without it the digests."""
    [record] = [r for path in files_of(Workspace(data)) if (r := read(path)).job == "run"]
    [corpus] = record.outputs
    contents = {
        asked: [name for _, name in Parcels(Workspace(data), tmp_path, record, asked).contents(corpus)]
        for asked in (False, True)
    }
    assert contents[False] == ["digests.json"]
    assert contents[True] == ["digests.json", *(Path(file.path).name for file in corpus.files)]


def test_names_are_unique_over_types(tmp_path):
    """A corpus and its training text have different names at a tracker, though both are called after the recipe."""
    both = tuple(Artifact(type, "baseline", "0") for type in ("curated-dataset", "train-dataset", "document"))
    parcels = Parcels(Workspace(tmp_path), tmp_path, RunRecord("1", "run", "", 0, "done", outputs=both), False)
    assert [parcels.name(each) for each in parcels] == ["baseline-curated", "baseline-train"]


def test_the_environment_comes_first_and_stays(monkeypatch):
    """A variable that is set is left alone; one that is not is set for a while."""
    import os

    monkeypatch.setenv("WANDB_MODE", "online")
    monkeypatch.delenv("WANDB_DIR", raising=False)
    with environment({"WANDB_MODE": "offline", "WANDB_DIR": "here"}):
        assert (os.environ["WANDB_MODE"], os.environ["WANDB_DIR"]) == ("online", "here")
    assert "WANDB_DIR" not in os.environ
