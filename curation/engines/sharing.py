"""A comparison by the workers of a cluster: the work that a rule describes becomes tasks of the run."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb
import pyarrow.parquet as pq

from curation.engines.tasks import attempt_name, outcome_of
from curation.errors import CurationError
from curation.functions.exchange import Room, SharedExchange

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from curation.engines.candidates import Candidates
    from curation.engines.pace import OnProgress
    from curation.engines.tasks import Outcome, Workers
    from curation.functions.exchange import Work

#: Rows from which workers compare. One process compares this many in about twenty seconds.
WORTH = 2_000_000


def is_worth(candidates: Candidates, memory: int) -> bool:
    """Whether there are so many candidates that workers should compare them.

    `memory` is what this process may use, in bytes; it would spill the rest.
    """
    metadata = [pq.read_metadata(path) for path in candidates.files]
    size = sum(each.row_group(group).total_byte_size for each in metadata for group in range(each.num_row_groups))
    return size > memory or sum(each.num_rows for each in metadata) >= WORTH


@dataclass(frozen=True)
class SharedTask:
    """A piece of the work of a comparison, as a task."""

    step: str
    part: int
    folder: Path
    work: Work

    @property
    def rows(self) -> int:
        """How much it is."""
        return self.work.rows

    def run(self, memory_limit: str) -> Outcome:
        """Do the work; half of its memory is for a database, as `memory_limit` says."""
        room = Room(self.folder / attempt_name(self), 2 * int(memory_limit.removesuffix("B")))
        try:
            files = self.work.run(room)
        except duckdb.OutOfMemoryException as error:
            raise CurationError(
                f"{memory_limit} of memory are too few for a worker that compares posts. Give more with --memory-limit."
            ) from error
        return outcome_of(self, (path.name for path in files), self.rows, digests=True)


def share_out(candidates: Candidates, workers: Workers, memory: int, on_progress: OnProgress) -> None:
    """Have workers with so many bytes of memory each compare the candidates, and write the marks.

    The files of the comparison lie beside the marks, named like attempts. The names of its steps contain the memory,
    because the memory decides how the work is cut: a run that resumes with another memory cuts it anew.
    """
    assert candidates.find_shared, "workers can't compare them"
    folder, step = candidates.out.parent, f"{candidates.out.stem}by{memory:x}"
    room = Room(folder / f"{step}-00000-{uuid.uuid4().hex[:12]}", memory)

    def run(name: str, work: Sequence[Work]) -> list[tuple[Path, ...]]:
        tasks = [SharedTask(f"{step}{name}", part, folder, each) for part, each in enumerate(work)]
        outcomes = {outcome.part: outcome for outcome in workers.map(tasks)}
        return [tuple(folder / file.name for file in outcomes[part].files) for part in range(len(tasks))]

    candidates.find_shared(
        SharedExchange(
            candidates.files,
            candidates.columns,
            candidates.where,
            room,
            candidates.out,
            memory,
            run,
            on_progress,
        )
    )
    for path in folder.glob(f"{room.stem.name}*"):
        path.unlink()
