"""`curation forget`: what it takes, what it says, and how it ends."""

from __future__ import annotations

import bz2
import json
from pathlib import Path

import pytest

from curation.disk.tombstones import FILE, Tombstones
from curation.disk.workspace import Workspace
from curation.errors import InputError
from curation.forgetting.deletions import Deletions, read
from tests.cli.shell import curation, inside, jsonl, landed, on_a_terminal

POSTS = [{"id": str(n), "author": "mira" if n < 4 else "tom", "text": f"the fog number {n}"} for n in range(1, 7)]


@pytest.fixture
def data(tmp_path):
    """A few posts, curated and exported."""
    folder = tmp_path / "data"
    assert inside("collect", "file", jsonl(tmp_path / "posts.jsonl", POSTS), data=folder).rc == 0
    assert inside("run", data=folder).rc == 0
    assert inside("export", "--allow-small", data=folder).rc == 0
    return folder


def ids(data):
    """What has landed."""
    return [post_id for post_id, _ in landed(data)]


def test_what_was_touched_is_said(data, tmp_path):
    """Rows of each landing and corpus, each export and the tombstones; then the same input lands nothing."""
    said = curation("forget", "--id", "2", "--author", "@TOM", data=data)
    assert said.rc == 0, said.err
    assert said.out.splitlines() == [
        "Forgot 4 posts.",
        "  raw/000001-file: 4 rows removed",
        "  curated/baseline: 4 rows removed (4 of them kept posts)",
        f"  {data}/exports/baseline: train.txt cut",
        f"5 tombstones were made in {data}/forgotten.jsonl (1 for the author): none of it lands again.",
        "Later posts by @TOM will not land either.",
    ]
    assert ids(data) == ["1", "3"]
    again = inside("collect", "file", tmp_path / "posts.jsonl", "--json", data=data)
    assert (again.rc, again.json["landed"], again.json["forgotten"]) == (0, 0, 4)
    assert "4 posts were left out: forgotten earlier" in again.err
    assert inside("ledger", "--json", data=data).json["total"]["downloaded"] == 2


def test_json_is_one_object(data):
    """Counts, files and outcomes; a dry run says the same and changes nothing."""
    before = (data / "raw/000001-file/manifest.json").read_bytes()
    planned = inside("forget", "--id", "2", "--id", "nowhere", "--dry-run", "--json", data=data)
    assert (data / "raw/000001-file/manifest.json").read_bytes() == before
    assert not (data / FILE).exists()
    done = inside("forget", "--id", "2", "--id", "nowhere", "--json", data=data)
    assert (planned.rc, done.rc) == (0, 0)
    assert {**planned.json, "dry_run": False} == done.json
    assert done.json == {
        "schema": 1,
        "dry_run": False,
        "asked": {"ids": 2, "authors": 0, "platform": None},
        "posts": 1,
        "tombstones": {"file": str(data / FILE), "added": 2, "total": 2},
        "landings": [{"landing": "000001-file", "removed": 1, "emptied": 0}],
        "pages": [],
        "corpora": [{"recipe": "baseline", "removed": 1, "removed_kept": 1, "copies": 0}],
        "exports": [{"folder": str(data / "exports/baseline"), "files": ["train.txt"], "outcome": "cut", "why": ""}],
        "maps": [],
        "models": [],
        "trainings": [],
        "unreadable": [],
        "rejected": [],
        "rejected_count": 0,
        "run_again": [],
    }


def test_a_handle_that_nobody_has_is_no_ban_by_mistake(data):
    """A typing error gets the handle that was meant, and bans nobody; `--yes` bans all the same."""
    said = inside("forget", "--author", "mirra", data=data)
    assert said.rc == 3
    assert "no post by 'mirra'" in said.complaint
    assert "Did you mean 'mira'?" in said.complaint
    assert not (data / FILE).exists()
    assert inside("forget", "--author", "mirra", "--yes", data=data).rc == 0
    assert inside("forget", "--author", "mirra", data=data).rc == 0  # it is known to the tombstones now


@pytest.mark.parametrize(("answer", "left"), [("n", 6), ("y", 3)])
def test_a_terminal_is_asked(data, answer, left):
    """What would go is shown with its counts before anything does."""
    rc, said = on_a_terminal(["forget", "--author", "tom", "--data", str(data)], f"{answer}\n")
    assert "Would forget 3 posts." in said
    assert "curated/baseline: 3 rows removed" in said
    assert "Forget them? [y/N]" in said
    assert len(ids(data)) == left
    assert rc == (1 if answer == "n" else 0)


def test_what_is_not_here_gets_a_tombstone(data):
    """Nothing matches: that is said, exit 0, and the post will not land."""
    said = inside("forget", "--id", "99", data=data)
    assert said.rc == 0
    assert said.out == f"None of it is here.\n1 tombstone was made in {data / FILE}: none of it lands again.\n"
    assert len(Tombstones.read(Workspace(data)).marks) == 1
    resumed = inside("forget", "--resume", data=data)
    assert (resumed.rc, resumed.out) == (0, "Nothing is left to forget.\n")


