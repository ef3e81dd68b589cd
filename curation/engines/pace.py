"""How far a run is, in work rather than in posts, so that the time left is about right.

A post costs each step something else: reading and writing take ten microseconds or so, a slow function some hundreds.
The steps are weighed by what they cost on one core, as far as that is known beforehand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from curation.recipes.plan import Plan

#: Is called with how many posts' worth of the work is done, and of how many posts.
OnProgress = Callable[[int, int], None]

#: Microseconds that a stage takes for a post, besides its functions: reading, rules in SQL, writing.
STAGE = 15.0


@dataclass
class Pace:
    """The steps of a run: each stage, and each comparison after a stage."""

    plan: Plan
    posts: int
    on_progress: OnProgress | None
    _steps: list[float] = field(default_factory=list)  # microseconds for a post
    _step: int = -1
    _share: float = 0.0  # of the step that is done, from 0 to 1

    def __post_init__(self) -> None:
        for stage in self.plan.stages:
            called = [function for function in self.plan.functions if function.name in stage.statement]
            self._steps.append(STAGE + sum(function.cost for function in called))
            if stage.barrier:
                self._steps.append(stage.barrier.comparing)

    def begin(self) -> None:
        """Begin the next step."""
        self._step += 1
        self._share = 0.0
        self._report()

    def advance(self, posts: int) -> None:
        """Count so many more posts as through this step."""
        self._share += posts / max(self.posts, 1)
        self._report()

    def reach(self, share: int, of: int) -> None:
        """Set how far this step is."""
        self._share = share / max(of, 1)
        self._report()

    def finish(self) -> None:
        """Report that all of it is done."""
        if self.on_progress:
            self.on_progress(self.posts, self.posts)

    def _report(self) -> None:
        if self.on_progress:
            before = sum(self._steps[: self._step]) + self._steps[self._step] * min(self._share, 1.0)
            self.on_progress(round(self.posts * before / sum(self._steps)), self.posts)
