"""What a model writes, and which parts its training posts contain word for word.

Writing needs torch; this module checks for it without importing it. It writes one text at a time: two would compete for
the processors, and the libraries take the setting to stay offline from the environment of the process.
"""

from __future__ import annotations

import functools
import hashlib
import shlex
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curation.disk.damage import explaining
from curation.disk.training_record import FILE, TrainingRecord, read_record
from curation.disk.workspace import Workspace
from curation.errors import InputError
from curation.training.generation.copied import LEAST, Stretch, copied
from curation.training.packages import PACKAGES
from curation.versions import is_installed
from dashboards.snapshot import Answers

if TYPE_CHECKING:
    from curation.training.generation.generate import Sample

#: Most characters of training text that samples are compared with unasked: some tenths of a second.
AT_ONCE = 5_000_000

_ALONE = threading.Lock()


@dataclass(frozen=True)
class Copies:
    """The copies in each of several texts, in order; they may overlap."""

    texts: tuple[tuple[Stretch, ...], ...]
    note: str = ""  # on the posts that they were compared with
    least: int = 0  # characters of the shortest copy that counts

    @property
    def number(self) -> int:
        """How many texts contain a copy."""
        return sum(map(bool, self.texts))


@dataclass(frozen=True)
class Order:
    """A request for texts of a model."""

    prompt: str = ""
    samples: int = 3
    temperature: float = 1.0
    seed: int = 0


def missing() -> list[str]:
    """The missing packages for writing."""
    return [name for name in PACKAGES if not is_installed(name)]


def copies(
    space: Workspace, answers: Answers, folder: Path, record: TrainingRecord, texts: Sequence[str], prompt: int = 0
) -> Copies:
    """The parts of the texts that the model's training posts contain. Raises `CurationError` for damaged files."""
    from curation.training.generation.reference_text import ReferenceText

    def compare() -> Copies:
        with explaining(space):
            training = ReferenceText.of(space, folder, record)
            stretches = copied(list(texts), training.batches(), prompt)
        return Copies(tuple(map(tuple, stretches)), training.note, LEAST)

    digest = hashlib.sha256("\0".join(texts).encode("utf-8", "surrogatepass")).hexdigest()
    key = ("copies", *_state(folder), _written(space.root / record.data.export), digest, prompt)
    return answers.of(key, compare, lambda answer: 2_000 + 200 * sum(map(len, answer.texts)))


def write(folder: Path, order: Order) -> list[Sample]:
    """What the model in `folder` writes. Raises `UsageError`, `InputError`, `RefusedError`."""
    from curation.options.commands import GenerateOptions
    from curation.training.generation.generate import Generator

    with _ALONE:
        sampling = GenerateOptions(samples=order.samples, temperature=order.temperature, seed=order.seed)
        generator = Generator.of(_loaded(*_state(folder)), order.prompt, sampling)
        return list(generator.samples())


@functools.lru_cache(maxsize=1)
def _loaded(folder: str, written: int) -> Any:
    """The model in a folder; the last one stays in memory until its record changes."""
    from curation.training.generation.loading import load

    return load(Path(folder), read_record(Path(folder)))


def _state(folder: Path) -> tuple[str, int]:
    """The folder of a model and the time of its record. Raises `InputError`."""
    written = _written(folder / FILE)
    if not written:
        raise InputError(f"{folder} is gone.")
    return str(folder), written


def _written(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def command(model: str, order: Order, data: Sequence[str]) -> str:
    """The command line that writes the same texts."""
    words = ["curation", "generate", model, "-n", str(order.samples), "--seed", str(order.seed)]
    words += ["--temperature", f"{order.temperature:g}"] if order.temperature != 1 else []
    words += data
    return shlex.join([*words, "--", order.prompt] if order.prompt else words)


def merged(copies: Sequence[Stretch]) -> list[tuple[int, int]]:
    """The copied parts of a text; those that touch are one.

    >>> merged([Stretch(0, 40, "x", "1"), Stretch(30, 80, "x", "2"), Stretch(100, 140, "x", "1")])
    [(0, 80), (100, 140)]
    """
    parts: list[tuple[int, int]] = []
    for each in copies:
        if parts and each.begin <= parts[-1][1]:
            parts[-1] = (parts[-1][0], max(parts[-1][1], each.end))
        else:
            parts.append((each.begin, each.end))
    return parts
