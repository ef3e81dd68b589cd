"""Model folders written by hand: a record with round figures, and a few bytes in the place of weights."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from curation.disk import export_manifest
from curation.disk.manifest import read_manifest
from curation.disk.training_record import (
    Base,
    EpochResult,
    Measurement,
    TrainingData,
    TrainingRecord,
    TrainingSide,
    write_record,
)
from curation.disk.workspace import Workspace
from curation.tracking.artifacts import place_of
from curation.training.folders import POSTS, PROGRESS, models_of, posts_schema, training_of

#: What a model wrote, which quotes nobody.
SAMPLE = "the kettle is on and the window knows"

CURVE = (
    Measurement(40, 0.5, 20_480, 2.1, 5.75, 1e-3),
    Measurement(80, 1.0, 40_960, 4.2, 5.0, 9e-4, 4.875, 3.0625, 130.97),
    Measurement(120, 1.5, 61_440, 6.3, 4.5, 5e-4),
    Measurement(160, 2.0, 81_920, 8.4, 4.25, 0.0, 4.375, 2.75, 79.44),
)


def training_record(model: str = "mira-1", version: str = "v0", **changes: Any) -> TrainingRecord:
    """A record; `changes` are of its fields, and with `data_…` and `base_…` of those of its data and its base."""
    data = TrainingData(
        "exports/baseline", "baseline", "0" * 16, ("part-00000.parquet",), 0,
        {"downloaded": 12, "kept": 9, "removed": {"retweet": 2, "min_words": 1}},
        TrainingSide(8, 4321, 1234), TrainingSide(1, 99, 33), "time",
        ({"author": "mira", "posts": 6}, {"author": "tom", "posts": 2}), 2, {"en": 7, "ja": 1}, ((0, 3), (40, 5)),
    )  # fmt: skip
    base = Base("scratch", "", "gpt2", 312_064, 312_064, 256, 2048)
    of_data = {key[5:]: changes.pop(key) for key in list(changes) if key.startswith("data_")}
    of_base = {key[5:]: changes.pop(key) for key in list(changes) if key.startswith("base_")}
    record = TrainingRecord(
        model, version, "2026-11-29T14:05:00+00:00", "complete", base, data,
        {"base": "scratch", "epochs": 2.0, "learning_rate": 0.001, "seed": 7, "block": 256, "steps": None}, 7, "cpu",
        "float32", 2, 160, 8.4, 9752.4, CURVE,
        (
            EpochResult(1, 80, 5.375, 4.875, 3.0625, 130.97, (SAMPLE,)),
            EpochResult(2, 160, 4.375, 4.375, 2.75, 79.44, (SAMPLE, f"{SAMPLE} again")),
        ),
        Measurement(0, 0.0, 0, 0.0, None, None, 7.625, 4.8, 2048.0), 2, "last",
        {"curation": "0.1.0", "torch": "2.13.0"},
    )  # fmt: skip
    return dataclasses.replace(
        record,
        data=dataclasses.replace(data, **of_data),
        base=dataclasses.replace(base, **of_base),
        **changes,
    )


def outcome(folder: Path, record: TrainingRecord | None) -> tuple[str, int, Path, TrainingRecord | None]:
    """What a training gives its recording: status, seed, folder and record."""
    return "complete" if record else "interrupted", 7, folder, record


def of_export(space: Workspace, record: TrainingRecord, folder: Path | None = None) -> TrainingRecord:
    """The record, as if the model was trained on the JSON lines in a folder, else in DIR/exports/RECIPE."""
    folder = folder or space.exports / record.data.recipe
    [one] = [e for e in export_manifest.read(folder) or () if any(f["format"] == "jsonl" for f in e.files)]
    sides = {
        split: [f for f in one.files if (f["format"], f["split"]) == ("jsonl", split)] for split in ("train", "valid")
    }
    manifest = read_manifest(space.curated / record.data.recipe)

    def side(split: str) -> TrainingSide:
        files = [{key: file[key] for key in ("name", "format", "sha256")} for file in sides[split]]
        posts, characters = (sum(file[key] for file in sides[split]) for key in ("posts", "characters"))
        return TrainingSide(posts, characters, characters // 3, tuple(files))

    data = dataclasses.replace(
        record.data, export=place_of(space, folder), corpus_files=tuple(manifest["files"]),
        fingerprint=manifest["recipe"]["fingerprint"], counts=manifest["counts"], tombstones=one.tombstones,
        train=side("train"), valid=side("valid"),
    )  # fmt: skip
    return dataclasses.replace(record, data=data)


def seen(posts: Iterable[tuple[str, str, str] | tuple[str, str, str, str]]) -> pa.Table:
    """Posts that a model saw: platform, id and author, and the split unless it is train."""
    rows = [dict(zip(posts_schema().names, (*post, "train")[:4], strict=True)) for post in posts]
    return pa.Table.from_pylist(rows, posts_schema())


def write_model(
    data: Path, record: TrainingRecord, posts: Iterable[tuple[str, ...]] = (), *, folder: str = "", card: bool = True
) -> Path:
    """A model's folder as a training leaves it; called after the model unless `folder` is given."""
    from curation.training.cards.trained import write_trained_card

    place = models_of(Workspace(data)) / (folder or record.model)
    place.mkdir(parents=True)
    (place / "config.json").write_text(json.dumps({"model_type": record.base.architecture}), encoding="utf-8")
    (place / "generation_config.json").write_text("{}", encoding="utf-8")
    (place / "tokenizer.json").write_text("{}", encoding="utf-8")
    weights = hashlib.sha256(f"{record.model} {record.version}".encode()).digest()
    (place / "model.safetensors").write_bytes(weights * 4)
    pq.write_table(seen(posts), place / POSTS)  # type: ignore[arg-type]
    write_record(place, record)
    if card:
        write_trained_card(Workspace(data), place, record)
    return place


def write_training(
    data: Path, name: str, posts: Iterable[tuple[str, ...]] | None = (), export: Path | None = None
) -> Path:
    """The folder of a training that waits, on what lies in `export`; without `posts` it doesn't say which it saw."""
    place = training_of(Workspace(data), name)
    place.mkdir(parents=True)
    if posts is not None:
        pq.write_table(seen(posts), place / POSTS)  # type: ignore[arg-type]
    lines: list[dict[str, Any]] = [{"measurement": dataclasses.asdict(point)} for point in CURVE[:2]]
    lines.append({"epoch": {"epoch": 1, "step": 80, "samples": [SAMPLE]}})
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (place / PROGRESS).write_text(text + '{"measurement": {"step": 81, "sec', encoding="utf-8")
    files = (
        {}
        if export is None
        else {f["name"]: f["sha256"] for one in export_manifest.read(export) or () for f in one.files}
    )
    request = {"schema": 1, "model": name, "export": str(export), "format": "jsonl", "files": files}
    request |= {"options": {}, "began_at": "2026-03-04T05:06:07+00:00", "threads": 1, "allow_small": False}
    (place / "request.json").write_text(json.dumps(request), encoding="utf-8")
    (place / "checkpoint.pt").write_bytes(b"the words themselves")
    return place
