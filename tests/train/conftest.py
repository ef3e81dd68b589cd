"""What the tests of training share: a workspace with a corpus, and settings under which a training takes seconds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from curation.training.exporting import exported
from curation.training.options import TrainingOptions
from curation.training.outcome import Outcome, Watchers
from curation.training.train import train
from curation.workspace import Workspace
from tests.training.conftest import curated, workspace

__all__ = ["curated", "workspace"]

#: A model so small that an epoch of the sample takes a second.
TINY = {
    "layers": 1, "width": 32, "vocabulary": 300, "block": 48, "batch_tokens": 384, "epochs": 2.0, "samples": 1,
    "threads": 1,
}  # fmt: skip


@pytest.fixture
def trained(workspace: Path):
    """Train on the sample's corpus; settings are those of `TINY` unless they are given."""

    def run(name: str = "tiny", format: str = "jsonl", watchers: Watchers | None = None, **settings: Any) -> Outcome:
        again = {key: settings.pop(key) for key in ("resume", "restart") if key in settings}
        usual = TINY if settings.get("base", "scratch") == "scratch" else {
            key: TINY[key] for key in ("block", "batch_tokens", "epochs", "samples", "threads")
        }  # fmt: skip
        space = Workspace(workspace)
        instruction = "Write a post." if format in ("chat", "prompt-completion") else ""

        def text():
            return exported(space, "baseline", name, format, valid=0.1, split="time", instruction=instruction)

        options = TrainingOptions(**{**usual, **settings})
        return train(space, name, text, options, allow_small=True, watchers=watchers, **again)

    return run
