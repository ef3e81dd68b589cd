"""Figures of a corpus that need its posts but no words: times, lengths, languages. They are a part of the index."""

from __future__ import annotations

from typing import Any

import duckdb

from curation import sql
from curation.asking.sampled_languages import sampled_languages
from curation.asking.vocabulary.building import AUTHOR
from curation.corpus.corpus import Corpus

#: Minutes of a slot of the week; the smallest difference between time zones.
SLOT = 15
#: Characters of a class of lengths, and where the last, open class begins.
STEP, LAST = 20, 400

#: SQL: of each author and slot of the week (0 is Monday 00:00 UTC), posts and kept posts. Slot -1 has the posts of
#: exactly midnight: sources that give a day and no time land them so (X until 2010), and others are one in 86,400.
SLOTS = (
    f"SELECT {AUTHOR} AS author, CASE WHEN t = date_trunc('day', t) THEN -1 "
    f"ELSE ((isodow(t) - 1) * 1440 + hour(t) * 60 + minute(t)) // {SLOT} END AS slot, "
    "count(*)::BIGINT AS posts, count(*) FILTER (removed_by IS NULL)::BIGINT AS kept "
    "FROM (SELECT *, created_at::TIMESTAMP AS t FROM posts WHERE created_at IS NOT NULL) GROUP BY ALL"
)


def lengths(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Lengths of the kept posts in code points, before and after rewriting: medians, and posts by class."""
    answer: dict[str, Any] = {"step": STEP, "last": LAST}
    for name, column in (("before", "raw_text"), ("after", "text")):
        [(median, total)] = connection.execute(
            f"SELECT median(length({column})), coalesce(sum(length({column})), 0)::BIGINT FROM posts "
            "WHERE removed_by IS NULL"
        ).fetchall()
        rows = connection.execute(
            f"SELECT least(length({column}) // {STEP} * {STEP}, {LAST}) AS begin, count(*)::BIGINT FROM posts "
            "WHERE removed_by IS NULL GROUP BY begin ORDER BY begin"
        ).fetchall()
        answer[name] = {"median": median, "characters": total, "classes": [list(row) for row in rows]}
    return answer


def languages(corpus: Corpus, connection: duckdb.DuckDBPyConnection, manifest: dict[str, Any]) -> dict[str, Any]:
    """Languages of the kept posts: from the recipe's own measure, else of a random sample."""
    measured = next((rule["measure"] for rule in manifest["recipe"]["rules"] if rule["use"] == "language"), None)
    if measured:
        rows = connection.execute(
            f"SELECT coalesce({sql.identifier(measured)}, 'und') AS code, count(*)::BIGINT AS posts FROM posts "
            "WHERE removed_by IS NULL GROUP BY code ORDER BY posts DESC, code"
        ).fetchall()
        return {"sample": None, "rows": [list(row) for row in rows]}
    counts = sampled_languages(corpus)
    return {"sample": sum(counts.values()), "rows": [[code, posts] for code, posts in counts.items()]}
