"""The posts that a report shows: some kept ones and some of each rule, the same ones each time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from curation.sql import identifier
from curation.sql.order import drawn

if TYPE_CHECKING:
    from curation.corpus.corpus import Corpus

#: The most characters of a text that are read.
READ = 4_000


def samples(corpus: Corpus, count: int, seed: int) -> Mapping[str | None, list[dict[str, Any]]]:
    """At most `count` posts for each verdict: None for kept, else the rule that removes them.

    Each row has the post's author, id and time, its texts, the verdict, and every measure of the recipe.
    """
    measures = sorted({name for rule in corpus.rules for name in rule["columns"]})
    names = [
        "platform", "id", "author", "created_at", "matched", "removed_by", "rewritten_by", "duplicate_of",
    ]  # fmt: skip
    texts = [f"left({name}, {READ}) AS {name}" for name in ("text", "raw_text")]
    order = drawn(seed, "sample")
    frame = corpus.query(
        f"""
        WITH drawn AS (
            SELECT platform, id, {order} AS place FROM posts
            QUALIFY row_number() OVER (PARTITION BY removed_by ORDER BY {order}, platform, id) <= {int(count)}
        )
        SELECT {", ".join([*map(identifier, [*names, *measures]), *texts])} FROM posts JOIN drawn USING (platform, id)
        ORDER BY place, platform, id
        """
    )
    by_verdict: dict[str | None, list[dict[str, Any]]] = {}
    for row in frame.iter_rows(named=True):
        by_verdict.setdefault(row["removed_by"], []).append(row)
    return by_verdict
