"""What a record holds, when there is one, and that no command fails for its sake."""

from __future__ import annotations

import importlib.util
import inspect
import json
import sqlite3

import pytest

from curation import versions
from curation.cli import card, collect, compact, export, forget, report, run, train
from curation.cli.tracked import RecordedOptions, configuration
from curation.disk.workspace import Workspace
from curation.errors import InputError, NothingToDoError, UsageError, WorkspaceError
from curation.tracking import recorded, trackers
from curation.tracking.index import opened
from curation.tracking.run_record import files_of, read
from tests.cli.shell import inside
from tests.tracking.conftest import POSTS


def records(data):
    """All records of a workspace, oldest first."""
    return [read(path) for path in files_of(Workspace(data))]


def test_the_line_is_recorded(made):
    """Each command leaves its job, options, figures, versions, and what it read and made."""
    collect, run, export, elsewhere = records(made / "data")
    assert [r.job for r in (collect, run, export, elsewhere)] == ["collect", "run", "export", "export"]
    assert {r.outcome for r in (collect, run, export, elsewhere)} == {"done"}
    assert collect.configuration["targets"] == [str(made / "mira_of_the_fog-posts.jsonl")]
    assert collect.metrics == {"landed": 5, "updated": 0, "already_had": 0, "rejected": 0}
    assert [(a.type, a.version) for a in collect.inputs] == [("input-file", "v0")]
    assert [(a.type, a.version, a.rows) for a in collect.outputs] == [("raw-dataset", "v0", 5)]
    assert run.inputs == collect.outputs
    assert (
        run.metrics["downloaded"]
        == 5
        == run.metrics["kept"] + sum(figure for name, figure in run.metrics.items() if name.startswith("removed."))
    )
    assert run.recipe["name"] == "baseline"
    assert len(run.recipe["fingerprint"]) == 16
    assert export.inputs == elsewhere.inputs == run.outputs
    assert export.seeds == {"seed": 7}
    assert export.metrics["train.jsonl.posts"] == export.outputs[0].rows
    assert [a.name for a in (*export.outputs, *elsewhere.outputs)] == ["baseline", "baseline-elsewhere"]
    assert run.versions == versions.of_packages()


def test_no_post_and_no_search_word_is_written_down(made):
    """Of what a search looked for stands only that there was one, and no text of a post is anywhere."""
    export = records(made / "data")[2]
    assert export.configuration["search"] is True
    said = "".join(path.read_text(encoding="utf-8") for path in files_of(Workspace(made / "data")))
    assert not [post["text"] for post in POSTS if post["text"] in said]
    assert "the lamp" not in said


def test_the_same_again_is_the_same_version(data, made):
    """Collecting the same lands nothing; running and exporting it again makes the same versions."""
    for words in (
        ("collect", "file", made / "mira_of_the_fog-posts.jsonl"), ("run",), ("run", "--again", "--workers", "1"),
        ("export", "--allow-small", "--format", "jsonl", "--search", "the lamp"),
        ("run", "--workers", "1", "--set", "min_words.min=12"),
    ):  # fmt: skip
        assert inside(*words, data=data).rc == 0
    collect, unchanged, again, export, other = records(data)[4:]
    assert (collect.status, collect.outputs) == ("unchanged", ())
    assert (unchanged.status, unchanged.outputs) == ("unchanged", ())
    assert [r.outputs[0].version for r in (again, export, other)] == ["v0", "v0", "v1"]


def test_a_command_that_only_reads_leaves_nothing(data):
    """Ledger, runs and lineage make no record; nor does a wrong option, or an author that nobody knows."""
    before = [path.name for path in files_of(Workspace(data))]
    for words, code in (
        (("ledger",), 0), (("runs",), 0), (("lineage", data / "exports/baseline/train.jsonl"), 0),
        (("run", "no-such-recipe"), 2), (("export", "--author", "nobody"), 3),
        (("forget", "--id", "1", "--dry-run"), 0),
    ):  # fmt: skip
        assert inside(*words, data=data).rc == code
    assert [path.name for path in files_of(Workspace(data))] == before


@pytest.mark.parametrize(
    ("error", "outcome", "sentence"),
    [
        (InputError("the file\nis cut off"), "failed", "the file is cut off"),
        (ValueError("a post's words"), "failed", "ValueError"),
        (KeyboardInterrupt(), "interrupted", None),
        (UsageError("no such option"), None, None),
        (NothingToDoError("no posts"), None, None),
    ],
)
def test_how_it_ended_is_said(tmp_path, error, outcome, sentence):
    """A failure is recorded with this program's own sentence; a command that was refused has not run."""
    with pytest.raises(type(error)), recorded(tmp_path, "run"):
        raise error
    assert [(r.outcome, r.error) for r in records(tmp_path)] == ([(outcome, sentence)] if outcome else [])


