"""`curation train` as a user types it."""

from __future__ import annotations

from tests.cli.shell import inside
from tests.train.conftest import TINY

SETTINGS = [f"--{name.replace('_', '-')}={value}" for name, value in TINY.items()]


def test_what_is_typed_counts_zero_too(workspace):
    """A setting of nothing is not one that was left out."""
    zeros = ("--dropout=0", "--weight-decay=0", "--clip=0", "--samples=0", "--warmup=0")
    run = inside(
        "train", "baseline", "--data", str(workspace), "--name", "zero", "--allow-small", "--json", *SETTINGS, *zeros,
        "--steps=2",
    )  # fmt: skip
    assert run.rc == 0, run.err
    answer = run.json
    assert (answer["status"], answer["steps"], answer["version"]) == ("complete", 2, "v0")
    typed = {name: answer["hyperparameters"][name] for name in ("dropout", "weight_decay", "clip", "samples", "warmup")}
    assert set(typed.values()) == {0}


def test_a_recipe_that_was_not_run_is_said_before_anything_is_done(workspace):
    """With the line that runs it, and no folder left behind."""
    run = inside("train", "strict", "--data", str(workspace), "--name", "none")
    assert run.rc == 3
    assert "curation run strict" in run.complaint
    assert not (workspace / "models").exists()


def test_resuming_nothing_and_names_that_no_folder_has_are_sentences(workspace):
    """Each with its exit code."""
    assert inside("train", "--resume", "--name", "none", "--data", str(workspace)).rc == 3
    run = inside("train", "baseline", "--name", "../up", "--data", str(workspace))
    assert run.rc == 2
    assert "letters, digits" in run.complaint
