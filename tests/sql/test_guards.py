"""Cheap tests before costly ones: none of them may spare a text that the costly one would change or find."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation import sql
from curation.functions import patterns
from curation.recipes.recipe import Recipe
from curation.rules.base import Filter
from curation.sql import database

#: Parts of texts that the conditions look for, whole and cut. `wwW.` is no link by itself (see `patterns.has_link`).
PARTS = (
    "http", "https", "HTTPS", "ſ", "K", "://", ":", "//", "www", "www.", "WWW.", "xwww.", "Www.", ".", "/", "t.co",
    "a", "é", "…", "RT", "RT @", " RT", "@", "＠", "#", "_", " ", "  ", "\t", "\n", "\u00a0", "\u3000", "\u200b", "&",
    "&amp;", "👍", "1\ufe0f⃣", "霧", "x" * 120,
)  # fmt: skip
TEXTS = st.lists(st.lists(st.sampled_from(PARTS), max_size=7).map("".join), min_size=1, max_size=40)


def answers(condition: str, texts: list[str]) -> list[Any]:
    """What an expression over `text` and `raw_text` gives for each text."""
    connection = database.connect(threads=1)
    try:
        connection.register("texts", pa.table({"row": range(len(texts)), "text": texts, "raw_text": texts}))
        return [row[0] for row in connection.sql(f"SELECT {condition} FROM texts ORDER BY row").fetchall()]
    finally:
        connection.close()


@pytest.mark.parametrize("values", [(a, b, c) for a in "tfn" for b in "tfn" for c in "tfn"], ids="".join)
def test_in_turn_is_and(values: tuple[str, ...]) -> None:
    """Whatever is true, false or NULL."""
    conditions = [{"t": "true", "f": "false", "n": "NULL::BOOLEAN"}[value] for value in values]
    expected = all(value == "t" for value in values)
    assert answers(f"({sql.in_turn(*conditions)}) IS TRUE", [""]) == [expected]


@settings(max_examples=60, deadline=None)
@given(TEXTS)
def test_a_guard_is_true_where_a_link_is(texts: list[str]) -> None:
    """`has_link` before a link is sought, `has_odd_blanks` before blanks are folded, `not_ascii` before a class."""
    for guard, costly in (
        (patterns.has_link("text"), sql.matches("text", patterns.LINK)),
        (sql.has_odd_blanks("text"), f"{sql.fold_blanks('text')} <> text"),
        (sql.not_ascii("text"), sql.matches("text", r"[^\x{0}-\x{7f}]")),
    ):
        assert not any(answers(f"({costly}) AND NOT ({guard})", texts))


@settings(max_examples=40, deadline=None)
@given(TEXTS)
def test_rules_find_the_same_without_a_guard(texts: list[str]) -> None:
    """A rule that looks for a sign before a pattern finds what the pattern finds."""
    rules = {rule.use: rule for rule in Recipe.load("strict").rules if isinstance(rule, Filter)}
    for name in ("truncated", "url_only"):
        with pytest.MonkeyPatch.context() as patch:
            guarded = rules[name].removes()
            patch.setattr(sql, "in_turn", lambda _, *costly: " AND ".join(f"({each})" for each in costly))
            plain = rules[name].removes()
        assert plain != guarded
        assert answers(guarded, texts) == answers(plain, texts), name
