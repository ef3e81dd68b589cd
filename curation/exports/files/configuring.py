"""Configuration files of trainers in an export: written beside its files, and again when these change."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from curation.disk import export_manifest, publishing
from curation.disk.exported_file import ExportedFile
from curation.disk.workspace import Workspace
from curation.errors import UsageError
from curation.exports.files import publish
from curation.exports.trainers import TRAINERS, TrainerPlan, plan
from curation.options.export import ExportOptions


@dataclass(frozen=True)
class ConfigurationWriter:
    """Writes the configuration files that a plan names."""

    plan: TrainerPlan

    def write(
        self, files: Sequence[ExportedFile], folder: Path, out: Path, options: ExportOptions, *, again: bool = False
    ) -> tuple[list[ExportedFile], list[str]]:
        """Write them into `folder`, for an export to `out` of these `files`, and flush them to the disk.

        Gives the files with their future paths, and sentences for the user. If some files of an earlier export come
        `again`, its other files count as well.
        """
        records = export_manifest.read(out) or []
        entries = {file["name"]: file for one in records for file in one.files} if again else {}
        entries |= {file["name"]: file for file in export_manifest.file_entries(files, out)}
        configurations, notes = self.plan.configurations(list(entries.values()), _where(folder, out), options)
        written = []
        for name, (trainer, content) in configurations.items():
            if publish.is_edited(out / name, digests(records, name)):
                notes.append(
                    f"{out / name} was not written by an export, or was changed, and is left as it is. Remove it to "
                    "get a new one."
                )
                continue
            written.append(ExportedFile(out / name, trainer, "", 0, 0, _put(folder, name, content)))
        return written, notes


def is_configuration(file: dict[str, Any]) -> bool:
    """Whether a file of a record is a configuration."""
    return file["format"] in TRAINERS


def digests(records: Sequence[export_manifest.ExportRecord], name: str) -> list[str]:
    """SHA-256 of a file as exports wrote it."""
    return [file["sha256"] for one in records for file in one.files if file["name"] == name]


def renew(space: Workspace, folder: Path) -> list[str]:
    """Rewrite the configuration files of a folder whose data changed; gives their names. Raises `WorkspaceError`.

    Files that somebody edited stay.
    """
    if not any(is_configuration(file) for one in export_manifest.read(folder) or () for file in one.files):
        return []
    with publish.staging(space, folder) as work, publishing.alone(folder):
        records = export_manifest.read(folder) or []
        entries = [file for one in records for file in one.files]
        changed: list[str] = []
        after = []
        for one in records:
            new = _contents(one, entries, lambda name: folder / name)
            files = []
            for file in one.files:
                name = file["name"]
                content = new.get(name)
                digest = hashlib.sha256(content).hexdigest() if content is not None else file["sha256"]
                if digest != file["sha256"] and content is not None and not _stays(folder, file):
                    _put(work, name, content)
                    changed.append(name)
                    file = {**file, "sha256": digest}
                files.append(file)
            after.append(replace(one, files=tuple(files)))
        if changed:
            publish.publish(work, folder, changed, [], after)
    return changed


def _stays(folder: Path, file: dict[str, Any]) -> bool:
    """Whether a file must not be replaced: it is gone, or edited."""
    path = folder / file["name"]
    return not path.exists() or publish.is_edited(path, [file["sha256"]])


def _contents(
    one: export_manifest.ExportRecord, entries: Sequence[dict[str, Any]], path: Callable[[str], Path]
) -> dict[str, bytes]:
    """The current contents of a record's configuration files; none if its options or data can't be read."""
    if not any(is_configuration(file) for file in one.files):
        return {}
    try:
        options = ExportOptions.of_manifest(one.options, formats=one.formats)
        of = plan(options.trainers, options.formats, instruction=bool(options.instruction))
        configurations, _ = of.configurations(entries, path, options)
    except (UsageError, OSError, KeyError, TypeError):
        return {}
    return {name: content for name, (_, content) in configurations.items()}


def _where(folder: Path, out: Path) -> Callable[[str], Path]:
    """Where a file lies that is about to be in `out`."""
    return lambda name: folder / name if (folder / name).exists() else out / name


def _put(folder: Path, name: str, content: bytes) -> str:
    """Write a file and flush it to the disk; gives its SHA-256."""
    (folder / name).write_bytes(content)
    publish.to_disk(folder, name)
    return hashlib.sha256(content).hexdigest()
