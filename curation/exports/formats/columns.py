r"""What formats write of a post as an expression of SQL, so that Python touches only whole columns.

Each gives to the last byte what the function of Python gives that a format names beside it. The few texts with a
character that SQL has no word for go to that function.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import duckdb

from curation import sql
from curation.disk.exported_file import BOUNDARY
from curation.exports.choosing.snapshot import PostSnapshot
from curation.exports.conversations.turns import neutralised
from curation.exports.formats.base import NEUTRALISED

if TYPE_CHECKING:
    import pyarrow as pa

#: Line breaks that JSON may hold as they are, but at which line-based readers cut.
BREAKS = re.compile("[\x7f\x85\u2028\u2029]")

#: A value as JSON. One encoder for all: `json.dumps` would make one for each post.
quoted = json.JSONEncoder(ensure_ascii=False).encode

#: The ends of lines for any reader: what Python's `str.splitlines` splits on.
LINE_BREAKS = r"[\n\r\v\f\x1c-\x1e\x{85}\x{2028}\x{2029}]+"

#: Characters that a string of JSON on one line escapes; and those of them that SQL leaves to Python.
_ESCAPED = r'["\\\x{0}-\x{1f}\x{7f}\x{85}\x{2028}\x{2029}]'
_ODD = r"[\x{0}-\x{9}\x{b}-\x{1f}\x{7f}\x{85}\x{2028}\x{2029}]"

_JSON, _NEUTRAL = "exported_json", "exported_neutral"


def on_one_line(text: str) -> str:
    r"""JSON with every line break escaped, also those that JSON allows.

    >>> print(on_one_line('{"text": "one\u2028two"}'))
    {"text": "one\u2028two"}
    """
    return BREAKS.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def inside_quotes(text: str) -> str:
    """What stands between the quotes of a string of JSON on one line."""
    return on_one_line(quoted(text)[1:-1])


def pieces(snapshot: PostSnapshot, expression: str, split: str, *, with_text: bool = False) -> Iterator[pa.RecordBatch]:
    """The posts of a split by author, then by time, as columns for `Sink.column`.

    The `expression` is what is written of a post, over the columns of the table `kept`.
    """
    return written(snapshot, expression, snapshot.ordered(split, with_text=with_text))


def written(snapshot: PostSnapshot, expression: str, posts: str) -> Iterator[pa.RecordBatch]:
    """The same for the rows of a statement, in its order; `characters` are a column of it, or those of `text`."""
    _register(snapshot.connection)
    return snapshot.batches(f"{expression} AS piece, post, platform, id, author, characters", posts)


def _register(connection: duckdb.DuckDBPyConnection) -> None:
    """Register the functions that the expressions call; nothing happens if they are there."""
    there = "SELECT 1 FROM duckdb_functions() WHERE function_name = ?"
    if connection.cursor().execute(there, [_JSON]).fetchall():
        return
    from curation.functions.base import BatchFunction  # imports Arrow

    for function in (
        BatchFunction(_JSON, "1", "VARCHAR", lambda texts: [inside_quotes(text) for text in texts], rare=True),
        BatchFunction(_NEUTRAL, "1", "VARCHAR", lambda texts: [neutralised(text) for text in texts], rare=True),
    ):
        function.register(connection)


def json_string(text: str) -> str:
    """SQL: an expression as a string of JSON on one line, quotes included; `null` for NULL."""
    common = f"""replace(replace(replace({text}, '\\', '\\\\'), '"', '\\"'), chr(10), '\\n')"""
    escaped = f"CASE WHEN {sql.matches(text, _ODD)} THEN {_JSON}({text}) ELSE {common} END"
    inside = f"CASE WHEN {sql.matches(text, _ESCAPED)} THEN {escaped} ELSE {text} END"
    return f"""coalesce('"' || {inside} || '"', 'null')"""


def json_time(time: str) -> str:
    """SQL: a time in ISO 8601 as a string of JSON; nothing in it has to be escaped."""
    return f"""coalesce('"' || {time} || '"', 'null')"""


def json_record(fields: dict[str, str]) -> str:
    """SQL: an object of JSON on a line of its own; `fields` are expressions by name, each a value of JSON."""
    parts: list[str] = []
    for name, expression in fields.items():
        parts += [sql.literal(f'{", " if parts else "{"}"{name}": '), expression]
    return f"concat({', '.join(parts)}, {sql.literal('}' + chr(10))})"


def neutral(text: str) -> str:
    """SQL: an expression in which nothing is a special token (`neutralised`)."""
    return f"CASE WHEN contains({text}, '<|') THEN {_NEUTRAL}({text}) ELSE {text} END"


def without_boundary(text: str) -> str:
    """SQL: an expression in which nothing is a `BOUNDARY`."""
    return f"replace({text}, {sql.literal(BOUNDARY)}, {sql.literal(NEUTRALISED)})"


def one_line(text: str) -> str:
    """SQL: an expression on one line, without blanks at its ends."""
    joined = sql.replace_all(text, LINE_BREAKS, " ")
    stripped = sql.replace_all(joined, f"^[{sql.BLANKS}]+|[{sql.BLANKS}]+$", "")
    odd = sql.matches(text, f"{LINE_BREAKS}|^[{sql.BLANKS}]|[{sql.BLANKS}]$")
    return without_boundary(f"CASE WHEN {odd} THEN {stripped} ELSE {text} END")