def test_no_workspace_is_made_for_a_record(tmp_path):
    """A command that failed before it made a folder makes none by being recorded."""
    with pytest.raises(InputError), recorded(tmp_path / "data", "collect"):
        raise InputError("no such file")
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    "why", [OSError(28, "No space left on device"), WorkspaceError("Can't write."), sqlite3.OperationalError("locked")]
)
def test_what_cannot_be_recorded_is_a_note(data, monkeypatch, why):
    """A full or read-only disk, or a locked index: the command prints its result, ends with 0, and says so."""

    def refused(*given):
        raise why

    monkeypatch.setattr("curation.tracking.recorder.write", refused)
    said = inside("export", "--allow-small", "--format", "lines", "--json", data=data)
    assert (said.rc, said.json["files"][0]["posts"]) == (0, said.json["files"][0]["posts"])
    assert "Note: this run was not recorded: " in said.err
    assert len(records(data)) == 4


def test_runs_that_are_a_file_cost_no_result(data, made):
    """Where a file lies in the place of the folder, commands do their work and say that it was not recorded."""
    for path in sorted((data / "runs").iterdir()):
        path.unlink()
    (data / "runs").rmdir()
    (data / "runs").write_text("", encoding="utf-8")
    said = inside("run", "--again", "--workers", "1", data=data)
    assert (said.rc, "was not recorded" in said.err) == (0, True)
    assert inside("lineage", made / "data/exports/baseline/train.jsonl", data=data).rc == 0


def test_secrets_are_not_options():
    """Of a token's file, a search and an address only is said that they were given; of whom to forget, how many."""
    given = {
        "data": "x", "json": True, "token_file": "secret.txt", "search": "words of a post", "format": ["text"],
        "base_url": "https://ada:secret@example.org/api", "seed": 0, "author": None, "only": [],
    }  # fmt: skip
    record = RecordedOptions("format base_url seed", presence="token_file search")
    assert configuration(given, record) == {
        "token_file": True, "search": True, "format": ["text"], "base_url": "https://example.org/api", "seed": 0,
    }  # fmt: skip
    asked = {"id": ["17", "18"], "author": ["mira"], "from_file": None, "resume": False}
    assert configuration(asked, forget.RECORDED) == {"id": 2, "author": 1, "resume": False}


COMMANDS = {
    "card": card, "collect": collect, "compact": compact, "export": export, "forget": forget, "report": report,
    "run": run, "train": train,
}  # fmt: skip
#: Options that say nothing of what is made.
NOT_RECORDED = {"data", "json", "preview", "track", "track_project", "track_files", "yes"}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_listed_or_left_out_on_purpose(name):
    """A new option of a command is on one of the two lists, or this fails: nobody forgets to decide."""
    record = getattr(COMMANDS[name], "RECORDED", RecordedOptions())
    listed = [*record.values.split(), *record.presence.split(), *record.number.split()]
    options = set(inspect.signature(getattr(COMMANDS[name], name)).parameters)
    assert sorted(listed) == sorted(options - NOT_RECORDED)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_new_option_is_not_recorded(name):
    """Until somebody lists it: it may be a secret."""
    record = getattr(COMMANDS[name], "RECORDED", RecordedOptions())
    assert configuration({"data": "x", "password": "secret", "pin_code": 17}, record) == {}


def test_a_tracker_that_is_not_there_is_said_first(data, monkeypatch):
    """An unknown tracker, or one that is not installed, ends the command before any work, with what to do."""
    before = sorted((data / "exports").rglob("*"))
    unknown = inside("export", "--format", "lines", "--track", "wandbb", data=data)
    assert (unknown.rc, "Did you mean 'wandb'?" in unknown.err) == (2, True)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    missing = inside("export", "--format", "lines", "--track", "trackio", data=data)
    assert (missing.rc, "-m pip install trackio" in missing.err) == (2, True)
    assert sorted((data / "exports").rglob("*")) == before


def test_a_tracker_that_fails_is_a_note(data, monkeypatch):
    """Whatever a tracker raises, the result stands, and so does the record."""

    def failing(*given, **named):
        raise SystemExit("the server is on fire")

    monkeypatch.setattr(trackers, "mirror", failing)
    said = inside("export", "--allow-small", "--format", "lines", "--track", "wandb", data=data)
    assert (said.rc, "Note: wandb did not take this run: the server is on fire." in said.err) == (0, True)
    assert len(records(data)) == 5


def test_the_list_of_runs(data):
    """Newest first, of one job if asked, at most so many; each in JSON as its file has it."""
    assert [line.split()[2] for line in inside("runs", data=data).out.splitlines()[1:]] == [
        "export", "export", "run", "collect"
    ]  # fmt: skip
    [one] = inside("runs", "--job", "export", "--last", "1", "--json", data=data).json["runs"]
    assert one == json.loads(list(files_of(Workspace(data)))[-1].read_text(encoding="utf-8"))
    assert inside("runs", "--job", "compact", data=data).rc == 3
    with opened(Workspace(data)) as index:
        assert len(index.latest()) == 4
