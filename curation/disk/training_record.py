"""`training.json`: what a model was made of, how, and how well it predicts held-out posts.

The record is written when the training ends. Only forgetting changes it afterwards: it counts the forgotten posts that
the model saw, and removes what may quote them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from curation.disk.typed_json import parse
from curation.disk.whole_files import write_whole
from curation.errors import InputError
from curation.writing.characters import json_text

FILE = "training.json"

#: Values of `TrainingRecord.status`.
COMPLETE, INTERRUPTED = "complete", "interrupted"

#: Value of `TrainingRecord.weights`, besides "last".
BEST = "best"

#: Values of `Base.kind`: weights drawn at random, a folder, a model of the Hub.
SCRATCH, FOLDER, HUB = "scratch", "folder", "hub"


@dataclass(frozen=True)
class Base:
    """What the weights were before the training."""

    kind: str  # scratch, folder or hub
    name: str  # of the Hub, or of the folder (not its path); "" for scratch
    architecture: str  # model_type in config.json: gpt2, llama, …
    parameters: int
    trained_parameters: int  # fewer than `parameters` with LoRA
    context: int  # tokens that the model can look back on
    vocabulary: int  # tokens
    lora: dict[str, Any] | None = None  # r, alpha, dropout, target_modules


@dataclass(frozen=True)
class TrainingSide:
    """The training or the held-out posts, as the model saw them."""

    posts: int
    characters: int  # code points of their texts
    tokens: int  # predicted in one epoch, ends of posts included
    files: tuple[dict[str, Any], ...] = ()  # each with name, format, sha256


@dataclass(frozen=True)
class TrainingData:
    """The training data, and where it came from."""

    export: str  # folder of the export: in the workspace where it lies there, else absolute
    recipe: str
    fingerprint: str
    corpus_files: tuple[str, ...]  # the corpus's files at the export
    tombstones: int  # in the workspace at the export
    counts: dict[str, Any]  # of the whole corpus: downloaded, kept, removed by rule
    train: TrainingSide
    valid: TrainingSide
    split: str  # random, time or conversation
    authors: tuple[dict[str, Any], ...] = ()  # each with author, posts; the largest first, at most 20
    author_count: int = 0
    languages: dict[str, int] = field(default_factory=dict)  # posts by language code, of all or of a sample
    lengths: tuple[tuple[int, int], ...] = ()  # (characters from, posts): a histogram of the training posts
    separate: bool = True  # no post sees another one; False: posts are joined, as in huggingtweets


@dataclass(frozen=True)
class Measurement:
    """One point of the learning curve; losses are nats per predicted token."""

    step: int
    epoch: float  # passes over the training posts so far
    tokens: int  # predicted so far
    seconds: float  # of training so far, over all interruptions
    train_loss: float | None = None  # mean since the point before
    learning_rate: float | None = None
    valid_loss: float | None = None
    valid_bits_per_character: float | None = None
    valid_perplexity: float | None = None


@dataclass(frozen=True)
class EpochResult:
    """The end of an epoch."""

    epoch: int  # 1, 2, …
    step: int
    train_loss: float  # nats per predicted token, mean over the epoch
    valid_loss: float | None
    valid_bits_per_character: float | None
    valid_perplexity: float | None
    samples: tuple[str, ...] = ()  # texts that the model wrote at this point, without a prompt


@dataclass(frozen=True)
class TrainingRecord:
    """A model's record."""

    model: str  # its name
    version: str  # v0, v1, …
    created_at: str  # UTC, ISO 8601
    status: str  # complete or interrupted
    base: Base
    data: TrainingData
    hyperparameters: dict[str, Any]  # every one, by the name of its field in TrainingOptions
    seed: int
    device: str  # cpu, cuda, mps
    precision: str  # float32 or bfloat16
    threads: int | None  # of the CPU; None elsewhere
    steps: int
    seconds: float
    tokens_per_second: float
    curve: tuple[Measurement, ...]
    epochs: tuple[EpochResult, ...]
    before: Measurement | None  # held-out figures before the first step
    best_epoch: int | None  # with the fewest held-out bits per character
    weights: str  # last or best: which of them the folder holds
    versions: dict[str, str]  # of packages
    forgotten_posts: int = 0  # posts that the model saw and that were forgotten later

    def to_json(self) -> dict[str, Any]:
        """As its file has it."""
        return {"schema": 1, **asdict(self)}

    @classmethod
    def of_json(cls, content: dict[str, Any]) -> TrainingRecord:
        """Read one back. Raises `TypeError`, `AttributeError`."""
        record: TrainingRecord = parse(cls, {key: value for key, value in content.items() if key != "schema"})
        return record


def read_record(folder: Path) -> TrainingRecord:
    """The record of the model in `folder`. Raises `InputError`."""
    path = folder / FILE
    try:
        return TrainingRecord.of_json(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise InputError(f"{folder} is no model that curation trained: it has no {FILE}.") from error
    except OSError as error:
        raise InputError(f"{path} can't be read: {error.strerror or error}.") from error
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(
            f"{path} is damaged, or of another version of curation: it isn't a record of a training as this version "
            "writes it. Put it back from a copy, or train the model again."
        ) from error


def write_record(folder: Path, record: TrainingRecord) -> None:
    """Write the record into a folder, whole or not at all. Raises `OSError`."""
    write_whole(folder / FILE, json_text(record.to_json(), indent=2) + "\n")


@dataclass(frozen=True)
class HeldOutFigures:
    """How well a model predicts held-out posts."""

    step: int
    epoch: float
    loss: float  # nats per token
    bits_per_character: float | None
    perplexity: float | None


def end_of(epoch: EpochResult, curve: Sequence[Measurement]) -> float:
    """Where an epoch ends, in epochs: below its number if the training ended within it."""
    return next((each.epoch for each in reversed(curve) if each.step == epoch.step), float(epoch.epoch))


def held_out(record: TrainingRecord) -> HeldOutFigures | None:
    """The figures of the weights in the folder; None when they were never measured."""
    best: EpochResult | None = None
    if record.weights == BEST:
        best = next((e for e in record.epochs if e.epoch == record.best_epoch and e.valid_loss is not None), None)
    points: tuple[Measurement | EpochResult, ...] = (*record.curve, *record.epochs)
    measured = (each for each in points if each.valid_loss is not None)
    one = best or max(measured, key=lambda each: each.step, default=None)
    if one is None or one.valid_loss is None:
        return None
    return HeldOutFigures(one.step, one.epoch, one.valid_loss, one.valid_bits_per_character, one.valid_perplexity)
