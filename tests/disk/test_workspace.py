"""The data folder: locks, unfinished work, and results that are there whole or not at all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curation.disk import whole_files
from curation.disk.landings import landed_files
from curation.disk.manifest import MANIFEST, read_manifest, write_manifest
from curation.disk.whole_files import restore_replaced, swap_in
from curation.disk.workspace import Workspace
from curation.errors import WorkspaceError

ROOT = Path(__file__).parents[2]
COUNTS = '{"files": [], "counts": {}}'


def folder_with(place: Path, text: str) -> Path:
    """A folder with one file."""
    place.mkdir(parents=True)
    (place / "content.txt").write_text(text)
    return place


def content(place: Path) -> str:
    """What the folder's file says."""
    return (place / "content.txt").read_text()


def holding(data: Path, what: str) -> subprocess.Popen[str]:
    """Another process that holds something of the workspace until it is killed."""
    program = (
        "import sys, time\nfrom pathlib import Path\nfrom curation.disk.workspace import Workspace\n"
        f"with Workspace(Path(sys.argv[1])).{what}:\n    print('holding', flush=True)\n    time.sleep(60)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(data)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "holding\n"
    return process


def end(process: subprocess.Popen[str]) -> None:
    """Kill it as kill -9 does."""
    process.send_signal(signal.SIGKILL)
    process.communicate()


def test_naming_a_workspace_touches_nothing(tmp_path: Path) -> None:
    """Asking an unused workspace what it holds makes no folder."""
    space = Workspace(tmp_path / "data")
    assert (space.landings(), space.recipes_run()) == ([], [])
    assert not space.root.exists()


@pytest.mark.parametrize("in_one_step", [True, False])
def test_a_result_replaces_an_older_one_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_one_step: bool
) -> None:
    """The new folder stands in the place of the old one, and nothing is left of the old one."""
    if not in_one_step:
        monkeypatch.setattr(whole_files, "_exchange", lambda one, other: False)
    place = tmp_path / "curated" / "baseline"
    for text in ("first", "second", "third"):
        swap_in(folder_with(tmp_path / "staged", text), place)
        assert content(place) == text
        assert not (tmp_path / "staged").exists()
    assert [path.name for path in place.parent.iterdir()] == ["baseline"]


def test_one_of_two_results_stands_at_every_moment(tmp_path: Path) -> None:
    """A reader never finds the place empty while results replace each other (on Linux)."""
    place = folder_with(tmp_path / "curated" / "baseline", "0")
    missing: list[int] = []
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            if not place.exists():
                missing.append(1)

    reader = threading.Thread(target=look)
    reader.start()
    for number in range(40):
        swap_in(folder_with(tmp_path / f"staged-{number}", str(number)), place)
    over.set()
    reader.join()
    assert not missing
    assert content(place) == "39"


def test_a_half_done_replacement_is_finished(tmp_path: Path) -> None:
    """After a death between the two renames the old result is back; after one behind them the new one stays."""
    curated = tmp_path / "curated"
    folder_with(curated / ".replaced-baseline", "old")
    folder_with(curated / ".replaced-strict", "old")
    folder_with(curated / "strict", "new")
    restore_replaced(curated)
    assert (content(curated / "baseline"), content(curated / "strict")) == ("old", "new")
    assert not list(curated.glob(".replaced-*"))


def test_staging_is_removed_whatever_happens(tmp_path: Path) -> None:
    """After an exception no unfinished work and no lock of it stays."""
    space = Workspace(tmp_path)

    def fail() -> None:
        with space.staging("landing") as folder:
            folder_with(folder / "part", "fog")
            raise RuntimeError("no more fog")

    with pytest.raises(RuntimeError, match="no more fog"):
        fail()
    assert not space.work.exists()


def test_unfinished_work_of_the_living_stays_and_of_the_dead_goes(tmp_path: Path) -> None:
    """A lock tells whether the owner still lives; after a kill -9 the next process sweeps."""
    space = Workspace(tmp_path)
    process = holding(tmp_path, "staging('landing')")
    try:
        [folder] = [path for path in space.work.iterdir() if path.is_dir()]
        space.sweep()
        assert folder.exists()
    finally:
        end(process)
    assert folder.exists()
    with space.staging("landing") as mine:
        assert [path for path in space.work.iterdir() if path.is_dir()] == [mine]
    assert not space.work.exists()


