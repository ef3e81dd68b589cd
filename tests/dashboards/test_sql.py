"""The page SQL: what a browser can show of an answer, and examples that run."""

from __future__ import annotations

import pyarrow as pa
import pytest

from dashboards.queries import sql
from dashboards.snapshot import Answers, Snapshot
from tests.corpora import write_corpus


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory) -> Snapshot:
    """Two posts."""
    posts = [{"text": "tea #Tea", "client": "App"}, {"text": "-", "removed_by": "min_words"}]
    return Snapshot(write_corpus(tmp_path_factory.mktemp("asked"), posts), Answers())


def test_every_example_runs(snapshot):
    """Each gives rows, or none with the right columns, on any corpus."""
    for statement in sql.examples(snapshot).values():
        answer = sql.query(snapshot, statement).run()
        assert sql.shown(answer.table()).num_rows == answer.rows


def test_a_browser_shows_values_as_they_are():
    """Numbers that it can't count exactly are texts, lists too, and a long text is cut."""
    table = pa.table({"big": [2**53 + 1, None], "n": [1, 2], "list": [["a"], []], "text": ["x" * 600, None]})
    shown = sql.shown(table).to_pydict()
    assert shown == {
        "big": ["9007199254740993", None],
        "n": [1, 2],
        "list": ["['a']", "[]"],
        "text": ["x" * 500 + "…", None],
    }
