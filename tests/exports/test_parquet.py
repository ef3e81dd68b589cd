"""Posts as a table."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq

from curation.exports import export
from curation.exports import parquet as parquet_format
from tests.corpora import TIME, write_corpus


def test_every_column_is_text(tmp_path):
    """Ids keep their zeros and times their form, so no reader can make numbers of them."""
    rows = [
        {"id": "0042", "author": "mira", "text": "one\u2028two <|endoftext|>", "lang": "en"},
        {"id": "43", "author": "mira", "text": "", "created_at": None, "platform": "bluesky"},
        {"id": "44", "author": "mira", "removed_by": "retweet"},
    ]
    export(write_corpus(tmp_path, rows), ["parquet"], tmp_path)
    table = pq.read_table(tmp_path / "data/train-00000-of-00001.parquet")
    assert set(table.schema.types) == {pa.string()}
    assert table.to_pylist() == [
        {
            "id": "0042",
            "author": "mira",
            "text": "one\u2028two <|endoftext|>",
            "created_at": TIME.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "platform": "x",
            "lang": "en",
        },
        {
            "id": "43",
            "author": "mira",
            "text": "",
            "created_at": None,
            "platform": "bluesky",
            "lang": None,
        },
    ]


def test_a_large_table_is_written_in_row_groups(tmp_path, monkeypatch):
    """Row groups are cut by number of posts, however the corpus was cut."""
    monkeypatch.setattr(parquet_format, "ROW_GROUP", 4)
    export(write_corpus(tmp_path, [{}] * 10), ["parquet"], tmp_path)
    file = pq.ParquetFile(tmp_path / "data/train-00000-of-00001.parquet")
    assert [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)] == [4, 4, 2]


def test_no_posts_are_an_empty_table_with_the_same_columns(tmp_path):
    """A side of a split without posts can be loaded like the other."""
    export(write_corpus(tmp_path, [{"text": "one"}]), ["parquet"], tmp_path, valid=0.5)
    tables = [pq.read_table(tmp_path / f"data/{split}-00000-of-00001.parquet") for split in ("train", "validation")]
    assert tables[0].schema == tables[1].schema
    assert sorted(table.num_rows for table in tables) == [0, 1]
