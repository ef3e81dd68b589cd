"""Trainers: tools that fine-tune elsewhere, and the configurations that an export writes for them.

A trainer declares what it reads and what it writes. The text of its files follows from a `Job` alone, so the same
export gives the same bytes wherever it lies. Names in the files are relative to their own folder, which can be copied
to another machine. No file holds a post's text.

Hyperparameters are those of huggingtweets where they fit: learning rate 1.372e-4, cosine to 0, no warm-up, 4 epochs,
blocks of 1,024 tokens. It trained on one block at a time. Here posts stay apart, and a step takes as many of them as
make about one block.
"""

from __future__ import annotations

import functools
import re
import shlex
import tomllib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, ClassVar

from curation.exports.formats.base import ONE_TEXT
from curation.exports.registry import format_of
from curation.writing.terminal import count

#: The models that training begins with, by shape: small ones under Apache-2.0, the second with a chat template.
TEXT_BASE = "HuggingFaceTB/SmolLM2-135M"
CHAT_BASE = "HuggingFaceTB/SmolLM2-135M-Instruct"

#: As huggingtweets trained: https://github.com/borisdayma/huggingtweets
LEARNING_RATE = 1.372e-4
BLOCK = 1024  # tokens

#: The adapter of a model that follows instructions: rank, and the factor of its scale (alpha / rank).
LORA_RANK, LORA_ALPHA = 16, 32

#: Characters in a token, about, in English and with a vocabulary of some 50,000 tokens.
CHARACTERS = 4
#: Records in a step, at most.
LARGEST_BATCH = 32

#: In a text, the place of another part.
_PART = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


@dataclass(frozen=True)
class TrainerData:
    """The files of one format that a trainer reads."""

    format: str
    train: str  # the file's name, relative to the folder
    valid: str  # "" where no record is for validation
    train_rows: int
    valid_rows: int
    characters: int  # code points of the posts in `train`
    valid_is_empty: bool = False  # whether the file is there and holds no record

    @property
    def shape(self) -> str:
        """What a record is: `ONE_TEXT`, `PAIRS` or `CHAT`."""
        format = format_of(self.format)
        return format.shape if format else ONE_TEXT

    @property
    def batch(self) -> int:
        """Records that make about one block of tokens: a power of two, at most the training side."""
        most = min(LARGEST_BATCH, max(1, self.train_rows))
        fitting = BLOCK * CHARACTERS * self.train_rows // max(1, self.characters)
        batch = 1
        while batch * 2 <= min(most, fitting):
            batch *= 2
        return batch


@dataclass(frozen=True)
class Job:
    """The content of a configuration."""

    data: TrainerData
    epochs: int  # passes over the training file
    seed: int
    instruction: str  # the prompt of posts that answer nobody; "" without
    partner: Trainer | None = None  # of a tool that only runs a model: the one that trains it

    @property
    def lora(self) -> bool:
        """Whether an adapter is trained rather than the whole model."""
        return self.data.shape != ONE_TEXT

    @property
    def base(self) -> str:
        """The model that training begins with."""
        return CHAT_BASE if self.lora else TEXT_BASE

    @property
    def rows(self) -> str:
        """The number of records, for a comment."""
        valid = f", {self.data.valid_rows:,} for validation" if self.data.valid else ", none for validation"
        return f"{count(self.data.train_rows, 'record')}{valid}"


class Trainer:
    """A tool that trains a model, or runs one.

    A subclass is its documentation as well: the docstring's first line is what the docs print.
    """

    name: ClassVar[str]  # what `--for` takes
    title: ClassVar[str]  # its name for people
    formats: ClassVar[Mapping[str, str]]  # export formats that it can read, each with the one written for it
    files: ClassVar[tuple[str, ...]]  # names of its configuration files, the one to run first
    install: ClassVar[str]  # a command line
    run: ClassVar[str]  # a command line, in the folder of the export
    trains: ClassVar[bool] = True
    trained: ClassVar[str] = ""  # the folder of the model or the adapter, beside the files
    merged: ClassVar[str] = ""  # the folder of the adapter merged into its base
    merge: ClassVar[str] = ""  # the command line that merges them, BASE for the base; "" if training does
    needs_merge: ClassVar[bool] = False  # whether no other tool reads what lies in `trained`
    checkpoints: ClassVar[str] = ""  # folders of checkpoints within `trained`, as a pattern

    def write(self, job: Job) -> Mapping[str, str]:
        """The text of each of `files` by name."""
        side = "valid" if job.data.valid else "no_valid"
        parts = defaultdict(str, self.values(job))
        for trainer in ("shared", self.name):
            for condition in ("always", "lora" if job.lora else "whole", job.data.shape, side):
                parts |= _texts()[trainer].get(condition, {})
        return {name: _filled(parts[name], parts) for name in self.files}

    def values(self, job: Job) -> dict[str, Any]:
        """The values that stand in the texts. All are this program's own, and no text of a user's is among them."""
        words = {name: getattr(self, name) for name in ("title", "install", "run", "trained", "merged", "merge")}
        settings = {"rate": LEARNING_RATE, "block": BLOCK, "rank": LORA_RANK, "alpha": LORA_ALPHA}
        data = {name: getattr(job.data, name) for name in ("train", "valid", "batch")}
        return words | settings | data | {name: getattr(job, name) for name in ("rows", "base", "epochs", "seed")}

    def line(self, folder: Path) -> str:
        """The command that goes on with an export in a folder, for a shell."""
        return f"{self.title}: cd {shlex.quote(str(folder))} && {self.run}    (once: {self.install})"

    def warnings(self, job: Job) -> tuple[str, ...]:
        """Sentences for the user."""
        return ()


@functools.cache
def _texts() -> dict[str, dict[str, dict[str, str]]]:
    """The texts by trainer, condition and part."""
    return tomllib.loads((resources.files(__package__) / "texts.toml").read_text(encoding="utf-8"))


def _filled(text: str, parts: Mapping[str, Any]) -> str:
    return _PART.sub(lambda match: _filled(str(parts[match[1] or match[2]]), parts), text)
