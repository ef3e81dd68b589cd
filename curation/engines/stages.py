"""The one loop over the stages of a plan: a stage, its candidates, their marks, the next stage.

Where the posts lie is the medium's affair: in files that workers share (`curation.engines.engine`), in one database
(`curation.engines.table`), or, for a recipe that is only tried, in an empty table (`curation.engines.compiling`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from curation.recipes.plan import Plan, Stage
    from curation.rules.base import Rule

Posts = TypeVar("Posts")
Marks = TypeVar("Marks")


class Medium(Protocol[Posts, Marks]):
    """Where the posts of a plan lie while its stages run, and how rules reach them."""

    def map(self, stage: Stage, before: Posts | None, marks: Marks | None) -> Posts:
        """Run a stage's statement on all posts; gives what it makes of them, and what its barrier compares.

        `before` is what the stage before made, None for the first stage; `marks` are those of `stage.before`.
        """
        ...

    def exchange(self, stage: Stage, rule: Rule, posts: Posts) -> Marks:
        """Have the rule that follows the stage compare the candidates among `posts`; gives its marks."""
        ...


def run_stages(plan: Plan, medium: Medium[Posts, Marks]) -> Posts:
    """Run all stages of a plan; gives what the last one makes."""
    posts: Posts | None = None
    marks: Marks | None = None
    for stage in plan.stages:
        posts = medium.map(stage, posts, marks)
        if stage.barrier:
            marks = medium.exchange(stage, stage.barrier, posts)
    assert posts is not None, "a plan has a stage"
    return posts
