"""Trackers that see a training while it goes on: losses as they come, and the record at the end."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from curation.disk.workspace import Workspace
from curation.tracking import recorded, trackers
from curation.tracking.run_record import files_of, read
from curation.tracking.trackers import Parcels
from tests.cli.shell import PATIENCE
from tests.cli.shell import environment as around
from tests.models import CURVE, outcome, training_record, write_model
from tests.tracking.test_trackers import written

ROOT = Path(__file__).parents[2]


class Listening:
    """A tracker that writes down what it hears, and fails when it is told to."""

    def __init__(self, failing: str = "") -> None:
        self.heard: list[Any] = []
        self.failing = failing

    def __call__(self, name: str, folder: Path, record: Any, project: str | None) -> Listening:
        self.heard.append(("open", name, record.job))
        self._fail("open")
        return self

    def __enter__(self) -> Listening:
        return self

    def __exit__(self, *error: object) -> None:
        self.heard.append("close")
        self._fail("close")

    def log(self, figures: dict[str, float], step: int | None = None) -> None:
        self.heard.append((step, figures["train_loss"]))
        self._fail("log")

    def finish(self, record: Any, parcels: Any) -> None:
        self.heard.append((record.outcome, [artifact.type for artifact in parcels or ()]))
        self._fail("finish")

    def _fail(self, where: str) -> None:
        if self.failing == where:
            raise RuntimeError(f"no {where} today\nand more of it")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A workspace with a model."""
    write_model(tmp_path, training_record(), card=False)
    return tmp_path


def train(data: Path, notes: list[str], error: BaseException | None = None, track: Any = ("wandb",)) -> None:
    """What a training does with its recording; with an `error` it ends early."""
    with recorded(data, "train", {"name": "mira-1"}, track=track, live=True, on_notice=notes.append) as run:
        for point in CURVE[:2]:
            run.log(point)
        if error:
            raise error
        run.trained(*outcome(data / "models" / "mira-1", training_record()))


def the_record(data: Path) -> Any:
    """The record of the one run."""
    [path] = files_of(Workspace(data))
    return read(path)


def test_losses_are_heard_while_they_come(data, monkeypatch):
    """Opened before the first, closed after the record, with the model as its artifact."""
    tracker, notes = Listening(), []
    monkeypatch.setattr(trackers, "opened", tracker)
    train(data, notes)
    assert tracker.heard == [("open", "wandb", "train"), (40, 5.75), (80, 5.0), ("done", ["model"]), "close"]
    assert notes == []
    record = the_record(data)
    assert (record.job, record.status, record.seeds) == ("train", "complete", {"seed": 7})
    assert record.metrics["valid_bits_per_character"] == 2.75
    [model] = record.outputs
    [export] = record.inputs
    assert (model.type, model.version, export.type, export.place) == (
        "model",
        "v0",
        "train-dataset",
        "exports/baseline",
    )


@pytest.mark.parametrize("where", ["open", "log", "finish", "close"])
def test_a_tracker_that_fails_costs_a_note(data, monkeypatch, where):
    """One note, and the run is recorded as it would have been."""
    tracker, notes = Listening(where), []
    monkeypatch.setattr(trackers, "opened", tracker)
    train(data, notes)
    [note] = notes
    assert f"no {where} today." in note
    assert "and more of it" not in note
    assert the_record(data).outcome == "done"
    assert sum(isinstance(heard, tuple) and heard[0] in (40, 80) for heard in tracker.heard) == {
        "open": 0,
        "log": 1,
    }.get(where, 2)


def test_a_training_that_fails_or_is_interrupted_is_closed(data, monkeypatch):
    """With its outcome; an interrupted one hands on no artifact."""
    for error, ending in ((RuntimeError("x"), "failed"), (KeyboardInterrupt(), "interrupted")):
        tracker = Listening()
        monkeypatch.setattr(trackers, "opened", tracker)
        with pytest.raises(type(error)):
            train(data, [], error)
        assert tracker.heard[-2:] == [(ending, []), "close"]


