"""Work on a state that others replace meanwhile begins again, and not for ever."""

from __future__ import annotations

from curation.disk.states import ATTEMPTS, file_states, states


def test_work_goes_on_to_the_newest_state_and_ends_there():
    """A successor is worked on too; without one the work is done."""
    assert list(states(1, lambda state: state + 1 if state < 3 else None)) == [1, 2, 3]


def test_work_that_is_overtaken_each_time_ends_all_the_same():
    """The last attempt counts, and nobody asks what came after it."""
    seen = []
    assert list(states(0, lambda state: seen.append(state) or state + 1)) == [*range(ATTEMPTS)]
    assert seen == [*range(ATTEMPTS - 1)]


def test_files_that_come_replace_nothing_and_files_that_go_do(tmp_path):
    """Only a file that is gone makes the work begin again; a folder that is missing has no files."""
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "a.parquet").touch()
    seen = []
    for files in file_states(tmp_path, "*/*"):
        seen.append(files)
        if len(seen) == 1:
            (tmp_path / "one" / "a.parquet").rename(tmp_path / "one" / "b.parquet")
        else:
            (tmp_path / "one" / "c.parquet").touch()
    assert seen == [{"one/a.parquet"}, {"one/b.parquet"}]
    assert list(file_states(tmp_path / "nowhere", "*/*")) == [set()]
