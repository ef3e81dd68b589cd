"""What a run may use, and whom it keeps informed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from curation.engines.local import local_engine
from curation.engines.table import MEMORY
from curation.functions.memo import DEFAULT_LIMIT, Memo

if TYPE_CHECKING:
    from curation.disk.workspace import Workspace
    from curation.engines.engine import Engine


@dataclass(frozen=True)
class RunContext:
    """The means of whatever runs recipes: a run, a comparison, an evaluation."""

    engine: Engine = field(default_factory=local_engine)
    memory: int = MEMORY  # bytes, for a database in which a corpus is judged without a run
    memo_limit: int = DEFAULT_LIMIT  # bytes of values of cached functions that are kept from run to run; 0 keeps none
    on_progress: Callable[[int, int], None] | None = None  # called with what is done, and of how much
    on_notice: Callable[[str], None] | None = None  # called with a sentence for people: what is waited for, what is odd

    def memo(self, space: Workspace) -> Memo | None:
        """The kept values of a workspace, tidied; None when none are kept."""
        if not self.memo_limit:
            return None
        memo = Memo(space.memo, self.memo_limit)
        memo.tidy(self.on_notice or (lambda note: None))
        return memo
