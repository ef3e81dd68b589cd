"""What the files of a run depend on, as a digest: a run is taken up again only if all of it is the same."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from curation.engines.shard_files import Slice
    from curation.recipes.plan import Plan
    from curation.rules.base import Rule


def basis_of(plan: Plan, versions: str, portions: Sequence[Sequence[Slice]], superseded: Path | None) -> str:
    """A digest of the plan, the versions here, the files and how they are cut, and the rows that are left out."""
    whole = hashlib.sha256()

    def add(*parts: Any) -> None:
        whole.update(repr(parts).encode("utf-8", "surrogatepass") + b"\0")

    add(versions, plan.columns, plan.judged)
    for stage in plan.stages:
        add(stage.statement, stage.makes, _named(stage.barrier))
    for function in plan.functions:
        add(function.name, function.version, function.returns)
    for part, portion in enumerate(portions):
        for piece in portion:
            status = piece.path.stat()
            add(part, str(piece.path), status.st_size, status.st_mtime_ns)
            add(piece.number, piece.first_row, piece.rows, piece.groups)
    if superseded:
        for column in pq.read_table(superseded).columns:
            whole.update(column.to_numpy().tobytes())
    return whole.hexdigest()


def _named(rule: Rule | None) -> tuple[Any, ...] | None:
    if rule is None:
        return None
    return (type(rule).__module__, type(rule).__qualname__, rule.version, rule.name, sorted(rule.values().items()))