def test_a_training_that_waits_made_nothing(data):
    """Interrupted by its user it is recorded, with its status and without a model."""
    with recorded(data, "train") as run:
        run.trained(*outcome(data / "models" / ".training" / "mira-2", None))
    record = the_record(data)
    assert (record.outcome, record.status, record.outputs, record.inputs) == ("done", "interrupted", (), ())


def test_without_a_tracker_nothing_is_opened(data, monkeypatch):
    """Measurements go nowhere."""
    tracker = Listening()
    monkeypatch.setattr(trackers, "opened", tracker)
    train(data, [], track=())
    assert tracker.heard == []


#: A training of its own process, since trackers leave threads and services behind.
SCRIPT = """
import sys
from pathlib import Path
from curation.cli.tracked import RecordedOptions, recording
from tests.cli.shell import PATIENCE
from tests.cli.shell import environment as around
from tests.models import CURVE, outcome, training_record

data = Path(sys.argv[1])
given = {"data": data, "name": "mira-1", "track": ["wandb", "trackio"]}
with recording("train", given, RecordedOptions("name"), live=True) as run:
    for point in CURVE:
        run.log(point)
    run.trained(*outcome(data / "models" / "mira-1", training_record()))
"""


def test_the_real_trackers_have_the_curve(data, tmp_path_factory):
    """Both, offline: every point at its step, the figures at the end, and the model as digests without its weights."""
    dead = "http://127.0.0.1:9"
    env = around(
        HTTPS_PROXY=dead, HTTP_PROXY=dead, ALL_PROXY=dead, HOME=str(tmp_path_factory.mktemp("home")),
        WANDB_MODE=None, WANDB_DIR=None, WANDB_PROJECT=None, TRACKIO_DIR=None, PYTHONPATH=str(ROOT),
    )  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, data], capture_output=True, text=True, env=env, timeout=PATIENCE, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    entries = [*written(data)]
    history = [
        {".".join(i.nested_key) or i.key: json.loads(i.value_json) for i in entry.history.item}
        for entry in entries
        if entry.WhichOneof("record_type") == "history"
    ]
    assert [(row["_step"], row["train_loss"]) for row in history if "train_loss" in row] == [
        (point.step, point.train_loss) for point in CURVE
    ]
    assert history[-1]["valid_bits_per_character"] == 2.75
    [artifact] = [entry.artifact for entry in entries if entry.WhichOneof("record_type") == "artifact"]
    assert (artifact.name, artifact.type) == ("mira-1-model", "model")
    assert [entry.path for entry in artifact.manifest.contents] == ["digests.json"]
    [exit_code] = [entry.exit.exit_code for entry in entries if entry.WhichOneof("record_type") == "exit"]
    assert exit_code == 0
    with sqlite3.connect(data / "runs/trackio/curation.db") as connection:
        rows = connection.execute("SELECT step, metrics FROM metrics ORDER BY step").fetchall()
        [(name, type_)] = connection.execute("SELECT name, type FROM artifacts").fetchall()
    connection.close()
    assert [(step, json.loads(row)["train_loss"]) for step, row in rows if b"train_loss" in row] == [
        (point.step, point.train_loss) for point in CURVE
    ]
    assert (name, type_) == ("mira-1-model", "model")
    weights = (data / "models/mira-1/model.safetensors").read_bytes()
    assert not [p for p in (data / "runs").rglob("*") if p.is_file() and weights in p.read_bytes()]


def test_weights_go_in_on_request_alone(data, tmp_path_factory):
    """With `--track-files` a model's files go in under their own names."""
    train(data, [], track=())
    record = the_record(data)
    place = tmp_path_factory.mktemp("staging")
    contents = {
        files: [name for _, name in Parcels(Workspace(data), place, record, files).contents(record.outputs[0])]
        for files in (False, True)
    }
    assert contents[False] == ["digests.json"]
    assert contents[True] == [
        "digests.json", "config.json", "generation_config.json", "model.safetensors", "tokenizer.json",
    ]  # fmt: skip
