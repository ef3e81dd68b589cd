"""Forgetting somebody in the records of runs."""

from __future__ import annotations

import pytest

from curation.disk.tombstones import Tombstones
from curation.disk.workspace import Workspace
from curation.forgetting.forget import ForgetRequest
from curation.forgetting.holder import Forgetting
from curation.forgetting.run_records import RunRecords
from curation.tracking.artifacts import Artifact
from curation.tracking.index import opened
from curation.tracking.run_record import RunRecord, files_of, read, write
from tests.cli.shell import inside


def tombstones(*authors: str, platform: str | None = None) -> Tombstones:
    """Those of these authors."""
    none = Tombstones("a salt")
    return none.with_marks(ForgetRequest(authors=authors, platform=platform).marks(none), "2026-03-04T05:06:07+00:00")


def clean(space: Workspace, marks: Tombstones) -> list[str]:
    """Take forgotten authors out of the records; gives the sentences on it."""
    return [change.line(False) for change in RunRecords().remove(Forgetting(space, marks))]


def record(number: int, *words: str, **fields) -> RunRecord:
    """A record that names accounts."""
    inputs = tuple(Artifact("account", word, None, about={"source": "mastodon"}) for word in words)
    return RunRecord(
        f"2026030{number}T050607Z-collect-0", "collect", "2026-03-04", 1.0, "done", inputs=inputs, **fields
    )


def test_a_forgotten_author_is_in_no_record(data):
    """After `forget` no file in `runs` names the handle; what is said of the rest stays."""
    assert inside("forget", "--author", "@Mira_of_the_Fog", data=data).rc == 0
    files = [path for path in (data / "runs").rglob("*") if path.is_file()]
    assert len(files) >= 5
    assert not [
        path for path in files if "mira_of_the_fog" in path.read_text(encoding="utf-8", errors="replace").lower()
    ]
    [forget] = inside("runs", "--job", "forget", "--json", data=data).json["runs"]
    assert forget["configuration"] == {"author": 1, "resume": False, "dry_run": False}
    assert forget["metrics"]["posts"] == 3  # two of their own, and what passed one on
    assert (forget["inputs"], forget["outputs"]) == ([], [])
    assert "forgotten-posts.jsonl" in inside("runs", data=data).out


@pytest.mark.parametrize(
    ("handle", "written", "left"),
    [
        ("mira", "mira", "forgotten"),
        ("mira", "/home/tom/twitter-2026-Mira.zip", "/home/tom/twitter-2026-forgotten.zip"),
        ("mira", "miranda and admira", "miranda and admira"),
        ("mira.example.social", "bluesky-mira.example.social", "bluesky-forgotten"),
        ("mira@example.social", "@mira@example.social", "@forgotten"),
        ("霧の人", "霧の人", "forgotten"),
        ("_mira_", "archive of _mira_, 2026", "archive of forgotten, 2026"),
    ],
)
def test_a_handle_is_found_in_names(tmp_path, handle, written, left):
    """Alone, in a file's name, in any script and case; never as a piece of another word."""
    space = Workspace(tmp_path)
    write(space, record(1, written))
    changed = clean(space, tombstones(handle))
    [found] = [read(path) for path in files_of(space)]
    expected = ["1 record of runs written anew without names."] if left != written else []
    assert (found.inputs[0].name, changed) == (left, expected)


def test_a_name_made_of_it_goes_too(tmp_path):
    """An artifact's name has other characters than the handle, and is found in records that don't have the handle."""
    space = Workspace(tmp_path)
    write(space, record(1, "mira@example.social"))
    made = Artifact("raw-dataset", "mastodon-mira-example.social", "0" * 64, "v0")
    write(space, record(2, outputs=(made,)))
    assert clean(space, tombstones("mira@example.social", platform="mastodon"))[-1].startswith("2 records of runs")
    assert [a.name for path in files_of(space) for a in read(path).outputs] == ["mastodon-forgotten"]
    with opened(space) as index:
        names = index.connection.execute("SELECT DISTINCT name FROM artifacts ORDER BY name").fetchall()
    assert names == [("forgotten",), ("mastodon-forgotten",)]


def test_digests_times_and_versions_stay(tmp_path):
    """A handle that looks like a word of the record's own changes none of these."""
    space = Workspace(tmp_path)
    whole = record(1, "collect", metrics={"landed": 3, "collect.posts": 3}, versions={"collect": "1"})
    write(space, whole)
    clean(space, tombstones("collect"))
    [found] = [read(path) for path in files_of(space)]
    assert (found.job, found.id, found.outcome, found.versions) == (whole.job, whole.id, "done", {"collect": "1"})
    assert (found.inputs[0].name, found.metrics) == ("forgotten", {"landed": 3, "forgotten.posts": 3})


def test_a_damaged_record_goes(tmp_path):
    """Nobody can tell whom it names."""
    space = Workspace(tmp_path)
    path = write(space, record(1, "mira"))
    path.write_text('{"inputs": "mira', encoding="utf-8")
    clean(space, tombstones("mira"))
    assert not path.exists()


@pytest.mark.parametrize(("name", "files", "goes"), [("mira", False, True), ("tom", False, False), ("tom", True, True)])
def test_trackers_folders_go_where_they_must(tmp_path, name, files, goes):
    """One that names a forgotten author, or may hold posts, is deleted, and it is said; another one stays."""
    space = Workspace(tmp_path)
    write(space, record(1, "mira", configuration={"track_files": True} if files else {}))
    folder = tmp_path / "runs" / "wandb"
    folder.mkdir()
    (folder / "run.wandb").write_bytes(b"\x00config\x01" + name.encode())
    deleted = [sentence for sentence in clean(space, tombstones("mira")) if "was deleted" in sentence]
    assert (folder.exists(), len(deleted)) == (not goes, int(goes))


def test_without_tombstones_nothing_is_looked_at(data):
    """Forgetting a post that is not here changes no record."""
    before = {path: path.read_bytes() for path in files_of(Workspace(data))}
    assert inside("forget", "--id", "nowhere", data=data).rc == 0
    assert {path: path.read_bytes() for path in before} == before
