"""`curation models`: what it lists, what it says beside it, and how it ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from curation.disk.training_record import FILE
from curation.disk.workspace import Workspace
from curation.training.folders import models_of
from tests.cli.shell import inside
from tests.models import training_record, write_model, write_training


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A model with two versions, the older of which saw a post that was forgotten, and a training that waits."""
    write_model(
        tmp_path, training_record("mira-1", "v1", base_kind="hub", base_name="openai-community/gpt2"), card=False
    )
    write_model(tmp_path, training_record("mira-1", "v0", forgotten_posts=2), folder="mira-1@v0", card=False)
    write_training(tmp_path, "mira-2")
    return tmp_path


def test_people_see_a_table(data):
    """A line for each version, then trainings that wait; notes on what was forgotten, with the line to type."""
    run = inside("models", data=data)
    assert run.rc == 0, run.err
    head, first, second, waiting = run.out.splitlines()
    assert head.split() == [
        "model",
        "version",
        "base",
        "posts",
        "bits/char",
        "steps",
        "trained",
        "(UTC)",
        "on",
        "forgotten",
    ]
    assert first.split() == [
        "mira-1", "v1", "openai-community/gpt2", "312.1k", "8", "2.750", "160", "2026-11-29", "14:05", "baseline",
    ]  # fmt: skip
    assert second.split()[-2:] == ["baseline", "2"]
    assert waiting == "mira-2 waits for --resume: step 80, epoch 1.00, 4 s of training"
    assert run.err == (
        "Note: mira-1@v0 learned from 2 posts that were forgotten since. To remove it: curation models --remove "
        f"mira-1@v0 --data {data}\n"
    )


def test_one_model_in_full(data):
    """With its epochs, its export and its figures before the training."""
    run = inside("models", "mira-1@v1", data=data)
    lines = {line.split("  ")[1]: line for line in run.out.splitlines()[1:]}
    assert run.out.startswith("mira-1 v1\n")
    assert "2.750 bits per character, 4.800 before the training, perplexity 79.440" in lines["held out"]
    assert "exports/baseline (gone)" in lines["on"]
    assert "1: 3.062, 2: 2.750" in lines["epochs"]
    assert "mira-2" not in run.out


def test_json_is_one_object(data):
    """Models, trainings and damage."""
    (models_of(Workspace(data)) / "mira-1" / FILE).write_text("[]", encoding="utf-8")
    run = inside("models", "--json", data=data)
    assert run.rc == 0
    [model], [training], [damage] = (run.json[key] for key in ("models", "trainings", "damaged"))
    assert {key: model[key] for key in ("model", "version", "forgotten_posts", "export", "remove")} == {
        "model": "mira-1", "version": "v0", "forgotten_posts": 2,
        "export": {"folder": "exports/baseline", "state": "gone"}, "remove": "curation models --remove mira-1@v0",
    }  # fmt: skip
    assert (training["name"], training["step"], training["running"]) == ("mira-2", 80, False)
    assert "damaged" in damage


@pytest.mark.parametrize(
    ("words", "rc", "hint"),
    [
        (["mira"], 3, "Did you mean 'mira-1'"),
        (["mira-1@v7"], 3, "There is no model 'mira-1@v7'"),
        (["mira-1", "--remove", "mira-1"], 2, "name nothing else"),
        (["--yes"], 2, "--yes is for --remove"),
        (["--remove", "mira-1"], 2, "agree with --yes"),
        (["--remove", "nobody", "--yes"], 3, "There is no model 'nobody'"),
        (["--remove", "", "--yes"], 3, "There is no model ''"),
    ],
)
def test_wrong_use_is_said_and_changes_nothing(data, words, rc, hint):
    """The code and the reason."""
    before = sorted(data.rglob("*"))
    run = inside("models", *words, data=data)
    assert (run.rc, run.out) == (rc, "")
    assert hint in run.complaint
    assert [path for path in sorted(data.rglob("*")) if ".work" not in path.parts] == before


def test_no_model_is_nothing_to_do(tmp_path):
    """Exit code 3 with one sentence, in a workspace and where there is none; a folder is not made."""
    run = inside("models", data=tmp_path / "nowhere")
    assert (run.rc, run.out) == (3, "")
    assert "There is no model in" in run.complaint
    assert not (tmp_path / "nowhere").exists()


def test_nothing_but_damage_fails(tmp_path):
    """The sentence that names the record, exit code 1."""
    (write_model(tmp_path, training_record(), card=False) / FILE).write_text("", encoding="utf-8")
    run = inside("models", data=tmp_path)
    assert (run.rc, run.out) == (1, "")
    assert "training.json is damaged" in run.complaint


def test_a_version_is_removed(data):
    """The line that a note gives removes just that version."""
    run = inside("models", "--remove", "mira-1@v0", "--yes", data=data)
    assert (run.rc, run.out) == (0, f"Removed {models_of(Workspace(data)) / 'mira-1@v0'}.\n")
    assert [model["version"] for model in inside("models", "--json", data=data).json["models"]] == ["v1"]
    removed = inside("models", "--remove", "mira-2", "--yes", "--json", data=data)
    assert removed.json["removed"] == [str(models_of(Workspace(data)) / ".training" / "mira-2")]
