"""The models of a workspace: what is listed, what became of their exports, and what removing takes."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path

import pytest

from curation.disk.training_record import FILE, TrainingSide, held_out, write_record
from curation.disk.workspace import Workspace
from curation.errors import NothingToDoError, RefusedError
from curation.tracking.model_artifacts import model_artifact, model_files
from curation.training.folders import models_of
from curation.training.models import CHANGED, GONE, UNCHANGED, inventory, lock_of
from curation.training.removal import folders_of, remove
from tests.models import training_record, write_model, write_training


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two versions of `mira-1`, and `tom`."""
    write_model(tmp_path, training_record("mira-1", "v1"), card=False)
    write_model(tmp_path, training_record("mira-1", "v0"), folder="mira-1@v0", card=False)
    write_model(tmp_path, training_record("tom"), card=False)
    return tmp_path


def titles(data: Path, name: str = "") -> list[str]:
    """Name and version of what is listed."""
    return [model.title for model in inventory(Workspace(data), digest, name).models]


def test_every_version_is_listed_the_newest_first(data):
    """By name, and one of them alone."""
    assert titles(data) == ["mira-1@v1", "mira-1@v0", "tom@v0"]
    assert titles(data, "mira-1") == ["mira-1@v1", "mira-1@v0"]
    assert titles(data, "mira-1@v1") == ["mira-1@v1"]
    assert titles(data, "nobody") == []
    assert [model.removal for model in inventory(Workspace(data), digest).models] == ["mira-1@v1", "mira-1@v0", "tom"]


def test_a_damaged_record_hides_no_other(data):
    """It is said with its path, and the other models are listed."""
    (models_of(Workspace(data)) / "tom" / FILE).write_text("{", encoding="utf-8")
    holdings = inventory(Workspace(data), digest)
    assert len(holdings.models) == 2
    [sentence] = holdings.damaged
    assert "tom/training.json is damaged" in sentence


@pytest.mark.parametrize(
    ("change", "state"),
    [
        (lambda folder: None, UNCHANGED),
        (lambda folder: (folder / "train.jsonl").write_text("other"), CHANGED),
        (lambda folder: (folder / "valid.jsonl").unlink(), CHANGED),
        (lambda folder: [path.unlink() for path in folder.iterdir()], GONE),
    ],
)
def test_whether_the_export_is_as_it_was(tmp_path, change, state):
    """Its files are there with the digests of the record, or others, or none."""
    folder = tmp_path / "exports" / "baseline"
    folder.mkdir(parents=True)
    sides = {}
    for split in ("train", "valid"):
        path = folder / f"{split}.jsonl"
        path.write_text(split, encoding="utf-8")
        sides[f"data_{split}"] = TrainingSide(
            1, 5, 2, ({"name": path.name, "format": "jsonl", "sha256": digest(path)},)
        )
    write_model(tmp_path, training_record(**sides), card=False)
    change(folder)
    [model] = inventory(Workspace(tmp_path), digest).models
    assert model.export == state


def test_a_training_that_waits_says_how_far_it_came(tmp_path):
    """By its last whole measurement; a line that was cut off and a sample's are passed over."""
    write_training(tmp_path, "mira-2")
    (models_of(Workspace(tmp_path)) / ".training" / "of somebody else").mkdir()
    [training] = inventory(Workspace(tmp_path), digest).trainings
    assert (training.name, training.last["step"], training.is_running) == ("mira-2", 80, False)
    with Workspace(tmp_path).lock(lock_of("mira-2")):
        [training] = inventory(Workspace(tmp_path), digest).trainings
    assert training.is_running


@pytest.mark.parametrize("progress", [b"", b"\xff\n", b"[1]\n{}\n", b"[" * 9000, None])
def test_progress_that_says_nothing_is_no_progress(tmp_path, progress):
    """A training without a measurement is listed all the same."""
    path = write_training(tmp_path, "mira-2") / "progress.jsonl"
    path.unlink()
    if progress is not None:
        path.write_bytes(progress)
    [training] = inventory(Workspace(tmp_path), digest).trainings
    assert training.last == {}


def test_figures_are_those_of_the_weights():
    """Of the best epoch where the folder holds its weights, else of the last measurement; None without any."""
    record = training_record()
    assert held_out(record).bits_per_character == 2.75
    best = dataclasses.replace(record, weights="best", best_epoch=1)
    assert (held_out(best).step, held_out(best).bits_per_character) == (80, 3.0625)
    assert held_out(dataclasses.replace(record, curve=(), epochs=())) is None


def test_removing_a_model_takes_all_of_it(data):
    """Its versions and its unfinished training; other models stay."""
    write_training(data, "mira-1")
    space = Workspace(data)
    folders = folders_of(space, "mira-1")
    assert len(folders) == 3
    remove(space, folders)
    assert titles(data) == ["tom@v0"]
    assert inventory(space, digest).trainings == ()
    assert not space.work.exists() or not list(space.work.glob("remove-*"))


def test_removing_the_newest_version_puts_the_next_in_its_place(data):
    """`NAME` is always the newest version that there is."""
    space = Workspace(data)
    remove(space, folders_of(space, "mira-1@v1"))
    assert titles(data) == ["mira-1@v0", "tom@v0"]
    assert (models_of(space) / "mira-1" / FILE).is_file()
    assert not (models_of(space) / "mira-1@v0").exists()


def test_what_can_not_be_removed_is_said(data, tmp_path_factory):
    """An unknown name, a link, and a training that runs."""
    space = Workspace(data)
    with pytest.raises(NothingToDoError, match="Did you mean 'mira-1'"):
        folders_of(space, "mira1")
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "linked"
    (models_of(space) / "tom").rename(elsewhere)
    (models_of(space) / "tom").symlink_to(elsewhere)
    with pytest.raises(RefusedError, match="is a link"):
        folders_of(space, "tom")
    write_training(data, "mira-1")
    with space.lock(lock_of("mira-1")), pytest.raises(RefusedError, match="is running"):
        folders_of(space, "mira-1")
    assert titles(data) == ["mira-1@v1", "mira-1@v0", "tom@v0"]


def test_an_artifact_is_what_transformers_loads(data):
    """Its digest changes with the weights and the tokenizer, and with nothing that forgetting changes."""
    space = Workspace(data)
    folder = models_of(space) / "tom"

    def artifact():
        return model_artifact(space, folder, lambda path, how=None: digest(path))

    before = artifact()
    assert [path.name for path in model_files(folder)] == [
        "config.json", "generation_config.json", "model.safetensors", "tokenizer.json",
    ]  # fmt: skip
    assert (before.type, before.name, before.rows, before.place) == ("model", "tom", 8, "models/tom")
    assert before.about["bits_per_character"] == 2.75
    (folder / "README.md").write_text("another card", encoding="utf-8")
    (folder / "predictions.png").write_bytes(b"a picture")
    (folder / ".posts.parquet").unlink()
    write_record(folder, training_record("tom", forgotten_posts=3))
    assert artifact().digest == before.digest
    (folder / "tokenizer.json").write_text(json.dumps({"other": 1}), encoding="utf-8")
    assert artifact().digest != before.digest
