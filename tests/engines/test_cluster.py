"""What the engines of clusters share, on a scheduler of threads: which attempt counts, and what a person is told."""

from __future__ import annotations

import dataclasses
import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from curation.engines import depot, handshake, scheduling, watch
from curation.engines.journal import JOURNAL, PARTS, Journal
from curation.engines.local import LocalEngine
from curation.engines.requirements import Requirements
from curation.engines.tasks import ATTEMPT, Outcome, WrittenFile
from curation.errors import CurationError, WorkspaceError
from tests.engines.test_conformance import archive, plan_of, rows
from tests.engines.threads import LostError, ThreadEngine, Threads

#: Two barriers, and so three stages.
RULES = [
    {"use": "retweet"},
    {"use": "strip_urls"},
    {"use": "thread"},
    {"use": "exact_duplicate"},
    {"use": "min_words", "min": 2},
]
STAGES = 3
#: Shards of each stage, one for each row group.
SHARDS = 5


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """What is run."""
    return archive(tmp_path)


@pytest.fixture
def into(tmp_path: Path) -> Path:
    """The folder of a run."""
    folder = tmp_path / "into"
    folder.mkdir()
    return folder


@pytest.fixture
def expected(tmp_path: Path, files: list[Path]) -> list[dict[str, Any]]:
    """The rows that one machine makes."""
    folder = tmp_path / "local"
    folder.mkdir()
    return rows(LocalEngine(workers=1).run(plan_of(*RULES), files, folder))


def run(threads: Threads, files: list[Path], into: Path, **more: Any) -> list[dict[str, Any]]:
    """The rows of a run on threads."""
    engine = ThreadEngine(shard_posts=1, threads=threads, **more)
    parts = engine.run(plan_of(*RULES), files, into)
    assert not orphans(into, parts)
    return rows(parts)


def orphans(into: Path, parts: list[Path]) -> list[Path]:
    """Files of attempts that are none of the parts."""
    return [path for path in into.rglob("*") if ATTEMPT.fullmatch(path.name) and path not in parts]


def once(number: int, error: type[Exception]) -> Callable[[int], None]:
    """Raises the error at one call."""

    def fail(call: int) -> None:
        if call == number:
            raise error(f"call {number}")

    return fail


def lose_from(first: int) -> Callable[[int], None]:
    """Loses the worker at each call from one on."""

    def lose(call: int) -> None:
        if call >= first:
            raise LostError(f"call {call}")

    return lose


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("number", [0, 5, 7])
def test_a_lost_worker_s_task_is_tried_again(
    files: list[Path], into: Path, expected: list[dict[str, Any]], moment: str, number: int
) -> None:
    """Lost before it wrote or after, the rows are the same, and no file of a lost attempt stays."""
    assert run(Threads(**{moment: once(number, LostError)}), files, into) == expected


def test_a_task_that_always_loses_its_worker_ends_the_run(files: list[Path], into: Path) -> None:
    """After some tries there is one sentence, and what is done stays for the next run."""
    with pytest.raises(CurationError, match=r"lost the workers of one task 3 times.* goes on from what is done"):
        run(Threads(before=lose_from(3)), files, into)
    assert (into / JOURNAL).is_dir()


def test_a_run_that_was_ended_goes_on(files: list[Path], into: Path, expected: list[dict[str, Any]]) -> None:
    """The second run has only the tasks that the first one lacks."""

    class StoppedError(Exception):
        pass

    def stop(done: int, of: int) -> None:
        if done > 30:
            raise StoppedError

    engine = ThreadEngine(shard_posts=1, threads=(first := Threads()))
    with pytest.raises(StoppedError):
        engine.run(plan_of(*RULES), files, into, progress=stop)
    accepted = len([path for path in (into / JOURNAL).glob("*.json") if path.name[:5] in ("stage", "part-")])
    assert SHARDS < accepted <= first.calls
    second = Threads()
    assert run(second, files, into) == expected
    assert second.calls == STAGES * SHARDS - accepted


def test_a_run_that_is_complete_runs_nothing_again(
    files: list[Path], into: Path, expected: list[dict[str, Any]]
) -> None:
    """As when the process was killed before the corpus took its place."""
    run(Threads(), files, into)
    threads = Threads()
    assert run(threads, files, into) == expected
    assert threads.calls == 0


