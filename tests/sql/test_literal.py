"""Values and names in SQL: whatever they hold, they stay values and names."""

from __future__ import annotations

from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from curation.sql import database, identifier, literal

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def answer(statement: str) -> tuple[list[str], list[Any]]:
    """The columns and the one row that a query gives."""
    connection = database.reader()
    try:
        result = connection.sql(statement)
        [row] = result.fetchall()
        return result.columns, list(row)
    finally:
        connection.close()


@given(st.lists(TEXTS, max_size=4))
@example(["'; DROP TABLE posts; --", "a''b", "\\'", "\0", ""])
def test_a_text_is_the_same_in_sql(texts: list[str]) -> None:
    """Quotes, backslashes and NULs end no literal."""
    assert answer(f"SELECT {literal(texts)}::VARCHAR[] AS texts") == (["texts"], [texts])


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20))
@example('a" FROM secrets --')
@example('""')
def test_a_name_is_the_same_in_sql(name: str) -> None:
    """Quotes end no identifier."""
    assert answer(f"SELECT 1 AS {identifier(name)}") == ([name], [1])
