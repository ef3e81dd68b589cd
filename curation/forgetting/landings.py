"""Forgetting in what was downloaded: landings, and pages of feeds that have not landed yet."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import duckdb
import pyarrow.parquet as pq
from filelock import Timeout

from curation.disk import damage, page_files, rewriting
from curation.disk.landings import cut_off, number_of, readable
from curation.disk.manifest import read_manifest, write_manifest
from curation.disk.rewriting import Cut
from curation.disk.states import file_states
from curation.disk.whole_files import flush, swap_in, writing
from curation.disk.workspace import Workspace
from curation.errors import WorkspaceError
from curation.forgetting.holder import Forgetting, Holder
from curation.forgetting.rows import RemovedRows, following, note_damage, stage
from curation.sql import literal


class _Lost(NamedTuple):
    """What one landing loses."""

    rows: int
    posts: int
    new: int  # posts that this landing was the first to bring


class Landings(Holder):
    """Landings. The caller of `remove` holds the lock `raw`."""

    name = "landings"

    def remove(self, work: Forgetting) -> Sequence[RemovedRows]:
        """Write landings without forgotten posts."""
        work.on_notice("Looking through what has landed.")
        if not work.dry_run:
            return _remove(work)
        before = len(work.unreadable)
        for _ in file_states(work.space.raw, "*/*"):
            del work.unreadable[before:]
            changes = _remove(work)
            if len(work.unreadable) == before:
                break
        return changes


def _remove(work: Forgetting) -> list[RemovedRows]:
    landings = _readable_landings(work)
    while True:
        files = [folder / name for folder in landings for name in read_manifest(folder)["files"]]
        if not files:
            return []
        try:
            with following(work, files, "raw") as (connection, cuts):
                lost = _lost(connection, files)
            break
        except (duckdb.Error, OSError) as error:
            damaged = note_damage(work, map(damage.of_landing, files), error)
            landings = [folder for folder in landings if not any(path.parent == folder for path in damaged)]
    changes = []
    for folder in landings:
        parts = {path: cuts[part] for part, path in enumerate(files) if path.parent == folder and cuts.get(part)}
        if not parts:
            continue
        removed, emptied = (sum(len(getattr(cut, what)) for cut in parts.values()) for what in ("gone", "emptied"))
        try:
            if not work.dry_run:
                _rewrite_landing(work.space, folder, parts, lost)
            changes.append(RemovedRows(folder.name, removed, emptied))
        except WorkspaceError as error:
            note_damage(work, map(damage.of_landing, parts), error)
    return changes


def _readable_landings(work: Forgetting) -> list[Path]:
    """The folders of landings that can be read; the others are noted."""
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
        names = stage(folder, staged, manifest["files"], parts)
        for path, cut in parts.items():
            rewriting.write(rewriting.batches(path, cut), staged / names[path.name])
        manifest["files"] = list(names.values())
        manifest["bytes"] = sum((staged / name).stat().st_size for name in manifest["files"])
        inside = manifest.get("landings")
        for each in inside or [{"landing": folder.name, "counts": manifest["counts"]}]:
            if number_of(each["landing"]) in lost:
                _deduct(each["counts"], lost[number_of(each["landing"])])
        if inside:
            keys = {key for each in inside for key in each["counts"]}
            manifest["counts"] = {key: sum(each["counts"].get(key, 0) for each in inside) for key in sorted(keys)}
        write_manifest(staged, manifest)
        swap_in(staged, folder)


def _deduct(counts: dict[str, int], lost: _Lost) -> None:
    rest = {"updated": lost.posts - lost.new, "newer": lost.rows - lost.new}
    for key, number in {**lost._asdict(), **rest}.items():
        counts[key] = max(counts.get(key, 0) - number, 0)
    counts["forgotten"] = counts.get("forgotten", 0) + lost.posts


class Pages(Holder):
    """Pages of feeds that have not landed. The caller of `remove` holds the lock `raw`."""

    name = "pages"

    def remove(self, work: Forgetting) -> Sequence[RemovedRows]:
        """Seal journals of pages, and write sealed pages without forgotten posts."""
        with contextlib.ExitStack() as stack:
            if work.dry_run:  # who only looks writes nothing to the workspace
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="curation-")))
                copies = {path: journal for journal in _journals(work.space) if (path := _copied(journal, folder))}
                return _remove_from_pages(work, copies)
            _remove_unfinished_pages(work.space)
            for journal in _journals(work.space):
                with (
                    work.space.staging("forget") as staging,
                    writing(journal.parent),
                    contextlib.suppress(
                        FileNotFoundError  # its pages have landed just now
                    ),
                ):
                    if sealed := page_files.seal(journal, staging):
                        flush(sealed)
                        sealed.replace(journal.parent / sealed.name)
                        flush(journal.parent)
                    journal.unlink()
        return _remove_from_pages(work, {})


def _journals(space: Workspace) -> list[Path]:
    return sorted(space.targets.glob(f"*/{page_files.JOURNALS}"))


def _copied(journal: Path, to: Path) -> Path | None:
    """A sealed copy of a journal in a folder of its target's name; None where it holds nothing."""
    with contextlib.suppress(FileNotFoundError):  # its pages have landed just now
        folder = to / journal.parent.name
        folder.mkdir(exist_ok=True)
        return page_files.seal(journal, folder)
    return None


def _remove_from_pages(work: Forgetting, copies: Mapping[Path, Path]) -> list[RemovedRows]:
    """Write sealed pages without forgotten posts; `copies` are read beside them, and stand for other files."""
    cuts: dict[int, Cut] = {}
    damaged: set[Path] = set()
    while pages := sorted({*work.space.targets.glob(f"*/{page_files.SEALED}"), *copies} - damaged):
        try:
            with following(work, pages, "raw", pages=True) as (_, cuts):
                break
        except (duckdb.Error, OSError) as error:
            if all(page.exists() for page in pages):  # else some have landed just now
                damaged |= note_damage(work, map(damage.of_page, pages), error)
    changes = []
    for page, cut in ((pages[part], cut) for part, cut in sorted(cuts.items()) if cut):
        name = f"{page.parent.name}/{copies.get(page, page).name}"
        changes.append(RemovedRows(name, len(cut.gone), len(cut.emptied), folder="targets", called="page"))
        if not work.dry_run:
            _rewrite_page(work.space, page, cut)
    return changes


def _rewrite_page(space: Workspace, page: Path, cut: Cut) -> None:
    schema = pq.read_schema(page)  # its metadata hold the state of the feed
    with space.staging("forget") as staging, writing(page.parent):
        unfinished = staging / page.name
        rewriting.write(rewriting.batches(page, cut), unfinished, schema)
        if page.exists():
            unfinished.replace(page)


def _remove_unfinished_pages(space: Workspace) -> None:
    """Remove the unfinished pages of killed collects: they may hold anything, and the next collect fetches them."""
    for left in space.targets.glob("*/*.unfinished"):
        with contextlib.suppress(Timeout), space.at_once(f"target-{left.parent.name}"):  # else its owner lives
            left.unlink(missing_ok=True)
