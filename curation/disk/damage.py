"""Damage: which file of a workspace can't be read, and how to make it anew.

A library that fails over a file often doesn't name it. A file with other columns makes a query wrong, and an incomplete
manifest is a missing key. So `explaining` looks for the damaged file after a command has failed; reading sound files
costs nothing.
"""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curation.disk import export_manifest, ranges
from curation.disk.manifest import MANIFEST, damaged_manifest, land_again, read_manifest
from curation.disk.whole_files import is_full
from curation.disk.workspace import Workspace
from curation.errors import CurationError, WorkspaceError

#: The operating system's errors for a folder in place of a file, and a file in place of a folder. Its other errors are
#: no damage.
MISPLACED = (errno.EISDIR, errno.ENOTDIR)

#: Columns that every file of a corpus has.
CURATED = ("platform", "id", "author", "created_at", "raw_text", "text", "matched", "removed_by", "rewritten_by")

#: Rows that are read at a time.
ROWS = 10_000

#: The fields of the manifests of landings and of corpora, and of entries there.
LANDING = {"source": str, "target": str, "landed_at": str, "began_at": str, "counts": dict}
COUNTS = {"rows": int, "newer": int}
CORPUS = {"recipe": dict, "created_at": str, "inputs": list, "versions": dict, "counts": dict}
RECIPE = {"name": str, "fingerprint": str, "rules": list}
RULE = {"name": str, "use": str, "kind": str, "label": str, "parameters": dict, "columns": list}
INPUT = {"landing": str, "source": str, "target": str, "posts": int}


@dataclass(frozen=True)
class StoredTable:
    """A Parquet file that should be readable."""

    path: Path
    columns: tuple[str, ...]  # that it must have
    advice: str  # how to make it anew

    def fault(self) -> str | None:
        """What is wrong with it, as a clause; None when all of it can be read."""
        return fault_of(self.path, self.columns)

    def error(self, fault: str) -> WorkspaceError:
        """An error with the fault and the advice."""
        return WorkspaceError(f"{self.path} {fault}. {self.advice}")


def fault_of(path: Path, columns: Iterable[str] = ()) -> str | None:
    """What is wrong with a Parquet file, as a clause: "is missing"; None when all of it can be read."""
    import duckdb
    import pyarrow as pa
    import pyarrow.parquet as pq

    from curation.sql import database, literal

    if path.is_dir():
        return "is a folder, where a file should be"
    try:
        with pq.ParquetFile(path) as file:
            names = set(file.schema_arrow.names)
            if missing := [name for name in columns if name not in names]:
                return f"is another file than was written there: it has no column '{missing[0]}'"
            for batch in file.iter_batches():
                batch.validate(full=True)
        # DuckDB refuses some files that Arrow reads.
        with contextlib.closing(database.reader()) as connection:
            for _ in connection.sql(f"FROM read_parquet({literal(str(path))})").to_arrow_reader(ROWS):
                pass
    except FileNotFoundError:
        return "is missing"
    except (OSError, ValueError, MemoryError, pa.ArrowException, duckdb.Error) as error:
        return f"is damaged ({first_line(error)})"
    return None


