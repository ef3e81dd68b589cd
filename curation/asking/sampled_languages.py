"""The languages of kept posts, measured on a sample where the recipe didn't measure them.

The platform's own code is no measure: many sources give none, so the posts that have one speak for all others.
"""

from __future__ import annotations

from collections.abc import Sequence

from curation.corpus.corpus import Corpus
from curation.disk.workspace import Workspace
from curation.engines.stages import run_stages
from curation.engines.table import Table, sandbox
from curation.functions.language.engines import engine_here
from curation.recipes.plan import INPUT_SCHEMA, compile_rules
from curation.rules.language import Language
from curation.sql import identifier
from curation.sql.order import drawn

#: Posts that are looked at: within half a second, and a language of one post in fifty is seen to half a post in a
#: hundred.
SAMPLE = 4_000
SEED = 0

#: Words in so few letters are more often wrong than right, so an author's other posts count in full.
RULE = Language(name="language", author_weight=1.0, engine=engine_here())


def sampled_languages(corpus: Corpus, authors: Sequence[str] = ()) -> dict[str, int]:
    """Kept posts of the sample by language, as the rule says it; `und` where it can't tell."""
    whose = "AND list_contains(?, author)" if authors else ""
    there = {column for (column, *_) in corpus.rows("DESCRIBE posts")}  # the corpus may be older than a column
    columns = [
        identifier(field.name) if field.name in there else f"NULL AS {identifier(field.name)}" for field in INPUT_SCHEMA
    ]
    import pyarrow as pa

    batches = corpus.batches(
        f"SELECT {', '.join(columns)} FROM posts WHERE removed_by IS NULL {whose} "
        f"ORDER BY {drawn(SEED, 'languages')}, platform, id LIMIT {SAMPLE}",
        [list(authors)] if authors else [],
    )
    chunks = [batch for batch in batches if len(batch)]
    if not chunks:
        return {}
    posts = pa.Table.from_batches(chunks)
    plan = compile_rules((RULE,))
    with (
        Workspace(corpus.folder.parent.parent).scratch("languages") as folder,
        sandbox(plan.functions, folder=folder) as connection,
    ):
        connection.register("kept", posts.cast(INPUT_SCHEMA))
        numbered = "SELECT *, text AS raw_text, 0 AS _part, row_number() OVER () - 1 AS _row FROM kept"
        outcome = run_stages(plan, Table(connection, plan, numbered, folder))
        counted = f"SELECT {identifier(RULE.name)}, count(*) FROM {outcome} GROUP BY 1 ORDER BY 2 DESC, 1"
        return dict(connection.execute(counted).fetchall())
