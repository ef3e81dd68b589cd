"""The index: whatever happens to it, it says what the records say."""

from __future__ import annotations

import json
import multiprocessing
import sqlite3
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.disk.workspace import Workspace
from curation.tracking.artifacts import Artifact
from curation.tracking.index import FILE, RunIndex, opened
from curation.tracking.recorder import Recording
from curation.tracking.run_record import files_of, read


def make(space: Workspace, digest: str | None, name: str = "baseline") -> str | None:
    """Record a run that made an artifact with this content; gives its version."""
    space.root.mkdir(exist_ok=True)
    recording = Recording(space, "run", {})
    recording.add_outputs(lambda _: Artifact("curated-dataset", name, digest))
    return recording.write("done").outputs[0].version


def rows(space: Workspace) -> dict:
    """All that the index holds of the records."""
    with opened(space) as index:
        return {
            table: sorted(index.connection.execute(f"SELECT * FROM {table}").fetchall(), key=repr)
            for table in ("runs", "artifacts", "files")
        }


@settings(max_examples=8, deadline=None)
@given(contents=st.lists(st.sampled_from("abc"), min_size=1, max_size=5))
def test_a_version_is_a_content(contents):
    """Two runs have one version if and only if they made the same, and new ones count up from 0."""
    with tempfile.TemporaryDirectory() as folder:
        versions = [make(Workspace(Path(folder)), content) for content in contents]
    first = list(dict.fromkeys(contents))
    assert versions == [f"v{first.index(content)}" for content in contents]


def test_names_count_apart(tmp_path):
    """Another name begins at 0, and what has no digest has no version."""
    space = Workspace(tmp_path)
    assert [make(space, "a"), make(space, "b"), make(space, "b", "strict"), make(space, None)] == [
        "v0",
        "v1",
        "v0",
        None,
    ]


@pytest.mark.parametrize("damage", ["missing", "garbage", "old schema", "emptied"])
def test_it_is_made_anew(tmp_path, damage):
    """Missing, damaged, of another schema or without its rows: it says the same as before."""
    space = Workspace(tmp_path)
    for content in "aba":
        make(space, content)
    before, path = rows(space), tmp_path / "runs" / FILE
    if damage == "missing":
        path.unlink()
    elif damage == "garbage":
        path.write_bytes(b"no database at all" * 400)
    else:
        statement = "PRAGMA user_version = 99" if damage == "old schema" else "DELETE FROM runs"
        with sqlite3.connect(path) as connection:
            connection.execute(statement)
        connection.close()
    assert rows(space) == before
    assert path.is_file()
    assert make(space, "c") == "v2"


def test_damage_that_shows_later_is_no_error(tmp_path):
    """A table that only some questions read: the index is made anew, and the question answered."""
    space, file = Workspace(tmp_path), tmp_path / "some.txt"
    make(space, "a")
    file.write_text("fog")
    path = tmp_path / "runs" / FILE
    with opened(space) as index:
        digest = index.digest(file)
        [(root,)] = index.connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'digests'").fetchall()
        [(size,)] = index.connection.execute("PRAGMA page_size").fetchall()
    content = bytearray(path.read_bytes())
    content[(root - 1) * size : root * size] = b"\xff" * size
    path.write_bytes(content)
    with opened(space) as index:
        assert index.digest(file) == digest
        assert index.latest(last=10**30) == [path.stem for path in files_of(space)]
    assert make(space, "a") == "v0"


def test_it_follows_the_records(tmp_path):
    """A record that is deleted, changed or damaged is so in the index the next time."""
    space = Workspace(tmp_path)
    for content in "abc":
        make(space, content)
    first, second, third = files_of(space)
    first.unlink()
    second.write_text("{", encoding="utf-8")
    third.write_text(third.read_text(encoding="utf-8").replace('"baseline"', '"renamed"'), encoding="utf-8")
    found = rows(space)
    assert [row[4] for row in found["artifacts"]] == [2]
    assert [row[3] for row in found["artifacts"]] == ["renamed"]
    with opened(space) as index:
        assert index.latest() == [third.stem]


