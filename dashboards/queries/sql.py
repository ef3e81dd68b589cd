"""Queries of the page SQL: a person's statement, its answer as a table, and examples for a corpus."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from curation.asking.query import Query, columns_of
from curation.asking.query.columns import ColumnOfPosts
from curation.asking.query.query import MOST_ROWS, SHOWN
from curation.corpus.ledger import key_of
from dashboards.snapshot import Snapshot

if TYPE_CHECKING:
    import pyarrow as pa

#: Characters of a value in the table.
CELL = 500
#: The largest whole number that a browser counts exactly.
EXACT = 2**53
#: What stands for a time that only the files for download can show, `infinity` among them.
OUTSIDE = "not in the years 1 to 9999"


def query(snapshot: Snapshot, statement: str, format: str = "arrow") -> Query:
    """The statement over the posts of this state of the corpus, for the page or as a file to download."""
    files = [str(snapshot.corpus.folder / name) for name in snapshot.manifest["files"]]
    return Query(files, statement, format, rows=SHOWN if format == "arrow" else MOST_ROWS)


def columns(snapshot: Snapshot) -> list[ColumnOfPosts]:
    """The columns of `posts`."""
    return snapshot.keep("columns of posts", lambda: snapshot.ask(columns_of), size=10_000)


def shown(table: pa.Table) -> pa.Table:
    """The table as a browser shows it: long texts cut, lists as texts, numbers that it can't count exactly as texts."""
    import pyarrow as pa

    columns = {name: _column(_values(table.column(name))) for name in table.column_names}
    return pa.table(columns)


def _values(column: pa.ChunkedArray[Any]) -> list[Any]:
    """The values of a column, with words for times that Python has no value for."""
    try:
        return column.to_pylist()
    except (OverflowError, ValueError):
        return [_value(scalar) for scalar in column]


def _value(scalar: pa.Scalar[Any]) -> Any:
    try:
        return scalar.as_py()
    except (OverflowError, ValueError):
        return OUTSIDE


def _column(values: list[Any]) -> list[Any]:
    """The values of a column, all of which a browser shows as they are."""
    if any(isinstance(value, str | bytes | list | dict | tuple | Decimal) for value in values):
        texts = [value if value is None or isinstance(value, str) else str(value) for value in values]
        return [text if text is None or len(text) <= CELL else f"{text[:CELL]}…" for text in texts]
    if any(isinstance(value, int) and abs(value) > EXACT for value in values):
        return [None if value is None else str(value) for value in values]
    return values


def examples(snapshot: Snapshot) -> dict[str, str]:
    """Statements to begin with, by what they answer."""
    known = {column.name for column in columns(snapshot)}
    language = key_of("language", snapshot.manifest)
    found = {
        "Posts and share kept by month": (
            "SELECT strftime(created_at::TIMESTAMP, '%Y-%m') AS month, count(*) AS posts,\n"
            "       round(100 * avg((removed_by IS NULL)::INT), 1) AS kept_percent\n"
            "FROM posts GROUP BY month ORDER BY month"
        ),
        "The longest kept texts": (
            "SELECT author, id, length(text) AS characters, text\n"
            "FROM posts WHERE removed_by IS NULL ORDER BY characters DESC LIMIT 50"
        ),
        "Which rules remove what others would remove too": (
            "SELECT removed_by, len(matched) AS rules_that_match, count(*) AS posts\n"
            "FROM posts WHERE removed_by IS NOT NULL GROUP BY ALL ORDER BY posts DESC"
        ),
        "Languages by author": (
            f"SELECT author, {language} AS language, count(*) AS posts\n"
            "FROM posts WHERE removed_by IS NULL GROUP BY ALL ORDER BY posts DESC LIMIT 100"
        ),
        "Hashtags of kept posts": (
            "SELECT lower(tag) AS tag, count(*) AS posts\n"
            "FROM (SELECT unnest(regexp_extract_all(text, '#[\\p{L}\\p{N}_]+')) AS tag\n"
            "      FROM posts WHERE removed_by IS NULL)\nGROUP BY ALL ORDER BY posts DESC LIMIT 100"
        ),
        "Apps and how much of them is kept": (
            "SELECT client, count(*) AS posts, count(*) FILTER (WHERE removed_by IS NULL) AS kept\n"
            "FROM posts GROUP BY client ORDER BY posts DESC LIMIT 100"
        ),
    }
    if "by_hand" in known:
        found["Decisions by hand against the recipe"] = (
            "SELECT by_hand, matched[1] AS recipe, count(*) AS posts\nFROM posts WHERE by_hand IS NOT NULL GROUP BY ALL"
        )
    return found
