"""The files of an export that a dataset card may name, with verified figures.

`load_dataset` checks a card: a split doesn't load if its number of rows differs. So a card names files only if the
export comes from the same corpus, holds all posts that the card counts, and still exists. It gives numbers of rows only
for Parquet, since these files hold them.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curation.corpus.corpus import Corpus
from curation.disk import export_manifest
from curation.disk.workspace import Workspace
from curation.options.export import CHOOSING, VALID, ExportOptions

#: Readers of the library `datasets`, the best first. It takes one reader for all files that a card names.
READERS = ("parquet", "json", "text")
#: The reader of each of some formats that `datasets` loads, the best format first; `exports.registry.readers`.
Readers = Callable[[Iterable[str]], Mapping[str, str]]
#: What the Hub calls the splits.
SPLITS = {VALID: "validation"}
#: Types of Arrow by the names that `dataset_info` has for them.
TYPES = {
    "string": "string",
    "large_string": "string",
    "bool": "bool",
    "int32": "int32",
    "int64": "int64",
    "double": "float64",
}


@dataclass(frozen=True)
class Staged:
    """Files that are about to enter a folder, and its future record."""

    folder: Path  # where they lie until then
    records: tuple[export_manifest.ExportRecord, ...]
    gone: frozenset[str] = frozenset()  # names of files that won't be there


@dataclass(frozen=True)
class DescribedExport:
    """An export whose files hold what a card describes."""

    folder: Path
    staged: Staged | None
    records: tuple[export_manifest.ExportRecord, ...]  # each with those of its files that are there; the oldest first
    readers: Readers

    @property
    def files(self) -> dict[str, Path]:
        """The paths of the files that a card names, by name."""
        names = [file["name"] for one in self.records for file in one.files if file.get("split")]
        return {name: self.folder / name for name in names}

    def path(self, name: str) -> Path:
        """Where a file can be read."""
        return _path(self.folder, self.staged, name)

    @property
    def chosen(self) -> list[str]:
        """The options of `curation export` that chose some of the posts."""
        return sorted({_choosing(one) for one in self.records if _is_part(one)})

    @property
    def posts(self) -> int:
        """Posts in the largest set of files that a card names."""
        counts: dict[str, int] = {}
        for one in self.records:
            for file in one.files:
                counts[file["format"]] = counts.get(file["format"], 0) + file["posts"]
        return max(counts.values(), default=0)

    def configs(self) -> list[dict[str, Any]]:
        """`configs` of the front matter: one a format, with the files of each split."""
        configs = []
        for name, _, files in self._loadable():
            splits: dict[str, list[str]] = {}
            for file in files:
                splits.setdefault(_split(file), []).append(file["name"])
            paths = [{"split": split, "path": names if len(names) > 1 else names[0]} for split, names in splits.items()]
            configs.append({"config_name": name, "data_files": paths})
        return configs

    def dataset_info(self) -> list[dict[str, Any]]:
        """`dataset_info` of the front matter: columns of Parquet and of JSON lines, and rows of Parquet.

        Without columns `datasets` would take dates in JSON for times.
        """
        ways = {"parquet": self._of_parquet, "json": self._of_jsonl}
        described = [(name, ways[reader](files)) for name, reader, files in self._loadable() if reader in ways]
        return [{"config_name": name, **info} for name, info in described if info]

    def _loadable(self) -> Iterator[tuple[str, str, list[dict[str, Any]]]]:
        """Name of the configuration, reader, and files. One reader must do for all formats that a card names."""
        latest = {file["format"]: one for one in self.records for file in one.files if file["split"]}
        readers = self.readers(latest)
        best = next((reader for reader in READERS if reader in readers.values()), None)
        for number, format in enumerate(format for format, reader in readers.items() if reader == best):
            files = [file for file in latest[format].files if file["format"] == format]
            yield format if number else "default", readers[format], files

    def _of_parquet(self, files: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
        import pyarrow as pa

        splits: dict[str, dict[str, Any]] = {}
        columns: list[dict[str, str]] = []
        try:
            for file in files:
                here, rows, size = _measured(self.path(file["name"]))
                if rows != file["posts"] or columns not in ([], here) or not all(each["dtype"] for each in here):
                    return None
                columns = here
                split = splits.setdefault(_split(file), {"name": _split(file), "num_bytes": 0, "num_examples": 0})
                split["num_bytes"] += size
                split["num_examples"] += rows
            download = sum(self.path(file["name"]).stat().st_size for file in files)
        except (OSError, pa.ArrowException):
            return None
        whole = sum(split["num_bytes"] for split in splits.values())
        return {
            "features": columns,
            "splits": list(splits.values()),
            "download_size": download,
            "dataset_size": whole,
        }

    def _of_jsonl(self, files: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
        headers: set[tuple[str, ...]] = set()
        for file in files:
            try:
                with self.path(file["name"]).open(encoding="utf-8") as lines:
                    first = json.loads(next(lines, "{}"))
            except (OSError, ValueError):
                return None
            if not all(value is None or isinstance(value, str) for value in first.values()):
                return None
            if first:
                headers.add(tuple(first))
        if len(headers) != 1:
            return None
        return {"features": [{"name": name, "dtype": "string"} for name in headers.pop()]}


def _split(file: dict[str, Any]) -> str:
    return SPLITS.get(file["split"], str(file["split"]))


def _measured(path: Path) -> tuple[list[dict[str, str]], int, int]:
    """Columns, rows, and the bytes that `datasets` counts: of the batches as it reads them, in Arrow."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        columns = [{"name": field.name, "dtype": TYPES.get(str(field.type), "")} for field in file.schema_arrow]
        rows = file.metadata.num_rows
        first = file.metadata.row_group(0).num_rows if file.metadata.num_row_groups else 0
        size = sum(pa.Table.from_batches([batch]).nbytes for batch in file.iter_batches(first)) if rows else 0
    return columns, rows, size


