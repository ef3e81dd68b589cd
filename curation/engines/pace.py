"""How far a run is, in work rather than in posts, so that what is said of the time left is true.

A post costs each step something else: reading and writing ten microseconds or so, a dear function some hundreds.
The steps are weighed by what they cost on one core, as far as it is known beforehand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from curation.recipes.plan import Plan

#: Microseconds that a stage takes for a post, besides its functions: reading, rules in SQL, writing.
STAGE = 15.0


@dataclass
class Course:
    """The steps of a run: each stage, and what is compared after it."""

    plan: Plan
    posts: int
    told: Callable[[int, int], None] | None
    _steps: list[float] = field(default_factory=list)  # microseconds for a post
    _step: int = -1
    _done: float = 0.0  # of the step, from 0 to 1

    def __post_init__(self) -> None:
        for stage in self.plan.stages:
            asked = [function for function in self.plan.functions if function.name in stage.statement]
            self._steps.append(STAGE + sum(function.cost for function in asked))
            if stage.barrier:
                self._steps.append(stage.barrier.comparing)

    def begin(self) -> None:
        """The next step begins."""
        self._step += 1
        self._done = 0.0
        self._tell()

    def advance(self, posts: int) -> None:
        """So many posts more are through this step."""
        self._done += posts / max(self.posts, 1)
        self._tell()

    def reach(self, done: int, of: int) -> None:
        """This step is so far."""
        self._done = done / max(of, 1)
        self._tell()

    def _tell(self) -> None:
        if self.told:
            through = sum(self._steps[: self._step]) + self._steps[self._step] * min(self._done, 1.0)
            total = sum(self._steps)
            self.told(round(self.posts * through / total), self.posts)
