"""Parquet, Arrow and Feather as records: types, nesting, datasets in folders, and what is damaged."""

from __future__ import annotations

import datetime
import decimal
import gzip
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from curation.errors import InputError, NothingToDoError
from curation.sources.file import FileSource
from curation.sources.files import input_files

if TYPE_CHECKING:
    from pathlib import Path

TEXTS = ["ตลาดเช้าวันนี้เงียบมาก", "سوق الصباح هادئ اليوم", "朝の市場は静かだった", "утренний рынок тих"]
POSTS = pa.table({"id": [str(n) for n in range(4)], "author": ["ada"] * 4, "text": TEXTS})


def write(path: Path, table: pa.Table, **options: Any) -> Path:
    """The table in the form that the name's ending says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".parquet":
        pq.write_table(table, path, **options)
    elif path.suffix == ".feather":
        pyarrow.feather.write_feather(table, str(path))
    else:
        new = pa.ipc.new_stream if path.suffix == ".arrows" else pa.ipc.new_file
        with pa.OSFile(str(path), "wb") as file, new(file, table.schema) as writer:
            writer.write_table(table, 2)
    return path


def read(*paths: Path, **options: Any) -> tuple[list[dict], list[str], str]:
    """Posts, why it ended early, and notices."""
    source = FileSource(paths, **options)
    pages = list(source.pages())
    rows = [row for page in pages for row in page.posts.to_pylist()]
    return rows, [page.ended_early for page in pages if page.ended_early], " ".join(source.notices())


@pytest.mark.parametrize("ending", ["parquet", "feather", "arrow", "arrows"])
def test_each_form_gives_the_same_posts(tmp_path, ending):
    """Recognised by content, whatever the name; also compressed as a whole."""
    path = write(tmp_path / f"a.{ending}", POSTS)
    assert [post["text"] for post in read(path)[0]] == TEXTS
    (tmp_path / "b").write_bytes(gzip.compress(path.read_bytes()))
    assert [post["id"] for post in read(tmp_path / "b")[0]] == ["0", "1", "2", "3"]


MOMENT = datetime.datetime(2024, 2, 29, 23, 30, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("column", "values", "field", "expected"),
    [
        ("id", pa.array([2**63 + 1], pa.uint64()), "id", str(2**63 + 1)),
        ("id", pa.array([-(2**31)], pa.int64()), "id", str(-(2**31))),
        ("id", pa.array([1.7654321e18]), "id", "1.7654321e+18"),
        ("id", pa.array([17.0]), "id", "17"),
        ("id", pa.array([decimal.Decimal(10**19)], pa.decimal128(20, 0)), "id", str(10**19)),
        ("created_at", pa.array([MOMENT], pa.timestamp("ns", "Asia/Tokyo")), "created_at", MOMENT),
        ("created_at", pa.array([MOMENT.replace(tzinfo=None)], pa.timestamp("s")), "created_at", MOMENT),
        ("lang", pa.array(["th"]).dictionary_encode(), "lang", "th"),
        ("user", pa.array([{"screen_name": "bo", "id": 7}]), "author", "bo"),
        ("likes", pa.array([12.0]), "like_count", 12),
        ("likes", pa.array([float("nan")]), "like_count", None),
        ("is_retweet", pa.array([True]), "is_repost", True),
        ("url", pa.array([b"https://example.org/1"]), "url", "https://example.org/1"),
    ],
)
def test_types_are_read_as_json_has_them(tmp_path, column, values, field, expected):
    """An id that became a float stays one, so that the lost digits are noticed at landing."""
    table = pa.table({"text": ["some words of one's own"], column: values})
    assert read(write(tmp_path / "a.parquet", table))[0][0][field] == expected


@pytest.mark.parametrize("text", [pa.large_string(), pa.binary(), pa.dictionary(pa.int32(), pa.string())])
def test_texts_in_any_column_of_text(tmp_path, text):
    """Long strings, bytes and dictionaries hold the same words."""
    values = pa.array(TEXTS).dictionary_encode() if pa.types.is_dictionary(text) else pa.array(TEXTS).cast(text)
    table = pa.table({"id": ["a", "b", "c", "d"], "text": values, "tags": [["x", "y"]] * 4, "picture": [b"\xff\0"] * 4})
    assert [post["text"] for post in read(write(tmp_path / "a.parquet", table))[0]] == TEXTS


def test_a_dataset_folder_is_its_tables(tmp_path):
    """A card and `data/*.parquet`, as the Hub and the `parquet` export have them."""
    (tmp_path / "README.md").write_text("# posts", encoding="utf-8")
    (tmp_path / "dataset.json").write_text("{}", encoding="utf-8")
    write(tmp_path / "data" / "train-0.parquet", POSTS.slice(0, 2))
    write(tmp_path / "data" / "valid-0.parquet", POSTS.slice(2))
    rows, _, _ = read(tmp_path)
    assert [(row["id"], row["source_file"]) for row in rows][::3] == [
        ("0", "data/train-0.parquet"),
        ("3", "data/valid-0.parquet"),
    ]


def test_a_damaged_row_group_costs_itself(tmp_path):
    """The others land, and which one is missing is said."""
    path = write(tmp_path / "a.parquet", pa.concat_tables([POSTS] * 3), row_group_size=4, compression="zstd")
    data = bytearray(path.read_bytes())
    place = pq.ParquetFile(path).metadata.row_group(1).column(2).data_page_offset
    data[place : place + 24] = bytes(24)
    path.write_bytes(data)
    rows, ended, _ = read(path)
    assert len(rows) == 8
    assert "a.parquet: row group 2 of 3 is damaged" in ended[0]


def test_damage_is_not_emptiness(tmp_path):
    """A file none of whose rows can be read is damaged; only one without rows is empty."""
    path = write(tmp_path / "a.parquet", POSTS, compression="zstd")
    data = bytearray(path.read_bytes())
    place = pq.ParquetFile(path).metadata.row_group(0).column(2).data_page_offset
    data[place : place + 24] = bytes(24)
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"a\.parquet looks like .*, but no row of it .* 1 of 1 is damaged"):
        read(path)
    with pytest.raises(NothingToDoError, match="empty"):
        read(write(tmp_path / "b.parquet", POSTS.slice(0, 0)))


@pytest.mark.parametrize("ending", ["parquet", "arrow"])
def test_a_file_that_is_cut_off_is_told(tmp_path, ending):
    """Which file, what it means, and that it has to come again; never the library's own exception."""
    path = write(tmp_path / f"a.{ending}", POSTS)
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(
        InputError, match=rf"a\.{ending} looks like a .* file, but it can't be read .* download it again"
    ):
        read(path)


def test_a_table_that_unpacks_to_too_much_is_stopped(tmp_path, monkeypatch):
    """One long text a million times is no table of posts."""
    monkeypatch.setattr(input_files, "BOMB_BYTES", 1 << 20)
    monkeypatch.setattr(input_files, "BOMB_RATIO", 10)
    table = pa.table({"id": [str(n) for n in range(20_000)], "text": ["слово " * 50] * 20_000})
    rows, ended, _ = read(write(tmp_path / "a.parquet", table))
    assert len(rows) < 20_000
    assert "more than 10 times its size" in ended[0]


def test_an_empty_table_is_empty(tmp_path):
    """No rows are no error of the file."""
    full = write(tmp_path / "b.parquet", POSTS)
    rows, _, notices = read(write(tmp_path / "a.parquet", POSTS.slice(0, 0)), full)
    assert len(rows) == 4
    assert "a.parquet is empty" in notices


def test_map_names_a_column(tmp_path):
    """`--map` works as for other files."""
    table = pa.table({"key": ["1"], "words": ["μερικές λέξεις εδώ"]})
    path = write(tmp_path / "a.parquet", table)
    assert read(path, columns={"text": "words", "id": "key"})[0][0]["text"] == "μερικές λέξεις εδώ"
