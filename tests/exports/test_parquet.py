"""Posts as a table."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq

from curation.disk import ranges
from curation.exports import export
from curation.exports.formats import parquet
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
    monkeypatch.setattr(parquet, "ROW_GROUP", 4)
    export(write_corpus(tmp_path, [{}] * 10), ["parquet"], tmp_path)
    file = pq.ParquetFile(tmp_path / "data/train-00000-of-00001.parquet")
    assert [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)] == [4, 4, 2]


def test_no_posts_are_an_empty_table_with_the_same_columns(tmp_path):
    """A side of a split without posts can be loaded like the other."""
    export(write_corpus(tmp_path, [{"text": "one"}]), ["parquet"], tmp_path, valid=0.5)
    tables = [pq.read_table(tmp_path / f"data/{split}-00000-of-00001.parquet") for split in ("train", "validation")]
    assert tables[0].schema == tables[1].schema
    assert sorted(table.num_rows for table in tables) == [0, 1]


def test_many_posts_are_several_files_and_fewer_take_the_place_of_all(tmp_path, monkeypatch):
    """Every file says of how many it is one, with its own figures and places; none of a larger export is left."""
    monkeypatch.setattr(parquet, "ROW_GROUP", 2)
    monkeypatch.setattr(parquet, "GROUPS", 2)
    corpus = write_corpus(tmp_path, [{"text": f"post {n}", "author": "ab"[n % 2]} for n in range(10)])
    result = export(corpus, ["parquet"], tmp_path / "out")
    names = [f"data/train-{number:05d}-of-00003.parquet" for number in range(3)]
    assert [file.path.relative_to(tmp_path / "out").as_posix() for file in result.files] == names
    assert [file.posts for file in result.files] == [4, 4, 2]
    tables = [pq.read_table(tmp_path / "out" / name).to_pylist() for name in names]
    for name, table, file in zip(names, tables, result.files, strict=True):
        places = pq.read_table(ranges.path_of(tmp_path / "out", name)).to_pylist()
        assert [table[place["begin"]]["id"] for place in places] == [row["id"] for row in table]
        assert file.characters == sum(len(row["text"]) for row in table)
    assert sum(map(len, tables)) == 10
    export(corpus, ["parquet"], tmp_path / "out", authors=["a"])
    assert sorted(path.name for path in (tmp_path / "out/data").iterdir()) == [
        f"train-{number:05d}-of-00002.parquet" for number in range(2)
    ]
    assert len(list((tmp_path / "out/.ranges/data").iterdir())) == 2