def named_exports(space: Workspace) -> list[Path]:
    """The folders of exports in the workspace, the latest first."""
    dated = {
        path: max((one.exported_at for one in export_manifest.read(path) or ()), default="")
        for path in space.exports.glob("[!.]*")
        if path.is_dir()
    }
    return sorted(filter(dated.get, dated), key=lambda path: (dated[path], path.name), reverse=True)


def find_export(
    corpus: Corpus, authors: Sequence[str], folders: Sequence[Path], readers: Readers, staged: Staged | None = None,
    *, is_beside: bool = False,
) -> tuple[DescribedExport | None, str]:  # fmt: skip
    """The export of the corpus's recipe in the first folder that has a fitting one, and a sentence or "".

    The sentence explains why a card doesn't name an export. `staged` files count as files of the first folder, and
    with them an export of some of the posts counts too. Where the card `is_beside` the first folder's export, it names
    no other one.
    """
    note = ""
    for number, folder in enumerate(folders):
        coming = staged if number == 0 else None
        every = coming.records if coming else export_manifest.read(folder) or ()
        records = [one for one in every if one.recipe == corpus.recipe and _is_text(one)]
        if not records:
            continue
        fitting = (one for one in records if _fits(one, corpus, authors) and (staged or not _is_part(one)))
        there = tuple(one for one in (_there(one, folder, coming) for one in fitting) if one.files)
        if there:
            return DescribedExport(folder, coming, there, readers), ""
        note = note or (
            f"The export in {folder} holds other posts than this card describes, so the card names none of its files. "
            f"Export again: curation export {corpus.recipe}"
        )
        if is_beside and number == 0:
            break
    return None, note


def _is_text(one: export_manifest.ExportRecord) -> bool:
    return any(file.get("split") for file in one.files)  # a report has none


def _fits(one: export_manifest.ExportRecord, corpus: Corpus, authors: Sequence[str]) -> bool:
    same = set(one.options.get("authors") or ()) == set(authors)
    return same and one.made_of == tuple(corpus.manifest["files"])


def _is_part(one: export_manifest.ExportRecord) -> bool:
    return any(one.options.get(name) for name in CHOOSING)


def _choosing(one: export_manifest.ExportRecord) -> str:
    chosen = {name: value for name, value in one.options.items() if name in CHOOSING}
    return shlex.join(ExportOptions.of_manifest(chosen).words())


def _there(one: export_manifest.ExportRecord, folder: Path, staged: Staged | None) -> export_manifest.ExportRecord:
    gone = staged.gone if staged else frozenset()
    return one.only(name for name in one.names if name not in gone and _path(folder, staged, name).is_file())


def _path(folder: Path, staged: Staged | None, name: str) -> Path:
    return staged.folder / name if staged and (staged.folder / name).is_file() else folder / name
