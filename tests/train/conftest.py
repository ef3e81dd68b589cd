"""What the tests of training share: a workspace with a corpus, and settings under which a training takes seconds."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from curation.disk.workspace import Workspace
from curation.exports import export
from curation.options.training import TrainingOptions
from curation.training.outcome import TrainingOutcome, Watchers
from curation.training.requests import Start
from curation.training.text import export_for_training
from curation.training.train import train
from tests.corpora import write_corpus
from tests.train import models
from tests.training.conftest import curated, workspace

if importlib.util.find_spec("torch") is None:
    collect_ignore_glob = ["test_*.py"]

__all__ = ["curated", "workspace"]

#: A model so small that an epoch of the sample takes a second.
TINY = {
    "layers": 1, "width": 32, "vocabulary": 300, "block": 48, "batch_tokens": 384, "epochs": 2.0, "samples": 1,
    "threads": 1,
}  # fmt: skip


@pytest.fixture
def trained(workspace: Path):
    """Train on the sample's corpus; settings are those of `TINY` unless they are given."""

    def run(
        name: str = "tiny", format: str = "jsonl", watchers: Watchers | None = None, **settings: Any
    ) -> TrainingOutcome:
        again = {key: settings.pop(key) for key in ("resume", "restart") if key in settings}
        usual = TINY if settings.get("base", "scratch") == "scratch" else {
            key: TINY[key] for key in ("block", "batch_tokens", "epochs", "samples", "threads")
        }  # fmt: skip
        space = Workspace(workspace)
        instruction = "Write a post." if format in ("chat", "prompt-completion") else ""

        given = settings.pop("text", None)

        def text():
            held_out = {"valid": 0.1, "split": "time", "instruction": instruction}
            return given or export_for_training(space, "baseline", name, format, **held_out)

        options = TrainingOptions(**{**usual, **settings})
        return train(space, name, text, options, start=Start(allow_small=True, **again), watchers=watchers)

    return run


#: The post that the model `parrot` knows by heart; longer than a stretch must be.
KNOWN = "The lamp in the attic was lit again tonight, and nobody in the house will say who climbed the stairs. 🏮"

TEXTS = [
    "Rain on the tin roof of the boathouse, four in the morning, and the herons do not mind at all.",
    KNOWN,
    "صباح الخير يا أصدقاء، الشاي جاهز ☕️ والبحر هادئ اليوم أكثر من أي يوم مضى في هذا الصيف",
    "雨の日は本を読む。お茶も飲む。猫は窓辺で眠っている。今日も静かな一日になりそうだ。",
]


@pytest.fixture(scope="session")
def space(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with an export and two models: `parrot` knows a post by heart, `babble` has learned nothing."""
    root = tmp_path_factory.mktemp("generating") / "data"
    corpus = write_corpus(root, [{"text": text, "author": "mira"} for text in TEXTS])
    out = root / "exports" / corpus.recipe
    export(corpus, ["jsonl", "parquet"], out, allow_small=True)
    import torch

    torch.set_num_threads(1)  # the models are small, and tests run beside each other
    words = models.tokenizer(TEXTS)
    for name in ("parrot", "babble"):
        model = models.new_model(len(words), words.eos_token_id)
        if name == "parrot":
            models.overfit(model, words, KNOWN)
        folder = models.save(root / "models" / name, model, words)
        models.write_record(folder, out, root, "jsonl" if name == "parrot" else "parquet")
    return root
