"""Models as artifacts: what a training reads and makes, for its record and for lineage."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curation.disk import export_manifest
from curation.disk.training_record import FILE, held_out, read_record
from curation.tracking.artifacts import (
    MODEL,
    TRAIN,
    Artifact,
    Described,
    TrackedFile,
    artifact_name,
    combined,
    place_of,
)

if TYPE_CHECKING:
    from curation.disk.export_manifest import ExportRecord as Exported
    from curation.disk.training_record import Base, TrainingRecord
    from curation.disk.workspace import Workspace
    from curation.tracking.artifacts import Digest

#: The card of a model.
CARD = "README.md"
#: Endings of pictures that a card shows.
PICTURES = (".png", ".jpg", ".jpeg", ".svg", ".gif", ".webp")


def model_files(folder: Path) -> list[Path]:
    """What transformers loads: weights, configuration, tokenizer. Not the card, its pictures, the record, hidden files.

    These files make the digest, so forgetting, which changes all the others, leaves it as it is.
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


def model_artifact(space: Workspace, folder: Path) -> Described:
    """The model that lies in `folder` when the work is done. Describing it raises `OSError`, `InputError`."""

    def describe(digest: Digest) -> Artifact:
        record = read_record(folder)
        files = tuple(TrackedFile(place_of(space, f), f.stat().st_size, digest(f)) for f in model_files(folder))
        names = (path.relative_to(folder).as_posix() for path in model_files(folder))
        lines = (f"{file.sha256} {name}" for file, name in zip(files, names, strict=True))
        place = {"place": place_of(space, folder)}
        return Artifact(
            MODEL, artifact_name(record.model), combined(sorted(lines)), None, record.data.train.posts, files,
            place | facts_of(record),
        )  # fmt: skip

    return describe


def facts_of(record: TrainingRecord) -> dict[str, Any]:
    """What an artifact says of a model; what is not known is left out."""
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


def training_inputs(space: Workspace, record: TrainingRecord) -> list[Described]:
    """What a training reads: the export. Where its manifest no longer names the files, the record's own digests."""
    return [_export(space, record)]


def _export(space: Workspace, record: TrainingRecord) -> Described:
    folder = export_folder(space, record)

    def describe(_: Digest) -> Artifact:
        exported = export_of(space, record)
        about = {"place": record.data.export, "recipe": record.data.recipe}
        usual = folder.absolute() == (space.exports / record.data.recipe).absolute()
        name = artifact_name(record.data.recipe) if usual else artifact_name(record.data.recipe, folder.absolute().name)
        files = [f for f in exported.files if f.get("split")] if exported else list(_own_files(record))
        # The digest of `tracking.artifacts.exported`, so that the run that exported it is found.
        digest = combined(sorted(f"{file['sha256']} {file['name']}" for file in files)) if files else None
        posts = sum(f["posts"] for f in files if f["format"] == files[0]["format"]) if exported else None
        rows = posts if posts is not None else record.data.train.posts + record.data.valid.posts
        tracked = tuple(
            TrackedFile(place_of(space, folder / f["name"]), _size(folder / f["name"]), f["sha256"]) for f in files
        )
        return Artifact(TRAIN, name, digest, None, rows, tracked, about)

    return describe


def export_folder(space: Workspace, record: TrainingRecord) -> Path:
    """The folder of the export that a model was trained on."""
    return space.root / record.data.export


def export_of(space: Workspace, record: TrainingRecord) -> Exported | None:
    """The export that a model was trained on, as its manifest has it; None when other files lie there by now."""
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
