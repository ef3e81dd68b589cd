"""What formats write in SQL."""

from __future__ import annotations

import json

import duckdb
from hypothesis import example, given, settings
from hypothesis import strategies as st

from curation.disk.exported_file import BOUNDARY
from curation.exports.conversations.turns import neutralised
from curation.exports.formats import columns
from curation.exports.formats.text import line

MARKS = ['"', "\\", "\n", "\r\n", "\t", "\0", "\x1f", "\x7f", "\x85", "\u2028", "\u00a0", " ", BOUNDARY, "<|im_start|>"]
TEXTS = st.lists(st.one_of(st.text(st.characters(codec="utf-8"), max_size=4), st.sampled_from(MARKS))).map("".join)


@given(st.lists(TEXTS, min_size=1, max_size=30))
@example(["".join(MARKS), *MARKS, 'a\n"b"\\'])
@settings(max_examples=40, deadline=None)
def test_sql_writes_what_python_writes(texts):
    """Strings of JSON, lines and neutralised texts are the same to the last byte, and JSON reads back."""
    connection = duckdb.connect()
    columns._register(connection)
    connection.execute("CREATE TABLE posts AS SELECT unnest(?::VARCHAR[]) AS text", [texts])
    expressions = columns.json_string("text"), columns.one_line("text"), columns.neutral("text")
    rows = connection.execute(f"SELECT text, {', '.join(expressions)} FROM posts").fetchall()
    for text, quoted, lined, neutral in rows:
        assert (quoted, lined, neutral) == (f'"{columns.inside_quotes(text)}"', line(text), neutralised(text))
        assert json.loads(quoted) == text
    connection.close()