def test_a_list_is_read_as_far_as_it_can_be(data, tmp_path):
    """The good lines are done, and each of the others is said with its place."""
    lines = [
        '{"id": "1"}',
        '{"delete": {"status": {"id": 2, "id_str": "2"}}}',
        "{",
        '{"id": "3", "action": "scrub_geo"}',
    ]
    path = tmp_path / "list.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    said = inside("forget", "--from", path, "--json", data=data)
    assert said.rc == 0
    assert ids(data) == ["3", "4", "5", "6"]
    assert [record["where"] for record in said.json["rejected"]] == ["list.jsonl:3", "list.jsonl:4"]
    assert "Could not be read: list.jsonl:4" in said.err


@pytest.mark.parametrize(
    ("words", "rc", "said"),
    [
        ([], 2, "give --id ID, --author HANDLE or --from FILE"),
        (["--resume", "--id", "1"], 2, "name nothing else"),
        (["--id", "1 2"], 2, "neither an id alone"),
        (["--id", "1.5E+17"], 2, "rounded by a spreadsheet"),
        (["--author", "https://x.com/mira"], 2, "give the handle alone"),
        (["--author", "unknown"], 2, "whose author nobody knows"),
        (["--from", "{tmp}/nowhere"], 1, "There is no"),
        (["--from", "{tmp}/empty"], 3, "names no post"),
        (["--from", "{tmp}/bad"], 1, "could be read as a deletion; bad:1"),
    ],
)
def test_wrong_use_is_said_and_changes_nothing(data, tmp_path, words, rc, said):
    """The code, the reason, no tombstone."""
    (tmp_path / "empty").touch()
    (tmp_path / "bad").write_text("{\n[\n")
    answer = inside("forget", *(word.format(tmp=tmp_path) for word in words), data=data)
    assert (answer.rc, answer.out) == (rc, "")
    assert said in answer.complaint
    assert not (data / FILE).exists()
    assert len(ids(data)) == 6


def test_a_workspace_that_is_not_there_is_said(tmp_path):
    """A wrong --data must not look like success."""
    answer = inside("forget", "--id", "1", data=tmp_path / "dta")
    assert (answer.rc, answer.out) == (3, "")
    assert not (tmp_path / "dta").exists()


@pytest.mark.parametrize(
    ("text", "found", "rejected"),
    [
        ("1\n\n 2 \r\n1\n", ("1", "2"), []),
        ("\ufeff1\nat://did:plc:abc/app.bsky.feed.post/3k\n", ("1", "at://did:plc:abc/app.bsky.feed.post/3k"), []),
        ("tweet_id\n007\n8\n", ("007", "8"), []),
        ('text;"Tweet ID"\n"a;b\nc";5\n;\nd\n', ("5",), ["list:5"]),
        ("id,why\n1.2E+18,x\n3,y\n", ("3",), ["list:2"]),
        ('{"id": 3}\n"4"\n5\n{"data": {"delete": {"tweet": {"id": "6"}}}}\n', ("3", "4", "5", "6"), []),
        ('{"id": "1", "action": "delete", "reason": "deactivated"}\n', ("1",), []),
        ('{"id": 1.5}\n{"id": null}\n{"id": true}\n{"id": []}\n{"id": "\\ud800"}\n{"id": "2"}\n', ("2",),
         ["list:1", "list:2", "list:3", "list:4", "list:5"]),
        ('{"user_delete": {"id": "9"}}\n{"delete": {"user": {"x": 1}}}\n7\n', ("7",), ["list:1", "list:2"]),
        ('{"id": "1"}\n' + "[" * 5000 + "\n", ("1",), ["list:2"]),
        ('[{"id": "1"},\n {"id_str": "2"}, 3, {"id": oops}, {"id": "4"}]', ("1", "2", "3", "4"),
         ["list: item 4, line 2"]),
        ("two words\nid\n", ("id",), ["list:1"]),
    ],
)  # fmt: skip
def test_every_form_of_list_is_read(tmp_path: Path, text: str, found: tuple[str, ...], rejected: list[str]) -> None:
    """Ids in their order, each once, and the places of what is none."""
    path = tmp_path / "list"
    path.write_text(text, encoding="utf-8")
    answer = read(path)
    assert (answer.ids, [record.where for record in answer.rejected]) == (found, rejected)


def test_a_compressed_list_is_read(tmp_path):
    """As any other input is."""
    (tmp_path / "list.jsonl.bz2").write_bytes(bz2.compress(json.dumps({"id": "1"}).encode()))
    assert read(tmp_path / "list.jsonl.bz2") == Deletions(("1",), ())


def test_a_list_of_nothing_but_damage_is_refused(tmp_path):
    """The first reason is named."""
    (tmp_path / "list").write_bytes(b"\xff\xfe{\x00" * 9)
    with pytest.raises(InputError, match="Nothing in"):
        read(tmp_path / "list")


def test_a_copy_that_could_be_kept_is_named_with_the_command(tmp_path):
    """The corpus keeps its verdicts until it is run again, and the command for that is printed."""
    posts = [{"id": str(n), "author": "tom", "text": "exactly the same words here"} for n in (1, 2)]
    data = tmp_path / "data"
    assert inside("collect", "file", jsonl(tmp_path / "posts.jsonl", posts), data=data).rc == 0
    assert inside("run", data=data).rc == 0
    said = inside("forget", "--id", "1", data=data)
    assert f"To keep one of them: curation run baseline --data {data}" in said.out
    assert inside("run", "--json", data=data).json["counts"]["kept"] == 1
