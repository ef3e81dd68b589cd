"""What must hold of a workspace, and of a folder that it exported to, whatever was killed."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from curation.corpus.corpus import Corpus
from curation.corpus.ledger import Ledger
from curation.disk import export_manifest
from curation.disk.landings import landed_files
from curation.disk.workspace import Workspace

#: Hidden things that belong to a workspace.
HIDDEN = {".ranges", ".elsewhere", ".evidence", ".memo", ".near", ".pins-undo.json", ".posts.parquet"}
HIDDEN |= {".training", ".words"}
#: What may be empty: whoever writes there next needs it, and what was forgotten may have been all.
EMPTY = {".elsewhere", "elsewhere", "new", "curated", "raw", "exports", "models", ".training"}
#: What may stay in the workspace's folder of unfinished work: locks with a name of their own.
NAMED = ("raw", "runs", "run-swift", "pins", "models", "tombstones")
LOCKS = {f"{name}.{ending}" for name in NAMED for ending in ("lock", "holder")}


def mixtures(place: Path) -> Iterator[str]:
    """Posts that stand on both sides of a split, as whoever loads the files finds them, killed commands and all."""
    for folder in (place / "data/exports/swift", place / "elsewhere"):
        with contextlib.suppress(FileNotFoundError):
            train, valid = (_ids(folder / f"{split}.jsonl") for split in ("train", "valid"))
            if both := train & valid:
                yield f"{folder}: {len(both)} posts stand on both sides of the split"
        with contextlib.suppress(FileNotFoundError):
            train, valid = (_rows(folder, split) for split in ("train", "validation"))
            if both := train & valid:
                yield f"{folder}: {len(both)} rows stand on both sides of the split"


def _ids(path: Path) -> set[str]:
    return {json.loads(line)["id"] for line in path.read_text(encoding="utf-8").splitlines()}


def _rows(folder: Path, split: str) -> set[str]:
    ids: set[str] = set()
    for path in folder.glob(f"data/{split}-*.parquet"):
        ids |= set(pq.read_table(path, columns=["id"])["id"].to_pylist())
    return ids


def landed(place: Path) -> list[str]:
    """Ids of all rows that have landed, sorted."""
    ids: list[str] = []
    for path in landed_files(Workspace(place / "data").landings()):
        ids += pq.read_table(path, columns=["id"])["id"].to_pylist()
    return sorted(ids)


def faults(place: Path) -> Iterator[str]:
    """All that is wrong after the next command."""
    space = Workspace(place / "data")
    ids = landed(place)
    if len(ids) != len(set(ids)):
        yield "a post has landed twice"
    for name in space.recipes_run():
        corpus = Corpus.open(space, name)
        [(rows, different)] = corpus.rows("SELECT count(*), count(DISTINCT (platform, id)) FROM posts")
        if rows != different:
            yield f"{name}: a post stands there twice"
        total = Ledger.of(corpus).to_json()["total"]
        if total["downloaded"] != total["kept"] + sum(total["removed"].values()) or total["downloaded"] != rows:
            yield f"{name}: the ledger does not balance: {total}"
    yield from mixtures(place)
    for folder in {path.parent for path in place.rglob(export_manifest.RECORD)}:
        yield from _export(folder)
    yield from leftovers(place)


def _export(folder: Path) -> Iterator[str]:
    records = export_manifest.read(folder)
    if records is None:
        yield f"{folder}: its record can't be read"
        return
    named = set()
    for one in records:
        for file in one.files:
            path = folder / file["name"]
            named.add(f"{file['name']}.parquet")
            if not path.is_file():
                yield f"{path} is missing"
            elif hashlib.sha256(path.read_bytes()).hexdigest() != file["sha256"]:
                yield f"{path} is not the file that the record names"
            ranges = folder / ".ranges" / f"{file['name']}.parquet"
            if ranges.exists() and pq.read_metadata(ranges).metadata[b"sha256"].decode() != file["sha256"]:
                yield f"{ranges} is of another file"
            if file["split"] and file["posts"] and not ranges.exists():
                yield f"{ranges} is missing"
    for path in (folder / ".ranges").rglob("*.parquet"):
        if path.relative_to(folder / ".ranges").as_posix() not in named:
            yield f"{path} is of no file"
    for path in [*folder.glob("train*"), *folder.glob("valid*"), *folder.glob("data/*")]:
        if f"{path.relative_to(folder).as_posix()}.parquet" not in named:
            yield f"{path} is in no record"


def leftovers(place: Path) -> Iterator[str]:
    """Hidden and unfinished things, and empty folders, that nobody needs any more."""
    work = place / "data/.work"
    for path in place.rglob("*"):
        inside = path.relative_to(place).parts
        if path.is_relative_to(work):
            if path != work and path.name not in LOCKS:
                yield f"{path} was left"
        elif (
            ".work" in inside
            or (path.name.startswith(".") and path.name not in HIDDEN and ".memo" not in inside)
            or "unfinished" in path.name
        ):
            yield f"{path} was left"
        # Who exports or writes a report to a new folder has that folder, also when its files are forgotten.
        elif path.is_dir() and not any(path.iterdir()) and path.name not in EMPTY:
            yield f"{path} is an empty folder"


def traces(place: Path, words: list[str]) -> Iterator[str]:
    """Files that hold one of the words, in the values of tables, too."""
    for path in place.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            with contextlib.suppress(pa.ArrowException, OSError):
                content += _values(path)
            yield from (f"{path} holds {word}" for word in words if word.encode() in content)


def _values(path: Path) -> bytes:
    if path.suffix != ".parquet" and path.read_bytes()[:4] != b"PAR1":
        return b""
    table = pq.read_table(path)
    texts = [table[name] for name, kind in zip(table.schema.names, table.schema.types, strict=True) if _is_text(kind)]
    return "\n".join(text for column in texts for text in column.to_pylist() if text).encode("utf-8", "replace")


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)
