"""A folder that stands for objects: whole files, and outlines of Parquet files."""

from __future__ import annotations

import random
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curation.disk.mirror import Mirror
from curation.disk.objects import ObjectFolder

COLUMNS = ["id", "text", "raw"]


def table(rows: int) -> pa.Table:
    """Invented posts with a bulky column."""
    draw = random.Random(5)
    return pa.table(
        {
            "id": [str(number) for number in range(rows)],
            "text": [f"text {number}" * 3 for number in range(rows)],
            "raw": [draw.randbytes(200).hex() for _ in range(rows)],
        }
    )


@pytest.mark.parametrize("rows", [0, 1, 20_000])
@pytest.mark.parametrize("by", ["pyarrow", "duckdb"])
def test_an_outline_reads_as_the_file(in_moto: ObjectFolder, tmp_path: Path, rows: int, by: str) -> None:
    """What was fetched reads as in the file itself, by whatever writes it, and the rest takes no room."""
    posts = table(rows)
    original = tmp_path / "original.parquet"
    if by == "pyarrow":
        pq.write_table(posts, original, row_group_size=3_000, compression="zstd")
    else:
        duckdb.sql(f"COPY posts TO '{original}' (FORMAT parquet, ROW_GROUP_SIZE 4096)")
    in_moto.send(f"raw/{by}-{rows}/part.parquet", original)
    mirror = Mirror(in_moto, tmp_path / "mirror")
    path = tmp_path / "mirror" / "raw" / f"{by}-{rows}" / "part.parquet"
    mirror.outline(path)
    metadata = pq.read_metadata(path)
    assert metadata.num_rows == rows
    assert path.stat().st_size == original.stat().st_size
    if rows > 1:
        mirror.outline(path, [1, 3], ["id", "text"])
        with pq.ParquetFile(path) as file, pq.ParquetFile(original) as same:
            assert file.read_row_groups([1, 3], columns=["id", "text"]).equals(
                same.read_row_groups([1, 3], columns=["id", "text"])
            )
        assert path.stat().st_blocks * 512 < original.stat().st_size / 2
    mirror.all_groups(path, ["id", "text"])
    query = "SELECT id, text FROM read_parquet('{}') WHERE id <> '7' ORDER BY id"
    assert duckdb.sql(query.format(path)).fetchall() == duckdb.sql(query.format(original)).fetchall()


def test_whole_files_go_both_ways(in_moto: ObjectFolder, tmp_path: Path) -> None:
    """What one folder sends the other fetches; a name outside is none of theirs."""
    mirror = Mirror(in_moto, tmp_path / "one")
    (tmp_path / "one" / "a").mkdir(parents=True)
    (tmp_path / "one" / "a" / "text").write_bytes(b"rain")
    mirror.send(tmp_path / "one" / "a" / "text")
    other = mirror.moved(tmp_path / "other")
    other.fetch(tmp_path / "other" / "a" / "text")
    assert (tmp_path / "other" / "a" / "text").read_bytes() == b"rain"
    with pytest.raises(FileNotFoundError):
        other.fetch(tmp_path / "other" / "a" / "none")
    with pytest.raises(ValueError, match="not in the subpath"):
        mirror.name_of(tmp_path / "other")


def test_an_object_that_is_no_parquet_file(in_moto: ObjectFolder, tmp_path: Path) -> None:
    """It is an error of Arrow, as that of a file is, and leaves nothing."""
    mirror = Mirror(in_moto, tmp_path)
    for content in (b"", b"short", b"x" * 400_000):
        in_moto.send("part.parquet", content)
        with pytest.raises(pa.ArrowInvalid):
            mirror.outline(tmp_path / "part.parquet")
        assert not (tmp_path / "part.parquet").exists()
