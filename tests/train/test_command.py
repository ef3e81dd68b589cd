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


def test_what_chooses_posts_is_for_a_recipe(workspace):
    """An export has its posts; nobody is to believe that they were chosen among."""
    out = workspace / "exports" / "mine"
    words = ("export", "baseline", "--format=jsonl", "--valid=0.2", "--split=time", "--out", str(out))
    assert inside(*words, "--data", str(workspace)).rc == 0
    for option in ("--author=somebody", "--valid=0.5", "--split=random", "--instruction=Write."):
        run = inside("train", str(out), "--name", "none", option, "--data", str(workspace))
        assert run.rc == 2
        assert option.partition("=")[0] in run.complaint
    run = inside("train", str(workspace / "nowhere"), "--name", "none", "--data", str(workspace))
    assert "There is no folder" in run.complaint


def test_options_that_fit_nothing_are_said_before_anything_is_written(workspace):
    """No export is left behind."""
    wrong = ("--format=xx", "--split=q", "--valid=2", "--valid=0", "--instruction=x", "--device=mps")
    for words in (*((word,) for word in wrong), ("--resume", "--restart")):
        run = inside("train", "baseline", "--name", "none", *words, "--data", str(workspace))
        assert run.rc == 2, words
    assert not (workspace / "exports").exists()


def test_a_damaged_request_and_checkpoint_are_said_as_damaged(workspace):
    """In our words, with what is left to do."""
    folder = workspace / "models" / ".training" / "broken"
    folder.mkdir(parents=True)
    (folder / "checkpoint.pt").write_bytes(b"PK\x03\x04 no checkpoint")
    for content in ("[]", "{}", "{", None):
        (folder / "request.json").unlink(missing_ok=True)
        if content is not None:
            (folder / "request.json").write_text(content)
        run = inside("train", "--name", "broken", "--resume", "--data", str(workspace))
        assert run.rc == 1
        assert "--restart" in run.complaint
        assert "request.json" in run.complaint


def test_a_vocabulary_that_is_not_the_tokens_is_a_sentence(trained, workspace):
    """Another base's, or a size of it: each with its exit code, and nothing is written."""
    base = trained("base").folder
    out = workspace / "exports" / "mine"
    words = ("export", "baseline", "--format=tokens", "--valid=0.1", "--split=time", "--out", str(out))
    assert inside(*words, "--data", str(workspace)).rc == 0
    train = ("train", str(out), "--name", "none", "--allow-small", "--data", str(workspace))
    run = inside(*train, "--base", str(base))
    assert run.rc == 1
    assert f"The base {base} has another vocabulary than the tokens in {out}" in run.complaint
    assert f"--format tokens --tokenizer {base}" in run.complaint
    run = inside(*train, "--vocabulary=300")
    assert run.rc == 2
    assert f"--vocabulary: the tokens in {out} have their tokenizer" in run.complaint
    assert [folder.name for folder in (workspace / "models").iterdir() if folder.name != ".training"] == ["base"]
    assert not list((workspace / "models").glob(".training/*"))
