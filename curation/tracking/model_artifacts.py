"""Models as artifacts: what a training reads and makes, for its record and for lineage."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from curation.disk import export_manifest
from curation.disk.export_manifest import ExportRecord
from curation.disk.training_record import FILE, Base, TrainingRecord, held_out, read_record
from curation.disk.workspace import Workspace
from curation.tracking import artifacts
from curation.tracking.artifacts import Artifact, Digest, TrackedFile, combined, place_of

#: The card of a model.
CARD = "README.md"
#: Endings of pictures that a card shows.
PICTURES = (".png", ".jpg", ".jpeg", ".svg", ".gif", ".webp")


def model_files(folder: Path) -> list[Path]:
    """What transformers loads: weights, configuration, tokenizer; no card, picture, record or hidden file.

    The digest comes from these files. Forgetting changes only the others, so the digest stays.
    """
    files = (path for path in _visible(folder) if path.suffix.lower() not in PICTURES)
    return [path for path in files if path.name not in (CARD, FILE)]


def pictures(folder: Path) -> list[Path]:
    """The pictures beside a model."""
    return [path for path in _visible(folder) if path.suffix.lower() in PICTURES]


def _visible(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts):
            yield path


def model_artifact(space: Workspace, folder: Path, digest: Digest) -> Artifact:
    """The model that lies in `folder` when the work is done. Describing it raises `OSError`, `InputError`."""
    record, paths = read_record(folder), model_files(folder)
    files = artifacts.hashed(space, paths, digest)
    lines = (f"{file.sha256} {path.relative_to(folder).as_posix()}" for file, path in zip(files, paths, strict=True))
    about = {"place": place_of(space, folder), **facts_of(record)}
    name, posts = artifacts.artifact_name(record.model), record.data.train.posts
    return Artifact(artifacts.MODEL, name, combined(sorted(lines)), None, posts, files, about)


def facts_of(record: TrainingRecord) -> dict[str, Any]:
    """Facts about a model for its artifact, without unknown ones."""
    figures = held_out(record)
    about = {
        "base": base_name(record.base), "architecture": record.base.architecture,
        "parameters": record.base.parameters, "recipe": record.data.recipe, "fingerprint": record.data.fingerprint,
        "created_at": record.created_at, "steps": record.steps, "training": record.status,
        "bits_per_character": figures.bits_per_character if figures else None,
        "perplexity": figures.perplexity if figures else None,
    }  # fmt: skip
    return {key: value for key, value in about.items() if value is not None}


def base_name(base: Base) -> str:
    """The base in one word: its name, or `scratch`."""
    return base.name or base.kind


def training_input(space: Workspace, record: TrainingRecord, _: Digest) -> Artifact:
    """The export that a training reads. Where its manifest names other files, the record's digests count."""
    folder = export_folder(space, record)
    exported = export_of(space, record)
    name = artifacts.export_name(space, folder, record.data.recipe)
    files = [f for f in exported.files if f.get("split")] if exported else list(_own_files(record))
    # The digest of `tracking.artifacts.exported`, so that the run that exported it is found.
    digest = combined(sorted(f"{file['sha256']} {file['name']}" for file in files)) if files else None
    rows = record.data.train.posts + record.data.valid.posts
    if exported:
        rows = sum(f["posts"] for f in files if f["format"] == files[0]["format"])
    tracked = tuple(
        TrackedFile(place_of(space, folder / f["name"]), _size(folder / f["name"]), f["sha256"]) for f in files
    )
    about = {"place": record.data.export, "recipe": record.data.recipe}
    return Artifact(artifacts.TRAIN, name, digest, None, rows, tracked, about)


def export_folder(space: Workspace, record: TrainingRecord) -> Path:
    """The folder of the export that a model was trained on."""
    return space.root / record.data.export


def export_of(space: Workspace, record: TrainingRecord) -> ExportRecord | None:
    """The export that a model was trained on, as its manifest has it; None when other files lie there now."""
    own_files = {(file["name"], file["sha256"]) for file in _own_files(record)}
    for each in reversed(export_manifest.read(export_folder(space, record)) or []):
        if own_files and own_files <= {(file["name"], file["sha256"]) for file in each.files}:
            return each
    return None


def _own_files(record: TrainingRecord) -> Iterator[dict[str, Any]]:
    yield from (*record.data.train.files, *record.data.valid.files)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # gone since; its digest is known
        return 0