@pytest.mark.parametrize("damage", ["lost", "cut", "changed"])
def test_a_damaged_part_is_made_again(
    files: list[Path], into: Path, expected: list[dict[str, Any]], damage: str
) -> None:
    """What it was made of is gone, so all of it begins anew."""
    run(Threads(), files, into)
    part = min((into / PARTS).iterdir())
    content = part.read_bytes()
    if damage == "lost":
        part.unlink()
    else:
        part.write_bytes(content[:-1] if damage == "cut" else content[:-1] + bytes([content[-1] ^ 1]))
    threads = Threads()
    assert run(threads, files, into) == expected
    assert threads.calls == STAGES * SHARDS


def test_a_damaged_file_between_stages_costs_its_task(files: list[Path], into: Path, expected: list[Any]) -> None:
    """As long as its source is there, only the one task runs again."""
    with pytest.raises(CurationError):
        run(Threads(before=lose_from(SHARDS)), files, into)
    [first, *_] = into.glob("stage0-00000-*.arrow")
    first.write_bytes(b"")
    threads = Threads()
    assert run(threads, files, into) == expected
    assert threads.calls == (STAGES - 1) * SHARDS + 1


@pytest.mark.parametrize("name", ["run.json", "stage0-00000.json"])
def test_a_damaged_journal_begins_anew(files: list[Path], into: Path, expected: list[Any], name: str) -> None:
    """Nothing of it is believed."""
    run(Threads(), files, into)
    (into / JOURNAL / name).write_text('{"half": ')
    threads = Threads()
    assert run(threads, files, into) == expected
    assert threads.calls == STAGES * SHARDS


def test_what_a_comparison_left_is_in_nobody_s_way(files: list[Path], into: Path, expected: list[Any]) -> None:
    """A process that was killed while it compared leaves its working files."""
    (into / "marks0.spill/database").mkdir(parents=True)
    (into / "marks0.parquet").write_bytes(b"half")
    assert run(Threads(), files, into) == expected
    assert not list(into.glob("*.spill"))


def test_another_recipe_or_file_begins_anew(files: list[Path], into: Path) -> None:
    """A journal is of one recipe and one set of files."""
    engine = ThreadEngine(shard_posts=1, threads=Threads())
    engine.run(plan_of(*RULES), files, into)
    for rules, some in ((RULES[:2], files), (RULES[:2], files[:1])):
        threads = Threads()
        parts = dataclasses.replace(engine, threads=threads).run(plan_of(*rules), some, into)
        assert threads.calls == len(parts)
        assert not orphans(into, parts)


def test_the_first_outcome_of_a_task_counts(into: Path) -> None:
    """A doubled or late one changes nothing, and its files are swept."""
    journal = Journal.open(into, "basis")
    for attempt in ("a" * 12, "b" * 12):
        (into / f"stage0-00003-{attempt}.arrow").write_text(attempt)
    one, other = (
        Outcome("stage0", 3, (WrittenFile(f"stage0-00003-{attempt}.arrow", 12),), 5) for attempt in ("a" * 12, "b" * 12)
    )
    assert journal.accept(one, into)
    assert not journal.accept(other, into)
    assert not journal.accept(one, into)
    again = Journal.open(into, "basis")
    assert again.find("stage0", 3, into) == one
    assert [path.name for path in into.glob("stage0-*")] == [f"stage0-00003-{'a' * 12}.arrow"]


def test_a_file_that_is_not_as_its_worker_wrote_it_is_not_accepted(into: Path) -> None:
    """Whoever does not see the worker's file does not share its folder."""
    journal = Journal.open(into, "basis")
    outcome = Outcome("stage0", 0, (WrittenFile(f"stage0-00000-{'a' * 12}.arrow", 12),), 5)
    with pytest.raises(CurationError, match="this machine does not see it"):
        journal.accept(outcome, into)
    (into / outcome.files[0].name).write_text("half")
    with pytest.raises(CurationError, match="sees 4 of them"):
        journal.accept(outcome, into)


def test_a_zombie_s_file_is_swept(files: list[Path], into: Path, expected: list[dict[str, Any]]) -> None:
    """A worker that is thought to be gone writes into the folder of the next run."""
    run(Threads(), files, into)

    def write(number: int) -> None:
        (into / f"stage0-{number:05d}-{'0' * 12}.arrow").write_bytes(b"late")
        (into / PARTS / f"part-{number:05d}-{'0' * 12}.parquet").write_bytes(b"late")

    (into / JOURNAL / "run.json").unlink()
    assert run(Threads(after=write), files, into) == expected


def test_an_exception_of_a_worker_is_no_reason_to_try_again(files: list[Path], into: Path) -> None:
    """It comes as it was raised, with the worker's name, and what waits is taken back."""
    content = bytearray(files[0].read_bytes())
    content[4:200] = bytes(196)
    files[0].write_bytes(content)
    threads = Threads()
    engine = ThreadEngine(shard_posts=1, threads=threads)
    with pytest.raises(WorkspaceError, match=r"Can't read .*1\.parquet"):
        engine.run(plan_of({"use": "min_words"}), files, into)