def first_line(error: BaseException) -> str:
    """The first line of an error's message."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")


def of_landing(path: Path) -> StoredTable:
    """A file of a landing."""
    from curation.posts import RAW_SCHEMA

    return StoredTable(path, tuple(RAW_SCHEMA.names), land_again(path.parent))


def of_corpus(path: Path) -> StoredTable:
    """A part of a corpus."""
    recipe = path.parent.name
    return StoredTable(path, CURATED, f"Make the corpus anew with: curation run {recipe} --again")


def of_export(folder: Path) -> Iterator[StoredTable]:
    """The ranges in the folder of an export."""
    made_by = {name: each.recipe for each in export_manifest.read(folder) or () for name in each.names}
    for path in sorted((folder / ranges.FOLDER).rglob("*.parquet")):
        name = path.relative_to(folder / ranges.FOLDER).as_posix().removesuffix(".parquet")
        again = f"Export again: curation export {made_by[name]}" if name in made_by else "Remove it."
        advice = f"It says where each post stands in {folder / name}. {again}"
        yield StoredTable(path, tuple(ranges.schema().names), advice)


def of_page(path: Path) -> StoredTable:
    """A page of a feed that has not landed."""
    return StoredTable(path, (), "Remove it, and run the same collect again: what it held is fetched once more.")


def tables(space: Workspace, near: Iterable[Path] = ()) -> Iterator[StoredTable]:
    """Every file of a workspace that commands read, and of exports in the folders `near`.

    Raises `WorkspaceError` for a manifest that can't be read.
    """
    for folder in sorted(path for path in space.raw.glob("[0-9]*-*") if path.is_dir()):
        yield from (of_landing(folder / name) for name in _sound(folder)["files"])
    for folder in sorted(path for path in space.curated.glob("[!.]*") if (path / MANIFEST).exists()):
        yield from (of_corpus(folder / name) for name in _sound(folder)["files"])
    yield from map(of_page, sorted(space.targets.glob("*/page-*.parquet")))
    exports = [path.parent for path in sorted(space.exports.rglob(export_manifest.RECORD))]
    exports += [folder for folder, _ in export_manifest.elsewhere(space)] + list(near)
    for folder in dict.fromkeys(exports):
        with contextlib.suppress(OSError):
            yield from of_export(folder)


def _sound(folder: Path) -> dict[str, Any]:
    """The manifest in a folder, complete. Raises `WorkspaceError`."""
    manifest = read_manifest(folder)
    missing = _missing_of_landing(manifest) if folder.parent.name == "raw" else missing_of_corpus(manifest)
    if missing:
        raise damaged_manifest(folder, f"{missing} is missing in it, or is something else")
    return manifest


def _missing_of_landing(manifest: dict[str, Any]) -> str | None:
    inside = manifest.get("landings", [])
    for one in [manifest, *(inside if isinstance(inside, list) else [None])]:
        missing = _missing(one, LANDING | ({} if one is manifest else {"landing": str}))
        missing = missing or _missing(one["counts"], COUNTS)
        if missing or not all(isinstance(number, int) for number in one["counts"].values()):
            return missing or "'counts'"
    return None


def missing_of_corpus(manifest: dict[str, Any]) -> str | None:
    """What the manifest of a corpus lacks, in quotes."""
    missing = _missing(manifest, CORPUS) or _missing(manifest["recipe"], RECIPE)
    missing = missing or next(filter(None, (_missing_of_rule(rule) for rule in manifest["recipe"]["rules"])), None)
    missing = missing or next(filter(None, (_missing(one, INPUT) for one in manifest["inputs"])), None)
    return missing or _missing(manifest["counts"], {"downloaded": int, "kept": int, "removed": dict})


def _missing_of_rule(rule: object) -> str | None:
    missing = _missing(rule, RULE)
    if missing is None and isinstance(rule, dict) and not all(isinstance(name, str) for name in rule["columns"]):
        return "'columns'"
    return missing


def _missing(value: object, fields: Mapping[str, type]) -> str | None:
    """The first missing field of an object, in quotes."""
    if not isinstance(value, dict):
        return "a part"
    return next((f"'{name}'" for name, kind in fields.items() if not isinstance(value.get(name), kind)), None)


def damage_behind(error: BaseException, candidates: Iterable[StoredTable]) -> WorkspaceError | None:
    """The damaged file behind an error; the files that the error names are read first. None where none is damaged."""
    message = str(error)
    for table in sorted(candidates, key=lambda table: str(table.path) not in message):
        if fault := table.fault():
            return table.error(fault)
        if str(table.path) in message:
            return table.error(f"can't be read ({first_line(error)})")
    return None


@contextlib.contextmanager
def explaining(space: Workspace, near: Iterable[Path] = ()) -> Iterator[None]:
    """Turn an error over a damaged file of the workspace into a sentence about that file.

    Raises `WorkspaceError`, or the error itself where no file is damaged.
    """
    try:
        yield
    except CurationError:
        raise
    except Exception as error:
        if not _may_be_damage(error):
            raise
        try:
            damage = damage_behind(error, tables(space, near))
        except WorkspaceError as damaged:
            damage = damaged
        if damage is None:
            raise
        raise damage from error


def _may_be_damage(error: Exception) -> bool:
    import duckdb
    import pyarrow as pa

    if is_full(error):
        return False
    if isinstance(error, OSError):
        return error.errno is None or error.errno in MISPLACED
    kinds: tuple[Any, ...] = (duckdb.Error, pa.ArrowException, LookupError, TypeError, ValueError, AttributeError)
    return isinstance(error, kinds) or type(error).__module__.startswith("polars")
