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


def test_every_type_is_shown_and_downloaded(snapshot):
    """Values of any type, times of any year too, have a form on the page and in each file."""
    values = [
        "DATE '290000-01-01'", "TIMESTAMP 'infinity'", "TIMESTAMPTZ '290000-01-01'", "INTERVAL 1 month",
        "TIMETZ '12:00:00+01'", "union_value(k := 1)", "[INTERVAL 1 day]", "{'a': [union_value(k := 1)]}", "'x'::BLOB",
        "map([1], ['a'])", "'101'::BIT", "[TIMESTAMP '290000-01-01']", "1::VARIANT", "uuid()", "1::HUGEINT", "NULL",
    ]  # fmt: skip
    statement = "SELECT " + ", ".join(f"{value} AS c{n}" for n, value in enumerate(values))
    for format in ("csv", "parquet"):
        assert sql.query(snapshot, statement, format).run().rows == 1
    [row] = sql.shown(sql.query(snapshot, statement).run().table()).to_pylist()
    shown = {value: row[f"c{n}"] for n, value in enumerate(values)}
    assert [shown[value] for value in values[:3]] == [sql.OUTSIDE] * 3
    assert shown["INTERVAL 1 month"] == "1 month"
    assert shown["[TIMESTAMP '290000-01-01']"] == "['290000-01-01 00:00:00']"
    assert shown["map([1], ['a'])"] == "{1=a}"