def test_a_record_without_its_index_counts(tmp_path, monkeypatch):
    """Killed between the file and the index: the record stands, and so does its version."""
    space = Workspace(tmp_path)
    make(space, "a")
    caught_up, calls = RunIndex.catch_up, []

    def killed(self):
        calls.append(1)
        if len(calls) == 3:  # on opening, under the lock, and then after the file
            raise KeyboardInterrupt
        caught_up(self)

    monkeypatch.setattr(RunIndex, "catch_up", killed)
    with pytest.raises(KeyboardInterrupt):
        make(space, "b")
    monkeypatch.undo()
    assert [make(space, "b"), make(space, "c")] == ["v1", "v2"]


def several(folder: str, name: str) -> None:
    """What one of two processes does."""
    for number in range(4):
        make(Workspace(Path(folder)), f"{name}{number}")


def test_two_at_once_have_different_versions(tmp_path):
    """Every record of two processes is there, and no version stands for two contents."""
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=several, args=(str(tmp_path), name)) for name in "ab"]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]
    versions = [read(path).outputs[0].version for path in files_of(Workspace(tmp_path))]
    assert sorted(versions) == sorted(f"v{n}" for n in range(8))


def test_where_it_cannot_be_written_it_is_in_memory(tmp_path, monkeypatch):
    """An index that can't be opened costs nothing but time."""
    space = Workspace(tmp_path)
    make(space, "a")
    before = rows(space)
    (tmp_path / "runs" / FILE).unlink()
    (tmp_path / "runs" / FILE).mkdir()
    assert rows(space) == before
    assert make(space, "b") == "v1"


def test_what_was_hashed_is_not_read_again(tmp_path):
    """A digest is kept until the file is another one, though its size is the same."""
    space = Workspace(tmp_path)
    make(space, "a")
    file = tmp_path / "file"
    file.write_text("one", encoding="utf-8")
    with opened(space) as index:
        one = index.digest(file)
        assert index.digest(file, lambda _: "rows") == "rows"
    with opened(space) as index:
        assert index.digest(file, lambda _: pytest.fail("it was looked at again")) == "rows"
        (tmp_path / "other").write_text("two", encoding="utf-8")
        (tmp_path / "other").replace(file)
        assert index.digest(file) != one


@pytest.mark.parametrize(
    "change",
    [
        {"job": ["run"]},
        {"began_at": {"a": 1}},
        {"outcome": 2**70},
        {"outputs": [{"type": "x", "name": ["n"], "digest": None, "files": []}]},
        {"outputs": [{"type": "x", "name": "n", "digest": None, "version": "first", "files": []}]},
        {"outputs": [{"type": "x", "name": "n", "digest": None, "files": [{"path": {}, "bytes": 1, "sha256": "a"}]}]},
        {"outputs": [{"type": "x", "name": "n", "digest": None, "files": [], "about": ["a"]}]},
        {"outputs": 7},
    ],
    ids=str,
)
def test_a_record_of_odd_values_costs_itself_alone(tmp_path, change):
    """The others are known, and new ones are recorded."""
    space = Workspace(tmp_path)
    assert make(space, "a") == "v0"
    [path] = files_of(space)
    odd = json.loads(path.read_text()) | change
    path.with_name("0odd.json").write_text(json.dumps(odd))
    assert make(space, "b") == "v1"
    with opened(space) as index:
        assert [record.job for record in map(index.record, index.latest()) if record][:2] == ["run", "run"]


@pytest.mark.parametrize("name", ["caf\udce9", "\ud83d half", "\udcff\udcfe"])
def test_names_of_any_bytes_are_found_again(tmp_path, name):
    """A name that is no UTF-8 is as good as another one, and none is taken for it."""
    space = Workspace(tmp_path)
    assert [make(space, "a", name), make(space, "b", name), make(space, "a", name)] == ["v0", "v1", "v0"]
    with opened(space) as index:
        made = Artifact("curated-dataset", name, "b")
        assert len(index.makers(made)) == 1
        assert index.record(index.makers(made)[0]).outputs[0].name == name
        assert not index.makers(Artifact("curated-dataset", name.encode("utf-8", "backslashreplace").decode(), "b"))
