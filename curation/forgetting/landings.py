"""Taking forgotten posts out of the files that hold them: landings, pages that have not landed, corpora.

Each is written anew beside its place and takes it in one step, whole or not at all.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import duckdb
import pyarrow.parquet as pq
from filelock import Timeout

from curation.corpus.corpus import Corpus
from curation.corpus.curate import counts_of
from curation.disk import damage, rewriting, spread
from curation.disk.landings import cut_off, number_of, readable
from curation.disk.manifest import MANIFEST, read_manifest, write_manifest
from curation.disk.rewriting import Cut
from curation.disk.whole_files import swap_in, writing
from curation.engines.shard_files import part_writer
from curation.errors import WorkspaceError
from curation.sql import database, literal

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from curation.disk.damage import Table
    from curation.disk.tombstones import Tombstones
    from curation.disk.workspace import Workspace

#: Memory of the database that follows the traces; more spills to disk.
MEMORY = "512MB"


class Forgetting(Protocol):
    """Who asks: what is forgotten in which workspace, and what was found of it so far."""

    space: Workspace
    tombstones: Tombstones
    found: set[str]
    dry_run: bool
    unreadable: list[str]  # sentences on what can't be looked through, which keeps what it holds

    def add(self, marks: Iterable[tuple[str, str]]) -> None:
        """Take up more tombstones; on the disk afterwards."""


@dataclass(frozen=True)
class Changed:
    """A folder or file that lost posts."""

    name: str  # of the landing, page or recipe
    removed: int  # rows
    emptied: int = 0  # rows that lost their original record
    removed_kept: int = 0  # of a corpus: those among the removed rows that its recipe had kept
    copies: int = 0  # of a corpus: posts that stay removed as a copy of one that is gone


@dataclass(frozen=True)
class _Lost:
    """What one landing loses."""

    rows: int
    posts: int
    new: int  # posts that this landing was the first to bring


def clean_landings(work: Forgetting) -> list[Changed]:
    """Take forgotten posts out of all landings; the workspace is locked, unless it is only looked at."""
    landings = _readable_landings(work)
    while True:
        files = [folder / name for folder in landings for name in read_manifest(folder)["files"]]
        if not files:
            return []
        try:
            with _following(work, files, "raw") as (connection, cuts):
                lost = _lost(connection, files)
            break
        except (duckdb.Error, OSError) as error:
            damaged = _damaged(work, map(damage.of_landing, files), error)
            landings = [folder for folder in landings if not any(path.parent == folder for path in damaged)]
    changed = []
    for folder in landings:
        parts = {path: cuts[part] for part, path in enumerate(files) if path.parent == folder and cuts.get(part)}
        if not parts:
            continue
        removed, emptied = (sum(len(getattr(cut, what)) for cut in parts.values()) for what in ("gone", "emptied"))
        try:
            if not work.dry_run:
                _rewrite_landing(work.space, folder, parts, lost)
            changed.append(Changed(folder.name, removed, emptied))
        except WorkspaceError as error:
            _damaged(work, map(damage.of_landing, parts), error)
    return changed


def _readable_landings(work: Forgetting) -> list[Path]:
    """The folders of landings that have a manifest and files; of the others it is noted that they have not."""
    landings, damaged = readable(work.space.raw)
    work.unreadable += map(str, damaged)
    whole = []
    for folder in landings:
        tables = [damage.of_landing(folder / name) for name in read_manifest(folder)["files"]]
        if faults := [(table, fault) for table in tables if (fault := cut_off(table.path))]:
            work.unreadable += [str(table.error(fault)) for table, fault in faults]
        else:
            whole.append(folder)
    return whole


def _damaged(work: Forgetting, tables: Iterable[Table], error: Exception) -> set[Path]:
    """The damaged ones of some files, which are noted. Raises the error where there are none."""
    tables = list(tables)
    found = {table: fault for table in tables if (fault := table.fault())}
    if not found:
        named = [table for table in tables if str(table.path) in str(error)]
        found = dict.fromkeys(named, f"can't be read ({damage.first_line(error)})")
    if not found:
        raise error
    work.unreadable += [str(table.error(fault)) for table, fault in found.items()]
    return {table.path for table in found}


def clean_pages(work: Forgetting) -> list[Changed]:
    """The same for pages of feeds that have not landed yet; they lie whole in one file each."""
    changed: list[Changed] = []
    cuts: dict[int, Cut] = {}
    if not work.dry_run:
        _remove_unfinished_pages(work.space)
    damaged: set[Path] = set()
    while pages := sorted({*work.space.targets.glob("*/page-*.parquet")} - damaged):
        try:
            with _following(work, pages, "raw", pages=True) as (_, cuts):
                break
        except (duckdb.Error, OSError) as error:
            if all(page.exists() for page in pages):  # else some have landed just now
                damaged |= _damaged(work, map(damage.of_page, pages), error)
    for page, cut in ((pages[part], cut) for part, cut in sorted(cuts.items()) if cut):
        changed.append(Changed(f"{page.parent.name}/{page.name}", len(cut.gone), len(cut.emptied)))
        if not work.dry_run:
            _rewrite_page(work.space, page, cut)
    return changed


def clean_corpus(work: Forgetting, name: str) -> Changed | None:
    """The same for the corpus of a recipe; None when nothing of it is there."""
    try:
        corpus = Corpus.open(work.space, name)
    except WorkspaceError as error:
        work.unreadable.append(str(error))
        return None
    files = [corpus.folder / part for part in corpus.manifest["files"]]
    try:
        with _following(work, files, "NULL") as (connection, cuts):
            [(kept, copies)] = connection.sql(
                f"""
                WITH posts AS (FROM read_parquet({literal(map(str, files))}))
                SELECT (SELECT count(*) FROM posts SEMI JOIN traces_gone USING (platform, id) WHERE removed_by IS NULL),
                       (SELECT count(*) FROM posts SEMI JOIN traces_gone AS gone
                        ON gone.platform = posts.platform AND gone.id = posts.duplicate_of
                        ANTI JOIN traces_gone AS also ON also.platform = posts.platform AND also.id = posts.id)
                """
            ).fetchall()
            for part, rows in _joined(connection, corpus, files).items():
                cut = cuts.get(part, Cut())
                cuts[part] = Cut(cut.gone | rows, cut.emptied)
    except (duckdb.Error, OSError) as error:
        replaced = corpus.successor() if work.dry_run and (corpus.folder / MANIFEST).is_file() else None
        if replaced:
            return clean_corpus(work, name)  # a run has replaced it just now
        _damaged(work, map(damage.of_corpus, files), error)
        return None
    parts = {path: cuts[part] for part, path in enumerate(files) if part in cuts and cuts[part].gone}
    if not parts:
        return None
    changed = Changed(name, sum(len(cut.gone) for cut in parts.values()), removed_kept=kept, copies=copies)
    try:
        if not work.dry_run:
            _rewrite_corpus(work.space, corpus, parts, changed.removed)
    except (WorkspaceError, duckdb.Error) as error:
        _damaged(work, map(damage.of_corpus, files), error)
        return None
    return changed


def _joined(connection: duckdb.DuckDBPyConnection, corpus: Corpus, files: list[Path]) -> dict[int, set[int]]:
    """Rows, by part, whose text was joined of several posts, one of which goes: they are back after the next run."""
    joining = [rule["name"] for rule in corpus.rules if rule["kind"] == "dedup"]
    found = connection.sql(
        f"""
        WITH posts AS (
            SELECT CAST(file_index AS INTEGER) AS part, file_row_number AS row, *
            FROM read_parquet({literal(map(str, files))})
        ), lost AS (
            SELECT DISTINCT platform, duplicate_of AS id FROM posts SEMI JOIN traces_gone USING (platform, id)
        )
        SELECT part, row FROM posts SEMI JOIN lost USING (platform, id)
        WHERE list_has_any(rewritten_by, {literal(joining)}::VARCHAR[])
        """
    ).fetchall()
    rows: dict[int, set[int]] = {}
    for part, row in found:
        rows.setdefault(part, set()).add(row)
    return rows


@contextlib.contextmanager
def _following(
    work: Forgetting, files: list[Path], raw: str, *, pages: bool = False
) -> Iterator[tuple[duckdb.DuckDBPyConnection, dict[int, Cut]]]:
    """Follow the traces through files. Their tombstones are on the disk when it is done."""
    text = "text" if raw == "raw" else "raw_text AS text"
    named = {"text": text, "raw": f"{raw}::VARCHAR AS raw"}
    columns = ", ".join(named.get(column, column) for column in spread.COLUMNS)
    landing = "NULL::INTEGER AS landing" if pages else "landing"
    rows = (
        f"(SELECT CAST(file_index AS INTEGER) AS part, file_row_number AS row, {landing}, {columns} "
        f"FROM read_parquet({literal(map(str, files))}))"
    )
    with contextlib.ExitStack() as stack:
        bounds: dict[str, Any] = {}
        if not work.dry_run:  # who only looks writes nothing
            bounds = {"memory_limit": MEMORY, "spill": stack.enter_context(work.space.staging("forget")) / "spill"}
        connection = stack.enter_context(contextlib.closing(database.connect(**bounds)))
        work.tombstones.enter(connection)
        cuts = spread.follow(connection, work.tombstones, rows)
        work.add(spread.fresh(connection))
        work.found.update(hash for (hash,) in connection.sql("SELECT DISTINCT hash FROM traces_gone").fetchall())
        yield connection, cuts


def _lost(connection: duckdb.DuckDBPyConnection, files: list[Path]) -> dict[int, _Lost]:
    """What each landing loses, by its number."""
    statement = f"""
        WITH gone AS (
            SELECT gone.platform, gone.id, landing, min(landing) OVER (PARTITION BY gone.platform, gone.id) AS first
            FROM read_parquet({literal(map(str, files))}) AS landed
            JOIN traces_gone AS gone ON gone.part = landed.file_index AND gone.row = landed.file_row_number
        )
        SELECT landing, count(*), count(DISTINCT (platform, id)),
               count(DISTINCT (platform, id)) FILTER (landing = first)
        FROM gone GROUP BY landing
    """
    return {landing: _Lost(*figures) for landing, *figures in connection.sql(statement).fetchall()}


def _rewrite_landing(space: Workspace, folder: Path, parts: dict[Path, Cut], lost: dict[int, _Lost]) -> None:
    manifest = read_manifest(folder)
    with space.staging("forget") as staging, writing(space.root):
        staged = staging / folder.name
        names = _taken_along(folder, staged, manifest["files"], parts)
        for path, cut in parts.items():
            rewriting.write(rewriting.batches(path, cut), staged / names[path.name])
        manifest["files"] = list(names.values())
        manifest["bytes"] = sum((staged / name).stat().st_size for name in manifest["files"])
        inside = manifest.get("landings")
        for said in inside or [{"landing": folder.name, "counts": manifest["counts"]}]:
            if number_of(said["landing"]) in lost:
                _deduct(said["counts"], lost[number_of(said["landing"])])
        if inside:
            keys = {key for said in inside for key in said["counts"]}
            manifest["counts"] = {key: sum(said["counts"].get(key, 0) for said in inside) for key in sorted(keys)}
        write_manifest(staged, manifest)
        swap_in(staged, folder)


def _deduct(counts: dict[str, int], lost: _Lost) -> None:
    for key, number in (
        ("rows", lost.rows),
        ("posts", lost.posts),
        ("new", lost.new),
        ("updated", lost.posts - lost.new),
        ("newer", lost.rows - lost.new),
    ):
        counts[key] = max(counts.get(key, 0) - number, 0)
    counts["forgotten"] = counts.get("forgotten", 0) + lost.posts


def _rewrite_page(space: Workspace, page: Path, cut: Cut) -> None:
    """A page keeps the state of its feed, which stands in the file's metadata."""
    schema = pq.read_schema(page)
    with space.staging("forget") as staging, writing(page.parent):
        unfinished = staging / page.name
        rewriting.write(rewriting.batches(page, cut), unfinished, schema)
        if page.exists():
            unfinished.replace(page)