def pretend(monkeypatch: pytest.MonkeyPatch, name: str, version: str) -> None:
    """Have this machine say that it has another version of something."""

    def versions(requirements: Requirements) -> dict[str, str]:
        return {**handshake.versions_here(requirements.packages, requirements.own), name: version}

    monkeypatch.setattr(Requirements, "versions", property(versions))


def test_a_worker_with_another_version_reads_no_post(
    files: list[Path], into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentence names both versions."""
    pretend(monkeypatch, "duckdb", "1")
    threads = Threads()
    with pytest.raises(CurationError, match=r"has duckdb [0-9.]+, and this machine has duckdb 1\. It has read no post"):
        run(threads, files, into)
    assert threads.calls == 0


def test_a_worker_with_other_files_of_this_program_reads_no_post(
    files: list[Path], into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A checkout of another day has the same version and other rules."""
    pretend(monkeypatch, "the files of curation", "0")
    with pytest.raises(CurationError, match=r"has other files of curation \([0-9a-f]{12}\), and this machine has"):
        run(Threads(), files, into)


def test_a_worker_goes_on_with_what_it_has_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is installed while it runs, it says which versions it had at first."""
    versions = handshake.versions_here(("duckdb",), ("curation",))
    before = dict(versions)
    monkeypatch.setattr(handshake, "_digest", lambda name: "another day")
    assert handshake.versions_here(("duckdb", "ftfy"), ("curation",), versions) == {
        **before, "ftfy": handshake.versions_here(("ftfy",), ())["ftfy"]
    }  # fmt: skip
    assert handshake.versions_here((), ("curation",))["the files of curation"] == "another day"


def test_a_worker_that_joins_later_is_asked_with_its_first_task(files: list[Path], into: Path) -> None:
    """It may have come after all others were asked."""
    threads = Threads()
    threads.greet = lambda call: []  # type: ignore[method-assign]

    def forget(number: int) -> None:
        if number == 2:
            for path in into.glob(f"{depot.PROBE}*"):
                path.unlink()
            getattr(__import__("sys"), handshake.ANSWERS).clear()

    threads.before = forget
    with pytest.raises(CurationError, match=r"does not see .*into, where this run keeps its files"):
        run(threads, files, into, settle=0.1)


def test_a_full_disk_is_one_sentence(files: list[Path], into: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It names the worker and the folder, and what was there stays."""
    import errno

    from curation.engines import shard

    def full(*arguments: Any, **named: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shard, "write_part", full)
    with pytest.raises(WorkspaceError, match=r"The worker .* can't write to .*: No space left on device\..* Make room"):
        run(Threads(), files, into)


def test_a_silent_scheduler_ends_the_run(files: list[Path], into: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After its patience, with one sentence, however long the scheduler would hang."""
    monkeypatch.setattr(scheduling, "BEAT", 0.05)
    monkeypatch.setattr(watch, "BEAT", 0.05)
    end = threading.Event()
    threads = Threads(before=lambda number: end.wait(20) and None)
    threads.slots = lambda: end.wait(20) and 1  # type: ignore[method-assign]
    begun = time.monotonic()
    try:
        with pytest.raises(CurationError, match=r"has not answered for .* seconds.* goes on from what is done"):
            run(threads, files, into, patience=1)
    finally:
        end.set()
    assert time.monotonic() - begun < 10


def test_a_cluster_without_workers_ends_the_run(files: list[Path], into: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that comes within the patience is used."""
    monkeypatch.setattr(scheduling, "BEAT", 0.05)
    monkeypatch.setattr(watch, "BEAT", 0.05)
    end = threading.Event()
    threads = Threads(before=lambda number: end.wait(20) and None, there=0)
    try:
        with pytest.raises(CurationError, match="has had no worker for 1 seconds"):
            run(threads, files, into, patience=1)
    finally:
        end.set()


def test_the_journal_is_read_by_people(files: list[Path], into: Path) -> None:
    """A record says which files count, how large they are, and their SHA-256."""
    run(Threads(), files, into)
    record = json.loads((into / JOURNAL / "part-00000.json").read_text())
    [written] = record["files"]
    assert (record["step"], record["part"], record["posts"]) == ("part", 0, 4)
    assert pq.read_metadata(into / PARTS / written["name"]).num_rows == 4
    assert len(written["sha256"]) == 64