def test_a_lock_is_held_by_one_and_freed_by_death(tmp_path: Path) -> None:
    """A second process is told once for whom it waits, and goes on when the first is killed."""
    process = holding(tmp_path, "lock('raw')")
    told: list[str] = []

    def waiting(message: str) -> None:
        told.append(message)
        end(process)

    with Workspace(tmp_path).lock("raw", waiting):
        assert len(told) == 1
    assert f"process {process.pid}" in told[0]


def test_locks_of_different_names_do_not_wait(tmp_path: Path) -> None:
    """A run does not wait for a landing."""
    space = Workspace(tmp_path)
    with space.lock("raw", pytest.fail), space.lock("run-baseline", pytest.fail):
        pass
    with space.lock("raw", pytest.fail):
        pass


@pytest.mark.parametrize("use", ["staging", "lock"])
def test_a_workspace_that_cannot_be_written_is_said(tmp_path: Path, use: str) -> None:
    """Below a file there is no folder, and the error names the place and what to do."""
    (tmp_path / "file").touch()
    space = Workspace(tmp_path / "file" / "data")
    with pytest.raises(WorkspaceError, match="--data") as refused, getattr(space, use)("raw"):
        pytest.fail("it can't be written")
    assert str(space.root) in str(refused.value)


def test_a_workspace_that_is_a_file_is_said(tmp_path: Path) -> None:
    """Asking what is in a file is answered with its name."""
    (tmp_path / "file").touch()
    with pytest.raises(WorkspaceError, match="is a file"):
        Workspace(tmp_path / "file").landings()
    with pytest.raises(WorkspaceError, match="is a file"):
        Workspace(tmp_path / "file" / "data").recipes_run()


def test_an_error_of_the_work_itself_is_not_one_of_writing(tmp_path: Path) -> None:
    """What goes wrong inside a lock is reported as it is."""
    with pytest.raises(ZeroDivisionError), Workspace(tmp_path).lock("raw"):
        raise ZeroDivisionError


def test_a_manifest_is_written_last_and_read_back(tmp_path: Path) -> None:
    """What a manifest says comes back, in any script."""
    write_manifest(tmp_path, {"files": ["霧.parquet"], "counts": {"rows": 1}})
    assert read_manifest(tmp_path) == {"files": ["霧.parquet"], "counts": {"rows": 1}}
    assert "霧" in (tmp_path / MANIFEST).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"files": "a", "counts": {}}', '{"files": [1], "counts": {}}', "\x00"]
)
def test_a_damaged_manifest_is_said(tmp_path: Path, text: str) -> None:
    """A manifest that is cut off or says something else is named, with what to do."""
    folder = tmp_path / "raw" / "000001-given"
    folder.mkdir(parents=True)
    (folder / MANIFEST).write_text(text)
    with pytest.raises(WorkspaceError, match=r"manifest\.json is damaged") as refused:
        read_manifest(folder)
    assert str(folder) in str(refused.value)


def test_a_landing_without_its_manifest_is_said(tmp_path: Path) -> None:
    """Landings are put in place with their manifests; one without was damaged, and is not passed over."""
    (tmp_path / "raw" / "000001-given").mkdir(parents=True)
    with pytest.raises(WorkspaceError, match="000001-given has no manifest"):
        Workspace(tmp_path).landings()


@pytest.mark.parametrize("damage", ["missing", "cut off"])
def test_a_landing_whose_file_is_gone_or_cut_off_is_said(tmp_path: Path, damage: str) -> None:
    """The file is named before anything is read from it."""
    folder = tmp_path / "raw" / "000001-given"
    folder.mkdir(parents=True)
    part = folder / "part-00000.parquet"
    pq.write_table(pa.table({"a": [1]}), part)
    (folder / MANIFEST).write_text('{"files": ["part-00000.parquet"], "counts": {}}')
    assert landed_files(Workspace(tmp_path).landings()) == [part]
    if damage == "missing":
        part.unlink()
    else:
        part.write_bytes(part.read_bytes()[:-9])
    with pytest.raises(WorkspaceError, match="part-00000"):
        landed_files(Workspace(tmp_path).landings())


def test_only_finished_corpora_are_named(tmp_path: Path) -> None:
    """A corpus is a folder with a manifest; rubbish beside it is none."""
    for name, finished in (("baseline", True), ("strict", False), (".replaced-mine", True)):
        folder = tmp_path / "curated" / name
        folder.mkdir(parents=True)
        if finished:
            (folder / MANIFEST).write_text(COUNTS)
    assert Workspace(tmp_path).recipes_run() == ["baseline", "mine"]