def _remove_unfinished_pages(space: Workspace) -> None:
    """Remove what a killed collect left of a page: it may hold anything, and is fetched once more."""
    for left in space.targets.glob("*/*.unfinished"):
        with contextlib.suppress(Timeout), space.at_once(f"target-{left.parent.name}"):  # else its owner lives
            left.unlink(missing_ok=True)


def _rewrite_corpus(space: Workspace, corpus: Corpus, parts: dict[Path, Cut], removed: int) -> None:
    with space.staging("forget") as staging, writing(corpus.folder):
        staged = staging / "corpus"
        names = _taken_along(corpus.folder, staged, corpus.manifest["files"], parts)
        for path, cut in parts.items():
            with part_writer(staged / names[path.name], pq.read_schema(path)) as part:
                for batch in rewriting.batches(path, cut):
                    part.write_batch(batch)
        forgotten = corpus.manifest.get("forgotten", 0) + removed
        was = [*corpus.manifest.get("was", ()), corpus.manifest["files"]]  # so that what was made of it is known
        manifest = {**corpus.manifest, "files": list(names.values()), "forgotten": forgotten, "was": was}
        manifest["counts"] = counts_of(Corpus(staged, manifest))
        write_manifest(staged, manifest)
        swap_in(staged, corpus.folder)


def _taken_along(folder: Path, staged: Path, files: list[str], parts: dict[Path, Cut]) -> dict[str, str]:
    """Take what stays as it is along, as a second name of the same file where that can be.

    Gives for each Parquet file, in their order, its name in `staged`; what is still to be written has another one.
    """
    staged.mkdir()
    names = {}
    for number, name in enumerate(files):
        changes = folder / name in parts
        names[name] = f"part-{uuid.uuid4().hex[:8]}-{number:05d}.parquet" if changes else name
    for path in folder.iterdir():
        if names.get(path.name) == path.name or path.suffix == ".jsonl":
            try:
                os.link(path, staged / path.name)
            except OSError:  # a disk that knows no second names
                shutil.copy2(path, staged / path.name)
    return names
