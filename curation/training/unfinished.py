"""The folder of an unfinished training: its request, its progress and its checkpoints.

::

    DIR/models/.training/NAME/request.json     options, the export and its digests; written before the first step
    DIR/models/.training/NAME/progress.jsonl   the learning curve so far, a JSON object a line
    DIR/models/.training/NAME/.posts.parquet   the posts that it learns, so that forgetting finds them
    DIR/models/.training/NAME/checkpoint.pt    the whole state (`curation.training.checkpoints`)
    DIR/models/.training/NAME/best.pt          the weights of the best epoch so far
"""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curation.disk.training_record import EpochResult, Measurement
from curation.disk.typed_json import parse
from curation.disk.whole_files import flush, write_whole, writing
from curation.errors import InputError
from curation.training.checkpoints import AGAIN, CHECKPOINT
from curation.training.folders import POSTS, PROGRESS
from curation.writing.characters import json_text

if TYPE_CHECKING:
    import pyarrow as pa

REQUEST = "request.json"


@dataclass(frozen=True)
class TrainingRequest:
    """The settings that a training began with."""

    model: str
    options: dict[str, Any]  # of `TrainingOptions`, as the user gave them
    export: str  # the folder
    format: str
    files: dict[str, str]  # SHA-256 by name of the export's files
    began_at: str  # UTC
    threads: int  # of the CPU
    allow_small: bool = False


@dataclass(frozen=True)
class TrainingProgress:
    """The learning curve so far."""

    before: Measurement | None = None
    curve: tuple[Measurement, ...] = ()
    epochs: tuple[EpochResult, ...] = ()


@dataclass(frozen=True)
class Unfinished:
    """The folder of one training."""

    folder: Path

    @property
    def has_checkpoint(self) -> bool:
        """Whether there is a checkpoint; it may be damaged."""
        return (self.folder / CHECKPOINT).is_file()

    def begin(self, request: TrainingRequest, seen: pa.Table) -> None:
        """Make a new folder; `seen` are the posts that the training learns. Raises `WorkspaceError`."""
        import pyarrow.parquet as pq

        with writing(self.folder):
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir(parents=True)
            pq.write_table(seen, self.folder / POSTS, compression="zstd")
            flush(self.folder / POSTS)
            write_whole(self.folder / REQUEST, json_text({"schema": 1, **asdict(request)}, indent=2) + "\n")

    def request(self) -> TrainingRequest:
        """The request that it began with. Raises `InputError`."""
        path = self.folder / REQUEST
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            return TrainingRequest(**{key: value for key, value in content.items() if key != "schema"})
        except FileNotFoundError as error:
            raise InputError(f"{path} is missing, so nobody knows how to go on. {AGAIN}") from error
        except (OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
            raise InputError(f"{path} is damaged. {AGAIN}") from error

    def add(self, kind: str, entry: Measurement | EpochResult) -> None:
        """Add a `before`, `measurement` or `epoch` to the progress file. Raises `WorkspaceError`."""
        with writing(self.folder), (self.folder / PROGRESS).open("a", encoding="utf-8") as file:
            file.write(json_text({kind: asdict(entry)}) + "\n")

    def rewind(self, step: int) -> None:
        """Drop the entries after a step; they are measured again. Raises `WorkspaceError`."""
        lines = [json_text({kind: entry}) for kind, entry in self._entries() if entry.get("step", 0) <= step]
        with writing(self.folder):
            write_whole(self.folder / PROGRESS, "".join(f"{line}\n" for line in lines))

    def progress(self) -> TrainingProgress:
        """The progress so far, without a cut-off line."""
        return progress_of(self._entries())

    def remove(self) -> None:
        """Remove the folder: the model is in its place."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _entries(self) -> Iterator[tuple[str, dict[str, Any]]]:
        try:
            lines = (self.folder / PROGRESS).read_bytes().splitlines()
        except OSError:
            return
        yield from entries_of(lines)


def entries_of(lines: Iterable[bytes]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Kind and content of each line of a progress file. Damaged and cut-off lines are skipped."""
    for line in lines:
        with contextlib.suppress(ValueError, AttributeError, TypeError, KeyError, RecursionError):
            [(kind, entry)] = json.loads(line).items()
            progress_of([(kind, entry)])
            yield kind, entry


def progress_of(entries: Iterable[tuple[str, dict[str, Any]]]) -> TrainingProgress:
    """The learning curve from the lines of a progress file. Raises `TypeError`."""
    before, curve, epochs = None, [], []
    for kind, entry in entries:
        if kind == "before":
            before = parse(Measurement, entry)
        elif kind == "measurement":
            curve.append(parse(Measurement, entry))
        elif kind == "epoch":
            epochs.append(parse(EpochResult, entry))
    return TrainingProgress(before, tuple(curve), tuple(epochs))
