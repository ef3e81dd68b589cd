"""Digests as numbers."""

from __future__ import annotations

import duckdb

from curation.sql import literal
from curation.sql.digests import lower_digest, upper_digest

TEXTS = ["", "a", "x/1", "ภาษาไทย", "日本語 🎉", "م" * 1_000, *map(str, range(200))]


def test_both_numbers_are_those_of_duckdb():
    """Every stored draw rests on them."""
    texts = f"(SELECT unnest({literal([*TEXTS])}) AS text UNION ALL SELECT NULL)"
    [(differing, rows)] = duckdb.sql(
        f"SELECT count(*) FILTER ({lower_digest('text')} IS DISTINCT FROM md5_number_lower(text) "
        f"OR {upper_digest('text')} IS DISTINCT FROM md5_number_upper(text)), count(*) FROM {texts}"
    ).fetchall()
    assert (differing, rows) == (0, len(TEXTS) + 1)
