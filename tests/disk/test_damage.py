"""Damaged files of a workspace: which file it is, and what to do, whatever reads it; and that forgetting goes on."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curation.disk.damage import tables
from curation.disk.workspace import Workspace
from curation.errors import WorkspaceError
from tests.cli.shell import inside, jsonl

WRITERS = (
    ("mira", "the lamp was lit again tonight"),
    ("Томас", "лодка снова вернулась в гавань"),
    ("あや", "港の 灯台 が また 光った"),
)  # fmt: skip
POSTS = [{"id": str(n), "author": WRITERS[n % 3][0], "text": f"{WRITERS[n % 3][1]} {n}"} for n in range(18)]


def cut(path: Path) -> None:
    """Take the second half away."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def zeroed(path: Path) -> None:
    """Overwrite the first pages."""
    data = bytearray(path.read_bytes())
    data[4 : len(data) // 2] = bytes(len(data) // 2 - 4)
    path.write_bytes(data)


def emptied(path: Path) -> None:
    """Leave nothing in it."""
    path.write_bytes(b"")


def a_folder(path: Path) -> None:
    """Put a folder in its place."""
    path.unlink()
    path.mkdir()


def another(path: Path) -> None:
    """Put a table of other columns in its place."""
    pq.write_table(pa.table({"fog": [1, 2, 3]}), path)


DAMAGES: tuple[Callable[[Path], None], ...] = (cut, zeroed, emptied, a_folder, another)

#: What can be damaged, what reads it, and the words of the way on.
READERS = {
    "raw/*-file/part-*.parquet": (
        [["explain", "1", "--recipe", "huggingtweets"], ["sources", "--status"], ["run", "huggingtweets", "--again"]],
        "collect its input again",
    ),
    "curated/huggingtweets/part-*.parquet": (
        [
            ["ledger", "huggingtweets"],
            ["card", "huggingtweets"],
            ["credit", "huggingtweets"],
            ["compare", "huggingtweets", "--without", "retweet"],
            ["export", "huggingtweets", "--format", "lines"],
        ],
        "curation run huggingtweets --again",
    ),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with one landing, a corpus and an export; only read."""
    folder = tmp_path_factory.mktemp("damage")
    data = folder / "data"
    for words in (
        ["collect", "file", jsonl(folder / "posts.jsonl", POSTS)],
        ["run", "huggingtweets", "--workers", "1"],
        ["export", "huggingtweets", "--format", "jsonl"],
    ):
        said = inside(*words, data=data)
        assert said.rc == 0, said.err
    return data


def test_a_landing_without_its_counts_is_named(made, tmp_path):
    """What the manifest of a landing lacks is said as soon as somebody looks for damage."""
    data = Path(shutil.copytree(made, tmp_path / "data"))
    path = next((data / "raw").glob("*/manifest.json"))
    manifest = json.loads(path.read_text(encoding="utf-8"))
    del manifest["counts"]["rows"]
    path.write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(WorkspaceError, match="'rows' is missing in it"):
        list(tables(Workspace(data)))


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
@pytest.mark.parametrize("pattern", READERS)
def test_a_damaged_table_is_named_with_the_way_on(made, tmp_path, pattern, damage):
    """Exit 1, the path, what is wrong and how it is made anew, and no library's own words for an error."""
    data = Path(shutil.copytree(made, tmp_path / "data"))
    [path] = data.glob(pattern)
    damage(path)
    commands, way = READERS[pattern]
    for words in commands:
        said = inside(*words, data=data)
        assert said.rc == 1, (words, said.out)
        assert str(path) in said.complaint
        assert way in said.complaint
        assert "Error" not in said.complaint.replace("Couldn't deserialize thrift", "")


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_damaged_table_of_places_is_named(made, tmp_path, damage):
    """`trace` says which file knew where posts stand, and to export again."""
    data = Path(shutil.copytree(made, tmp_path / "data"))
    file = data / "exports/huggingtweets/train.jsonl"
    damage(data / "exports/huggingtweets/.ranges/train.jsonl.parquet")
    said = inside("trace", file, "0", data=data)
    assert said.rc == 1
    assert "curation export huggingtweets" in said.complaint
    assert "train.jsonl.parquet" in said.complaint


@pytest.mark.parametrize("key", ["recipe", "counts", "files", "inputs", "versions"])
def test_a_manifest_that_lacks_something_is_named(made, tmp_path, key):
    """A manifest without one of its parts is damaged, and its corpus can be made anew."""
    data = Path(shutil.copytree(made, tmp_path / "data"))
    path = data / "curated/huggingtweets/manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    del manifest[key]
    path.write_text(json.dumps(manifest), encoding="utf-8")
    for words in (
        ["ledger", "huggingtweets"],
        ["card", "huggingtweets"],
        ["explain", "1", "--recipe", "huggingtweets"],
    ):
        said = inside(*words, data=data)
        assert said.rc == 0 or (str(path) in said.complaint and "curation run huggingtweets" in said.complaint)
    assert inside("run", "huggingtweets", "--workers", "1", data=data).rc == 0
    assert inside("ledger", "huggingtweets", data=data).rc == 0


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
@pytest.mark.parametrize(
    "pattern",
    [
        "raw/000001-*/part-*.parquet",
        "raw/000001-*/manifest.json",
        "curated/huggingtweets/part-*.parquet",
        "exports/huggingtweets/.ranges/*.parquet",
    ],
)
def test_forget_goes_on_without_what_is_damaged(made, tmp_path, pattern, damage):
    """All else loses the posts; what could not be looked through is named, exit 1, with the way to complete it."""
    data = Path(shutil.copytree(made, tmp_path / "data"))
    more = [{"id": "900", "author": "mira", "text": "quayzephyr over the harbour"}]
    assert inside("collect", "file", jsonl(tmp_path / "more.jsonl", more), data=data).rc == 0
    [path] = data.glob(pattern)
    damage(path)
    said = inside("forget", "--author", "mira", data=data)
    if pattern.startswith("exports"):
        assert said.rc == 0, said.err
    else:
        assert (said.rc, str(path) in said.complaint, "--resume" in said.complaint) == (1, True, True), said.err
    for other in (data / "raw/000002-file").glob("*.parquet"):
        assert b"quayzephyr" not in other.read_bytes()
        assert "900" not in pq.read_table(other, columns=["id"])["id"].to_pylist()
    exported = data / "exports/huggingtweets/train.jsonl"
    assert not exported.exists() or "the lamp was lit" not in exported.read_text(encoding="utf-8")


def test_what_a_killed_collect_left_of_a_page_is_forgotten(made, tmp_path):
    """A page that was not whole when its collect was killed may hold anything, and goes with the next forget."""
    data = Path(shutil.copytree(made, tmp_path / "data"))
    left = data / "targets/mastodon-mira-0123/page-00000001.unfinished"
    left.parent.mkdir(parents=True)
    left.write_text("quayzephyr")
    assert inside("forget", "--id", "1", data=data).rc == 0
    assert not left.exists()
