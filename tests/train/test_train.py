"""A training: the same bytes for a seed, interrupted or not, and a model that transformers loads."""

from __future__ import annotations

import hashlib
import json
import math
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from curation.disk.training_record import read_record
from curation.disk.workspace import Workspace
from curation.errors import NothingToDoError, RefusedError, UsageError
from curation.training.folders import training_of
from curation.training.outcome import Watchers
from tests.train.conftest import TINY


def weights(folder: Path) -> str:
    return hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()


class Interruption:
    """Raises the signal of Ctrl-C when a training has taken so many steps."""

    def __init__(self, step: int) -> None:
        self.step = step

    def __call__(self, step: int, total: int, figures: str) -> None:
        if step >= self.step:
            signal.raise_signal(signal.SIGINT)


def test_the_same_seed_gives_the_same_bytes_and_another_one_others(trained):
    """On a CPU, with the same number of threads."""
    first, again, other = trained("one"), trained("two"), trained("three", seed=1)
    assert weights(first.folder) == weights(again.folder)
    assert weights(first.folder) != weights(other.folder)


def test_held_out_posts_are_predicted_better_after_an_epoch(trained):
    """The figures in the record fall, and fit together."""
    outcome = trained(epochs=3.0)
    record = read_record(outcome.folder)
    assert record.before.valid_bits_per_character > record.epochs[0].valid_bits_per_character
    assert record.epochs[0].valid_bits_per_character > record.epochs[-1].valid_bits_per_character
    for epoch in record.epochs:
        assert epoch.valid_perplexity == pytest.approx(math.exp(epoch.valid_loss))
        bits = epoch.valid_loss * record.data.valid.tokens / math.log(2) / record.data.valid.characters
        assert epoch.valid_bits_per_character == pytest.approx(bits)
    assert record.steps == record.epochs[-1].step == record.curve[-1].step
    assert len(record.epochs[0].samples) == 1


@pytest.mark.parametrize("step", [3, 20, 41])
def test_ctrl_c_loses_nothing(trained, workspace, step):
    """The step that is being taken ends, and going on gives the bytes of a training that nobody interrupted."""
    whole = trained("whole")
    part = trained("part", watchers=Watchers(on_progress=Interruption(step)))
    assert part.status == "interrupted"
    assert part.signal == signal.SIGINT
    assert not (workspace / "models" / "part").exists()
    done = trained("part", resume=True)
    assert done.status == "complete"
    assert weights(done.folder) == weights(whole.folder)
    own, other = (read_record(each.folder) for each in (done, whole))
    assert [e.valid_bits_per_character for e in own.epochs] == [e.valid_bits_per_character for e in other.epochs]
    assert [m.train_loss for m in own.curve] == [m.train_loss for m in other.curve]
    assert [e.samples for e in own.epochs] == [e.samples for e in other.epochs]


def test_a_killed_training_goes_on_to_the_same_bytes(trained, workspace):
    """At moments drawn at random, several times in one training."""
    whole = trained("whole", epochs=4.0)
    settings = [f"--{name.replace('_', '-')}={value}" for name, value in {**TINY, "epochs": 4.0}.items()]
    command = [sys.executable, "-m", "curation", "train", "--data", str(workspace), "--name", "killed", "--json"]
    draw = random.Random(7)
    folder = training_of(Workspace(workspace), "killed")
    kills = 0
    while True:
        resume = (folder / "checkpoint.pt").is_file()
        again = ["--resume"] if resume else ["baseline", "--allow-small", "--restart", *settings]
        process = subprocess.Popen([*command, *again], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        before = (folder / "checkpoint.pt").stat().st_mtime_ns if resume else 0
        while kills < 4 and process.poll() is None:
            time.sleep(0.01)
            if (folder / "checkpoint.pt").is_file() and (folder / "checkpoint.pt").stat().st_mtime_ns != before:
                time.sleep(draw.random())
                process.kill()
                kills += 1
                break
        out, err = process.communicate()
        if process.returncode == 0:
            break
        assert process.returncode == -signal.SIGKILL, err.decode()
    assert json.loads(out)["status"] == "complete"
    assert weights(workspace / "models" / "killed") == weights(whole.folder)


def test_an_interrupted_training_is_not_thrown_away_unasked(trained):
    """Beginning again needs a word, and going on needs something to go on with."""
    trained("tiny", watchers=Watchers(on_progress=Interruption(1)))
    with pytest.raises(RefusedError, match="--resume"):
        trained("tiny")
    with pytest.raises(UsageError, match="--seed"):
        trained("tiny", resume=True, seed=3)
    assert trained("tiny", restart=True).status == "complete"
    with pytest.raises(NothingToDoError, match="waits to be resumed"):
        trained("tiny", resume=True)


def test_text_that_changed_ends_a_training_for_good(trained, workspace):
    """Going on would mix two texts."""
    trained("tiny", watchers=Watchers(on_progress=Interruption(1)))
    with (workspace / "exports" / "train-tiny-v0" / "train.jsonl").open("a") as file:
        file.write("\n")
    with pytest.raises(RefusedError, match="is not what was exported"):
        trained("tiny", resume=True)


def test_a_newer_model_leaves_the_older_one(trained, workspace):
    """Under its number, and each with its own text."""
    first = weights(trained("tiny").folder)
    second = trained("tiny", seed=5)
    assert second.version == "v1"
    assert weights(workspace / "models" / "tiny@v0") == first
    assert read_record(workspace / "models" / "tiny").version == "v1"
    assert {path.name for path in (workspace / "exports").iterdir()} == {"train-tiny-v0", "train-tiny-v1"}


def test_early_stopping_keeps_the_best_epoch(trained):
    """With a learning rate at which a model only gets worse after its best epoch, it ends before the last one."""
    outcome = trained(epochs=30.0, early_stop=1, learning_rate=0.1, schedule="constant", warmup=0.0, samples=0)
    record = read_record(outcome.folder)
    assert record.weights == "best"
    bits = [epoch.valid_bits_per_character for epoch in record.epochs]
    assert len(bits) < 30
    assert record.best_epoch == bits.index(min(bits)) + 1
    assert bits[-1] >= min(bits)


def test_another_process_is_not_disturbed(trained, workspace):
    """Two trainings of one name at a time are refused."""
    with Workspace(workspace).at_once("train-tiny"), pytest.raises(RefusedError, match="Another process"):
        trained("tiny")


def test_a_full_disk_leaves_the_checkpoint_that_was_there(workspace, trained):
    """The sentence says what to do, and going on works once there is room."""
    code = (
        "import resource, sys\n"
        "from curation import cli\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))\n"
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "sys.argv[0] = 'curation'\n"
        "cli.main()\n"
    )
    settings = [f"--{name.replace('_', '-')}={value}" for name, value in TINY.items()]
    words = ["train", "baseline", "--data", str(workspace), "--name", "tiny", "--allow-small", *settings]
    process = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=False)
    assert process.returncode == 1
    assert "Traceback" not in process.stderr
    assert "Can't write to" in process.stderr
    assert trained("tiny", resume=True).status == "complete"


def test_memory_that_is_short_is_said_with_what_helps(trained, monkeypatch):
    """In one sentence."""

    def short(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")

    monkeypatch.setattr("curation.training.loop.summed_loss", short)
    with pytest.raises(RefusedError, match="--batch-tokens"):
        trained()
