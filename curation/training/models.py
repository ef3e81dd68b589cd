"""The models of a workspace: every version with its record and the state of its export, and unfinished trainings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from filelock import Timeout

from curation.disk.training_record import TrainingRecord, held_out, read_record
from curation.disk.whole_files import restore_replaced
from curation.disk.workspace import Workspace
from curation.errors import InputError
from curation.tracking.model_artifacts import base_name, export_folder
from curation.training.folders import POSTS, PROGRESS, TRAINING, base_of, model_folders, models_of
from curation.training.unfinished import REQUEST, Unfinished, entries_of

#: States of the files that a model was trained on.
UNCHANGED, CHANGED, GONE = "unchanged", "changed", "gone"

#: Bytes at the end of a progress file that are searched for its last line.
TAIL = 65_536


@dataclass(frozen=True)
class Model:
    """One version of a model."""

    folder: Path
    record: TrainingRecord
    export: str  # unchanged, changed or gone
    is_only: bool  # whether it is the only version of its name

    @property
    def title(self) -> str:
        """Name and version, as people write them: `mira-1@v0`."""
        return f"{self.record.model}@{self.record.version}"

    @property
    def removal(self) -> str:
        """The argument of `curation models --remove` for this model."""
        return removal_name(self.record, is_only=self.is_only)

    def to_json(self) -> dict[str, Any]:
        """For `curation models --json`."""
        record, figures = self.record, held_out(self.record)
        return {
            "model": record.model,
            "version": record.version,
            "folder": str(self.folder),
            "created_at": record.created_at,
            "status": record.status,
            "base": {"kind": record.base.kind, "name": base_name(record.base), "parameters": record.base.parameters},
            "lora": record.base.lora is not None,
            "recipe": record.data.recipe,
            "export": {"folder": record.data.export, "state": self.export},
            "posts": record.data.train.posts,
            "held_out_posts": record.data.valid.posts,
            "bits_per_character": figures.bits_per_character if figures else None,
            "perplexity": figures.perplexity if figures else None,
            "steps": record.steps,
            "seconds": record.seconds,
            "forgotten_posts": record.forgotten_posts,
            "remove": f"curation models --remove {self.removal}",
        }


@dataclass(frozen=True)
class Training:
    """A training that runs, or waits to be resumed."""

    name: str
    folder: Path
    is_running: bool
    last: dict[str, Any] = field(default_factory=dict)  # its last measurement; empty before the first

    def to_json(self) -> dict[str, Any]:
        """For `curation models --json`."""
        progress = {key: self.last.get(key) for key in ("step", "epoch", "seconds")}
        state = {"running": self.is_running, "can_resume": self.can_resume}
        return {"name": self.name, "folder": str(self.folder), **state, **progress}

    @property
    def can_resume(self) -> bool:
        """Whether it has a readable request and a checkpoint."""
        unfinished = Unfinished(self.folder)
        try:
            unfinished.request()
        except InputError:
            return False
        return unfinished.has_checkpoint


@dataclass(frozen=True)
class Inventory:
    """Everything in `DIR/models`."""

    models: tuple[Model, ...]  # by name, the newest version of each first
    trainings: tuple[Training, ...]
    damaged: tuple[str, ...]  # sentences on records that can't be read

    def __bool__(self) -> bool:
        return bool(self.models or self.trainings or self.damaged)


def inventory(space: Workspace, digest: Callable[[Path], str], name: str = "") -> Inventory:
    """All models and trainings, or those of one model: `NAME`, or `NAME@vN` for one version.

    `digest` gives the SHA-256 of a file. Damaged records are reported, and the others are listed.
    """
    if models_of(space).is_dir():
        restore_replaced(models_of(space))
    own_name, _, version = name.partition("@")
    versions: list[tuple[Path, TrainingRecord]] = []
    damaged = []
    for folder in model_folders(space):
        if name and base_of(folder) != own_name:
            continue
        try:
            versions.append((folder, read_record(folder)))
        except InputError as error:
            damaged.append(str(error))
    names = [base_of(folder) for folder in model_folders(space)]  # damaged ones, too
    states = {}
    models = []
    for folder, record in versions:
        if version and record.version != version:
            continue
        key = (record.data.export, record.data.train, record.data.valid)
        if str(key) not in states:
            states[str(key)] = export_state(space, record, digest)
        models.append(Model(folder, record, states[str(key)], names.count(base_of(folder)) == 1))
    waiting = [each for each in trainings(space) if not version and each.name == (own_name or each.name)]
    return Inventory(tuple(models), tuple(waiting), tuple(damaged))


def removal_name(record: TrainingRecord, *, is_only: bool) -> str:
    """The argument of `curation models --remove` for one version: the name alone if there is no other version."""
    return record.model if is_only else f"{record.model}@{record.version}"


def export_state(space: Workspace, record: TrainingRecord, digest: Callable[[Path], str]) -> str:
    """Whether the files that a model was trained on are unchanged, changed or gone."""
    folder = export_folder(space, record)
    files = (*record.data.train.files, *record.data.valid.files)
    there = [file for file in files if (folder / file["name"]).is_file()]
    if not there:
        return GONE
    try:
        same = all(digest(folder / file["name"]) == file["sha256"] for file in there)
    except OSError:
        same = False
    return UNCHANGED if same and len(there) == len(files) else CHANGED


def lock_of(name: str) -> str:
    """The lock that a training of this name holds while it runs; see `Workspace.lock`."""
    return f"train-{name}"


def is_running(space: Workspace, name: str) -> bool:
    """Whether a process trains a model of this name now."""
    if not (space.work / f"{lock_of(name)}.lock").exists():
        return False
    try:
        with space.at_once(lock_of(name)):
            return False
    except Timeout:
        return True


def training_folders(space: Workspace) -> Iterator[Path]:
    """The folders of trainings that run or wait, without links and folders of something else."""
    for folder in sorted((models_of(space) / TRAINING).glob("[!.]*")):
        is_ours = any((folder / name).is_file() for name in (POSTS, PROGRESS, REQUEST))
        if folder.is_dir() and not folder.is_symlink() and is_ours:
            yield folder


def trainings(space: Workspace) -> Iterator[Training]:
    """Trainings that run, or wait to be resumed."""
    for folder in training_folders(space):
        yield Training(folder.name, folder, is_running(space, folder.name), _last(folder / PROGRESS))


def _last(path: Path) -> dict[str, Any]:
    """The last measurement in a progress file. A half-written line of a killed process is skipped."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - TAIL))
            lines = file.read().splitlines()
    except OSError:
        return {}
    for line in reversed(lines):
        for _, entry in entries_of([line]):
            if "seconds" in entry:  # an epoch's result has none
                return entry
    return {}
