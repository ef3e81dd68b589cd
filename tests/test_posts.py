"""Posts as Arrow batches."""

from __future__ import annotations

import datetime
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.posts import POST_SCHEMA, batch

MOMENT = datetime.datetime(2024, 2, 29, 12, tzinfo=datetime.timezone(datetime.timedelta(hours=5)))
VALUES = (None, "", "fog", "\ud83d", b"fog", True, 3, -(2**63), 2**64, 1.5, float("nan"), MOMENT, [], {"id": "1"})
ROWS = st.lists(
    st.dictionaries(st.sampled_from([*POST_SCHEMA.names, "likes"]), st.sampled_from(VALUES), max_size=4), max_size=3
)


def column_by_column(rows: list[dict[str, Any]]) -> pa.RecordBatch:
    """The same in plain words."""
    arrays = [pa.array([row.get(field.name) for row in rows], field.type) for field in POST_SCHEMA]
    return pa.RecordBatch.from_arrays(arrays, schema=POST_SCHEMA)


def outcome(make: Any, *given: Any) -> Any:
    """What it gives, or its error in words."""
    try:
        return make(*given)
    except (ValueError, TypeError, OverflowError) as error:
        return type(error), str(error)


@settings(deadline=None)
@given(ROWS)
def test_rows_are_the_columns_that_each_column_by_itself_is(rows: list[dict[str, Any]]) -> None:
    """Rows with any keys, in any order and with any values become the same columns, or the same error."""
    expected = outcome(column_by_column, rows)
    assert outcome(batch, rows) == expected
    if not isinstance(expected, tuple):
        same = {"source": "given", "source_file": "b.csv"}
        assert batch(rows, same).equals(batch([row | same for row in rows]))
