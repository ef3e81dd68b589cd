"""A walk through a JSON document gives the same values wherever the window of text ends."""

from __future__ import annotations

import re

import pytest

from curation.sources.files.json_cursor import LONGEST_COMMENT, Broken, JsonCursor
from curation.sources.files.json_paths import EACH
from curation.sources.files.json_walk import JsonWalk
from curation.sources.files.text_stream import ENOUGH

#: A document in pieces, between any two of which a comment may stand.
PIECES = ("{", '"kind"', ":", '"export"', ",", '"records"', ":", "[", '{"a": 1}', ",", '{"a": 2}', "]", ",", '"n"', ":",
          "2", "}")  # fmt: skip
COMMENTS = {"block": '/* two {"a": 9}, or "so" */', "line": '// two {"a": 9}, or "so"\n', "empty": "/**/"}
#: Characters of the window, which is shorter than every document here.
WINDOW = 64


def walk(text: str, *, chunk: int = WINDOW, **options) -> tuple[list, list[Broken], str | None]:
    """The records, what is broken, and why reading ended early."""
    data = text.encode()
    pieces = (data[i : i + chunk] for i in range(0, len(data), chunk))
    reader = JsonWalk(pieces, [("records", EACH)], enough=WINDOW, **options)
    nodes = list(reader)
    values = [node.value for node in nodes if not isinstance(node, Broken)]
    return values, [node for node in nodes if isinstance(node, Broken)], reader.ended_early


@pytest.mark.parametrize("comment", COMMENTS.values(), ids=COMMENTS)
@pytest.mark.parametrize("gap", range(len(PIECES) + 1))
def test_a_comment_across_the_windows_end_is_read_on(gap: int, comment: str) -> None:
    """Wherever it stands, and whichever of its characters is the last of the window."""
    before, after = "".join(PIECES[:gap]), "".join(PIECES[gap:])
    for blanks in range(WINDOW):
        text = f"{' ' * blanks}{before}{comment}{after}{' ' * WINDOW}"
        assert walk(text) == ([{"a": 1}, {"a": 2}], [], None), f"{blanks} blanks before it"


@pytest.mark.parametrize(("opens", "closes"), [("/*", "*/"), ("//", "\n")])
def test_a_comment_longer_than_many_windows_is_read_on(opens: str, closes: str) -> None:
    """Up to the longest that is taken for one."""
    comment = opens + "x" * (LONGEST_COMMENT - len(opens + closes)) + closes
    text = f'{{"records": [{{"a": 1}}, {comment} {{"a": 2}}]}}'
    assert walk(text) == ([{"a": 1}, {"a": 2}], [], None)


def test_a_comment_may_be_the_last_line() -> None:
    """With nothing after it, not even the line's end."""
    assert walk('{"records": [{"a": 1}]} // ' + "the end " * 20) == ([{"a": 1}], [], None)


def test_a_comment_that_is_never_closed_hides_nothing() -> None:
    """It is reported, and the records behind it are read."""
    records = ", ".join(f'{{"a": {number}}}' for number in range(2000))
    values, broken, ended_early = walk(f'{{"records": [{{"a": -1}}, /* {records}]}}')
    assert (len(values), ended_early) == (2001, None)
    assert [(each.line, each.byte, each.why) for each in broken] == [(1, 24, "a value is missing or broken here")]


def test_many_comments_that_are_never_closed_take_linear_time() -> None:
    """Each of them is looked through only as long as that is cheap."""
    cursor = JsonCursor([b"/* " * 20_000] * 10)
    while cursor.skip(re.compile("[* ]*"), comments=True):
        cursor.at += 1
    assert 0 < cursor.looked_again <= 8 * (cursor.bytes_read + ENOUGH) + LONGEST_COMMENT
