"""The folders of models in a workspace, and the columns of the posts that each model saw."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from curation.disk.training_record import FILE, read_record
from curation.errors import InputError, NothingToDoError, UsageError, did_you_mean

if TYPE_CHECKING:
    import pyarrow as pa

    from curation.disk.workspace import Workspace

FOLDER = "models"
#: Trainings that run or wait to be resumed: a folder for each, named after the model.
TRAINING = ".training"
#: In a model's folder: the posts that it saw.
POSTS = ".posts.parquet"
#: In the folder of a training: one `Measurement` or sample as JSON a line, in the order of the steps.
PROGRESS = "progress.jsonl"

#: Files of which a folder that transformers can load has at least one; the second is an adapter's.
CONFIGURATIONS = ("config.json", "adapter_config.json")

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
VERSION = re.compile(r"v(0|[1-9][0-9]{0,8})")


def models_of(space: Workspace) -> Path:
    """The folder of all models."""
    return space.root / FOLDER


def training_of(space: Workspace, name: str) -> Path:
    """The folder in which a training of this name works."""
    return models_of(space) / TRAINING / name


def require_name(name: str) -> str:
    """A name that a model may have. Raises `UsageError`."""
    if not NAME.fullmatch(name) or name.endswith("."):
        raise UsageError(
            f"--name {name!r}: a model's name has letters, digits, dots, hyphens and underscores, begins with a letter "
            "or digit, and has at most 80 characters, such as mira-1."
        )
    return name


def base_of(folder: Path) -> str:
    """The model's name, from the folder of a version."""
    return folder.name.partition("@")[0]


def version_of(folder: Path) -> str:
    """The version of a model by its folder's name, else by its record; "" if neither tells."""
    version = folder.name.partition("@")[2]
    if VERSION.fullmatch(version):
        return version
    try:
        return read_record(folder).version
    except InputError:
        return ""


def version_number(folder: Path) -> int:
    """The number of a model's version; 0 if nothing tells it."""
    version = version_of(folder)
    return int(version[1:]) if VERSION.fullmatch(version) else 0


def next_version(space: Workspace, name: str) -> str:
    """The version that a new model of this name gets: v0, v1, …"""
    folders = [models_of(space) / name, *models_of(space).glob(f"{name}@v*")]
    return f"v{1 + max((version_number(folder) for folder in folders if folder.is_dir()), default=-1)}"


def model_folders(space: Workspace) -> Iterator[Path]:
    """Every version of every model: by name, the newest version of each first."""
    folders = [path.parent for path in models_of(space).glob(f"[!.]*/{FILE}")]
    by_name: dict[str, list[Path]] = {}
    for folder in folders:
        by_name.setdefault(base_of(folder), []).append(folder)
    for name in sorted(by_name):
        yield from sorted(by_name[name], key=lambda folder: (folder.name != name, -_number(folder), folder.name))


def find_model(space: Workspace, model: str) -> Path:
    """The folder of a model: `NAME`, `NAME@v0`, or a path. Raises `NothingToDoError` if there is none."""
    if not model.strip():
        raise UsageError("No model was named. curation models lists those of the workspace.")
    for folder in (models_of(space) / model, Path(model)):
        if any((folder / file).is_file() for file in CONFIGURATIONS):
            return folder
    names = [folder.name for folder in model_folders(space)]
    if Path(model).is_dir():
        raise NothingToDoError(f"{model} is no model: it has no config.json.{did_you_mean(model, names)}")
    hint = did_you_mean(model, names) if names else f" Train one with: {space.command('train', '--name', 'NAME')}"
    raise NothingToDoError(f"There is no model '{model}' in {models_of(space)}.{hint}")


def posts_schema() -> pa.Schema:
    """Columns of the posts that a model saw: one row a post and side."""
    import pyarrow as pa

    text = pa.string()
    return pa.schema({"platform": text, "id": text, "author": text, "split": text})


def _number(folder: Path) -> int:
    version = folder.name.partition("@")[2]
    return int(version[1:]) if VERSION.fullmatch(version) else -1
