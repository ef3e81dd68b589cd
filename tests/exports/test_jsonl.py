"""Posts as JSON lines."""

from __future__ import annotations

import datetime
import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curation.exports import export
from tests.corpora import TIME, write_corpus


@given(
    st.lists(st.tuples(st.text(max_size=30), st.sampled_from([None, "retweet"])), min_size=1, max_size=30),
    st.sampled_from([0.0, 0.3]),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_ids_are_the_kept_ids_exactly_once(tmp_path_factory, posts, valid):
    """Every kept post stands in one of the files, once, with its text unchanged; no removed one does."""
    folder = tmp_path_factory.mktemp("corpus")
    rows = [{"id": str(2**60 + n), "text": t, "removed_by": r} for n, (t, r) in enumerate(posts)]
    rows.append({"id": "7", "text": "kept"})
    export(write_corpus(folder, rows, parts=2), ["jsonl"], folder, valid=valid)
    lines = [
        line
        for path in folder.glob("*.jsonl")
        for line in path.read_bytes().decode().splitlines()  # cuts at U+2028 and its like too
    ]
    read = sorted((post["id"], post["text"]) for post in map(json.loads, lines))
    assert read == sorted((row["id"], row["text"]) for row in rows if not row.get("removed_by"))


def test_a_record_is_written_as_documented(tmp_path):
    """Keys in their order, ids and times as text, letters unescaped, line separators escaped."""
    berlin = datetime.timezone(datetime.timedelta(hours=1))
    rows = [
        {
            "id": "1234567890123456789",
            "author": "mira",
            "text": 'ein "Gruß"\n\u2028日本 👋',
            "created_at": datetime.datetime(2026, 1, 1, 0, 30, tzinfo=berlin),
        },
        {"id": "2", "author": "mira", "text": "x", "created_at": TIME.replace(microsecond=1500)},
        {"id": "3", "author": "mira", "text": "", "created_at": None},
    ]
    export(write_corpus(tmp_path, rows), ["jsonl"], tmp_path)
    assert (tmp_path / "train.jsonl").read_bytes().decode() == (
        '{"id": "1234567890123456789", "author": "mira", "text": "ein \\"Gruß\\"\\n\\u2028日本 👋", '
        '"created_at": "2025-12-31T23:30:00Z"}\n'
        '{"id": "2", "author": "mira", "text": "x", "created_at": "2026-03-04T05:06:07.001500Z"}\n'
        '{"id": "3", "author": "mira", "text": "", "created_at": null}\n'
    )
