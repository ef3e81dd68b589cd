"""Removing models: one version, or a model with all of its versions and its unfinished training."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from curation.disk.whole_files import flush, writing
from curation.disk.workspace import Workspace
from curation.errors import NothingToDoError, RefusedError, did_you_mean
from curation.training.folders import base_of, model_folders, models_of, training_of, version_of
from curation.training.models import is_running, training_folders

#: The lock under which folders of models change their names.
LOCK = "models"


def settle(space: Workspace) -> None:
    """Finish the removal that a killed process began. Raises `WorkspaceError`."""
    if not models_of(space).is_dir():
        return
    with space.lock(LOCK), writing(space.root):
        space.sweep()
        for name in sorted({base_of(folder) for folder in model_folders(space)}):
            _promote(space, name)


def folders_of(space: Workspace, model: str) -> list[Path]:
    """The folders to remove for `NAME` (every version, and a waiting training) or for `NAME@vN`.

    Raises `NothingToDoError` if there is no such model, `RefusedError` for a link or a running training.
    """
    name, _, version = model.partition("@")
    versions = [folder for folder in model_folders(space) if base_of(folder) == name]
    if version:
        folders = [folder for folder in versions if version_of(folder) == version]
    else:
        folders = [*versions, *(folder for folder in training_folders(space) if folder.name == name)]
    if not folders:
        names = [*(folder.name for folder in model_folders(space)), *(f.name for f in training_folders(space))]
        raise NothingToDoError(f"There is no model '{model}' in {models_of(space)}.{did_you_mean(model, names)}")
    for folder in folders:
        if folder.is_symlink():
            raise RefusedError(f"{folder} is a link, so nothing was removed. Remove the link yourself.")
    if training_of(space, name) in folders and is_running(space, name):
        raise RefusedError(f"A training of '{name}' is running, so nothing was removed. Stop it first.")
    return folders


def remove(space: Workspace, folders: Sequence[Path]) -> None:
    """Remove folders of models. If the newest version goes and older ones stay, the next one takes its place.

    Raises `WorkspaceError`.
    """
    with space.lock(LOCK), space.staging("remove") as aside, writing(space.root):
        for number, folder in enumerate(folders):
            folder.rename(aside / str(number))
            flush(folder.parent)
        for name in sorted({base_of(folder) for folder in folders}):
            _promote(space, name)
        for number, _ in enumerate(folders):
            shutil.rmtree(aside / str(number), ignore_errors=True)


def _promote(space: Workspace, name: str) -> None:
    left = [folder for folder in model_folders(space) if base_of(folder) == name and not folder.is_symlink()]
    place = models_of(space) / name
    if left and not place.exists():
        left[0].rename(place)
        flush(place.parent)
