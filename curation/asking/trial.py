"""A recipe tried on a sample of a corpus's posts, where no query can tell what it would say.

A rule that compares posts sees only the sample, so its figures are too small; all others are those of a run.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from curation.corpus.corpus import Corpus
from curation.disk.landings import landed_files
from curation.disk.reading import landed_rows, reading, while_they_stand
from curation.disk.workspace import Workspace
from curation.engines.compiling import compile_recipe
from curation.engines.stages import run_stages
from curation.engines.table import Table, sandbox
from curation.recipes.plan import INPUT_SCHEMA
from curation.recipes.recipe import Recipe
from curation.sql import database, identifier, literal
from curation.sql.order import drawn

#: Posts of a sample.
POSTS = 2_000
#: The columns of a post that was tried.
COLUMNS = ("platform", "id", "author", "author_name", "created_at", "is_repost", "is_reply", "is_quote")


@dataclass(frozen=True)
class TriedPost:
    """A post of the sample."""

    post: dict[str, Any]  # as the recipe leaves it, with `raw_text`, `text`, `removed_by` and the measures
    before: str | None  # the rule that removes it in the corpus; None: kept
    text_before: str  # in the corpus

    @property
    def changes(self) -> bool:
        """Whether it is kept by one and removed by the other."""
        return (self.before is None) != (self.post["removed_by"] is None)


@dataclass(frozen=True)
class Trial:
    """What a recipe says of a sample."""

    posts: tuple[TriedPost, ...]
    comparing: tuple[str, ...]  # rules that compare posts, and saw the sample only

    @property
    def kept(self) -> int:
        """Posts of the sample that the recipe keeps."""
        return sum(each.post["removed_by"] is None for each in self.posts)

    @property
    def kept_before(self) -> int:
        """Posts of the sample that the corpus keeps."""
        return sum(each.before is None for each in self.posts)

    @property
    def removed(self) -> Counter[str]:
        """Posts of the sample by the rule that removes them."""
        return Counter(str(each.post["removed_by"]) for each in self.posts if each.post["removed_by"] is not None)


def try_on_sample(space: Workspace, corpus: Corpus, recipe: Recipe, posts: int = POSTS) -> Trial:
    """Run a recipe on a random sample (fixed seed) of a corpus's posts, as they were downloaded; writes nothing.

    Raises `RecipeError`, `WorkspaceError`.
    """
    plan = compile_recipe(recipe)
    sample = {
        (platform, post_id): (removed_by, text)
        for platform, post_id, removed_by, text in corpus.rows(
            f"SELECT platform, id, removed_by, text FROM posts ORDER BY {drawn(7, 'trial')} LIMIT {int(posts)}"
        )
    }
    landed = while_they_stand(space, lambda landings: _landed(landed_files(landings), list(sample)))
    measures = [column for rule in recipe.rules for column in rule.adds()]
    names = ["text", "rewritten_by", "duplicate_of", *measures]
    columns = ", ".join([*(f"landed.{name}" for name in COLUMNS), *(f"tried.{identifier(name)}" for name in names)])
    columns += ", landed.raw_text, tried.matched[1] AS removed_by"
    with space.scratch("trial") as folder, sandbox(plan.functions, folder=Path(folder)) as connection:
        connection.register("landed", landed)
        numbered = "SELECT *, text AS raw_text, 0 AS _part, row_number() OVER () - 1 AS _row FROM landed"
        outcome = run_stages(plan, Table(connection, plan, numbered, Path(folder)))
        rows = connection.sql(
            f"SELECT {columns} FROM {outcome} AS tried JOIN ({numbered}) AS landed USING (_row) ORDER BY _row"
        )
        tried = rows.to_arrow_table().to_pylist()
    return Trial(
        tuple(TriedPost(row, *sample[row["platform"], row["id"]]) for row in tried),
        tuple(rule.name for rule in recipe.rules if rule.compares() is not None),
    )


def _landed(files: list[Path], posts: list[tuple[str, str]]) -> pa.Table:
    """The latest landed version of each post, in the order of the sample."""
    if not files:
        return INPUT_SCHEMA.empty_table()
    columns = ", ".join(f"landed.{identifier(name)}" for name in INPUT_SCHEMA.names)
    platforms, ids = (literal(column) for column in zip(*posts, strict=True)) if posts else ("[]", "[]")
    with reading(files):
        rows = database.reader().sql(
            f"""
            WITH sample AS (
                SELECT unnest({platforms}) AS platform, unnest({ids}) AS id, unnest(range({len(posts)})) AS n
            )
            SELECT {columns} FROM {landed_rows(files)} AS landed JOIN sample USING (platform, id)
            QUALIFY row_number() OVER (PARTITION BY platform, id ORDER BY landing DESC, row DESC) = 1 ORDER BY n
            """
        )
        table: pa.Table = rows.to_arrow_table()
        return table.cast(INPUT_SCHEMA)
