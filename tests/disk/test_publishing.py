"""Several files that take their places together, killed at the worst of moments."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from curation.disk import publishing
from curation.disk.workspace import Workspace, staging_at
from curation.errors import WorkspaceError

OLD = {"train.txt": "old лодка", "valid.txt": "old 港", "mine.txt": "ميناء"}
NEW = {"train.txt": "new лодка", "valid.txt": "new 港", ".ranges/train.txt": "where"}


def filled(folder: Path, files: dict[str, str]) -> Path:
    """A folder with these files."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def content(folder: Path) -> dict[str, str]:
    """The files in a folder, but for unfinished work."""
    files = [path for path in folder.rglob("*") if path.is_file() and ".work" not in path.parts]
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in files}


def publish(place: Path, names: list[str] | None = None) -> None:
    """Put the new files in place, and let `gone.txt` go."""
    with Workspace(place).staging("export") as staged, publishing.alone(place):
        filled(staged, NEW)
        publishing.publish(staged, place, names or [*NEW], removed=["gone.txt"], together=["train.txt", "valid.txt"])


def dying(work: Callable[[], object]) -> int:
    """Do something in a process of its own, which ends at once afterwards, cleaning nothing up; gives its exit code."""
    process = os.fork()
    if not process:
        try:
            work()
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def killed(place: Path, step: int) -> bool:
    """Publish, killed at a rename after that of the journal; False when there are fewer."""
    replace, renames = os.replace, -1

    def rename(*given: object) -> None:
        nonlocal renames
        renames += 1
        if renames == step:
            os._exit(9)
        replace(*given)

    def work() -> None:
        os.replace = rename
        publish(place)

    return dying(work) == 9


def test_everything_takes_its_place(tmp_path):
    """New files stand there, others are gone, foreign ones stay, and nothing unfinished is left."""
    publish(filled(tmp_path, {**OLD, "gone.txt": "gone"}))
    assert content(tmp_path) == {**NEW, "mine.txt": OLD["mine.txt"]}
    assert not (tmp_path / ".work").exists()


@pytest.mark.parametrize("step", range(1, 8))
def test_old_and_new_never_stand_together(tmp_path, step):
    """Killed at any rename: no new file beside an old one, and whoever comes next finishes it."""
    filled(tmp_path, {**OLD, "gone.txt": "gone"})
    was_killed = killed(tmp_path, step)
    left = content(tmp_path)
    assert not {left.get("train.txt"), left.get("valid.txt")} & {OLD["train.txt"], OLD["valid.txt"]} or not {
        left.get("train.txt"), left.get("valid.txt")
    } & {NEW["train.txt"], NEW["valid.txt"]}  # fmt: skip
    assert publishing.finish(tmp_path) is was_killed
    assert content(tmp_path) == {**NEW, "mine.txt": OLD["mine.txt"]}
    Workspace(tmp_path).sweep()
    assert not (tmp_path / ".work").exists()


@pytest.mark.parametrize("name", ["train.txt", "valid.txt", ".ranges/train.txt"])
def test_a_folder_in_the_way_changes_nothing(tmp_path, name):
    """A folder in the place of a file is said before anything moves."""
    old = {each: text for each, text in OLD.items() if each != name}
    filled(tmp_path, old)
    (tmp_path / name).mkdir(parents=True)
    with pytest.raises(WorkspaceError, match="is a folder"):
        publish(tmp_path)
    assert content(tmp_path) == old


def test_a_file_in_the_way_of_a_folder(tmp_path):
    """So is a file in the place of a folder."""
    filled(tmp_path, {".ranges": "a file"})
    with pytest.raises(WorkspaceError, match="is a file"):
        publish(tmp_path)
    assert content(tmp_path) == {".ranges": "a file"}


@pytest.mark.parametrize(
    "journal",
    ["", "{", "[]", '{"staged": "export-0123456789ab"}', '{"staged": "..", "place": [], "remove": [], "apart": []}',
     '{"staged": "export-0123456789ab", "place": ["../x"], "remove": [], "apart": []}',
     '{"staged": "export-0123456789ab", "place": [], "remove": ["/etc/x"], "apart": []}'],
)  # fmt: skip
def test_a_damaged_journal_is_named(tmp_path, journal):
    """What can't be read, or leads out of the folder, is never done, and the file is named."""
    filled(tmp_path, {**OLD, ".work/publish.json": journal})
    with pytest.raises(WorkspaceError, match=r"publish\.json is damaged"):
        publishing.finish(tmp_path)
    assert content(tmp_path) == OLD


def test_unfinished_work_elsewhere_is_swept_by_the_workspace(tmp_path):
    """What a killed command left outside of the workspace goes with the next sweep there, the folders it made, too."""
    space, place = Workspace(tmp_path / "data"), tmp_path / "new/高い/place"

    def work() -> None:
        with staging_at(space, place, "report") as staged:
            (staged / "report.html").write_text("posts")
            os._exit(9)

    assert dying(work) == 9
    assert list(place.rglob("report.html"))
    space.sweep()
    assert not (tmp_path / "new").exists()
    assert not space.work.exists()


def test_a_reader_looks_again_when_files_changed_meanwhile(tmp_path):
    """What is asked while another export takes its place is asked once more."""
    filled(tmp_path, {"export.json": "1"})
    seen = []

    def work() -> str:
        seen.append((tmp_path / "export.json").read_text())
        if len(seen) == 1:
            (tmp_path / "other").write_text(json.dumps("a longer one"))
            (tmp_path / "other").replace(tmp_path / "export.json")
            raise WorkspaceError("half")
        return seen[-1]

    assert publishing.steady([tmp_path], "export.json", work) == '"a longer one"'
    assert len(seen) == 2
