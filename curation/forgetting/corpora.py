"""Forgetting in corpora: a corpus loses the rows of forgotten posts, and rows whose text was joined from theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from curation.corpus.corpus import Corpus
from curation.corpus.pins.deciding import complete_manifest
from curation.disk import damage, rewriting
from curation.disk.rewriting import Cut
from curation.disk.whole_files import swap_in, writing
from curation.disk.workspace import STAGING_LOCK, Workspace
from curation.engines.shard_files import part_writer
from curation.errors import WorkspaceError
from curation.forgetting.holder import Forgetting, Holder
from curation.forgetting.rows import RemovedRows, following, note_damage, stage
from curation.sql import literal


@dataclass(frozen=True)
class ChangedCorpus(RemovedRows):
    """A corpus that loses posts."""

    removed_kept: int = 0  # of the removed rows: those that its recipe kept
    copies: int = 0  # posts that stay removed as a copy of one that is gone

    def to_json(self) -> dict[str, Any]:
        """For `curation forget --json`."""
        figures = {"removed": self.removed, "removed_kept": self.removed_kept, "copies": self.copies}
        return {"recipe": self.name, **figures}


class Corpora(Holder):
    """Corpora. A run that is going on is waited for: it may have read posts that are gone now."""

    name = "corpora"

    def remove(self, work: Forgetting) -> Sequence[ChangedCorpus]:
        """Write corpora without forgotten posts; `Forgetting.changing` names those that no export can rely on."""
        changes = []
        for name in _recipes(work):
            with work.lock(f"run-{name}"):
                before = len(work.unreadable)
                if name in work.space.recipes_run() and (changed := _remove(work, name)):
                    changes.append(changed)
                if len(work.unreadable) > before:
                    work.changing.add(name)  # it stands, but proves nothing about its exports
        if work.dry_run:
            work.changing = {*(work.space.recipes_run() if work.unreadable else (each.name for each in changes))}
        return changes


def _recipes(work: Forgetting) -> list[str]:
    """Names of the recipes that have been run here, or are being run: a run has its lock from the beginning."""
    if work.dry_run:
        return work.space.recipes_run()
    locks = (p.name for p in work.space.work.glob("run-*.lock") if not STAGING_LOCK.fullmatch(p.name))
    running = {name.removeprefix("run-").removesuffix(".lock") for name in locks}
    return sorted(running.union(work.space.recipes_run()))


def _remove(work: Forgetting, name: str) -> ChangedCorpus | None:
    """Take forgotten posts out of the corpus of a recipe; None when it holds none."""
    try:
        corpus = Corpus.open(work.space, name)
    except WorkspaceError as error:
        work.unreadable.append(str(error))
        return None
    files = [corpus.folder / part for part in corpus.manifest["files"]]
    try:
        with following(work, files, "NULL") as (connection, cuts):
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
        if work.dry_run and corpus.successor():
            return _remove(work, name)  # a run has replaced it just now
        note_damage(work, map(damage.of_corpus, files), error)
        return None
    parts = {path: cuts[part] for part, path in enumerate(files) if part in cuts and cuts[part].gone}
    if not parts:
        return None
    among = f" ({kept:,} of them kept posts)" if kept else ""
    removed = sum(len(cut.gone) for cut in parts.values())
    changed = ChangedCorpus(name, removed, folder="curated", kept=among, removed_kept=kept, copies=copies)
    try:
        if not work.dry_run:
            _rewrite(work.space, corpus, parts, changed.removed)
    except (WorkspaceError, duckdb.Error) as error:
        note_damage(work, map(damage.of_corpus, files), error)
        return None
    return changed


def _joined(connection: duckdb.DuckDBPyConnection, corpus: Corpus, files: list[Path]) -> dict[int, set[int]]:
    """Rows, by part, whose text was joined from several posts, one of them forgotten; the next run brings them back."""
    joining = [rule["name"] for rule in corpus.rules if rule["kind"] == "dedup"]
    places = connection.sql(
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
    for part, row in places:
        rows.setdefault(part, set()).add(row)
    return rows


def _rewrite(space: Workspace, corpus: Corpus, parts: dict[Path, Cut], removed: int) -> None:
    with space.staging("forget") as staging, writing(corpus.folder):
        staged = staging / "corpus"
        names = stage(corpus.folder, staged, corpus.manifest["files"], parts)
        for path, cut in parts.items():
            with part_writer(staged / names[path.name], pq.read_schema(path)) as part:
                for batch in rewriting.batches(path, cut):
                    part.write_batch(batch)
        forgotten = corpus.manifest.get("forgotten", 0) + removed
        was = [*corpus.manifest.get("was", ()), corpus.manifest["files"]]  # exports name these files
        manifest = {**corpus.manifest, "files": list(names.values()), "forgotten": forgotten, "was": was}
        complete_manifest(staged, manifest, pinned=bool(corpus.pins))
        swap_in(staged, corpus.folder)
